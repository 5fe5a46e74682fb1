//! Access tokens: text in, a verified principal out.
//!
//! Own strict reader, because what lenient readers disagree about is what attackers use. Pure: keys and time come in
//! as arguments, and a key that is not at hand goes out as [`Needs`].

mod actors;
mod binding;
mod check;
mod claims;
mod compact;
mod error;
mod explain;
mod header;
mod introspection;
pub mod issuer;
mod json;
mod keys;
mod kinds;
mod mapping;
mod preset;
pub mod scope;
mod source;
mod speaks;
mod steps;
mod tenancy;

use std::sync::Arc;

pub use binding::{Nonces, ProofRules, Proven, PublicUrl, Spend, Unproven};
pub use error::Error;
pub use explain::{End, Explanation, Said, explain};
pub use introspection::{Answer, IntrospectionError, Introspector, Introspects, Question, introspected};
pub use issuer::{ClaimNames, Client, Issuer, Issuers, Limits, Roles, Tenants};
pub use keys::{Dropped, Key, KeySet};
pub use preset::{Preset, is_directory};
pub use source::{KeptKeys, KeySource, KeySourceError};
pub use speaks::Speaks;
pub use steps::Step;

use crate::model::{IssuerName, Principal, Realm, Timestamp};
pub(crate) use error::shown;
use steps::Strict;

/// Verifies an access token; whom it stands for comes out of [`Unproven::proven`], once it is seen to be its sender's.
///
/// `keys` answers with the set at hand and never fetches.
///
/// # Errors
/// [`Stop::Refused`], or [`Stop::Needs`] where a plausible token names a key that is not at hand: fetch it and call
/// again; what the second call needs still is refused by [`Needs::into_refusal`].
pub fn verify(
    token: &str,
    issuers: &Issuers,
    keys: &dyn Fn(&IssuerName) -> Option<Arc<KeySet>>,
    now: Timestamp,
) -> Result<Unproven, Stop> {
    if let Some(issuer) = introspection::reader(token, issuers) {
        return Err(Stop::Needs(Needs::Introspection { issuer: issuer.name.clone() }));
    }
    let mut trail = Strict::default();
    match steps::walk(token, issuers, keys, now, &mut trail) {
        Ok((facts, confirmation)) => Ok(Unproven::new(mapping::principal(facts), confirmation)),
        Err(Stop::Refused(error)) => Err(Stop::Refused(advised(error, issuers, trail.preset))),
        Err(needs @ Stop::Needs(_)) => Err(needs),
    }
}

/// Whether a principal verified before may still be used: by the same engine, before its end.
///
/// # Errors
/// [`Error::ForeignPrincipal`] or [`Error::Expired`].
pub fn still_valid(principal: &Principal, realm: Realm, now: Timestamp) -> Result<(), Error> {
    let facts = principal.view();
    if facts.realm != realm {
        return Err(Error::ForeignPrincipal);
    }
    if now < facts.accepted_until { Ok(()) } else { Err(Error::Expired { at: facts.expires_at }) }
}

/// Why verification ended without a principal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// Something is lacking.
    #[error("verification needs what is not at hand")]
    Needs(Needs),
    /// The token is not accepted.
    #[error(transparent)]
    Refused(#[from] Error),
}

/// An error with what users of the provider usually have to do; of any configured one, where it is not known which is meant.
fn advised(error: Error, issuers: &Issuers, preset: Option<Preset>) -> Error {
    let advice = match preset {
        Some(preset) => preset.advice(&error),
        None => issuers.issuers.iter().find_map(|issuer| issuer.preset.advice(&error)),
    };
    match advice {
        Some(hint) => Error::Advised { error: Box::new(error), hint },
        None => error,
    }
}

/// What verification lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    /// What this issuer says of its opaque token: [`introspected`] goes on from there.
    Introspection {
        /// The issuer.
        issuer: IssuerName,
    },
    /// A set of this issuer that may hold this key.
    Keys {
        /// The issuer.
        issuer: IssuerName,
        /// The key's id.
        kid: String,
    },
}

impl Needs {
    /// The refusal where what is lacking cannot be had: the issuer publishes no such key, or knows no such token.
    #[must_use]
    pub fn into_refusal(self) -> Error {
        match self {
            Self::Introspection { .. } => Error::Inactive,
            Self::Keys { kid, .. } => Error::UnknownKey { kid: shown(&kid) },
        }
    }
}

#[cfg(test)]
mod tests;
