//! The inputs as an engine: configuration, policies, a token and what its holder asks.

use std::fs;
use std::path::{Path, PathBuf};

use aios_core::crypto::signature::Algorithm;
use aios_core::model::{Clock, SystemClock};
use aios_core::testing::{Served, TestIdp};
use aios_core::{Aios, Credential, Request, Resource, config};
use serde_json::{Value, json};

use crate::measure::Result;

/// An issuer and the configuration that trusts it.
#[derive(Debug)]
pub(crate) struct World {
    idp: TestIdp,
    configuration: Value,
    claims: Value,
}

impl World {
    pub(crate) fn new() -> Result<Self> {
        let (mut configuration, mut claims) = (read("aios.json")?, read("claims.json")?);
        let issuer = configuration.pointer_mut("/issuer/0").ok_or("no issuer")?;
        let iss = issuer.get("iss").and_then(Value::as_str).ok_or("no iss")?;
        let idp = TestIdp::new(iss);
        set(issuer, "jwks", idp.jwks());
        let now = SystemClock.now().seconds();
        for (name, time) in [("iat", now), ("nbf", now), ("exp", now + 3600)] {
            set(&mut claims, name, time.into());
        }
        Ok(Self { idp, configuration, claims })
    }

    /// The same, from an issuer whose keys are fetched: from loopback, until what is given is dropped.
    pub(crate) fn served() -> Result<(Self, Served)> {
        let mut world = Self::new()?;
        let served = world.idp.serve()?;
        let issuer = world.configuration.pointer_mut("/issuer/0").ok_or("no issuer")?;
        issuer.as_object_mut().and_then(|members| members.remove("jwks")).ok_or("no keys")?;
        set(issuer, "iss", served.iss().into());
        set(issuer, "discovery", true.into());
        set(&mut world.configuration, "development", json!({"plaintext_loopback": true}));
        Ok((world, served))
    }

    /// A configuration in memory and the token of a caller with so many roles, as `r0` and on.
    pub(crate) fn with_roles(count: usize) -> Result<(Value, String)> {
        let mut world = Self::new()?;
        let names: Vec<String> = (0..count).map(|role| format!("r{role}")).collect();
        let roles: serde_json::Map<String, Value> =
            names.iter().map(|name| (name.clone(), name.as_str().into())).collect();
        let issuer = world.configuration.pointer_mut("/issuer/0").ok_or("no issuer")?;
        set(issuer, "roles", roles.into());
        set(&mut world.claims, "roles", names.into());
        set(&mut world.claims, "sub", "alice".into());
        let token = world.tokens(1).pop().ok_or("no token")?;
        Ok((world.on("memory:"), token))
    }

    /// An engine of its own in memory.
    pub(crate) fn in_memory(&self) -> Result<Aios> {
        open(self.on("memory:"))
    }

    /// The configuration on a store.
    pub(crate) fn on(&self, store: &str) -> Value {
        let mut configuration = self.configuration.clone();
        set(&mut configuration, "store", json!({ "url": store }));
        configuration
    }

    /// Tokens that differ in their id only.
    pub(crate) fn tokens(&self, count: usize) -> Vec<String> {
        let token = |number: usize| {
            let mut claims = self.claims.clone();
            set(&mut claims, "jti", format!("fqiBqXLPj0eQa82S-{number:05}").into());
            self.idp.sign(claims, json!({}), Algorithm::Rs256)
        };
        (0..count).map(token).collect()
    }

    /// One of the issuer's RS256 key's members.
    pub(crate) fn key_member(&self, name: &str) -> Result<String> {
        let keys = self.configuration.pointer("/issuer/0/jwks/keys").and_then(Value::as_array);
        let mut keys = keys.into_iter().flatten();
        let key = keys.find(|key| key.get("alg").and_then(Value::as_str) == Some("RS256"));
        let member = key.and_then(|key| key.get(name)).and_then(Value::as_str);
        Ok(member.ok_or("no such key")?.to_owned())
    }
}

/// An engine of this configuration, with the clock and the checks that products have.
pub(crate) fn open(configuration: Value) -> Result<Aios> {
    Ok(Aios::builder(config::from_value(configuration, &inputs())?).build()?)
}

/// What the token's holder asks.
pub(crate) fn request(aios: &Aios, token: &str) -> Result<Request> {
    let asked = read("request.json")?;
    let text = |at: &str| asked.pointer(at).and_then(Value::as_str).ok_or("not text");
    let resource =
        Resource::new(text("/resource/type")?, text("/resource/id")?).tenant(text("/resource/tenant")?);
    let principal = aios.authenticate(&Credential::Bearer(token.to_owned()))?;
    let mut request = Request::new(&principal, text("/action")?, resource);
    request.input = asked.get("input").and_then(Value::as_object).cloned().unwrap_or_default();
    Ok(request)
}

/// The folder of inputs.
pub(crate) fn inputs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("inputs")
}

fn read(name: &str) -> Result<Value> {
    Ok(serde_json::from_slice(&fs::read(inputs().join(name))?)?)
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
