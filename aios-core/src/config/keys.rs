//! `discovery`, `jwks_url`, `jwks_file`, `jwks`: where an issuer's keys come from.

use serde_json::{Map, Value};

use super::document::SecretSource;
use super::error::Problems;
use super::issuers::Place;
use super::{folder, presets, secrets};
use crate::crypto::signature::{Algorithm, VerifyingKey};
use crate::net::From;
use crate::token::KeySet;

const MAX_SET_BYTES: u64 = 512 * 1024;

/// The one source that an issuer names.
pub(super) fn source(here: &Place<'_>, algorithms: &[Algorithm], problems: &mut Problems) -> Option<From> {
    let raw = here.raw;
    let is_shared = algorithms.contains(&Algorithm::Hs256);
    if let Some(secret) = &raw.secret {
        return shared(here, secret, algorithms, problems);
    }
    if is_shared {
        problems
            .add(here.at("algorithms"), "holds HS256, which needs `secret`: nothing published can verify it");
        return None;
    }
    match (raw.discovery, &raw.jwks_url, &raw.jwks_file, &raw.jwks) {
        (true, None, None, None) => discovery(here, problems),
        (false, Some(url), None, None) => {
            problems.keep(here.at("jwks_url"), here.reach().url(url))?;
            Some(From::Url(url.clone()))
        }
        (false, None, Some(file), None) => {
            let path = here.at("jwks_file");
            let bytes =
                problems.keep(path.as_str(), folder::read_file(&here.base.join(file), MAX_SET_BYTES))?;
            set(path, bytes, algorithms, problems)
        }
        (false, None, None, Some(jwks)) => set(here.at("jwks"), in_place(jwks), algorithms, problems),
        (false, None, None, None) if presets::keys_url(raw).is_some() => {
            presets::keys_url(raw).map(From::Url)
        }
        // All its tokens are opaque; of a signed one no key is known.
        (false, None, None, None) if raw.introspection.is_some() => Some(From::Set(NO_KEYS.to_vec())),
        (_, _, _, _) => {
            problems.add(
                &here.path,
                "must say exactly one of discovery = true, jwks_url, jwks_file, jwks, secret",
            );
            None
        }
    }
}

const NO_KEYS: &[u8] = br#"{"keys": []}"#;

/// A secret stands alone: next to public keys, one could be passed off as the other.
fn shared(
    here: &Place<'_>,
    secret: &SecretSource,
    algorithms: &[Algorithm],
    problems: &mut Problems,
) -> Option<From> {
    let raw = here.raw;
    let path = here.at("secret");
    if raw.discovery || raw.jwks_url.is_some() || raw.jwks_file.is_some() || raw.jwks.is_some() {
        problems.add(path, "excludes discovery, jwks_url, jwks_file and jwks; say one of them");
        return None;
    }
    if algorithms != [Algorithm::Hs256] {
        problems.add(path, "needs algorithms = [\"HS256\"] and no other");
        return None;
    }
    let bytes = problems.keep(path.as_str(), secrets::read(secret, here.base))?;
    let is_one_byte_repeated = bytes.iter().all(|byte| Some(byte) == bytes.first());
    if let Some(key) = VerifyingKey::from_shared_secret(bytes).ok().filter(|_| !is_one_byte_repeated) {
        return Some(From::Shared(key));
    }
    problems.add(path, "is missing, shorter than 32 bytes, longer than 1024, or one byte repeated");
    None
}

fn discovery(here: &Place<'_>, problems: &mut Problems) -> Option<From> {
    // What is wrong with `iss` as such is reported by whoever reads it.
    let Some(iss) = &here.raw.iss else {
        problems.add(here.at("discovery"), "needs `iss`; leave it out to use the preset's own key set");
        return None;
    };
    here.reach().scheme(iss).ok()?;
    let url = problems.keep(here.at("iss"), here.reach().url(iss))?;
    if url.query().is_some() {
        problems.add(here.at("iss"), "has a query, so nothing can be discovered there; use jwks_url");
    }
    Some(From::Discovery)
}

fn in_place(jwks: &Map<String, Value>) -> Vec<u8> {
    Value::Object(jwks.clone()).to_string().into_bytes()
}

fn set(path: String, bytes: Vec<u8>, algorithms: &[Algorithm], problems: &mut Problems) -> Option<From> {
    if holds_secrets(&bytes) {
        problems.add(path, "holds a private or symmetric key; give public keys only, and replace this one");
        return None;
    }
    problems.keep(path, KeySet::from_jwks(&bytes, algorithms))?;
    Some(From::Set(bytes))
}

/// Whether any key has the member that makes it secret: `d` (RSA, EC, OKP) or `k` (symmetric).
fn holds_secrets(bytes: &[u8]) -> bool {
    let Ok(set) = serde_json::from_slice::<Value>(bytes) else { return false };
    let keys = set.get("keys").and_then(Value::as_array);
    keys.is_some_and(|keys| keys.iter().any(|key| key.get("d").is_some() || key.get("k").is_some()))
}
