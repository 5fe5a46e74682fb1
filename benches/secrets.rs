//! `seal_open`.

use std::hint::black_box;

use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use aios_core::Secret;
use aios_core::vault::{Binding, SecretPath, TenantKeys, Version, open, seal};
use hkdf::Hkdf;
use sha2::Sha512;

use crate::measure::{Measured, Result, processor_seconds, ratio};

const PAIRS: usize = 41;
const SEALS: usize = 200;
const VALUE: [u8; 64] = [0x41; 64];
const TERMS: &[u8] = br#"{"v":1,"owner":{"kind":"user","issuer":"corp","id":"alice"}}"#;

/// Sealing and opening 64 bytes under a tenant's key at hand, beside the key derivations and GCM calls that are in it:
/// a data key is wrapped and a value sealed, then both are opened.
pub(crate) fn seal_open() -> Result<Measured> {
    let tenant = "acme".parse()?;
    let path = SecretPath::new(tenant, "prod", "openai/main").map_err(|error| error.to_string())?;
    let keys = TenantKeys::derive(&Secret::new(vec![7; 32]), path.tenant(), "m-1")?;
    let value = Secret::new(VALUE.to_vec());
    let ours = || {
        processor_seconds(|| {
            for _ in 0..SEALS {
                let binding = Binding { path: &path, version: Version::FIRST, terms: TERMS };
                let envelope = seal(&[keys.wrapping()], &binding, black_box(&value))?;
                black_box(open(&envelope, &[keys.wrapping()], &binding)?);
            }
            Ok(())
        })
    };
    let bare = || {
        processor_seconds(|| {
            for _ in 0..SEALS {
                let wrapped = derived(b"wrap")?.seal(&[1; 32])?;
                let sealed = derived(b"body")?.seal(&VALUE)?;
                black_box(derived(b"wrap")?.open(&wrapped)?);
                black_box(derived(b"body")?.open(&sealed)?);
            }
            Ok(())
        })
    };
    ratio(PAIRS, ours, bare)
}

struct Derived(Aes256Gcm, [u8; 12]);

/// One HKDF-Expand-SHA-512 to 76 bytes and one key schedule.
fn derived(context: &[u8]) -> Result<Derived> {
    let mut okm = [0; 76];
    let kdf = Hkdf::<Sha512>::from_prk(&[7; 64]).map_err(|error| error.to_string())?;
    kdf.expand_multi_info(&[&[0; 24], context, &[0; 80]], &mut okm).map_err(|error| error.to_string())?;
    let (key, rest) = okm.split_at(32);
    let nonce = rest.first_chunk().ok_or("no nonce")?;
    Ok(Derived(Aes256Gcm::new_from_slice(key)?, *nonce))
}

impl Derived {
    fn seal(&self, plaintext: &[u8]) -> Result<Vec<u8>> {
        Ok(self.0.encrypt(&Nonce::from(self.1), plaintext).map_err(|error| error.to_string())?)
    }

    fn open(&self, message: &[u8]) -> Result<Vec<u8>> {
        Ok(self.0.decrypt(&Nonce::from(self.1), message).map_err(|error| error.to_string())?)
    }
}
