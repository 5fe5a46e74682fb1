//! The steps that a token goes through, in their order: once, for verifying and for explaining alike.

use std::sync::Arc;

use super::check::Presented;
use super::claims::{self, Claims};
use super::compact::Compact;
use super::error::shown;
use super::header::Header;
use super::{Error, Issuer, Issuers, Key, KeySet, Stop, mapping};
use crate::model::{Facts, IssuerName, Timestamp};

/// A step. Its name is part of the contract with other languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Size, three parts, clean characters.
    Form,
    /// The header, strictly: an algorithm we know, no extension that we do not.
    Header,
    /// The claims, strictly: no member twice, bounded depth.
    Claims,
    /// An issuer we know.
    Issuer,
    /// The issuer's key of this id.
    Key,
    /// An algorithm that issuer and key use.
    Algorithm,
    /// The signature, by the key's algorithm.
    Signature,
    /// An access token, and no other kind.
    Type,
    /// An audience of ours.
    Audience,
    /// Not over yet.
    Expiry,
    /// The claims that the issuer's settings require.
    Required,
    /// Begun already.
    Validity,
    /// Not meant to live longer than the issuer's settings allow.
    Lifetime,
    /// Not bound to a key without proof of it.
    Binding,
    /// Who it speaks of.
    Subject,
    /// A registered client, where it has to be one.
    Client,
    /// A tenant that issuer and client speak for.
    Tenant,
    /// The roles, as the issuer's settings map them.
    Roles,
    /// Who acts for the subject.
    Actors,
}

impl Step {
    /// Every step, as they are told.
    pub const ALL: [Self; 19] = [
        Self::Form,
        Self::Header,
        Self::Claims,
        Self::Issuer,
        Self::Key,
        Self::Algorithm,
        Self::Signature,
        Self::Type,
        Self::Audience,
        Self::Expiry,
        Self::Required,
        Self::Validity,
        Self::Lifetime,
        Self::Binding,
        Self::Subject,
        Self::Client,
        Self::Tenant,
        Self::Roles,
        Self::Actors,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Header => "header",
            Self::Claims => "claims",
            Self::Issuer => "issuer",
            Self::Key => "key",
            Self::Algorithm => "algorithm",
            Self::Signature => "signature",
            Self::Type => "type",
            Self::Audience => "audience",
            Self::Expiry => "expiry",
            Self::Required => "required",
            Self::Validity => "validity",
            Self::Lifetime => "lifetime",
            Self::Binding => "binding",
            Self::Subject => "subject",
            Self::Client => "client",
            Self::Tenant => "tenant",
            Self::Roles => "roles",
            Self::Actors => "actors",
        }
    }
}

/// Hears how each step ends, and decides whether the next one is taken.
pub(super) trait Trail {
    /// Whose token it is, as soon as that is known.
    fn speaks(&mut self, issuer: &Issuer);

    /// The end of a step that the later ones build on.
    fn needed<T>(&mut self, step: Step, end: Result<T, Error>) -> Result<T, Error>;

    /// The end of a step that the later ones can do without. An error that is given back ends the walk.
    fn taken<T>(&mut self, step: Step, end: Result<T, Error>, otherwise: T) -> Result<T, Error>;

    /// The key is not at hand; `gate` tells whether the token is worth a fetch.
    fn lacks(&mut self, lack: Lack<'_>, gate: impl FnOnce() -> Result<(), Error>) -> Result<(), Stop>;
}

/// What is not at hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lack<'a> {
    pub(super) issuer: &'a IssuerName,
    pub(super) kid: &'a str,
}

/// Takes the steps. What comes out was verified only where `trail` let no error pass.
pub(super) fn walk<T: Trail>(
    token: &str,
    issuers: &Issuers,
    keys: &dyn Fn(&IssuerName) -> Option<Arc<KeySet>>,
    now: Timestamp,
    trail: &mut T,
) -> Result<Facts, Stop> {
    let parts = trail.needed(Step::Form, Compact::split(token, &issuers.limits))?;
    let header = trail.needed(Step::Header, Header::read(&parts.header, &issuers.limits))?;
    let signature = trail.taken(Step::Signature, parts.signature(), Vec::new())?;
    let members = trail.needed(Step::Claims, claims::read(&parts.payload))?;
    let claims = Claims::of(&members);
    let issuer = trail.needed(Step::Issuer, speaking(&claims, issuers))?;
    trail.speaks(issuer);
    let presented = Presented { header: &header, claims: &claims, issuer, issuers };
    let set = keys(&issuer.name);
    let shares_secret = set.as_deref().is_some_and(|set| set.shared().is_some());
    let kid = header.kid.as_deref().or(shares_secret.then_some("")).ok_or(Error::KidMissing);
    let kid = trail.taken(Step::Key, kid, "")?;
    if let Some(Key { key, issuer: whose }) = set.as_deref().and_then(|set| set.find(kid)) {
        trail.taken(Step::Algorithm, presented.algorithm_is_of(key), ())?;
        trail.taken(Step::Key, issuer.preset.is_signed_with(&presented, whose.as_deref()), ())?;
        let fits = key.verify(parts.signed.as_bytes(), &signature).map_err(|_| Error::BadSignature);
        trail.taken(Step::Signature, fits, ())?;
    } else {
        // Only a token that could be accepted may cause a fetch.
        let lack = Lack { issuer: &issuer.name, kid };
        trail.lacks(lack, || presented.is_plausible(now, &mut Strict::default()).map(drop))?;
    }
    let expires_at = presented.is_acceptable(now, trail)?;
    trail.taken(Step::Binding, presented.is_bearer(), ())?;
    Ok(mapping::facts(&presented, expires_at, trail)?)
}

fn speaking<'a>(claims: &Claims<'_>, issuers: &'a Issuers) -> Result<&'a Issuer, Error> {
    let iss = claims.text("iss")?.ok_or_else(|| claims.missing("iss"))?;
    issuers.speaking_as(iss).ok_or_else(|| Error::UnknownIssuer { actual: shown(iss) })
}

/// Verification's trail: the first error ends it.
#[derive(Debug, Default)]
pub(super) struct Strict {
    pub(super) preset: Option<super::Preset>,
}

impl Trail for Strict {
    fn speaks(&mut self, issuer: &Issuer) {
        self.preset = Some(issuer.preset);
    }

    fn needed<T>(&mut self, _: Step, end: Result<T, Error>) -> Result<T, Error> {
        end
    }

    fn taken<T>(&mut self, _: Step, end: Result<T, Error>, _: T) -> Result<T, Error> {
        end
    }

    fn lacks(&mut self, lack: Lack<'_>, gate: impl FnOnce() -> Result<(), Error>) -> Result<(), Stop> {
        gate()?;
        Err(Stop::Needs(super::Needs::Keys { issuer: lack.issuer.clone(), kid: lack.kid.to_owned() }))
    }
}
