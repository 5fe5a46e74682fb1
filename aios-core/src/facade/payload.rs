//! Payloads: the handle of one that is being sealed or opened, and its plain data. Bytes cross as base64.
#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation takes its request, which emitters decode, by value"
)]

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::handles::Vault;
use super::wire::{Credential, Nothing, Resource};
use super::{facts, object};
use crate::engine::vault as engine;
use crate::model::{Code, Refusal, Who};

/// A payload that is being sealed or opened, part by part.
#[derive(Clone, Debug)]
pub struct Payload(Arc<engine::Payload>);

/// What is asked for a payload.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PayloadOrder {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// The thing whose content it is.
    #[serde(deserialize_with = "object::one")]
    pub resource: Resource,
    /// Further facts for policies.
    #[serde(default, deserialize_with = "facts::object")]
    pub context: Map<String, Value>,
    /// A W3C `traceparent`.
    #[serde(default)]
    pub trace: Option<String>,
}

/// More of a payload.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PayloadBytes {
    /// Bytes as base64.
    pub base64: String,
}

/// What is ready of a payload.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PayloadPart {
    /// Bytes as base64; there may be none yet.
    pub base64: String,
}

impl Vault {
    /// `encrypt`.
    ///
    /// # Errors
    /// As [`engine::Vault::encrypt`].
    pub fn encrypt(&self, asked: PayloadOrder) -> Result<Payload, Refusal> {
        let (who, order) = self.ordered(asked)?;
        self.vault.encrypt(who, order).map(Payload::of)
    }

    /// `encrypt`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn encrypt_async(&self, asked: PayloadOrder) -> Result<Payload, Refusal> {
        let (who, order) = self.ordered(asked)?;
        self.vault.encrypt_async(who, order).await.map(Payload::of)
    }

    /// `decrypt`.
    ///
    /// # Errors
    /// As [`engine::Vault::decrypt`].
    pub fn decrypt(&self, asked: PayloadOrder) -> Result<Payload, Refusal> {
        let (who, order) = self.ordered(asked)?;
        self.vault.decrypt(who, order).map(Payload::of)
    }

    /// `decrypt`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn decrypt_async(&self, asked: PayloadOrder) -> Result<Payload, Refusal> {
        let (who, order) = self.ordered(asked)?;
        self.vault.decrypt_async(who, order).await.map(Payload::of)
    }

    fn ordered(&self, asked: PayloadOrder) -> Result<(Who, engine::PayloadOrder), Refusal> {
        let PayloadOrder { credential, resource, context, trace } = asked;
        let order = engine::PayloadOrder { resource: resource.into(), context, trace };
        Ok((self.who(credential)?, order))
    }
}

impl Payload {
    fn of(payload: engine::Payload) -> Self {
        Self(Arc::new(payload))
    }

    /// `update`.
    ///
    /// # Errors
    /// As [`engine::Payload::update`]; `policy.input` for what is no base64.
    pub fn update(&self, more: PayloadBytes) -> Result<PayloadPart, Refusal> {
        self.0.update(&more.bytes()?).map(PayloadPart::of)
    }

    /// `update`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn update_async(&self, more: PayloadBytes) -> Result<PayloadPart, Refusal> {
        self.0.update_async(more.bytes()?).await.map(PayloadPart::of)
    }

    /// `finish`.
    ///
    /// # Errors
    /// As [`engine::Payload::finish`].
    pub fn finish(&self, _: Nothing) -> Result<PayloadPart, Refusal> {
        self.0.finish().map(PayloadPart::of)
    }

    /// `finish`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn finish_async(&self, _: Nothing) -> Result<PayloadPart, Refusal> {
        self.0.finish_async().await.map(PayloadPart::of)
    }
}

impl PayloadBytes {
    fn bytes(&self) -> Result<Vec<u8>, Refusal> {
        BASE64
            .decode(&self.base64)
            .map_err(|_| Refusal::new(Code::PolicyInput).at("base64").expected("base64 with its padding"))
    }
}

impl PayloadPart {
    fn of(bytes: Vec<u8>) -> Self {
        Self { base64: BASE64.encode(bytes) }
    }
}
