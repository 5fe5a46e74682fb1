//! A request with a secret whose body comes in parts: its handle and its plain data. Bytes cross as base64.
#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation takes its request, which emitters decode, by value"
)]

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object;
use super::using::{HeaderLine, SecretAnswer, SecretUse};
use super::views::Done;
use super::wire::Nothing;
use crate::engine::vault::{self as engine, Upload};
use crate::model::{Code, Refusal};
use crate::vault::Outgoing;

/// A request that carries a secret, and whose body is under way.
#[derive(Clone, Debug)]
pub struct SecretSending(Arc<engine::Sending>);

/// A request that is to carry a secret, and whose body will come in parts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretUpload {
    /// The method in upper case.
    pub method: String,
    /// `https://host[:port]/path[?query]`, spelled as it is sent.
    pub url: String,
    /// What stands where credentials go, and what is the connection's own, is left out.
    #[serde(default, deserialize_with = "object::many")]
    pub headers: Vec<HeaderLine>,
    /// How many bytes the body will have, where that is known; at most 1 GiB.
    #[serde(default)]
    pub length: Option<u64>,
    /// How long server and caller may be silent, 1 to 3600; left out: 600.
    #[serde(default)]
    pub timeout_seconds: Option<u64>,
}

/// The next part of a request's body.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyPart {
    /// Bytes as base64, 1 MiB at most.
    pub base64: String,
}

/// Whether there should be more.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PartTaken {
    /// Not where the answer has begun, or none will come: `answer` says which.
    pub wanted: bool,
}

impl SecretUse {
    /// `upload`.
    ///
    /// # Errors
    /// As [`engine::SecretUse::upload`].
    pub fn upload(&self, request: SecretUpload) -> Result<SecretSending, Refusal> {
        self.0.upload(request.meant()).map(SecretSending::of)
    }

    /// `upload`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn upload_async(&self, request: SecretUpload) -> Result<SecretSending, Refusal> {
        self.0.upload_async(request.meant()).await.map(SecretSending::of)
    }
}

impl SecretSending {
    fn of(sending: engine::Sending) -> Self {
        Self(Arc::new(sending))
    }

    /// `part`.
    ///
    /// # Errors
    /// As [`engine::Sending::part`]; `policy.input` for what is no base64.
    pub fn part(&self, part: BodyPart) -> Result<PartTaken, Refusal> {
        self.0.part(part.bytes()?).map(|wanted| PartTaken { wanted })
    }

    /// `part`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn part_async(&self, part: BodyPart) -> Result<PartTaken, Refusal> {
        self.0.part_async(part.bytes()?).await.map(|wanted| PartTaken { wanted })
    }

    /// `answer`.
    ///
    /// # Errors
    /// As [`engine::Sending::answer`].
    pub fn answer(&self, _: Nothing) -> Result<SecretAnswer, Refusal> {
        self.0.answer().map(SecretAnswer::of)
    }

    /// `answer`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn answer_async(&self, _: Nothing) -> Result<SecretAnswer, Refusal> {
        self.0.answer_async().await.map(SecretAnswer::of)
    }

    /// `end`.
    ///
    /// # Errors
    /// None.
    pub fn end(&self, _: Nothing) -> Result<Done, Refusal> {
        self.0.end();
        Ok(Done {})
    }
}

impl BodyPart {
    fn bytes(&self) -> Result<Vec<u8>, Refusal> {
        BASE64
            .decode(&self.base64)
            .map_err(|_| Refusal::new(Code::PolicyInput).at("base64").expected("base64 with its padding"))
    }
}

impl SecretUpload {
    fn meant(self) -> Upload {
        let headers = self.headers.into_iter().map(|line| (line.name, line.value.into_bytes())).collect();
        let outgoing = Outgoing { method: self.method, url: self.url, headers };
        Upload { outgoing, length: self.length, patience: self.timeout_seconds.map(Duration::from_secs) }
    }
}
