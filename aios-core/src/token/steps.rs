//! The steps that a token goes through, in their order: once, for verifying and for explaining alike.

use std::sync::Arc;

use super::binding::Confirmation;
use super::check::Presented;
use super::claims::{self, Claims};
use super::compact::Compact;
use super::error::shown;
use super::header::Header;
use super::{Error, Issuer, Issuers, Key, KeySet, Stop, mapping};
use crate::model::{Facts, IssuerName, Timestamp};

macro_rules! steps {
    ($($step:ident $name:literal $sentence:literal;)*) => {
        /// A step. Its name is part of the contract with other languages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Step {
            $(#[doc = $sentence] $step,)*
        }

        impl Step {
            /// Every step, as they are told.
            pub const ALL: &'static [Self] = &[$(Self::$step),*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$step => $name,)* }
            }

            /// What the token needs for it.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$step => $sentence,)* }
            }
        }
    };
}

steps! {
    Form "form" "size, three parts, clean characters";
    Header "header" "a strict header: an algorithm we know, no extension that we do not";
    Claims "claims" "strict claims: no member twice, bounded depth";
    Issuer "issuer" "an issuer we know";
    Key "key" "a key of the issuer's";
    Algorithm "algorithm" "an algorithm that issuer and key use";
    Signature "signature" "a signature that fits the key";
    Type "type" "an access token, and no other kind";
    Audience "audience" "an audience of ours";
    Expiry "expiry" "not over yet";
    Required "required" "the claims that have to be there";
    Validity "validity" "begun already";
    Lifetime "lifetime" "not meant to live longer than allowed";
    Binding "binding" "not bound to its sender, or in a way that we know";
    Subject "subject" "who it speaks of";
    Client "client" "a registered client, where it has to be one";
    Tenant "tenant" "a tenant that issuer and client may speak for";
    Roles "roles" "roles, as the issuer's settings map them";
    Actors "actors" "who acts for the subject";
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
    /// The set that lacks it.
    pub(super) set: Option<&'a KeySet>,
}

/// Takes the steps. What comes out was verified only where `trail` let no error pass.
pub(super) fn walk<T: Trail>(
    token: &str,
    issuers: &Issuers,
    keys: &dyn Fn(&IssuerName) -> Option<Arc<KeySet>>,
    now: Timestamp,
    trail: &mut T,
) -> Result<(Facts, Confirmation), Stop> {
    let parts = trail.needed(Step::Form, Compact::split(token, &issuers.limits))?;
    let header = trail.needed(Step::Header, Header::read(&parts.header, &issuers.limits))?;
    let signature = match parts.signature() {
        Ok(signature) => signature,
        Err(error) => trail.taken(Step::Signature, Err(error), Vec::new())?,
    };
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
        let lack = Lack { issuer: &issuer.name, kid, set: set.as_deref() };
        trail.lacks(lack, || presented.is_plausible(now, &mut Strict::default()).map(drop))?;
    }
    let expires_at = presented.is_acceptable(now, trail)?;
    let confirmation = trail.taken(Step::Binding, Confirmation::of(&claims), Confirmation::default())?;
    let facts = mapping::facts(&presented, expires_at, trail)?;
    Ok((Facts { binding: confirmation.binding(), ..facts }, confirmation))
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
