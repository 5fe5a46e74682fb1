//! Tokens bound to their sender: each rule of RFC 9449 section 4.3 and RFC 8705 section 3, and what the RFCs show.

use std::collections::BTreeMap;

use base64::engine::general_purpose::STANDARD;

use super::super::*;
use super::*;
use crate::crypto::sha256;
use crate::model::principal::Binding;
use crate::model::{BoundToken, HttpRequest, Refusal};

mod published;
mod uses;

const URL: &str = "https://api.test/v1/data?page=2#top";

/// Somebody who holds a key.
struct Prover(SigningKey);

impl Prover {
    fn new() -> Self {
        Self(SigningKey::generate(Algorithm::Es256).unwrap())
    }

    fn jwk(&self) -> Value {
        let mut jwk = self.0.public_jwk("");
        for name in ["kid", "alg", "use"] {
            jwk.as_object_mut().unwrap().remove(name);
        }
        jwk
    }

    /// RFC 7638, by a sorted map.
    fn thumbprint(&self) -> String {
        let members: BTreeMap<String, Value> = serde_json::from_value(self.jwk()).unwrap();
        URL_SAFE_NO_PAD.encode(sha256(&[serde_json::to_string(&members).unwrap().as_bytes()]))
    }

    /// A proof for a token and the usual request, with members of its header and claims replaced; null takes one away.
    fn proof(&self, token: &str, header: &Value, says: &Value) -> String {
        let usual = json!({"typ": "dpop+jwt", "alg": self.0.algorithm().name(), "jwk": self.jwk()});
        let ath = URL_SAFE_NO_PAD.encode(sha256(&[token.as_bytes()]));
        let htu = "https://api.test/v1/data";
        let claims = json!({"jti": "proof-1", "htm": "GET", "htu": htu, "iat": NOW, "ath": ath});
        sign(&self.0, &changed(usual, header), &changed(claims, says).to_string())
    }
}

fn changed(mut base: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        base[name] = value.clone();
    }
    base.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    base
}

fn presenting(token: &str, proof: &str) -> Credential {
    Credential::dpop(token, proof, "GET", URL)
}

/// Where and how a credential is refused.
fn refused(world: &World, credential: &Credential, rules: &ProofRules) -> (Code, String) {
    let now = Timestamp::from_seconds(NOW);
    let set = |_: &IssuerName| Some(world.keys.clone());
    let verified = verify(credential.token(), &world.issuers, &set, now).unwrap();
    let refusal = Refusal::from(verified.proven(credential, rules, None, now).unwrap_err());
    (refusal.code(), refusal.detail().at.clone().unwrap_or_default())
}

#[test]
fn a_token_passes_with_all_that_it_is_bound_to() {
    let (world, prover) = (World::new(), Prover::new());
    let certificate = b"a certificate".to_vec();
    let x5t = URL_SAFE_NO_PAD.encode(sha256(&[&certificate]));
    let bound = |cnf: Value| world.token(&claims(json!({"cnf": cnf})));
    let free = world.token(&claims(json!({})));
    let keyed = bound(json!({"jkt": prover.thumbprint()}));
    let connected = bound(json!({"x5t#S256": x5t}));
    let both = bound(json!({"jkt": prover.thumbprint(), "x5t#S256": x5t}));
    let proof = |token: &str| presenting(token, &prover.proof(token, &json!({}), &json!({})));
    let bearer = |token: &str| Credential::Bearer(token.to_owned());
    let (required, invalid) = (Err(Code::TokenPopRequired), Err(Code::TokenPopInvalid));
    for (line, (credential, expected)) in [
        (bearer(&free), Ok(Binding::None)),
        (bearer(&free).with_certificate(certificate.clone()), Ok(Binding::None)),
        (proof(&free), invalid),
        (bearer(&keyed), required),
        (presenting(&keyed, ""), required),
        (bearer(&keyed).with_certificate(certificate.clone()), required),
        (proof(&keyed), Ok(Binding::Dpop)),
        (bearer(&connected), required),
        (bearer(&connected).with_certificate(certificate.clone()), Ok(Binding::Mtls)),
        (bearer(&connected).with_certificate("another certificate"), invalid),
        (bearer(&connected).with_certificate(""), invalid),
        (proof(&connected), required),
        (proof(&connected).with_certificate(certificate.clone()), invalid),
        (bearer(&both), required),
        (proof(&both), required),
        (proof(&both).with_certificate("another certificate"), invalid),
        (bearer(&both).with_certificate(certificate.clone()), required),
        (proof(&both).with_certificate(certificate.clone()), Ok(Binding::Dpop)),
    ]
    .into_iter()
    .enumerate()
    {
        let binding = world.prove(&credential).map(|principal| principal.view().binding);
        assert_eq!(binding, expected, "line {line}");
    }
}

#[test]
fn a_token_bound_in_another_way_is_refused_whatever_comes_with_it() {
    let (world, prover) = (World::new(), Prover::new());
    let jkt = prover.thumbprint();
    for cnf in [
        json!({"jkt": jkt, "jku": "https://keys.test/"}),
        json!({"jkt": jkt, "jwk": prover.jwk()}),
        json!({"jkt": [jkt]}),
        json!({"jkt": format!("{jkt}=")}),
        json!({"jkt": jkt.split_at(1).1}),
        json!({"jkt": ""}),
        json!({"kid": "k1"}),
        json!({}),
        json!([jkt]),
        json!(jkt),
        Value::Bool(false),
    ] {
        let token = world.token(&claims(json!({"cnf": cnf})));
        let proof = prover.proof(&token, &json!({}), &json!({}));
        let presented = presenting(&token, &proof).with_certificate("a certificate");
        assert_eq!(world.prove(&presented).unwrap_err(), Code::TokenPopRequired, "{cnf}");
    }
}

#[test]
fn each_rule_refuses_a_proof_by_its_name() {
    let (world, prover, other) = (World::new(), Prover::new(), Prover::new());
    let token = world.token(&claims(json!({"cnf": {"jkt": prover.thumbprint()}})));
    let with_secret = changed(prover.jwk(), &json!({"d": "AAAA"}));
    let secret = json!({"kty": "oct", "k": "AAAA"});
    let header = |name: &str, value: Value| (json!({name: value}), json!({}));
    let says = |name: &str, value: Value| (json!({}), json!({name: value}));
    for ((header, says), at) in [
        (header("typ", json!("at+jwt")), "dpop.typ"),
        (header("typ", json!("JWT")), "dpop.typ"),
        (header("typ", Value::Null), "dpop.typ"),
        (header("alg", json!("none")), "dpop.alg"),
        (header("alg", json!("HS256")), "dpop.alg"),
        (header("alg", json!("PS512")), "dpop.alg"),
        (header("alg", json!("ES384")), "dpop.jwk"),
        (header("crit", json!(["exp"])), "dpop"),
        (header("jwk", Value::Null), "dpop.jwk"),
        (header("jwk", json!("key")), "dpop.jwk"),
        (header("jwk", with_secret), "dpop.jwk"),
        (header("jwk", secret), "dpop.jwk"),
        (header("jwk", other.jwk()), "dpop"),
        (says("htm", json!("POST")), "dpop.htm"),
        (says("htm", json!("get")), "dpop.htm"),
        (says("htm", Value::Null), "dpop.htm"),
        (says("htu", json!("https://api.test/v1/other")), "dpop.htu"),
        (says("htu", json!("https://evil.test/v1/data")), "dpop.htu"),
        (says("htu", json!("http://api.test/v1/data")), "dpop.htu"),
        (says("htu", json!("/v1/data")), "dpop.htu"),
        (says("htu", json!(1)), "dpop.htu"),
        (says("htu", Value::Null), "dpop.htu"),
        (says("iat", json!(NOW - 61)), "dpop.iat"),
        (says("iat", json!(NOW + 6)), "dpop.iat"),
        (says("iat", json!("1800000000")), "dpop.iat"),
        (says("iat", Value::Null), "dpop.iat"),
        (says("exp", json!(NOW)), "dpop.exp"),
        (says("nbf", json!(NOW + 6)), "dpop.nbf"),
        (says("ath", json!(URL_SAFE_NO_PAD.encode(sha256(&[b"another token"])))), "dpop.ath"),
        (says("ath", json!("")), "dpop.ath"),
        (says("ath", Value::Null), "dpop.ath"),
        (says("jti", json!("")), "dpop.jti"),
        (says("jti", json!(1)), "dpop.jti"),
        (says("jti", Value::Null), "dpop.jti"),
    ] {
        let credential = presenting(&token, &prover.proof(&token, &header, &says));
        let expected = (Code::TokenPopInvalid, at.to_owned());
        assert_eq!(refused(&world, &credential, &rules()), expected, "{header} {says}");
    }
    let credential = presenting(&token, &other.proof(&token, &json!({}), &json!({})));
    assert_eq!(refused(&world, &credential, &rules()), (Code::TokenPopInvalid, "dpop.jwk".to_owned()));
}

#[test]
fn what_a_proof_may_say_otherwise_passes() {
    let (world, prover) = (World::new(), Prover::new());
    let token = world.token(&claims(json!({"cnf": {"jkt": prover.thumbprint()}})));
    for says in [
        json!({"htu": "HTTPS://API.TEST:443/v1/./data?other=query"}),
        json!({"iat": NOW - 60}),
        json!({"iat": NOW + 5}),
        json!({"exp": NOW + 1, "nbf": NOW + 5}),
        json!({"nonce": "of somebody else", "more": {"x": 1}}),
    ] {
        let credential = presenting(&token, &prover.proof(&token, &json!({}), &says));
        assert!(world.prove(&credential).is_ok(), "{says}");
    }
    for url in ["/v1/data", "/v1/data?x", "https://api.test/v1/data"] {
        let proof = prover.proof(&token, &json!({}), &json!({}));
        assert!(world.prove(&Credential::dpop(token.as_str(), proof, "GET", url)).is_ok(), "{url}");
    }
}

#[test]
fn the_host_must_say_which_request_and_where_it_is_reached() {
    let (world, prover) = (World::new(), Prover::new());
    let token = world.token(&claims(json!({"cnf": {"jkt": prover.thumbprint()}})));
    let proof = prover.proof(&token, &json!({}), &json!({}));
    let without = |request| {
        let bound =
            BoundToken { token: token.clone(), proof: Some(proof.clone()), certificate: None, request };
        Credential::Bound(Box::new(bound))
    };
    let at = |url: &str| without(Some(HttpRequest { method: "GET".into(), url: url.into() }));
    let homeless = ProofRules { public_url: None, ..rules() };
    for (credential, rules, place) in [
        (without(None), rules(), "request"),
        (at("https://evil.test/v1/data"), rules(), "request.url"),
        (at("https://api.test/v2/data"), rules(), "request.url"),
        (at("data"), rules(), "request.url"),
        (at("/v1/data"), homeless, "public_url"),
    ] {
        assert_eq!(refused(&world, &credential, &rules), (Code::TokenPopInvalid, place.to_owned()));
    }
}

#[test]
fn no_changed_byte_of_a_proof_passes() {
    let (world, prover) = (World::new(), Prover::new());
    let token = world.token(&claims(json!({"cnf": {"jkt": prover.thumbprint()}})));
    let proof = prover.proof(&token, &json!({}), &json!({}));
    assert!(world.prove(&presenting(&token, &proof)).is_ok());
    for place in 0..proof.len() {
        for other in [b'A', b'B', b'q', b'.', b'=', b'-', b' ', b','] {
            let mut bytes = proof.clone().into_bytes();
            if std::mem::replace(&mut bytes[place], other) == other {
                continue;
            }
            let changed = String::from_utf8(bytes).unwrap();
            assert!(world.prove(&presenting(&token, &changed)).is_err(), "{place} {}", char::from(other));
        }
    }
    for other in
        [format!("{proof},{proof}"), format!("{proof}, {proof}"), format!(" {proof}"), format!("{proof}=")]
    {
        assert_eq!(world.prove(&presenting(&token, &other)).unwrap_err(), Code::TokenPopInvalid);
    }
}

#[test]
fn proofs_of_every_kind_of_key_pass() {
    for algorithm in
        [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Es384, Algorithm::Ps256, Algorithm::Rs256]
    {
        let (world, prover) = (World::new(), Prover(SigningKey::generate(algorithm).unwrap()));
        let token = world.token(&claims(json!({"cnf": {"jkt": prover.thumbprint()}})));
        let credential = presenting(&token, &prover.proof(&token, &json!({}), &json!({})));
        assert!(world.prove(&credential).is_ok(), "{algorithm:?}");
    }
}

#[test]
fn a_proof_is_no_access_token_and_an_access_token_is_no_proof() {
    let (world, prover) = (World::new(), Prover::new());
    let token = world.token(&claims(json!({"cnf": {"jkt": prover.thumbprint()}})));
    let refusal = refused(&world, &presenting(&token, &token), &rules());
    assert_eq!(refusal, (Code::TokenPopInvalid, "dpop.typ".to_owned()));
    // Even one that the issuer's own key signs, with all that an access token says.
    let issuer = json!({"alg": "EdDSA", "typ": "dpop+jwt", "kid": "k1"});
    let proof = sign(&world.key, &issuer, &claims(json!({})).to_string());
    assert_eq!(world.verify_text(&proof).unwrap_err(), Code::TokenWrongType);
}
