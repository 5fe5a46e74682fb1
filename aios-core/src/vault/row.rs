//! The vault's two kinds of rows: a secret's, and its tenant's. Each is `tag (32) || body`, and the tag covers the row's
//! key and how often it was written, so that neither another row's content nor an earlier one of its own passes.
//!
//! Byte layout: `docs/formats/envelope-v1.md`.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::reference::spelled;
use super::secret::Kept;
use super::{Counts, Error, SecretPath, TenantKeys};
use crate::crypto;
use crate::model::TenantId;

pub(super) const TAG: usize = 32;
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

/// The key of the row that counts a secret's uses.
#[must_use]
pub fn uses_key(path: &SecretPath) -> String {
    format!("vault/uses/{}/{}", spelled(path.tenant()), path.local())
}

/// The row of a secret's uses, to be the row's write of that number.
#[must_use]
pub fn write_counts(keys: &TenantKeys, path: &SecretPath, revision: u64, counts: &Counts) -> Vec<u8> {
    write(keys, &uses_key(path), revision, counts)
}

/// Reads the row of a secret's uses.
///
/// # Errors
/// [`Error::Undecryptable`]: it is not what stood in this row after its write of that number, under these keys.
pub fn read_counts(keys: &TenantKeys, path: &SecretPath, revision: u64, row: &[u8]) -> Result<Counts, Error> {
    parsed(body(keys, &uses_key(path), revision, row)?)
}

/// A secret's row, to be the row's write of that number.
#[must_use]
pub fn write_secret(keys: &TenantKeys, path: &SecretPath, revision: u64, kept: &Kept) -> Vec<u8> {
    write(keys, &secret_key(path), revision, kept)
}

/// Reads a secret's row.
///
/// # Errors
/// [`Error::Undecryptable`]: it is not what stood in this row after its write of that number, under these keys.
pub fn read_secret(keys: &TenantKeys, path: &SecretPath, revision: u64, row: &[u8]) -> Result<Kept, Error> {
    let body = body(keys, &secret_key(path), revision, row)?;
    let kept: Kept = parsed(body)?;
    if kept.is_sound() { Ok(kept) } else { Err(Error::Undecryptable) }
}

pub(super) fn write(keys: &TenantKeys, key: &str, revision: u64, content: &impl Serialize) -> Vec<u8> {
    // Structures of text, numbers and string-keyed maps always have a JSON form.
    let body = serde_json::to_vec(content).unwrap_or_default();
    let mut row = keys.row_mac(key, revision, &body).to_vec();
    row.extend_from_slice(&body);
    row
}

pub(super) fn body<'r>(
    keys: &TenantKeys,
    key: &str,
    revision: u64,
    row: &'r [u8],
) -> Result<&'r [u8], Error> {
    let (tag, body) = row.split_first_chunk::<TAG>().ok_or(Error::Undecryptable)?;
    let is_whole = crypto::equal(tag, &keys.row_mac(key, revision, body));
    if is_whole { Ok(body) } else { Err(Error::Undecryptable) }
}

pub(super) fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|_| Error::Undecryptable)
}
