//! What proves who is asking, as other languages send it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Deserialize;

use super::object;
use crate::model::{self, Code, Refusal};

/// What proves who is asking: an access token, bare, or with what shows that it is its sender's.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Credential {
    /// An access token as it stands after `Authorization: Bearer`.
    Text(String),
    /// The same, named, and what came with it.
    Named(#[serde(deserialize_with = "object::one")] NamedCredential),
}

/// An access token by name, and what came with it.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedCredential {
    /// An access token as it stands after `Authorization: Bearer`, or after `Authorization: DPoP` beside `dpop`.
    pub bearer: String,
    /// What the one header `DPoP` says (RFC 9449), where the token stands after `Authorization: DPoP`. It is used up by the call.
    #[serde(default)]
    pub dpop: Option<String>,
    /// The client's certificate, which TLS has verified: its DER in base64 (RFC 8705).
    #[serde(default)]
    pub certificate: Option<String>,
    /// The request that brought it. Needed beside `dpop`.
    #[serde(default, deserialize_with = "object::maybe")]
    pub request: Option<HttpRequest>,
}

/// An HTTP request as far as proofs name it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpRequest {
    /// Its method, as it was sent.
    pub method: String,
    /// Its path, which is at the configured `public_url`, or its whole URL. Query and fragment do not count.
    pub url: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Credential")
    }
}

impl std::fmt::Debug for NamedCredential {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("NamedCredential")
    }
}

impl TryFrom<Credential> for model::Credential {
    type Error = Refusal;

    /// # Errors
    /// `policy.input` where the certificate is not base64.
    fn try_from(credential: Credential) -> Result<Self, Refusal> {
        let NamedCredential { bearer, dpop, certificate, request } = match credential {
            Credential::Text(bearer) => return Ok(Self::Bearer(bearer)),
            Credential::Named(named) => named,
        };
        if dpop.is_none() && certificate.is_none() {
            return Ok(Self::Bearer(bearer));
        }
        let der = certificate.map(|text| STANDARD.decode(text)).transpose();
        let certificate = der.map_err(|_| {
            Refusal::new(Code::PolicyInput)
                .at("credential.certificate")
                .expected("DER in base64, with its padding")
        })?;
        let request = request.map(|HttpRequest { method, url }| model::HttpRequest { method, url });
        Ok(Self::Bound(Box::new(model::BoundToken { token: bearer, proof: dpop, certificate, request })))
    }
}
