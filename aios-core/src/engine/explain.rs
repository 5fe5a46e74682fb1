//! Why a token would be refused, step by step, for the host: nothing is fetched, recorded or proved.

use std::sync::Arc;

use super::Aios;
use super::live::Live;
use crate::model::{Code, Credential, Facts, IssuerName, Refusal, Wait};
use crate::token::{self, End, KeySet, Said};

/// How verification would end now, and what would have to change. None of it is a proof.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// How it would end.
    pub verdict: Verdict,
    /// What it would be refused with: the first mistake in verification's order.
    pub refusal: Option<Refusal>,
    /// Whether the signature held: if not, all that follows is what anybody could have written.
    pub is_verified: bool,
    /// Every step, in order.
    pub steps: Vec<ExplainedStep>,
    /// What the token says of itself, cut and escaped.
    pub said: Option<Said>,
    /// What it would stand for.
    pub mapped: Option<Mapped>,
}

/// How a verification would end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// With a principal.
    Accepted,
    /// With a refusal.
    Refused,
    /// It takes what is not at hand.
    Unknown,
}

/// A step, and how it ended.
#[derive(Clone, Debug)]
pub struct ExplainedStep {
    /// Its stable name.
    pub name: &'static str,
    /// What the token needs for it.
    pub about: &'static str,
    /// How it ended.
    pub outcome: StepOutcome,
    /// What is wrong and what to do, where it failed.
    pub refusal: Option<Refusal>,
    /// What is lacking, where it could not be taken.
    pub lacking: Option<&'static str>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepOutcome {
    /// It does not hold.
    Failed,
    /// It holds.
    Passed,
    /// An earlier step ended it all.
    Skipped,
    /// It takes what is not at hand.
    Unknown,
}

/// What a token would stand for, as far as the settings make it: not whom.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// The issuer's configured name.
    pub issuer: String,
    /// The claim from which the tenant comes, where the settings name one.
    pub tenant_claim: Option<String>,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// What the subject is.
    pub kind: crate::model::Kind,
    /// AIOS roles.
    pub roles: Vec<String>,
}

impl Aios {
    /// Why a token would be refused: the steps of verification, with the keys at hand, past the first mistake. Nothing is
    /// fetched, recorded or counted, and the answer proves nothing.
    ///
    /// For the host, not for whoever sent the token: it tells how this engine is set up, and whether somebody is revoked.
    ///
    /// # Errors
    /// `engine.closed`. A refusal is an answer here.
    pub fn explain_token(&self, credential: &Credential) -> Result<Explanation, Refusal> {
        let live = self.0.live()?;
        let rules = (&self.0.settings.issuers, &self.0.settings.proofs);
        let now = self.0.clock().now();
        let found = token::explain(credential, rules, &|issuer| self.at_hand(&live, issuer), now);
        let mut steps: Vec<_> = found.steps.into_iter().map(|(step, end)| told(step, end)).collect();
        steps.push(revocation(&live, found.facts.as_ref()));
        let late = steps.last().and_then(|step| step.refusal.clone());
        let refusal = found.refusal.map(Refusal::from).or(late);
        let is_unknown = steps.iter().any(|step| step.outcome == StepOutcome::Unknown);
        let verdict = match (&refusal, is_unknown) {
            (Some(_), _) => Verdict::Refused,
            (None, true) => Verdict::Unknown,
            (None, false) => Verdict::Accepted,
        };
        let mapped = found.facts.map(|facts| Mapped {
            issuer: facts.issuer.to_string(),
            tenant_claim: found.tenant_claim,
            tenant_id: facts.tenant_id.map(|tenant| tenant.to_string()),
            kind: facts.kind,
            roles: facts.roles.iter().map(|role| token::shown(role)).collect(),
        });
        Ok(Explanation { verdict, refusal, is_verified: found.is_verified, steps, said: found.said, mapped })
    }

    /// The issuer's set, without any fetch: asking for one that was fetched may start another, ahead of its end.
    fn at_hand(&self, live: &Live, issuer: &IssuerName) -> Option<Arc<KeySet>> {
        let Some(kept) = live.keys.kept().into_iter().find(|kept| kept.issuer == *issuer) else {
            return live.keys.known(issuer);
        };
        let algorithms = &self.0.settings.issuers.named(issuer)?.algorithms;
        KeySet::from_jwks(&kept.document, algorithms).ok().map(Arc::new)
    }
}

fn told(step: token::Step, end: End) -> ExplainedStep {
    let (outcome, refusal, lacking) = match end {
        End::Passed => (StepOutcome::Passed, None, None),
        End::Failed(error) => (StepOutcome::Failed, Some(error.into()), None),
        End::Lacking => (StepOutcome::Unknown, None, Some("keys not at hand")),
        End::NotTaken => (StepOutcome::Skipped, None, None),
    };
    ExplainedStep { name: step.name(), about: step.sentence(), outcome, refusal, lacking }
}

/// Whether whom the token names is revoked, as far as that can be said without waiting.
fn revocation(live: &Live, facts: Option<&Facts>) -> ExplainedStep {
    let standing = facts.map(|facts| live.revocations.standing(facts, None, Wait::Never));
    let (outcome, refusal, lacking) = match standing {
        None => (StepOutcome::Skipped, None, None),
        Some(Ok(_)) => (StepOutcome::Passed, None, None),
        Some(Err(refusal)) if refusal.code() == Code::TokenRevoked => {
            (StepOutcome::Failed, Some(refusal), None)
        }
        Some(Err(_)) => (StepOutcome::Unknown, None, Some("revocations not at hand")),
    };
    ExplainedStep { name: "revocation", about: "not revoked", outcome, refusal, lacking }
}
