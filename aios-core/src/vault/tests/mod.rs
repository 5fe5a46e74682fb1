//! The vault's own rules. Names that begin with a requirement's number (`r07_…`) prove that requirement of
//! `docs/vault.md`.

mod envelopes;
mod hostile;
mod injection;
mod kept;
mod limits;
mod payloads;
mod references;
mod rows;
mod terms;
mod vectors;

use super::*;
use crate::model::{Kind, Secret, TenantId};

pub(super) const TERMS: &[u8] = br#"{"v":1,"owner":{"kind":"user","issuer":"corp","id":"alice"}}"#;

pub(super) fn secret(bytes: &[u8]) -> Secret {
    Secret::new(bytes.to_vec())
}

pub(super) fn acme() -> TenantId {
    "acme".parse().unwrap()
}

pub(super) fn path() -> SecretPath {
    SecretPath::new(acme(), "prod", "openai/main").unwrap()
}

pub(super) fn version(number: u64) -> Version {
    number.try_into().unwrap()
}

pub(super) fn keys(tenant: &TenantId) -> TenantKeys {
    TenantKeys::derive(&secret(&[7; 32]), tenant, "m-1").unwrap()
}

pub(super) fn alice() -> Owner {
    Owner { kind: Kind::User, issuer: "corp".parse().unwrap(), id: "alice".into() }
}

/// Numbers that look random and are the same each time (xorshift64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below).unwrap()).unwrap()
    }

    pub(super) fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.roll(most + 1);
        (0..length).map(|_| u8::try_from(self.roll(256)).unwrap()).collect()
    }
}
