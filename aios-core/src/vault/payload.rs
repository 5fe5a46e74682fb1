//! Payloads: bytes of any length that one step of a pipeline leaves for another, sealed under their tenant's key for one
//! entity. Nothing is stored here.
//!
//! Byte layout: `docs/formats/payload-v1.md`. The body is one chunked message under a data key of its own.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Error, TenantKeys, context};
use crate::crypto::{self, Opening, SEALED_HEAD, Sealing};
use crate::model::{EntityRef, Secret, TenantId};

const MAGIC: &[u8; 4] = b"APL1";
/// Cobblestone-256: HKDF-Expand-SHA-512, AES-256-GCM in chunks.
const SUITE: u8 = 1;
/// A data key of 32 bytes, sealed.
const WRAPPED: usize = 32 + SEALED_HEAD + 16;
/// Magic, suite and the length of the key id.
const FIXED: usize = 6;

/// Whose a payload is, and what it is the content of. Another answer opens nothing.
#[derive(Clone, Debug)]
pub struct PayloadOf {
    /// The tenant whose key it is under.
    pub tenant: TenantId,
    /// The entity.
    pub entity: EntityRef,
}

/// A payload that is being sealed.
#[derive(Debug)]
pub struct PayloadSealing(Sealing);

impl PayloadSealing {
    /// Begins one, and gives the bytes that it begins with.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn begin(keys: &TenantKeys, of: &PayloadOf) -> Result<(Self, Vec<u8>), Error> {
        let unavailable = |_| Error::Unavailable;
        let fresh = Zeroizing::new(crypto::random::<32>().map_err(unavailable)?);
        let data_key = Secret::new(fresh.to_vec());
        let (kid, key) = keys.payloads();
        let context = context::payload_wrap(kid, &of.tenant);
        let wrapped = crypto::seal(key, &context, data_key.expose()).map_err(unavailable)?;
        let (sealing, head) = Sealing::begin(&data_key, &of.context()).map_err(unavailable)?;
        let length = u8::try_from(kid.len()).map_err(|_| Error::Undecryptable)?;
        let begins = [&MAGIC[..], &[SUITE, length], kid.as_bytes(), &wrapped, &head].concat();
        Ok((Self(sealing), begins))
    }

    /// Seals more of it; gives what is ready.
    ///
    /// # Errors
    /// [`Error::Invalid`]: it is longer than 64 GiB.
    pub fn update(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 512 + 32);
        let too_long = Error::Invalid { at: "base64", rule: "a payload of at most 64 GiB" };
        self.0.update(bytes, &mut out).map_err(|_| too_long)?;
        Ok(out)
    }

    /// Its end, without which it is no payload.
    ///
    /// # Errors
    /// None that can be provoked.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        self.0.finish(&mut out).map_err(|_| Error::Unavailable)?;
        Ok(out)
    }
}

/// A payload that is being opened. What comes out was sealed so; that it is all of it, [`PayloadOpening::finish`] says.
#[derive(Debug)]
pub struct PayloadOpening {
    of: PayloadOf,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// What has come of the bytes before the first chunk.
    Head(Vec<u8>),
    Body(Box<Opening>),
}

impl PayloadOpening {
    /// Begins to open one.
    #[must_use]
    pub fn begin(of: PayloadOf) -> Self {
        Self { of, stage: Stage::Head(Vec::new()) }
    }

    /// Opens more of it; gives what is ready. `keys` finds the tenant's keys by the id of their master.
    ///
    /// # Errors
    /// [`Error::Undecryptable`], without a reason; what finding the keys gives.
    pub fn update<E: From<Error>>(
        &mut self,
        keys: impl FnOnce(&str) -> Result<Option<Arc<TenantKeys>>, E>,
        bytes: &[u8],
    ) -> Result<Vec<u8>, E> {
        let mut out = Vec::with_capacity(bytes.len() + SEALED_HEAD);
        let mut rest = bytes;
        if let Stage::Head(head) = &mut self.stage {
            let Some(after) = fill(head, bytes)? else { return Ok(out) };
            let (kid, wrapped, sealed) = parts(head).ok_or(Error::Undecryptable)?;
            let keys = keys(kid)?.ok_or(Error::Undecryptable)?;
            self.stage = Stage::Body(Box::new(begin(&keys, &self.of, (wrapped, sealed))?));
            rest = after;
        }
        if let Stage::Body(opening) = &mut self.stage {
            opening.update(rest, &mut out).map_err(|_| Error::Undecryptable)?;
        }
        Ok(out)
    }

    /// What is left, once it is known to be the end.
    ///
    /// # Errors
    /// [`Error::Undecryptable`]: there should be more, or less.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        let Stage::Body(opening) = self.stage else { return Err(Error::Undecryptable) };
        let mut out = Vec::with_capacity(16 * 1024);
        opening.finish(&mut out).map_err(|_| Error::Undecryptable)?;
        Ok(out)
    }
}

impl PayloadOf {
    fn context(&self) -> Vec<u8> {
        context::payload(&self.tenant, &self.entity)
    }
}

/// Takes what belongs to the head, and gives what comes behind it once the head is whole.
fn fill<'b>(head: &mut Vec<u8>, mut bytes: &'b [u8]) -> Result<Option<&'b [u8]>, Error> {
    loop {
        let known = head.len().min(FIXED - 1);
        if head.get(..known) != [&MAGIC[..], &[SUITE]].concat().get(..known) {
            return Err(Error::Undecryptable);
        }
        // How long it is, its last fixed byte says.
        let length = match head.get(FIXED - 1) {
            Some(kid) => FIXED + usize::from(*kid) + WRAPPED + SEALED_HEAD,
            None => FIXED,
        };
        if length > FIXED && head.len() == length {
            return Ok(Some(bytes));
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let (taken, after) = bytes.split_at(bytes.len().min(length - head.len()));
        head.extend_from_slice(taken);
        bytes = after;
    }
}

/// Key id, wrapped data key, and what the body begins with.
fn parts(head: &[u8]) -> Option<(&str, &[u8], &[u8; SEALED_HEAD])> {
    let rest = head.get(FIXED..)?;
    let (kid, rest) = rest.split_at_checked(rest.len().checked_sub(WRAPPED + SEALED_HEAD)?)?;
    let (wrapped, sealed) = rest.split_at_checked(WRAPPED)?;
    Some((str::from_utf8(kid).ok()?, wrapped, sealed.first_chunk()?))
}

fn begin(
    keys: &TenantKeys,
    of: &PayloadOf,
    (wrapped, sealed): (&[u8], &[u8; SEALED_HEAD]),
) -> Result<Opening, Error> {
    let (kid, key) = keys.payloads();
    let context = context::payload_wrap(kid, &of.tenant);
    let data_key = crypto::open(key, &context, wrapped).map_err(|_| Error::Undecryptable)?;
    Opening::begin(&data_key, &of.context(), sealed).map_err(|_| Error::Undecryptable)
}
