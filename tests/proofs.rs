//! Tokens bound to a key: the proof is looked at on each use, counts once, and belongs to one request.

mod stores;

use std::sync::atomic::{AtomicU32, Ordering};

use aios_core::crypto::sha256;
use aios_core::crypto::signature::{Algorithm, SigningKey};
use aios_core::{Aios, Code, Credential, Outcome, Refusal, Request, Resource, Selector};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::hostile::awaiting::block_on;
use crate::world::{START, World};

const SQLITE: &str = "sqlite:aios.db";
const MEMORY: &str = "memory:";

/// A world with somebody who holds a key, and a token that is bound to it.
struct Scene {
    world: World,
    key: SigningKey,
    token: String,
    proofs: AtomicU32,
}

impl Scene {
    fn new() -> Self {
        let (world, key) = (World::new(), SigningKey::generate(Algorithm::Es256).unwrap());
        let policy = r#"@id("all-revoke") permit (principal in Aios::Role::"analyst", action == Aios::Action::"revoke", resource is Aios::Revocation);"#;
        std::fs::write(world.path("policies/revoke.cedar"), policy).unwrap();
        let jwk = jwk(&key);
        let spelled = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        let jkt = URL_SAFE_NO_PAD.encode(sha256(&[spelled.as_bytes()]));
        let token = world.ada(&json!({"cnf": {"jkt": jkt}})).token().to_owned();
        Self { world, key, token, proofs: AtomicU32::new(0) }
    }

    fn configuration(&self, store: &str) -> Value {
        let mut configuration = self.world.configuration(store);
        configuration["public_url"] = json!("https://api.example.com");
        configuration["audit"] = json!({"deadline_seconds": 20});
        configuration
    }

    fn open(&self, store: &str) -> Aios {
        self.world.try_open(self.configuration(store)).unwrap()
    }

    /// A fresh proof for the usual request, with members of its claims replaced.
    fn proof(&self, says: &Value) -> String {
        let number = self.proofs.fetch_add(1, Ordering::SeqCst);
        let mut claims = json!({
            "jti": format!("proof-{number}"), "htm": "GET", "htu": "https://api.example.com/report", "iat": START,
            "ath": URL_SAFE_NO_PAD.encode(sha256(&[self.token.as_bytes()])),
        });
        for (name, value) in says.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(&self.key)});
        let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = parts.join(".");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes()).unwrap()))
    }

    fn with(&self, proof: &str) -> Credential {
        Credential::dpop(self.token.as_str(), proof, "GET", "/report?page=2")
    }

    /// What passes an engine: with its nonce, where it asks for one.
    fn fresh(&self, aios: &Aios) -> Credential {
        let says = nonce(aios, self).map_or(json!({}), |nonce| json!({"nonce": nonce}));
        self.with(&self.proof(&says))
    }

    /// What passes an engine that asks for no nonce.
    fn fresh_unasked(&self) -> Credential {
        self.with(&self.proof(&json!({})))
    }
}

fn jwk(key: &SigningKey) -> Value {
    let jwk = key.public_jwk("");
    json!({"kty": "EC", "crv": "P-256", "x": jwk["x"], "y": jwk["y"]})
}

/// The nonce that an engine asks for, if it does.
fn nonce(aios: &Aios, scene: &Scene) -> Option<String> {
    let refusal = aios.authenticate(&scene.with(&scene.proof(&json!({})))).err()?;
    assert_eq!(refusal.code(), Code::TokenPopNonce, "{refusal}");
    refusal.detail().nonce.clone()
}

fn read(who: impl Into<aios_core::model::Who>) -> Request {
    Request::new(who, "read", World::report())
}

fn code<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> Code {
    answer.unwrap_err().code()
}

#[test]
fn a_proof_counts_once_whoever_asks_and_however() {
    type Verb = fn(&Aios, &Credential) -> Result<(), Code>;
    let verbs: [(&str, Verb); 8] = [
        ("authenticate", |aios, who| aios.authenticate(who).map(drop).map_err(|e| e.code())),
        ("authenticate_async", |aios, who| {
            block_on(aios.authenticate_async(who)).map(drop).map_err(|e| e.code())
        }),
        ("authorize", |aios, who| aios.authorize(&read(who.clone())).map(drop).map_err(|e| e.code())),
        ("authorize_async", |aios, who| {
            block_on(aios.authorize_async(&read(who.clone()))).map(drop).map_err(|e| e.code())
        }),
        ("check", |aios, who| aios.check(&read(who.clone())).unwrap().code.map_or(Ok(()), Err)),
        ("check_async", |aios, who| {
            block_on(aios.check_async(&read(who.clone()))).unwrap().code.map_or(Ok(()), Err)
        }),
        ("revoke", |aios, who| aios.revoke(who.clone(), &nobody()).map_err(|e| e.code())),
        ("verification_key", |aios, who| {
            aios.verification_key(who.clone(), &"acme".parse().unwrap()).map(drop).map_err(|e| e.code())
        }),
    ];
    for store in [MEMORY, SQLITE] {
        let scene = Scene::new();
        let aios = scene.open(store);
        for (name, verb) in verbs {
            let once = scene.fresh(&aios);
            assert_eq!(verb(&aios, &once), Ok(()), "{store} {name}");
            for (other, verb) in verbs {
                assert_eq!(verb(&aios, &once), Err(Code::TokenPopReplayed), "{store} {name} {other}");
            }
        }
        let once = scene.fresh(&aios);
        if store == MEMORY {
            assert!(aios.check_now(&read(once.clone())).unwrap().allowed);
            assert_eq!(aios.check_now(&read(once)).unwrap().code, Some(Code::TokenPopReplayed));
        } else {
            assert_eq!(code(aios.check_now(&read(once.clone()))), Code::WouldWait);
            assert!(aios.check(&read(once)).unwrap().allowed, "what would wait costs no proof");
        }
        assert!(aios.verify(None).unwrap().ok);
    }
}

fn nobody() -> Selector {
    serde_json::from_value(json!({"kind": "session", "issuer": "corp", "id": "nobody's"})).unwrap()
}

#[test]
fn a_principal_that_was_proven_needs_no_other_proof() {
    let scene = Scene::new();
    let aios = scene.open(SQLITE);
    let ada = aios.authenticate(&scene.fresh(&aios)).unwrap();
    assert_eq!(ada.view().binding, aios_core::model::principal::Binding::Dpop);
    for _ in 0..3 {
        assert!(aios.check_now(&read(&ada)).unwrap().allowed);
        aios.authorize(&read(&ada)).unwrap().complete(&Outcome::ok()).unwrap();
    }
    // Even after the proof is too old: it belonged to the request that brought it.
    scene.world.clock.advance_seconds(300);
    assert!(aios.check(&read(&ada)).unwrap().allowed);
    scene.world.clock.advance_seconds(331);
    assert_eq!(aios.check(&read(&ada)).unwrap().code, Some(Code::TokenExpired));
}

#[test]
fn a_remembered_token_still_needs_a_proof_of_its_own() {
    let scene = Scene::new();
    let aios = scene.open(SQLITE);
    aios.authenticate(&scene.fresh(&aios)).unwrap();
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let stranger =
        Scene { key: other, world: World::new(), token: scene.token.clone(), proofs: AtomicU32::new(0) };
    for (credential, expected) in [
        (Credential::Bearer(scene.token.clone()), Code::TokenPopRequired),
        (Credential::Bearer(scene.token.clone()).with_certificate("x"), Code::TokenPopRequired),
        (scene.with(""), Code::TokenPopRequired),
        (scene.with(&scene.proof(&json!({"htm": "POST"}))), Code::TokenPopInvalid),
        (scene.with(&scene.proof(&json!({"iat": START - 61}))), Code::TokenPopInvalid),
        (stranger.with(&stranger.proof(&json!({}))), Code::TokenPopInvalid),
    ] {
        for _ in 0..2 {
            assert_eq!(code(aios.authenticate(&credential)), expected);
            assert_eq!(code(aios.authorize(&read(credential.clone()))), expected);
            assert_eq!(aios.check(&read(credential.clone())).unwrap().code, Some(expected));
        }
    }
    // Time passes for proofs, too, though the token is remembered.
    let late = scene.fresh(&aios);
    scene.world.clock.advance_seconds(61);
    assert_eq!(code(aios.authenticate(&late)), Code::TokenPopInvalid);
}

#[test]
fn what_is_refused_costs_no_proof() {
    for store in [MEMORY, SQLITE] {
        let scene = Scene::new();
        let aios = scene.open(store);
        let once = scene.fresh(&aios);
        let elsewhere = Resource::new("Aios::Data", "x").tenant("globex");
        assert_eq!(
            code(aios.authorize(&Request::new(once.clone(), "read", elsewhere))),
            Code::TenantMismatch
        );
        assert_eq!(
            code(aios.authorize(&Request::new(once.clone(), "delete", World::report()))),
            Code::PolicyUnknownAction
        );
        let taken = aios.authorize(&read(scene.fresh(&aios)).call("call-1")).unwrap();
        let other = Resource::new("Aios::Data", "other").tenant("acme");
        let other = Request::new(once.clone(), "read", other).call("call-1");
        assert_eq!(code(aios.authorize(&other)), Code::PolicyCallReused);
        // The same call again, with a proof that was not used: the same permit, and the proof is used now.
        let same = aios.authorize(&read(once.clone()).call("call-1")).unwrap();
        assert_eq!(same.view().id, taken.view().id);
        assert_eq!(code(aios.authorize(&read(once).call("call-1"))), Code::TokenPopReplayed);
        taken.complete(&Outcome::ok()).unwrap();
    }
}

#[test]
fn where_only_memory_is_shared_a_nonce_of_this_process_is_demanded() {
    let scene = Scene::new();
    let (aios, other) = (scene.open(MEMORY), scene.open(MEMORY));
    let refusal = aios.authenticate(&scene.with(&scene.proof(&json!({})))).unwrap_err();
    assert_eq!((refusal.code(), refusal.code().status()), (Code::TokenPopNonce, 401));
    let challenge = refusal.challenge().unwrap();
    assert!(challenge.starts_with(r#"DPoP error="use_dpop_nonce", algs="ES256 "#), "{challenge}");
    let given = refusal.detail().nonce.clone().unwrap();
    let with = |nonce: &str| scene.with(&scene.proof(&json!({"nonce": nonce})));
    aios.authenticate(&with(&given)).unwrap();
    aios.authenticate(&with(&given)).unwrap();
    // Another process, or this one after a restart, knows nothing of proofs that were used here.
    assert_eq!(code(other.authenticate(&with(&given))), Code::TokenPopNonce);
    assert_ne!(nonce(&other, &scene).unwrap(), given);
    assert_eq!(nonce(&scene.open(SQLITE), &scene), None);
    let mut configuration = scene.configuration(SQLITE);
    configuration["dpop"] = json!({"nonce": "required"});
    std::fs::remove_file(scene.world.path("aios.db")).unwrap();
    assert!(nonce(&scene.world.try_open(configuration).unwrap(), &scene).is_some());
}
