//! Why nothing came.

/// What stood in the way of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The operator's or an attacker's: the host is at an address that may not be asked.
    #[error("the host is at an address that is not public; set allow_private if it is yours")]
    AddressNotAllowed,
    /// The operator's: not certificates, or none.
    #[error("holds no certificates, or something else besides")]
    Authorities,
    /// The server's: more than may come.
    #[error("the answer is too large")]
    BodyTooLarge,
    /// Ours: too many are asked at once.
    #[error("too many questions are under way")]
    Busy,
    /// The server's or the operator's: a certificate that nobody trusted vouches for, or for something else.
    #[error("the server's certificate {0}")]
    Certificate(&'static str),
    /// The server's or the network's: no connection, or it broke.
    #[error("the server cannot be reached")]
    Connect,
    /// The server's: not what was asked for.
    #[error("the answer is not application/json")]
    ContentType,
    /// The key server's: no discovery document, or one without `jwks_uri`.
    #[error("the discovery document is not one")]
    Discovery,
    /// The server's: packed, though it was asked not to be, so that nobody can look for the secret in it.
    #[error("the answer is packed, though the server was asked for one that is not")]
    Encoded,
    /// The issuer's: not what RFC 7662 has an issuer say.
    #[error("the answer does not say whether the token is active")]
    Introspection,
    /// The issuer's: the discovery document names another issuer.
    #[error("the discovery document names another issuer than `iss`")]
    IssuerMismatch,
    /// The key server's: not a JSON Web Key Set.
    #[error("the key set is not one")]
    KeySet,
    /// The operator's or the network's: the host has no address.
    #[error("the host's name does not resolve")]
    NameNotFound,
    /// The key server's: a key set without a key for the issuer's algorithms.
    #[error("the key set holds no key for the issuer's algorithms")]
    NoKeys,
    /// Ours: nobody registered whom this call asks.
    #[error("the destination is not registered")]
    NotRegistered,
    /// The proxy's or the server's: no connection through it.
    #[error("the server cannot be reached through the proxy")]
    Proxied,
    /// The server's: anything but 200; redirects are not followed.
    #[error("the server answers with status {0}")]
    Status(u16),
    /// Ours: the thread for fetches did not start or was stopped, or the system has no root certificates.
    #[error("the fetch could not be made on this machine; check its limits and its root certificates")]
    Stopped,
    /// The server's: too slow.
    #[error("the server does not answer in time")]
    Timeout,
    /// The server's: no TLS, or none from version 1.2 on.
    #[error("the server and AIOS agree on no version of TLS")]
    Tls,
    /// The operator's or the issuer's: not a URL that may be asked.
    #[error("{0}")]
    Url(&'static str),
}

impl From<Error> for crate::model::Refusal {
    fn from(error: Error) -> Self {
        Self::new(crate::model::Code::TokenKeysUnavailable).hint(error.to_string())
    }
}
