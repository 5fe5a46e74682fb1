//! What is bound to sealed bytes without being stored with them: the reader says it anew, and another answer opens nothing.

use super::envelope::Provider;
use super::{SecretPath, Version};
use crate::crypto::{frame, sha256};
use crate::model::{EntityRef, TenantId};

const SECRET: &[u8] = b"aios.vault.secret.v1\0";
const WRAP: &[u8] = b"aios.vault.wrap.v1\0";
const PAYLOAD: &[u8] = b"aios.vault.payload.v1\0";
const PAYLOAD_WRAP: &[u8] = b"aios.vault.payload-wrap.v1\0";
const MASTER: &[u8] = b"aios/vault-master/v1";

/// What a secret's body is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// Where it lives.
    pub path: &'a SecretPath,
    /// Its version.
    pub version: Version,
    /// The terms of use as they are stored, byte for byte.
    pub terms: &'a [u8],
}

impl Binding<'_> {
    /// The context of the body.
    #[must_use]
    pub fn context(&self) -> Vec<u8> {
        let mut out = SECRET.to_vec();
        let names = [self.path.tenant().as_str(), self.path.namespace(), self.path.name()];
        for name in names {
            prefixed(&mut out, name.as_bytes());
        }
        out.extend_from_slice(&self.version.number().to_be_bytes());
        prefixed(&mut out, &sha256(&[self.terms]));
        out
    }
}

/// The context of a wrap record.
pub(super) fn wrap(provider: Provider, kid: &str, tenant: &TenantId) -> Vec<u8> {
    let mut out = WRAP.to_vec();
    for part in [provider.name(), kid, tenant.as_str()] {
        prefixed(&mut out, part.as_bytes());
    }
    out
}

/// The context of a payload's body. Ids are longer than names, so their hash stands for both.
pub(super) fn payload(tenant: &TenantId, entity: &EntityRef) -> Vec<u8> {
    let mut out = PAYLOAD.to_vec();
    prefixed(&mut out, tenant.as_str().as_bytes());
    prefixed(&mut out, &sha256(&[&frame(&[entity.kind.as_bytes(), entity.id.as_bytes()])]));
    out
}

/// The context of a payload's wrapped data key.
pub(super) fn payload_wrap(kid: &str, tenant: &TenantId) -> Vec<u8> {
    let mut out = PAYLOAD_WRAP.to_vec();
    for part in [kid, tenant.as_str()] {
        prefixed(&mut out, part.as_bytes());
    }
    out
}

/// The context under which the root wraps a tenant's master: for this deployment, tenant and master only.
#[must_use]
pub fn master(deployment: &str, tenant: &TenantId, kid: &str) -> Vec<u8> {
    frame(&[MASTER, deployment.as_bytes(), tenant.as_str().as_bytes(), kid.as_bytes()])
}

/// `length (2) || part`. INVARIANT: every part is a name of at most 255 bytes, or a hash.
fn prefixed(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(part);
}
