//! What stands for something that a body does not say: the digest of a disclosure, or of what a call was given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::crypto::{MacKey, mac, sha256};
use crate::model::json::canonical_members;

#[derive(Serialize)]
pub(super) struct DigestBody {
    alg: &'static str,
    digest: String,
    bytes: usize,
}

/// Puts `[salt, name, value]` aside and gives the digest that stands for it (RFC 9901 section 4.2).
pub(super) fn disclose(salt: &[u8], name: &str, value: &str, disclosures: &mut Vec<String>) -> String {
    // A list of texts always has a JSON form.
    let text = serde_json::to_vec(&[&BASE64.encode(salt), name, value]).unwrap_or_default();
    let disclosure = BASE64.encode(text);
    let digest = disclosure_digest(&disclosure);
    disclosures.push(disclosure);
    digest
}

/// The digest by which a body names a disclosure.
#[must_use]
pub fn disclosure_digest(disclosure: &str) -> String {
    BASE64.encode(sha256(&[disclosure.as_bytes()]))
}

/// A keyed digest, so that whoever reads the store cannot guess short inputs. INVARIANT: the members are bounded.
pub(super) fn digest(key: &MacKey, members: &Map<String, Value>) -> DigestBody {
    let mut bytes = Vec::new();
    canonical_members(members, &mut bytes);
    DigestBody { alg: "hmac-sha256", digest: BASE64.encode(mac(key, &[&bytes])), bytes: bytes.len() }
}
