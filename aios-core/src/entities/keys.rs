//! A tenant's keys for its entities, all from one random master that the root wraps.

use crate::crypto::{self, Digest, MacKey, frame, mac};
use crate::model::{Secret, TenantId};

const ROWS: &[u8] = b"aios.entities.row-key.v1";
const STAMPS: &[u8] = b"aios.entities.stamp-key.v1";
const HEADS: &[u8] = b"aios.entities.head-key.v1";

/// What a tenant's master gives. None of it leads back to the master or to another.
#[derive(Debug)]
pub struct EntityKeys {
    rows: MacKey,
    stamps: MacKey,
    heads: MacKey,
}

/// The key of the row that holds a tenant's wrapped master.
#[must_use]
pub fn master_key(tenant: &TenantId) -> String {
    format!("entities/master/{tenant}")
}

/// What a master is wrapped with: it opens for its tenant in its deployment only.
#[must_use]
pub fn master_context(deployment: &str, tenant: &TenantId) -> Vec<u8> {
    frame(&[b"aios/entities-master/v1", deployment.as_bytes(), tenant.as_str().as_bytes()])
}

impl EntityKeys {
    /// The keys of a master.
    ///
    /// # Errors
    /// The master is not 32 bytes.
    pub fn derive(master: &Secret, tenant: &TenantId) -> Result<Self, crypto::Error> {
        let master = MacKey::from_slice(master.expose())?;
        let key = |label: &[u8]| master.derive(&frame(&[label, tenant.as_str().as_bytes()]));
        Ok(Self { rows: key(ROWS), stamps: key(STAMPS), heads: key(HEADS) })
    }

    /// The MAC of a row: of its name, the shelf's version that wrote it, and its body.
    pub(super) fn row(&self, name: &str, version: u64, body: &[u8]) -> Digest {
        mac(&self.rows, &[&frame(&[name.as_bytes(), &version.to_be_bytes(), body])])
    }

    /// What a row adds to the sum of all rows. Stands nowhere, so that nobody can look for rows of the same sum.
    pub(super) fn stamp(&self, name: &str, version: u64, body: &[u8]) -> Digest {
        mac(&self.stamps, &[&frame(&[name.as_bytes(), &version.to_be_bytes(), body])])
    }

    /// The MAC of a head: of the shelf's version and of how many rows are in the sum, with it.
    pub(super) fn head(&self, version: u64, count: u64, sum: &Digest) -> Digest {
        mac(&self.heads, &[&frame(&[&version.to_be_bytes(), &count.to_be_bytes(), sum])])
    }
}
