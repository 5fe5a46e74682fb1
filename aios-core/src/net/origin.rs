//! Where an issuer's keys come from.

use super::Reach;
use crate::crypto::signature::{Algorithm, VerifyingKey};
use crate::model::IssuerName;

/// One issuer's source of keys.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The issuer's configured name.
    pub issuer: IssuerName,
    /// Exactly what its discovery document must name.
    pub iss: String,
    /// Algorithms its keys may have.
    pub algorithms: Vec<Algorithm>,
    /// Where the keys are.
    pub from: From,
    /// Whether the key server may be at a private address.
    pub allow_private: bool,
    /// Whether it may be on this machine's loopback, and there without TLS.
    pub plaintext_loopback: bool,
}

impl Origin {
    /// What may be asked for its keys.
    #[must_use]
    pub fn reach(&self) -> Reach {
        Reach { private: self.allow_private, loopback: self.plaintext_loopback }
    }
}

/// Where keys are.
#[derive(Debug, Clone)]
pub enum From {
    /// Named by the discovery document at `iss`.
    Discovery,
    /// A JSON Web Key Set, at hand.
    Set(Vec<u8>),
    /// A secret shared with the issuer.
    Shared(VerifyingKey),
    /// A JSON Web Key Set at a URL.
    Url(String),
}
