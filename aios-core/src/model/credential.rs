//! What proves who is asking: a token, and what shows that it is its sender's.

/// Something that proves who is asking. `Debug` shows only its kind.
#[derive(Clone)]
pub enum Credential {
    /// An access token as it stands after `Authorization: Bearer`.
    Bearer(String),
    /// An access token with what shows that whoever sent it may use it.
    Bound(Box<BoundToken>),
}

/// An access token and what came with it. What the token is not bound to has to be left out, but for the certificate.
#[derive(Clone, Default)]
pub struct BoundToken {
    /// The access token as it stands after `Authorization: DPoP`, or after `Authorization: Bearer` where no proof came.
    pub token: String,
    /// What the one header `DPoP` says (RFC 9449 section 4).
    pub proof: Option<String>,
    /// The client's certificate in DER, which the host's TLS has verified (RFC 8705 section 3).
    pub certificate: Option<Vec<u8>>,
    /// The request that brought it. A proof is for one request, so it must be there beside a proof.
    pub request: Option<HttpRequest>,
}

/// An HTTP request as far as proofs name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// Its method, as it was sent.
    pub method: String,
    /// Its URL, or its path alone, which stands for that path at the configured `public_url`. Query and fragment do not
    /// count.
    pub url: String,
}

impl Credential {
    /// An access token as it stands after `Authorization: DPoP`, the header `DPoP`, and the request that brought both.
    pub fn dpop(
        token: impl Into<String>,
        proof: impl Into<String>,
        method: impl Into<String>,
        url: impl Into<String>,
    ) -> Self {
        Self::Bound(Box::new(BoundToken {
            token: token.into(),
            proof: Some(proof.into()),
            certificate: None,
            request: Some(HttpRequest { method: method.into(), url: url.into() }),
        }))
    }

    /// The same, sent over a connection on which the client showed this certificate, in DER.
    ///
    /// # Security
    /// It proves something only where TLS verified that the client has its key. A header that names a certificate proves
    /// nothing, unless a proxy of yours sets it and strangers' are taken away.
    #[must_use]
    pub fn with_certificate(self, certificate: impl Into<Vec<u8>>) -> Self {
        let mut bound = match self {
            Self::Bearer(token) => Box::new(BoundToken { token, ..BoundToken::default() }),
            Self::Bound(bound) => bound,
        };
        bound.certificate = Some(certificate.into());
        Self::Bound(bound)
    }

    /// The access token.
    #[must_use]
    pub fn token(&self) -> &str {
        match self {
            Self::Bearer(token) => token,
            Self::Bound(bound) => &bound.token,
        }
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Bearer(_) => "Bearer",
            Self::Bound(_) => "Bound",
        })
    }
}

impl std::fmt::Debug for BoundToken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("BoundToken")
    }
}
