//! The vault's two kinds of rows: a secret's, and its tenant's. Each is `tag (32) || body`, and the tag covers the row's
//! key and how often it was written, so that neither another row's content nor an earlier one of its own passes.
//!
//! Byte layout: `docs/formats/envelope-v1.md`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::reference::spelled;
use super::secret::Kept;
use super::{Error, SecretPath, TenantKeys};
use crate::crypto::{self, Wrapped};
use crate::model::TenantId;

const TAG: usize = 32;
/// Most secrets of one tenant.
pub const MOST_SECRETS: usize = 4096;

/// The key of a secret's row.
#[must_use]
pub fn secret_key(path: &SecretPath) -> String {
    format!("vault/secret/{}/{}", spelled(path.tenant()), path.local())
}

/// The key of a tenant's row.
#[must_use]
pub fn tenant_key(tenant: &TenantId) -> String {
    format!("vault/tenant/{}", spelled(tenant))
}

/// A secret's row, to be the row's write of that number.
#[must_use]
pub fn write_secret(keys: &TenantKeys, path: &SecretPath, revision: u64, kept: &Kept) -> Vec<u8> {
    write(keys, &secret_key(path), revision, kept)
}

/// Reads a secret's row.
///
/// # Errors
/// [`Error::Undecryptable`]: it is not what stood in this row after its write of that number.
pub fn read_secret(keys: &TenantKeys, path: &SecretPath, revision: u64, row: &[u8]) -> Result<Kept, Error> {
    let body = body(keys, &secret_key(path), revision, row)?;
    let kept: Kept = parsed(body)?;
    if kept.is_sound() { Ok(kept) } else { Err(Error::Undecryptable) }
}

/// What a tenant's row says: its wrapped master, and how often each of its secrets' rows was written at least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    kid: String,
    root: String,
    master: String,
    /// By `namespace/name`; 0 where a secret is about to be made.
    pub floors: BTreeMap<String, u64>,
}

impl Register {
    /// A register without secrets.
    #[must_use]
    pub fn new(kid: impl Into<String>, master: &Wrapped) -> Self {
        let (root, master) = (master.kid.clone(), BASE64.encode(&master.bytes));
        Self { kid: kid.into(), root, master, floors: BTreeMap::new() }
    }

    /// Reads a tenant's row, whose master is still wrapped. Nothing in it may be believed before [`Register::verify`].
    ///
    /// # Errors
    /// [`Error::Undecryptable`].
    pub fn peek(row: &[u8]) -> Result<Self, Error> {
        let (_, body) = row.split_first_chunk::<TAG>().ok_or(Error::Undecryptable)?;
        parsed(body)
    }

    /// Whether the row was written by whoever holds the master, as its write of that number.
    ///
    /// # Errors
    /// [`Error::Undecryptable`].
    pub fn verify(keys: &TenantKeys, revision: u64, row: &[u8]) -> Result<(), Error> {
        body(keys, &tenant_key(keys.tenant()), revision, row).map(drop)
    }

    /// The tenant's row, to be the row's write of that number.
    #[must_use]
    pub fn write(&self, keys: &TenantKeys, revision: u64) -> Vec<u8> {
        write(keys, &tenant_key(keys.tenant()), revision, self)
    }

    /// The id of the master.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The master as the root wrapped it.
    ///
    /// # Errors
    /// [`Error::Undecryptable`].
    pub fn master(&self) -> Result<Wrapped, Error> {
        let bytes = BASE64.decode(&self.master).map_err(|_| Error::Undecryptable)?;
        Ok(Wrapped { kid: self.root.clone(), bytes })
    }
}

fn write(keys: &TenantKeys, key: &str, revision: u64, content: &impl Serialize) -> Vec<u8> {
    // Structures of text, numbers and string-keyed maps always have a JSON form.
    let body = serde_json::to_vec(content).unwrap_or_default();
    let mut row = keys.row_mac(key, revision, &body).to_vec();
    row.extend_from_slice(&body);
    row
}

fn body<'r>(keys: &TenantKeys, key: &str, revision: u64, row: &'r [u8]) -> Result<&'r [u8], Error> {
    let (tag, body) = row.split_first_chunk::<TAG>().ok_or(Error::Undecryptable)?;
    let is_whole = crypto::equal(tag, &keys.row_mac(key, revision, body));
    if is_whole { Ok(body) } else { Err(Error::Undecryptable) }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|_| Error::Undecryptable)
}
