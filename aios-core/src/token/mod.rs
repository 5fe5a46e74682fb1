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
mod header;
pub mod issuer;
mod json;
mod keys;
mod mapping;
mod preset;
pub mod scope;
mod source;
mod speaks;
mod tenancy;

use std::sync::Arc;

pub use binding::{Nonces, ProofRules, Proven, PublicUrl, Spend, Unproven};
pub use error::Error;
pub use issuer::{ClaimNames, Client, Issuer, Issuers, Limits, Roles, Tenants};
pub use keys::{Dropped, Key, KeySet};
pub use preset::{Preset, is_directory};
pub use source::{KeptKeys, KeySource, KeySourceError};
pub use speaks::Speaks;

use crate::model::{IssuerName, Principal, Realm, Timestamp};
use binding::Confirmation;
use check::Presented;
use claims::Claims;
use compact::Compact;
use error::shown;
use header::Header;

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
    let mut preset = None;
    steps(token, issuers, keys, now, &mut preset).map_err(|stop| stop.advised(issuers, preset))
}

/// The steps in their order; `preset` hears of the issuer's as soon as it is known.
fn steps(
    token: &str,
    issuers: &Issuers,
    keys: &dyn Fn(&IssuerName) -> Option<Arc<KeySet>>,
    now: Timestamp,
    preset: &mut Option<Preset>,
) -> Result<Unproven, Stop> {
    // 1: size, three parts, clean characters
    let parts = Compact::split(token, &issuers.limits)?;
    // 2, 3: header, strictly; an algorithm we know; no extension that we do not
    let header = Header::read(&parts.header, &issuers.limits)?;
    let signature = parts.signature()?;
    // 4: claims, strictly
    let members = claims::read(&parts.payload)?;
    let claims = Claims::of(&members);
    // 5: an issuer we know
    let iss = claims.text("iss")?.ok_or_else(|| claims.missing("iss"))?;
    let issuer = issuers.speaking_as(iss).ok_or_else(|| Error::UnknownIssuer { actual: shown(iss) })?;
    *preset = Some(issuer.preset);
    let presented = Presented { header: &header, claims: &claims, issuer, issuers };
    // 6, 7: its key; only a token that could be accepted may cause a fetch
    let set = keys(&issuer.name);
    let shares_secret = set.as_deref().is_some_and(|set| set.shared().is_some());
    let kid = header.kid.as_deref().or(shares_secret.then_some("")).ok_or(Error::KidMissing)?;
    let Some(Key { key, issuer: whose }) = set.as_deref().and_then(|set| set.find(kid)) else {
        presented.is_plausible(now)?;
        return Err(Stop::Needs(Needs::Keys { issuer: issuer.name.clone(), kid: kid.to_owned() }));
    };
    // 8: signature, by the key's algorithm
    presented.algorithm_is_of(key)?;
    issuer.preset.is_signed_with(&presented, whose.as_deref())?;
    key.verify(parts.signed.as_bytes(), &signature).map_err(|_| Error::BadSignature)?;
    // 9: type, audience, required claims, times
    let expires_at = presented.is_acceptable(now)?;
    // 10: bound to its sender in a way that we know
    let confirmation = Confirmation::of(&claims)?;
    // 11: tenant, roles, actors
    Ok(Unproven::new(mapping::principal(&presented, expires_at, confirmation.binding())?, confirmation))
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
    #[error("verification needs a key that is not at hand")]
    Needs(Needs),
    /// The token is not accepted.
    #[error(transparent)]
    Refused(#[from] Error),
}

impl Stop {
    /// With what users of the provider usually have to do; of any configured one, where it is not known which is meant.
    fn advised(self, issuers: &Issuers, preset: Option<Preset>) -> Self {
        let Self::Refused(error) = self else { return self };
        let advice = match preset {
            Some(preset) => preset.advice(&error),
            None => issuers.issuers.iter().find_map(|issuer| issuer.preset.advice(&error)),
        };
        Self::Refused(match advice {
            Some(hint) => Error::Advised { error: Box::new(error), hint },
            None => error,
        })
    }
}

/// What verification lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    /// A set of this issuer that may hold this key.
    Keys {
        /// The issuer.
        issuer: IssuerName,
        /// The key's id.
        kid: String,
    },
}

impl Needs {
    /// The refusal where what is lacking cannot be had: the issuer publishes no such key.
    #[must_use]
    pub fn into_refusal(self) -> Error {
        match self {
            Self::Keys { kid, .. } => Error::UnknownKey { kid: shown(&kid) },
        }
    }
}

#[cfg(test)]
mod tests;
