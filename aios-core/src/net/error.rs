//! Why keys could not be fetched.

/// What stood in the way of a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The operator's or an attacker's: the host is at an address that may not be asked.
    #[error("the host is at an address that is not public; set allow_private if it is yours")]
    AddressNotAllowed,
    /// The key server's: more than 512 KiB.
    #[error("the answer is larger than 512 KiB")]
    BodyTooLarge,
    /// The key server's or the network's: no connection, or it broke.
    #[error("the key server cannot be reached")]
    Connect,
    /// The key server's: no discovery document, or one without `jwks_uri`.
    #[error("the discovery document is not one")]
    Discovery,
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
    /// The key server's: anything but 200; redirects are not followed.
    #[error("the key server answers with status {0}")]
    Status(u16),
    /// Ours: the thread for fetches did not start or was stopped, or the system has no root certificates.
    #[error("the fetch could not be made on this machine; check its limits and its root certificates")]
    Stopped,
    /// The key server's: too slow.
    #[error("the key server does not answer in time")]
    Timeout,
    /// The operator's or the issuer's: not a URL that may be fetched.
    #[error("{0}")]
    Url(&'static str),
}

impl From<Error> for crate::model::Refusal {
    fn from(error: Error) -> Self {
        Self::new(crate::model::Code::TokenKeysUnavailable).hint(error.to_string())
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        // Our resolver's own refusal is somewhere behind the connection's failure.
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            if let Some(ours) = inner.downcast_ref::<Self>() {
                return *ours;
            }
            cause = inner.source();
        }
        Self::Connect
    }
}
