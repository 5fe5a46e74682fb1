//! An identity provider that signs whatever a test says.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::Served;
use crate::crypto;
use crate::crypto::signature::{Algorithm, SigningKey};

/// An identity provider with real keys. Clones share them.
#[derive(Clone, Debug)]
pub struct TestIdp(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    iss: String,
    generation: u32,
    keys: BTreeMap<Algorithm, SigningKey>,
    /// What opaque tokens stand for.
    opaque: BTreeMap<String, Value>,
}

impl TestIdp {
    /// A provider of this name. Its keys are made when they are first used or published.
    #[must_use]
    pub fn new(iss: impl Into<String>) -> Self {
        let (keys, opaque) = (BTreeMap::new(), BTreeMap::new());
        Self(Arc::new(Mutex::new(State { iss: iss.into(), generation: 1, keys, opaque })))
    }

    /// What its tokens' `iss` says.
    #[must_use]
    pub fn iss(&self) -> String {
        self.lock().iss.clone()
    }

    /// A signed token with these claims, and `iss` unless they name one. `header` replaces members of the header; a
    /// null removes one, there and among the claims.
    ///
    /// # Panics
    /// The operating system gives no randomness: a test cannot go on without keys.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "tests write `json!(..)` in place")]
    pub fn sign(&self, claims: Value, header: Value, algorithm: Algorithm) -> String {
        let mut state = self.lock();
        let base = json!({"alg": algorithm.name(), "kid": state.kid(algorithm), "typ": "at+jwt"});
        let header = encode(&merged(base, &header));
        let claims = encode(&merged(json!({"iss": state.iss}), &claims));
        let message = format!("{header}.{claims}");
        let signature = sign(state.key(algorithm), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// An opaque token with this beginning: its introspection endpoint, where it is served, says these claims of it.
    ///
    /// # Panics
    /// The operating system gives no randomness.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test cannot go on without tokens")]
    #[expect(clippy::needless_pass_by_value, reason = "tests write `json!(..)` in place")]
    pub fn sign_opaque(&self, prefix: &str, claims: Value) -> String {
        let random: [u8; 32] = crypto::random().expect("the operating system gives randomness");
        let token = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random));
        let said = merged(json!({"active": true}), &claims);
        self.lock().opaque.insert(token.clone(), said);
        token
    }

    /// What it says of an opaque token (RFC 7662).
    #[must_use]
    pub fn introspect(&self, token: &str) -> Value {
        self.lock().opaque.get(token).cloned().unwrap_or_else(|| json!({"active": false}))
    }

    /// The JSON Web Key Set that it publishes: a key of each algorithm.
    ///
    /// # Panics
    /// The operating system gives no randomness.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let mut state = self.lock();
        let keys = ALGORITHMS.map(|algorithm| {
            let kid = state.kid(algorithm);
            state.key(algorithm).public_jwk(&kid)
        });
        json!({"keys": keys})
    }

    /// Replaces every key. The old ones are published no longer, and opaque tokens are withdrawn.
    pub fn rotate(&self) {
        let mut state = self.lock();
        state.generation += 1;
        state.keys.clear();
        state.opaque.clear();
    }

    /// Serves discovery, keys and introspection on loopback, which becomes its `iss`, until the result is dropped.
    ///
    /// # Errors
    /// No port is to be had.
    pub fn serve(&self) -> io::Result<Served> {
        let served = Served::start(self.clone())?;
        served.iss().clone_into(&mut self.lock().iss);
        Ok(served)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Es384, Algorithm::Ps256, Algorithm::Rs256];

impl State {
    fn kid(&self, algorithm: Algorithm) -> String {
        format!("{}-{}", algorithm.name().to_ascii_lowercase(), self.generation)
    }

    #[expect(clippy::expect_used, reason = "a test cannot go on without keys")]
    fn key(&mut self, algorithm: Algorithm) -> &SigningKey {
        let make = || SigningKey::generate(algorithm).expect("the operating system gives randomness");
        self.keys.entry(algorithm).or_insert_with(make)
    }
}

#[expect(clippy::expect_used, reason = "a test cannot go on without signatures")]
fn sign(key: &SigningKey, message: &[u8]) -> Vec<u8> {
    key.sign(message).expect("a key that was just made signs")
}

/// Members of `changes` over those of `base`; what is not an object replaces it, for tests of hostile tokens.
fn merged(mut base: Value, changes: &Value) -> Value {
    let (Some(members), Some(changes)) = (base.as_object_mut(), changes.as_object()) else {
        return changes.clone();
    };
    for (name, value) in changes {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    base
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
