//! The test provider against readers that know nothing of it.

use std::sync::Arc;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::*;
use crate::crypto::signature::Algorithm;
use crate::model::{Clock, Deadline, Timestamp, Wait};
use crate::net::{Door, From, Keys, Origin, Outbound};
use crate::token::KeySource;

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn clock_moves_only_when_told() {
    let clock = TestClock::new(Timestamp::from_seconds(100));
    clock.advance_seconds(5);
    assert_eq!((clock.now(), clock.name()), (Timestamp::from_seconds(105), "test"));
    clock.set(Timestamp::from_seconds(1));
    clock.advance_seconds(-2);
    assert_eq!(clock.now(), Timestamp::from_seconds(-1));
}

#[test]
fn header_and_claims_are_what_the_test_says() {
    let idp = TestIdp::new("https://idp.example.com/");
    let plain = idp.sign(json!({"sub": "ada"}), json!({}), Algorithm::Es256);
    assert_eq!(part(&plain, 0), json!({"alg": "ES256", "kid": "es256-1", "typ": "at+jwt"}));
    assert_eq!(part(&plain, 1), json!({"iss": "https://idp.example.com/", "sub": "ada"}));
    let odd = idp.sign(json!({"iss": null}), json!({"alg": "none", "kid": null, "x": 1}), Algorithm::Es256);
    assert_eq!(part(&odd, 0), json!({"alg": "none", "typ": "at+jwt", "x": 1}));
    assert_eq!(part(&odd, 1), json!({}));
    assert_eq!(part(&idp.sign(json!([]), json!(7), Algorithm::Es256), 0), json!(7));
}

#[test]
fn signatures_fit_the_published_keys_until_rotation() {
    use jsonwebtoken::{DecodingKey, Validation, decode, jwk::JwkSet};
    let idp = TestIdp::new("https://idp");
    let verifies = |token: &str, algorithm| {
        let set: JwkSet = serde_json::from_value(idp.jwks()).unwrap();
        let Some(jwk) = set.find(part(token, 0)["kid"].as_str().unwrap()) else { return false };
        let mut rules = Validation::new(algorithm);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        decode::<Value>(token, &DecodingKey::from_jwk(jwk).unwrap(), &rules).is_ok()
    };
    for (ours, theirs) in [
        (Algorithm::Ed25519, jsonwebtoken::Algorithm::EdDSA),
        (Algorithm::Es256, jsonwebtoken::Algorithm::ES256),
        (Algorithm::Es384, jsonwebtoken::Algorithm::ES384),
        (Algorithm::Ps256, jsonwebtoken::Algorithm::PS256),
        (Algorithm::Rs256, jsonwebtoken::Algorithm::RS256),
    ] {
        let token = idp.sign(json!({"sub": "ada"}), json!({}), ours);
        assert!(verifies(&token, theirs), "{ours:?}");
        idp.rotate();
        assert!(!verifies(&token, theirs), "{ours:?}");
    }
}

#[test]
fn keys_are_found_by_real_discovery_until_it_stops() {
    let idp = TestIdp::new("https://idp");
    let served = idp.serve().unwrap();
    assert_eq!(idp.iss(), served.iss());
    let origin = Origin {
        issuer: "corp".parse().unwrap(),
        iss: idp.iss(),
        algorithms: vec![Algorithm::Rs256],
        from: From::Discovery,
        allow_private: false,
        plaintext_loopback: true,
    };
    let corp = origin.issuer.clone();
    let door = Arc::new(Door::new(Outbound::default()));
    let keys = Keys::new(vec![origin], Arc::new(|| Duration::ZERO), &door).unwrap();
    let patient = Wait::Until(Deadline::after(Duration::from_secs(20)));
    keys.fetch(&corp, "rs256-1", patient).unwrap();
    assert_eq!(served.requests(), 2);
    idp.rotate();
    keys.fetch(&corp, "rs256-2", patient).unwrap();
    keys.fetch(&corp, "rs256-2", Wait::Never).unwrap();
    assert_eq!(served.requests(), 4);
    let iss = served.iss().to_owned();
    drop(served);
    assert!(std::net::TcpStream::connect(iss.trim_start_matches("http://")).is_err());
}
