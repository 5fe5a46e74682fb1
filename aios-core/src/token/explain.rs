//! How verification would end, step by step, and what would have to change: beyond the first mistake, and without fetching.

use std::sync::Arc;

use super::claims::{self, Claims};
use super::compact::Compact;
use super::error::shown;
use super::header::Header;
use super::json::Members;
use super::steps::{Lack, Step, Trail, walk};
use super::{Error, Issuer, Issuers, KeySet, Nonces, Preset, ProofRules, Stop, advised, introspection};
use crate::model::{Credential, Facts, IssuerName, Timestamp};

/// What became of each step. None of it is a proof.
#[derive(Debug)]
pub struct Explanation {
    /// Every step, in order.
    pub steps: Vec<(Step, End)>,
    /// What verification would refuse with: the first mistake in its order.
    pub refusal: Option<Error>,
    /// What the token says of itself, true or not.
    pub said: Option<Said>,
    /// Whether the signature held, so that what the token says is its issuer's word.
    pub is_verified: bool,
    /// What it would stand for.
    pub facts: Option<Facts>,
    /// The claim from which the tenant comes, where the settings name one.
    pub tenant_claim: Option<String>,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It holds.
    Passed,
    /// It does not.
    Failed(Error),
    /// It takes a key that is not at hand.
    Lacking,
    /// An earlier one ended it all.
    NotTaken,
}

/// What a token says of itself, as far as refusals may show it: cut and escaped.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Said {
    /// `alg` of the header.
    pub alg: Option<String>,
    /// `kid` of the header.
    pub kid: Option<String>,
    /// `typ` of the header.
    pub typ: Option<String>,
    /// `iss`.
    pub iss: Option<String>,
    /// `aud`.
    pub aud: Vec<String>,
    /// `typ` of the claims.
    pub payload_typ: Option<String>,
    /// `iat`.
    pub iat: Option<Timestamp>,
    /// `nbf`.
    pub nbf: Option<Timestamp>,
    /// `exp`.
    pub exp: Option<Timestamp>,
    /// The names of all claims, sorted.
    pub names: Vec<String>,
}

/// Takes the steps of [`super::verify`] and goes on where a mistake lets it. `keys` answers with the set at hand. A proof that
/// comes with the token is looked at and not used up.
#[must_use]
pub fn explain(
    credential: &Credential,
    (issuers, rules, nonces): (&Issuers, &ProofRules, Option<&Nonces<'_>>),
    keys: &dyn Fn(&IssuerName) -> Option<Arc<KeySet>>,
    now: Timestamp,
) -> Explanation {
    let token = credential.token();
    if let Some(issuer) = introspection::reader(token, issuers) {
        return opaque(issuer);
    }
    let mut notes = Notes::default();
    let facts = walk(token, issuers, keys, now, &mut notes).ok().map(|(facts, confirmation)| {
        notes.note(Step::Binding, &confirmation.shown_by(credential, (rules, nonces), now));
        facts
    });
    let issuer = facts.as_ref().and_then(|facts| issuers.named(&facts.issuer));
    let advise = |error: Error| advised(error, issuers, notes.preset);
    let end = |step| match notes.end(step) {
        End::Failed(error) => End::Failed(advise(error)),
        other @ (End::Passed | End::Lacking | End::NotTaken) => other,
    };
    Explanation {
        steps: Step::ALL.iter().map(|step| (*step, end(*step))).collect(),
        refusal: notes.first.clone().map(advise),
        said: said(token, issuers),
        is_verified: BY_THE_ISSUER.iter().all(|step| notes.end(*step) == End::Passed),
        tenant_claim: issuer.and_then(|issuer| issuer.claims.tenant.clone()),
        facts,
    }
}

/// An opaque token says nothing by itself, and nobody is asked here.
fn opaque(issuer: &Issuer) -> Explanation {
    let end = |step| if step == Step::Claims { End::Lacking } else { End::NotTaken };
    Explanation {
        steps: Step::ALL.iter().map(|step| (*step, end(*step))).collect(),
        refusal: None,
        said: None,
        is_verified: false,
        tenant_claim: issuer.claims.tenant.clone(),
        facts: None,
    }
}

/// What makes a token its issuer's word.
const BY_THE_ISSUER: [Step; 3] = [Step::Key, Step::Algorithm, Step::Signature];

/// An explanation's trail: it goes on after a mistake, with what is left.
#[derive(Debug, Default)]
struct Notes {
    ends: Vec<(Step, End)>,
    first: Option<Error>,
    preset: Option<Preset>,
}

impl Notes {
    /// The worst that was noted of a step.
    fn end(&self, step: Step) -> End {
        let of_step = || self.ends.iter().filter(|(noted, _)| *noted == step).map(|(_, end)| end);
        let failed = of_step().find(|end| matches!(end, End::Failed(_)));
        let lacking = || of_step().find(|end| **end == End::Lacking);
        failed.or_else(lacking).or_else(|| of_step().next()).cloned().unwrap_or(End::NotTaken)
    }

    fn note<T>(&mut self, step: Step, end: &Result<T, Error>) {
        let error = end.as_ref().err();
        if self.first.is_none() {
            self.first = error.cloned();
        }
        self.ends.push((step, error.map_or(End::Passed, |error| End::Failed(error.clone()))));
    }
}

impl Trail for Notes {
    fn speaks(&mut self, issuer: &Issuer) {
        self.preset = Some(issuer.preset);
    }

    fn needed<T>(&mut self, step: Step, end: Result<T, Error>) -> Result<T, Error> {
        self.note(step, &end);
        end
    }

    fn taken<T>(&mut self, step: Step, end: Result<T, Error>, otherwise: T) -> Result<T, Error> {
        self.note(step, &end);
        Ok(end.unwrap_or(otherwise))
    }

    fn lacks(&mut self, lack: Lack<'_>, gate: impl FnOnce() -> Result<(), Error>) -> Result<(), Stop> {
        self.ends.push((Step::Signature, End::Lacking));
        if lack.set.is_none() {
            self.ends.push((Step::Key, End::Lacking));
            return Ok(());
        }
        let unknown = Error::UnknownKey { kid: shown(lack.kid) };
        // Verification looks for a key only where the gate lets it; what the gate says, the claims' own steps say below.
        if self.first.is_none() && gate().is_ok() {
            self.first = Some(unknown.clone());
        }
        self.ends.push((Step::Key, End::Failed(unknown)));
        Ok(())
    }
}

/// What can be read without believing it.
fn said(token: &str, issuers: &Issuers) -> Option<Said> {
    let parts = Compact::split(token, &issuers.limits).ok()?;
    let header = Header::read(&parts.header, &issuers.limits).ok();
    let header = header.map(|header| Said {
        alg: Some(header.algorithm.name().to_owned()),
        kid: header.kid.as_deref().map(shown),
        typ: header.typ.as_deref().map(shown),
        ..Said::default()
    });
    let payload = claims::read(&parts.payload).ok();
    Some(payload.iter().fold(header.unwrap_or_default(), with_claims))
}

fn with_claims(header: Said, members: &Members<'_>) -> Said {
    let claims = Claims::of(members);
    let text = |name| claims.text(name).ok().flatten().map(shown);
    let moment = |name| claims.moment(name).ok().flatten();
    let audience = claims.audience().unwrap_or_default();
    let mut names: Vec<_> = claims.names().map(shown).collect();
    names.sort_unstable();
    Said {
        iss: text("iss"),
        aud: audience.into_iter().map(shown).collect(),
        payload_typ: text("typ"),
        iat: moment("iat"),
        nbf: moment("nbf"),
        exp: moment("exp"),
        names,
        ..header
    }
}
