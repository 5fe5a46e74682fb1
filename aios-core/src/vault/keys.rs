//! A tenant's keys, all from one random master that the root wraps.

use zeroize::Zeroizing;

use super::WrappingKey;
use super::envelope::Provider;
use crate::crypto::{self, Digest, MacKey, frame, mac};
use crate::model::hex::hex;
use crate::model::{Secret, TenantId};

const WRAPPING: &[u8] = b"aios.vault.wrapping-key.v1";
const ROWS: &[u8] = b"aios.vault.row-key.v1";
const PAYLOADS: &[u8] = b"aios.vault.payload-key.v1";
const FINGERPRINTS: &[u8] = b"aios.vault.fingerprint-key.v1";

/// What a tenant's master gives. None of it leads back to the master or to another.
///
/// ```compile_fail
/// fn clones<T: Clone>() {}
/// clones::<aios_core::vault::TenantKeys>();
/// ```
/// ```compile_fail
/// fn is_written<T: serde::Serialize>() {}
/// is_written::<aios_core::vault::TenantKeys>();
/// ```
#[derive(Debug)]
pub struct TenantKeys {
    tenant: TenantId,
    wrapping: WrappingKey,
    payloads: Secret,
    rows: MacKey,
    fingerprints: MacKey,
}

impl TenantKeys {
    /// The keys of a master.
    ///
    /// # Errors
    /// The master is not 32 bytes.
    pub fn derive(master: &Secret, tenant: &TenantId, kid: &str) -> Result<Self, crypto::Error> {
        let master = MacKey::from_slice(master.expose())?;
        let label = |label: &[u8]| frame(&[label, tenant.as_str().as_bytes(), kid.as_bytes()]);
        let wrapping = Zeroizing::new(mac(&master, &[&label(WRAPPING)]));
        let payloads = Zeroizing::new(mac(&master, &[&label(PAYLOADS)]));
        Ok(Self {
            tenant: tenant.clone(),
            wrapping: WrappingKey::new(Provider::TenantKey, kid, Secret::new(wrapping.to_vec())),
            payloads: Secret::new(payloads.to_vec()),
            rows: master.derive(&label(ROWS)),
            fingerprints: master.derive(&label(FINGERPRINTS)),
        })
    }

    /// Whose keys.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The key that wraps data keys.
    #[must_use]
    pub fn wrapping(&self) -> &WrappingKey {
        &self.wrapping
    }

    /// The key that wraps payloads' data keys, and its id.
    pub(super) fn payloads(&self) -> (&str, &Secret) {
        (self.wrapping.kid(), &self.payloads)
    }

    /// The MAC of a row: of its key, the number of writes that it has seen, and its content.
    pub(super) fn row_mac(&self, key: &str, revision: u64, body: &[u8]) -> Digest {
        mac(&self.rows, &[&frame(&[key.as_bytes(), &revision.to_be_bytes(), body])])
    }

    /// What a log or a record says of a secret's value: 8 bytes, in hexadecimal, of a MAC under a key of the tenant's
    /// own. Who has not got the key can neither test a guess nor compare tenants.
    #[must_use]
    pub fn fingerprint(&self, value: &Secret) -> String {
        let tag = mac(&self.fingerprints, &[value.expose()]);
        tag.first_chunk::<8>().map_or_else(String::new, |first| hex(first))
    }
}
