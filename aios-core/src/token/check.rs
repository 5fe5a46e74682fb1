//! What a token must say, besides bearing a signature that fits.

use super::claims::Claims;
use super::error::shown;
use super::header::Header;
use super::steps::{Step, Trail};
use super::{Error, Issuer, Issuers, kinds};
use crate::crypto::signature::VerifyingKey;
use crate::model::Timestamp;

/// A token read but not verified, beside the configuration of the issuer it names.
#[derive(Debug)]
pub(super) struct Presented<'a> {
    pub(super) header: &'a Header,
    pub(super) claims: &'a Claims<'a>,
    pub(super) issuer: &'a Issuer,
    pub(super) issuers: &'a Issuers,
}

impl Presented<'_> {
    /// What must hold before a token may cause a fetch, as if its signature fitted; gives the moment it ends.
    pub(super) fn is_plausible<T: Trail>(&self, now: Timestamp, trail: &mut T) -> Result<Timestamp, Error> {
        trail.taken(Step::Algorithm, self.algorithm_is_allowed(), ())?;
        trail.taken(Step::Type, self.typ_is_expected(), ())?;
        trail.taken(Step::Type, kinds::is_for_access(self), ())?;
        self.is_ours(now, trail)
    }

    /// All that a verified token must say; gives the moment it ends.
    pub(super) fn is_acceptable<T: Trail>(&self, now: Timestamp, trail: &mut T) -> Result<Timestamp, Error> {
        let expires_at = self.is_plausible(now, trail)?;
        trail.taken(Step::Required, self.required_claims_are_there(|_| true), ())?;
        self.is_in_its_time(now, expires_at, trail)
    }

    /// All that an issuer must say of an opaque token. It need not name itself: it is asked by its own address.
    pub(super) fn is_vouched_for<T: Trail>(&self, now: Timestamp, trail: &mut T) -> Result<Timestamp, Error> {
        let expires_at = self.is_ours(now, trail)?;
        trail.taken(Step::Required, self.required_claims_are_there(|name| name != "iss"), ())?;
        self.is_in_its_time(now, expires_at, trail)
    }

    fn is_ours<T: Trail>(&self, now: Timestamp, trail: &mut T) -> Result<Timestamp, Error> {
        trail.taken(Step::Type, self.issuer.preset.admits(self), ())?;
        trail.taken(Step::Audience, self.audience_is_ours(), ())?;
        // Where none is named, it is over long ago and lived for no time.
        let ends =
            trail.taken(Step::Expiry, self.claims.required_moment("exp"), Timestamp::from_seconds(0))?;
        trail.taken(Step::Expiry, self.is_not_over(ends, now), ())?;
        Ok(ends)
    }

    fn is_in_its_time<T: Trail>(
        &self,
        now: Timestamp,
        expires_at: Timestamp,
        trail: &mut T,
    ) -> Result<Timestamp, Error> {
        let issued_at = trail.taken(Step::Validity, self.has_begun(now), None)?;
        trail.taken(Step::Lifetime, self.lives_no_longer(expires_at, issued_at.unwrap_or(now)), ())?;
        Ok(expires_at)
    }

    /// The algorithm is the key's, whatever the header says; a header that says another lies.
    pub(super) fn algorithm_is_of(&self, key: &VerifyingKey) -> Result<(), Error> {
        self.algorithm_is_allowed()?;
        if self.header.algorithm == key.algorithm() { Ok(()) } else { Err(self.wrong_algorithm()) }
    }

    fn algorithm_is_allowed(&self) -> Result<(), Error> {
        let is_allowed = self.issuer.algorithms.contains(&self.header.algorithm);
        if is_allowed { Ok(()) } else { Err(self.wrong_algorithm()) }
    }

    fn wrong_algorithm(&self) -> Error {
        Error::AlgNotAllowed { actual: self.header.algorithm.name().to_owned() }
    }

    fn typ_is_expected(&self) -> Result<(), Error> {
        let given = self.header.typ.as_deref().map(without_prefix);
        let expected = &self.issuer.typ;
        let is_expected = match given {
            None => expected.is_empty() || expected.iter().any(String::is_empty),
            Some(given) if expected.is_empty() => given.eq_ignore_ascii_case("jwt"),
            Some(given) => expected.iter().any(|typ| typ.eq_ignore_ascii_case(given)),
        };
        if is_expected {
            return Ok(());
        }
        let expected = if expected.is_empty() { "JWT".to_owned() } else { expected.join(" ") };
        Err(Error::WrongType { expected, actual: shown(given.unwrap_or_default()) })
    }

    fn audience_is_ours(&self) -> Result<(), Error> {
        if self.issuer.preset.is_without_audience() && !self.claims.has("aud") {
            return Ok(());
        }
        let given = self.claims.audience()?;
        let ours = &self.issuers.audience;
        if given.iter().any(|name| ours.iter().any(|our| our == name)) {
            return Ok(());
        }
        Err(Error::WrongAudience { expected: ours.join(" "), actual: shown(&given.join(" ")) })
    }

    fn is_not_over(&self, at: Timestamp, now: Timestamp) -> Result<(), Error> {
        if now < at.plus_seconds(self.issuer.leeway_seconds) { Ok(()) } else { Err(Error::Expired { at }) }
    }

    /// Gives when it was issued, where it says so.
    fn has_begun(&self, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let latest = now.plus_seconds(self.issuer.leeway_seconds);
        let issued_at = self.claims.moment("iat")?;
        let starts = [self.claims.moment("nbf")?, issued_at].into_iter().flatten().find(|at| *at > latest);
        starts.map_or(Ok(issued_at), |at| Err(Error::NotYetValid { at }))
    }

    fn lives_no_longer(&self, expires_at: Timestamp, since: Timestamp) -> Result<(), Error> {
        let limit_seconds = self.issuer.max_lifetime_seconds;
        let is_short = expires_at <= since.plus_seconds(limit_seconds);
        if is_short { Ok(()) } else { Err(Error::LifetimeTooLong { limit_seconds }) }
    }

    fn required_claims_are_there(&self, counts: impl Fn(&str) -> bool) -> Result<(), Error> {
        let mut required = self.issuer.required.iter().filter(|name| counts(name));
        let Some(missing) = required.find(|name| !self.claims.has(name)) else {
            return Ok(());
        };
        let is_tenant = self.issuer.claims.tenant.as_ref() == Some(missing);
        if is_tenant {
            Err(Error::TenantMissing { claim: missing.clone() })
        } else {
            Err(self.claims.missing(missing))
        }
    }
}

/// RFC 7515 section 4.1.9: a type without a slash stands for `application/` and itself.
fn without_prefix(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => typ,
    }
}
