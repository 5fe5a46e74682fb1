//! Why a token would be refused, as data.

use schemars::JsonSchema;
use serde::Serialize;

use super::handles::Engine;
use super::views::RefusalView;
use super::wire::Presented;
use crate::engine::{self, StepOutcome, Verdict};
use crate::model::{Kind, Refusal, Timestamp};

/// How verification of a token would end now, and what would have to change. It proves nothing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Explanation {
    /// How it would end.
    pub verdict: Verdict,
    /// What it would be refused with: the first mistake in verification's order.
    pub code: Option<&'static str>,
    /// Whether the signature held. If not, `token` and `mapped` are what anybody could have written.
    pub verified: bool,
    /// Every step, in order.
    pub steps: Vec<ExplainedStep>,
    /// What the token says of itself, cut and escaped.
    pub token: Option<TokenSays>,
    /// What it would stand for.
    pub mapped: Option<MappedView>,
}

/// A step of verification, and how it ended.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExplainedStep {
    /// Its stable name.
    pub step: &'static str,
    /// What the token needs for it.
    pub about: &'static str,
    /// How it ended.
    pub outcome: StepOutcome,
    /// What is wrong and what to do, where it failed.
    pub refusal: Option<RefusalView>,
    /// What is lacking, where it could not be taken.
    pub lacking: Option<&'static str>,
}

/// What a token says of itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TokenSays {
    /// The header's `alg`.
    pub alg: Option<String>,
    /// The header's `kid`.
    pub kid: Option<String>,
    /// The header's `typ`.
    pub typ: Option<String>,
    /// The issuer.
    pub iss: Option<String>,
    /// The audiences.
    pub aud: Vec<String>,
    /// The payload's own `typ`, as Keycloak has it.
    pub payload_typ: Option<String>,
    /// When it was issued, seconds since 1970.
    pub iat: Option<i64>,
    /// When it begins, seconds since 1970.
    pub nbf: Option<i64>,
    /// When it ends, seconds since 1970.
    pub exp: Option<i64>,
    /// The names of all claims, not their values.
    pub claims: Vec<String>,
}

/// What a token would stand for, as far as the settings make it: not whom.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MappedView {
    /// The issuer's configured name.
    pub issuer: String,
    /// The claim from which the tenant comes, where the settings name one.
    pub tenant_claim: Option<String>,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// What the subject is.
    pub kind: Kind,
    /// AIOS roles.
    pub roles: Vec<String>,
}

impl Engine {
    /// `explain_token`.
    ///
    /// # Errors
    /// As [`crate::Aios::explain_token`].
    pub fn explain_token(&self, request: Presented) -> Result<Explanation, Refusal> {
        self.0.explain_token(&request.credential.try_into()?).map(Explanation::from)
    }
}

impl From<engine::Explanation> for Explanation {
    fn from(found: engine::Explanation) -> Self {
        let engine::Explanation { verdict, refusal, is_verified, steps, said, mapped } = found;
        let step = |step: engine::ExplainedStep| ExplainedStep {
            step: step.name,
            about: step.about,
            outcome: step.outcome,
            refusal: step.refusal.as_ref().map(RefusalView::from),
            lacking: step.lacking,
        };
        Self {
            verdict,
            code: refusal.map(|refusal| refusal.code().as_str()),
            verified: is_verified,
            steps: steps.into_iter().map(step).collect(),
            token: said.map(TokenSays::from),
            mapped: mapped.map(MappedView::from),
        }
    }
}

impl From<engine::Said> for TokenSays {
    fn from(said: engine::Said) -> Self {
        Self {
            alg: said.alg,
            kid: said.kid,
            typ: said.typ,
            iss: said.iss,
            aud: said.aud,
            payload_typ: said.payload_typ,
            iat: said.iat.map(Timestamp::seconds),
            nbf: said.nbf.map(Timestamp::seconds),
            exp: said.exp.map(Timestamp::seconds),
            claims: said.names,
        }
    }
}

impl From<engine::Mapped> for MappedView {
    fn from(mapped: engine::Mapped) -> Self {
        let engine::Mapped { issuer, tenant_claim, tenant_id, kind, roles } = mapped;
        Self { issuer, tenant_claim, tenant_id, kind, roles }
    }
}
