//! Tokens made by a test key, against issuers that differ by what a test is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::compact::Compact;
use super::header::Header;
use super::*;
use crate::crypto::signature::{Algorithm, SigningKey};
use crate::model::{Code, Credential, Kind};

mod actors;
mod attack_vectors;
mod binding;
mod cost;
mod explain;
mod introspection;
mod published;
mod refusals;
mod scopes;
mod tenants;

const NOW: i64 = 1_800_000_000;

/// An issuer `corp`, its key `k1`, and everything it may be configured with.
struct World {
    key: SigningKey,
    keys: Arc<KeySet>,
    issuers: Issuers,
}

impl World {
    fn new() -> Self {
        Self::signing_with(SigningKey::generate(Algorithm::Ed25519).unwrap())
    }

    fn signing_with(key: SigningKey) -> Self {
        let jwks = json!({ "keys": [key.public_jwk("k1")] }).to_string();
        let keys = KeySet::from_jwks(jwks.as_bytes(), &[key.algorithm()]).unwrap();
        assert_eq!(keys.dropped(), []);
        let issuers = issuers(vec![issuer("corp", "https://corp.test/", key.algorithm())]);
        Self { key, keys: Arc::new(keys), issuers }
    }

    fn issuer(&mut self) -> &mut Issuer {
        &mut self.issuers.issuers[0]
    }

    fn token(&self, claims: &Value) -> String {
        let header = json!({ "alg": self.key.algorithm().name(), "typ": "at+jwt", "kid": "k1" });
        sign(&self.key, &header, &claims.to_string())
    }

    /// A token of the usual claims, changed by some; null takes one away.
    fn verify(&self, changes: Value) -> Result<Principal, Code> {
        self.verify_text(&self.token(&claims(changes)))
    }

    fn verify_text(&self, token: &str) -> Result<Principal, Code> {
        self.prove(&Credential::Bearer(token.to_owned()))
    }

    /// A token, and what came with it.
    fn prove(&self, credential: &Credential) -> Result<Principal, Code> {
        let now = Timestamp::from_seconds(NOW);
        let verified = verify(credential.token(), &self.issuers, &|_| Some(self.keys.clone()), now);
        let proven = verified.map_err(code)?.proven(credential, &rules(), None, now);
        proven.map(|proven| proven.principal).map_err(|error| error.code())
    }
}

fn rules() -> ProofRules {
    ProofRules { public_url: PublicUrl::parse("https://api.test/v1"), past_seconds: 60, future_seconds: 5 }
}

fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": "https://corp.test/", "aud": "api://aios", "sub": "u1", "exp": NOW + 600, "iat": NOW - 10, "tid": "t1",
    });
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (name, value) in changes {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(&name);
        } else {
            claims[name] = value;
        }
    }
    claims
}

fn sign(key: &SigningKey, header: &Value, payload: &str) -> String {
    let signed =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn code(stop: Stop) -> Code {
    match stop {
        Stop::Needs(needs) => needs.into_refusal().code(),
        Stop::Refused(error) => error.code(),
    }
}

fn issuers(issuers: Vec<Issuer>) -> Issuers {
    Issuers {
        realm: Realm([7; 16]),
        audience: vec!["api://aios".into()],
        limits: Limits { max_token_bytes: 16384, max_header_bytes: 4096, max_actor_depth: 2 },
        issuers,
        clients: Vec::new(),
        ceilings: BTreeMap::new(),
    }
}

fn issuer(name: &str, iss: &str, algorithm: Algorithm) -> Issuer {
    Issuer {
        name: name.parse().unwrap(),
        preset: Preset::Generic,
        iss: Speaks::exactly(iss),
        algorithms: vec![algorithm],
        typ: vec!["at+jwt".into()],
        leeway_seconds: 0,
        max_lifetime_seconds: 86400,
        required: Vec::new(),
        claims: ClaimNames {
            tenant: Some("tid".into()),
            roles: Some("roles".into()),
            scopes: Some("scp".into()),
            groups: Some("groups".into()),
        },
        tenants: Tenants::Listed(BTreeMap::from([("t1".into(), "acme".parse().unwrap())])),
        roles: Roles::Mapped(BTreeMap::from([("Analyst".into(), vec!["analyst".into()])])),
        registered_clients_only: false,
        unscoped: false,
        introspection: None,
    }
}

fn client(id: &str, kind: Kind, tenant: Option<&str>) -> Client {
    Client {
        issuer: "corp".parse().unwrap(),
        id: id.into(),
        kind,
        tenant: tenant.map(|tenant| tenant.parse().unwrap()),
        scopes: Vec::new(),
    }
}
