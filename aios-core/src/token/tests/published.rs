//! Published vectors, read from beside the project (`tests/vectors/README.md`): Wycheproof's and the IETF's signatures, at the level of
//! strict parts, a key fixed to its algorithm, and the signature.

use std::path::PathBuf;

use super::*;
use crate::crypto::signature::VerifyingKey;

/// A file of `$AIOS_VECTORS`, else from beside the project. Where `AIOS_VECTORS` is set, absence fails.
#[expect(clippy::disallowed_methods, reason = "tests are told where the vectors are")]
fn published(name: &str) -> Option<Value> {
    let told = std::env::var("AIOS_VECTORS").ok().map(PathBuf::from);
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors"));
    let path = told.clone().unwrap_or(beside).join(name);
    if told.is_none() && !path.exists() {
        eprintln!("skipped: {} is not there and AIOS_VECTORS is not set", path.display());
        return None;
    }
    Some(serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap())
}

const ALL: [Algorithm; 9] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Ed25519,
];

/// The one key of a JWK for its own `alg`, else for the one given.
fn key(jwk: &Value, alg: Option<&str>) -> Option<VerifyingKey> {
    if jwk["kty"] == "oct" {
        let is_ours = jwk["alg"].as_str().or(alg) == Some("HS256") && jwk["use"] != "enc";
        let secret = URL_SAFE_NO_PAD.decode(jwk["k"].as_str()?).ok()?;
        return VerifyingKey::from_shared_secret(secret).ok().filter(|_| is_ours);
    }
    let mut jwk = jwk.clone();
    if jwk["alg"].is_null() && alg.is_some() {
        jwk["alg"] = json!(alg);
    }
    // These sets hold pairs and nameless keys; a set with private members is another test's affair.
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        jwk.as_object_mut()?.remove(private);
    }
    jwk["kid"] = json!("k");
    let set = KeySet::from_jwks(json!({"keys": [jwk]}).to_string().as_bytes(), &ALL).unwrap();
    set.find("k").map(|found| found.key.clone())
}

fn verifies(jws: &str, key: Option<&VerifyingKey>) -> Result<(), Error> {
    let limits = Limits { max_token_bytes: 16384, max_header_bytes: 4096, max_actor_depth: 8 };
    let parts = Compact::split(jws, &limits)?;
    let header = Header::read(&parts.header, &limits)?;
    let signature = parts.signature()?;
    let key = key.ok_or(Error::UnknownKey { kid: String::new() })?;
    if header.algorithm != key.algorithm() {
        return Err(Error::AlgNotAllowed { actual: header.algorithm.name().into() });
    }
    key.verify(parts.signed.as_bytes(), &signature).map_err(|_| Error::BadSignature)
}

/// Where we end otherwise than told, and why.
fn deviates(test: &Value) -> Option<&'static str> {
    match test["tcId"].as_u64()? {
        346 | 350 => Some("the key says PS256 and the header PS384"),
        347 | 351 => Some("P-521"),
        367 | 370 => Some("byte for byte the token that 357 calls valid"),
        372 | 373 => Some("stray characters"),
        _ => None,
    }
}

#[test]
fn wycheproofs_signatures_end_as_they_should() {
    let Some(file) = published("wycheproof/json_web_signature_test.json") else { return };
    let (mut run, mut wrong, mut deviations) = (0, Vec::new(), 0);
    for group in file["testGroups"].as_array().unwrap() {
        let jwk = group.get("public").unwrap_or(&group["private"]);
        let key = key(jwk, None);
        for test in group["tests"].as_array().unwrap() {
            let Some(jws) = test["jws"].as_str() else { panic!("{test}") };
            run += 1;
            let end = verifies(jws, key.as_ref());
            let is_as_told = end.is_ok() == (test["result"] == "valid");
            match deviates(test) {
                Some(_) if !is_as_told => deviations += 1,
                _ if is_as_told => {}
                _ => wrong
                    .push(format!("{} {}: {} but {end:?}", test["tcId"], test["comment"], test["result"])),
            }
        }
    }
    assert_eq!((run, wrong, deviations), (401, Vec::<String>::new(), 8));
}

#[test]
fn wycheproofs_keys_end_as_they_should() {
    let Some(file) = published("wycheproof/json_web_key_test.json") else { return };
    let mut wrong = Vec::new();
    for group in file["testGroups"].as_array().unwrap() {
        let set = group.get("public").unwrap_or(&group["private"]);
        for test in group["tests"].as_array().unwrap() {
            let is_valid = set_verifies(set, test["jws"].as_str().unwrap());
            match test["tcId"].as_u64().unwrap() {
                // Its fingerprint is not looked for: an issuer chooses its own keys.
                7 => {}
                // HS384 and HS512 are not known; symmetric keys are configured, never read from a set.
                2 | 14 | 15 => assert!(!is_valid),
                _ if is_valid == (test["result"] == "valid") => {}
                id => wrong.push(format!("{id} {}: {} but {is_valid}", test["comment"], test["result"])),
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// With the one key of a set of one, else by `kid`, as for an issuer's set.
fn set_verifies(set: &Value, jws: &str) -> bool {
    if let [one] = set["keys"].as_array().unwrap().as_slice() {
        return verifies(jws, key(one, None).as_ref()).is_ok();
    }
    let set = KeySet::from_jwks(set.to_string().as_bytes(), &ALL).unwrap();
    let header = URL_SAFE_NO_PAD.decode(jws.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let found = header["kid"].as_str().and_then(|kid| set.find(kid));
    verifies(jws, found.map(|found| &found.key)).is_ok()
}

#[test]
fn the_ietfs_examples_verify_or_are_refused_on_purpose() {
    for (name, verify) in [
        ("jws/4_1.rsa_v15_signature", true),
        ("jws/4_2.rsa-pss_signature", true),
        // P-521.
        ("jws/4_3.ecdsa_signature", false),
        ("jws/4_4.hmac-sha2_integrity_protection", true),
        // Detached, unprotected, several: not the compact form of a token.
        ("jws/4_5.signature_with_detached_content", false),
        ("jws/4_6.protecting_specific_header_fields", false),
        ("jws/4_7.protecting_content_only", false),
        ("jws/4_8.multiple_signatures", false),
        ("curve25519/jws", true),
        ("rfc7797/hmac-sha2_b64_false", false),
    ] {
        let Some(file) = published(&format!("jose-cookbook/{name}.json")) else { return };
        let jwk = file["input"].get("key").map_or(Value::Null, |key| key.get(0).unwrap_or(key).clone());
        let compact = file["output"]["compact"].as_str();
        let text = compact.map_or_else(|| file["output"].to_string(), str::to_owned);
        let end = verifies(&text, key(&jwk, file["input"]["alg"].as_str()).as_ref());
        assert_eq!(end.is_ok(), verify, "{name}: {end:?}");
    }
}
