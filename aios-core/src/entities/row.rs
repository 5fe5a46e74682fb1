//! A shelf's rows of entities, and its head. What is not the head is `tag (32) || body`.

use serde::Deserialize;

use super::Error;
use super::keys::EntityKeys;
use crate::crypto::{self, Digest, frame, sha256};
use crate::model::hex::{hex, unhex};
use crate::model::{EntityRef, TenantId};

const TAG: usize = 32;
/// The name of a shelf's head. Every write holds it, and it stands behind all other rows of its write.
pub const HEAD: &str = "head";

/// A tenant's shelf.
#[must_use]
pub fn shelf(tenant: &TenantId) -> String {
    format!("entities/{tenant}")
}

/// The name of an entity's row: 64 hexadecimal digits. It stands for the entity where its id, which may be a person's, must not.
#[must_use]
pub fn name(uid: &EntityRef) -> String {
    hex(&place(uid))
}

fn place(uid: &EntityRef) -> Digest {
    sha256(&[&frame(&[uid.kind.as_bytes(), uid.id.as_bytes()])])
}

/// Stands behind all rows of a write and before its head.
#[must_use]
pub fn behind_rows() -> &'static str {
    "g"
}

/// A row of a shelf that is not its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name, as bytes.
    pub name: Digest,
    /// The entity; none where it was deleted.
    pub entity: Option<Written>,
    /// What it adds to the sum.
    pub stamp: Digest,
}

/// An entity as a row holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its type and id.
    pub uid: EntityRef,
    /// How many things it stands in.
    pub parents: usize,
    /// It, as an entity file spells it.
    pub text: String,
}

#[derive(Deserialize)]
struct Peek {
    uid: EntityRef,
    parents: Vec<serde::de::IgnoredAny>,
}

impl Row {
    /// Writes an entity, or nothing where it is deleted, as the shelf's write of that version. Gives the row's name and content,
    /// and the row as it will be read.
    #[must_use]
    pub fn write(
        keys: &EntityKeys,
        version: u64,
        uid: &EntityRef,
        entity: Option<Written>,
    ) -> (String, Vec<u8>, Self) {
        let digest = place(uid);
        let name = hex(&digest);
        let body = entity.as_ref().map_or(&[][..], |entity| entity.text.as_bytes());
        let (value, stamp) = seal(keys, (&name, version), body);
        (name, value, Self { name: digest, entity, stamp })
    }

    /// Reads a row.
    ///
    /// # Errors
    /// [`Error::Damaged`]: it is not what stood in this row after the shelf's write of that version.
    pub fn read(keys: &EntityKeys, version: u64, name: &str, value: &[u8]) -> Result<Self, Error> {
        let (text, stamp) = open(keys, (name, version), value)?;
        let name = unhex(name).ok_or(Error::Damaged)?;
        if text.is_empty() {
            return Ok(Self { name, entity: None, stamp });
        }
        let Peek { uid, parents } = serde_json::from_str(text).map_err(|_| Error::Damaged)?;
        let entity = Some(Written { uid, parents: parents.len(), text: text.to_owned() });
        Ok(Self { name, entity, stamp })
    }
}

/// A row's content with its tag, and what it adds to the sum.
pub(super) fn seal(keys: &EntityKeys, (name, version): (&str, u64), body: &[u8]) -> (Vec<u8>, Digest) {
    let mut value = keys.row(name, version, body).to_vec();
    value.extend_from_slice(body);
    (value, keys.stamp(name, version, body))
}

/// The body of what [`seal`] made for this row, and what it adds to the sum.
pub(super) fn open<'v>(
    keys: &EntityKeys,
    (name, version): (&str, u64),
    value: &'v [u8],
) -> Result<(&'v str, Digest), Error> {
    let (tag, body) = value.split_first_chunk::<TAG>().ok_or(Error::Damaged)?;
    if !crypto::equal(tag, &keys.row(name, version, body)) {
        return Err(Error::Damaged);
    }
    let text = str::from_utf8(body).map_err(|_| Error::Damaged)?;
    Ok((text, keys.stamp(name, version, body)))
}

/// The sum over all rows but the head, those of deleted entities aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum(Digest);

impl Sum {
    /// Adds a row's stamp, or takes it away.
    pub fn toggle(&mut self, stamp: &Digest) {
        self.0.iter_mut().zip(stamp).for_each(|(sum, byte)| *sum ^= byte);
    }

    /// The head of a shelf at that version, with so many rows in the sum.
    #[must_use]
    pub fn head(&self, keys: &EntityKeys, version: u64, count: usize) -> Vec<u8> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        keys.head(version, count, &self.0).to_vec()
    }

    /// Whether that is the head.
    ///
    /// # Errors
    /// [`Error::Damaged`]: rows are missing, or are not those of that version.
    pub fn verify(
        &self,
        keys: &EntityKeys,
        (version, count): (u64, usize),
        head: &[u8],
    ) -> Result<(), Error> {
        if crypto::equal(head, &self.head(keys, version, count)) { Ok(()) } else { Err(Error::Damaged) }
    }
}
