//! Where an issuer's keys come from.

use super::{Destination, Error, Purpose, Reach};
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

impl Origin {
    /// Whom to ask for its keys first; nobody where they are at hand.
    pub(super) fn destination(&self) -> Result<Option<Destination>, Error> {
        let at = |purpose, url| Destination::at(self.issuer.as_str(), purpose, url, self.reach());
        Ok(match &self.from {
            From::Discovery => Some(at(Purpose::Discovery, &self.iss)?.leading_to(Purpose::Keys)),
            From::Set(_) | From::Shared(_) => None,
            From::Url(url) => Some(at(Purpose::Keys, url)?),
        })
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
