//! Credentials that are used and never seen: the handles of a secret's use and of an answer, and their plain data.
//!
//! Bytes cross as base64, because requests and answers are JSON where a language has nothing better.
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

use super::handles::{Permit, Vault};
use super::object;
use super::secret_wire::{NamedSecret, reference};
use super::views::Done;
use super::wire::Nothing;
use crate::engine::vault::{self as engine, Fetch};
use crate::model::{Code, Refusal};
use crate::vault::Outgoing;

/// A secret that requests may carry, each of which is decided anew.
#[derive(Clone, Debug)]
pub struct SecretUse(pub(super) engine::SecretUse);

/// An answer to a request that carried a secret; its body comes part by part.
#[derive(Clone, Debug)]
pub struct SecretAnswer(Arc<engine::Answer>);

/// What a permit's holder calls a secret.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialName {
    /// `namespace/name`, a name of the namespace `default`, or a reference; with `@version` behind it or not.
    pub name: String,
}

/// A request that is to carry a secret.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretFetch {
    /// The method in upper case.
    pub method: String,
    /// `https://host[:port]/path[?query]`, spelled as it is sent.
    pub url: String,
    /// What stands where credentials go, and what is the connection's own, is left out.
    #[serde(default, deserialize_with = "object::many")]
    pub headers: Vec<HeaderLine>,
    /// The body as text; left out: none.
    #[serde(default)]
    pub body: Option<String>,
    /// The body as base64, in place of text.
    #[serde(default)]
    pub body_base64: Option<String>,
    /// How long the server may be silent, 1 to 3600; left out: 600.
    #[serde(default)]
    pub timeout_seconds: Option<u64>,
}

/// A header.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeaderLine {
    /// Its name; in lower case in answers.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Which secret may be used.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SecretUseView {
    /// Its reference; without version: whichever is current when it is used.
    pub reference: String,
}

/// What an answer begins with.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AnswerHead {
    /// The status, three digits.
    pub status: u16,
    /// The headers, without the secret and without those of the connection. Bytes that are no UTF-8 are replaced.
    pub headers: Vec<HeaderLine>,
    /// The version of the secret that went along.
    pub reference: String,
    /// Whether the server rejects the credential (401 and 403).
    pub rejected: bool,
}

/// A part of an answer's body.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AnswerPart {
    /// Bytes as base64, without the secret; none at the body's end.
    pub base64: Option<String>,
}

impl Permit {
    /// `credential`.
    ///
    /// # Errors
    /// As [`crate::Permit::credential`].
    pub fn credential(&self, request: CredentialName) -> Result<SecretUse, Refusal> {
        self.0.credential(&request.name).map(SecretUse)
    }

    /// `credential`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn credential_async(&self, request: CredentialName) -> Result<SecretUse, Refusal> {
        self.0.credential_async(&request.name).await.map(SecretUse)
    }
}

impl Vault {
    /// `client`.
    ///
    /// # Errors
    /// As [`engine::Vault::client`].
    pub fn client(&self, named: NamedSecret) -> Result<SecretUse, Refusal> {
        self.vault.client(self.who(named.credential)?, &reference(&named.reference)?).map(SecretUse)
    }

    /// `client`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn client_async(&self, named: NamedSecret) -> Result<SecretUse, Refusal> {
        let (who, at) = (self.who(named.credential)?, reference(&named.reference)?);
        self.vault.client_async(who, &at).await.map(SecretUse)
    }
}

impl SecretUse {
    /// `view`.
    ///
    /// # Errors
    /// None.
    pub fn view(&self, _: Nothing) -> Result<SecretUseView, Refusal> {
        Ok(SecretUseView { reference: self.0.reference().to_string() })
    }

    /// `fetch`.
    ///
    /// # Errors
    /// As [`engine::SecretUse::fetch`].
    pub fn fetch(&self, request: SecretFetch) -> Result<SecretAnswer, Refusal> {
        self.0.fetch(request.meant()?).map(SecretAnswer::of)
    }

    /// `fetch`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn fetch_async(&self, request: SecretFetch) -> Result<SecretAnswer, Refusal> {
        self.0.fetch_async(request.meant()?).await.map(SecretAnswer::of)
    }
}

impl SecretAnswer {
    pub(super) fn of(answer: engine::Answer) -> Self {
        Self(Arc::new(answer))
    }

    /// `head`.
    ///
    /// # Errors
    /// None.
    pub fn head(&self, _: Nothing) -> Result<AnswerHead, Refusal> {
        let line = |(name, value): &(String, Vec<u8>)| HeaderLine {
            name: name.clone(),
            value: String::from_utf8_lossy(value).into_owned(),
        };
        Ok(AnswerHead {
            status: self.0.status(),
            headers: self.0.headers().iter().map(line).collect(),
            reference: self.0.reference().to_string(),
            rejected: self.0.is_rejection(),
        })
    }

    /// `next`.
    ///
    /// # Errors
    /// As [`engine::Answer::next`].
    pub fn next(&self, _: Nothing) -> Result<AnswerPart, Refusal> {
        self.0.next().map(AnswerPart::of)
    }

    /// `next`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn next_async(&self, _: Nothing) -> Result<AnswerPart, Refusal> {
        self.0.next_async().await.map(AnswerPart::of)
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

impl AnswerPart {
    fn of(bytes: Option<Vec<u8>>) -> Self {
        Self { base64: bytes.map(|bytes| BASE64.encode(bytes)) }
    }
}

impl SecretFetch {
    fn meant(self) -> Result<Fetch, Refusal> {
        let wrong = |expected: &str| Refusal::new(Code::PolicyInput).at("body_base64").expected(expected);
        let body = match (self.body, self.body_base64) {
            (text, None) => text.unwrap_or_default().into_bytes(),
            (None, Some(text)) => BASE64.decode(text).map_err(|_| wrong("base64 with its padding"))?,
            (Some(_), Some(_)) => return Err(wrong("nothing beside a body as text")),
        };
        let headers = self.headers.into_iter().map(|line| (line.name, line.value.into_bytes())).collect();
        let outgoing = Outgoing { method: self.method, url: self.url, headers };
        Ok(Fetch { outgoing, body, patience: self.timeout_seconds.map(Duration::from_secs) })
    }
}
