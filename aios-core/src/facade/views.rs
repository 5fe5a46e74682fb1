//! The plain data that other languages get back.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

pub use super::doctor::{CoreDumps, DoctorReport, SymptomView};
pub use super::entity_wire::{EntityList, KeptEntity, WrittenEntities};
pub use super::explaining::{ExplainedStep, Explanation, MappedView, TokenSays};
pub use super::layer_wire::{PolicyList, WrittenPolicies};
// A report crosses as the engine makes it.
pub use super::payload::PayloadPart;
pub use super::raw::{PolicySetView, RawDecision};
pub use super::revealing::{RevealedSecret, ShownText};
pub use super::roots::RootKey;
pub use super::schedules::{SecretDue, SecretsDue};
pub use super::secret_views::{
    MovedSecrets, OffboardedTenant, ReferenceParts, SecretFault, SecretList, SecretReport, SecretVersion,
    SecretView, WrittenSecret,
};
pub use super::sending::PartTaken;
pub use super::using::{AnswerHead, AnswerPart, SecretUseView};
pub use crate::engine::{Egress, IssuerKeys, PolicyReport, Report, RootKeyReport, StepOutcome, Verdict};
use crate::model::code::Retry;
use crate::model::decision::PolicyFault;
use crate::model::permit::Grant;
use crate::model::{self, EntityRef, Timestamp};

/// Done, with nothing more to say.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Done {}

/// What keys of the configured issuers are at hand.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Hydrated {
    /// Of each issuer, in the configuration's order.
    pub issuers: Vec<IssuerKeys>,
}

/// Everybody who can be asked over the network.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Outbound {
    /// By name, purpose and host.
    pub destinations: Vec<Egress>,
}

/// Fetched keys, for another process to begin with.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeySnapshot {
    /// What `restore_keys` takes.
    pub snapshot: String,
}

/// What a snapshot gave.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Restored {
    /// How many issuers' keys were taken.
    pub issuers: usize,
}

/// The answer of `check`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Decision {
    /// Whether the call may be made.
    pub allowed: bool,
    /// Why not.
    pub code: Option<&'static str>,
    /// Ids of the policies that decided.
    pub policies: Vec<String>,
    /// Policies that failed; any one of them refuses.
    pub errors: Vec<PolicyFault>,
    /// What else policy asks of the call. Nothing yet: policies that ask for more are refused when they are loaded.
    pub obligations: Vec<Obligation>,
    /// Digest of the configuration and policies that decided.
    pub digest: Arc<str>,
    /// The version of the entities and policies that the caller's tenant keeps in the store, by which was decided; 0 where it keeps none.
    pub entities_version: u64,
}

/// Something that policy asks of a call. There is no kind of it yet.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub enum Obligation {}

/// What was verified about a caller.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PrincipalView {
    /// The issuer's configured name.
    pub issuer: String,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// The subject's id at its issuer.
    pub subject: String,
    /// What the subject is.
    pub kind: model::Kind,
    /// The client that obtained the token.
    pub client_id: Option<String>,
    /// AIOS roles.
    pub roles: Vec<String>,
    /// Scopes, ceilings for whatever the roles allow.
    pub scopes: Vec<String>,
    /// Permissions the issuer states.
    pub permissions: Vec<String>,
    /// Group ids at the issuer.
    pub groups: Vec<String>,
    /// False where the issuer left groups out of the token.
    pub groups_complete: bool,
    /// The session at the issuer.
    pub session_id: Option<String>,
    /// The token's own id.
    pub token_id: Option<String>,
    /// Who acts for the subject, the current actor first.
    pub actors: Vec<ActorView>,
    /// When the user authenticated, seconds since 1970.
    pub auth_time: Option<i64>,
    /// Authentication context class.
    pub acr: Option<String>,
    /// Authentication methods.
    pub amr: Vec<String>,
    /// When the token ends, seconds since 1970.
    pub expires_at: i64,
    /// How the token is bound to its sender, who showed it.
    pub binding: model::principal::Binding,
}

/// Somebody acting for the subject.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ActorView {
    /// What the actor is.
    pub kind: model::Kind,
    /// The issuer that vouched for it.
    pub issuer: String,
    /// Its id at that issuer.
    pub id: String,
}

/// What a permit allows.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PermitView {
    /// The permit's id, a `UUIDv7`; also the id of its intent record.
    pub id: String,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: EntityRef,
    /// The verified caller.
    pub principal: PrincipalView,
    /// When the permit ends, seconds since 1970.
    pub expires_at: i64,
}

/// A refusal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RefusalView {
    /// The stable code.
    pub code: &'static str,
    /// One line that is safe to show.
    pub message: String,
    /// The HTTP status a web front end should answer with.
    pub status: u16,
    /// When trying again can help.
    pub retry: Retry,
    /// The place in the request or configuration.
    pub at: Option<String>,
    /// What was expected.
    pub expected: Option<String>,
    /// What came instead.
    pub actual: Option<String>,
    /// What to do.
    pub hint: String,
    /// The nonce with which a proof has to be made: send it as `DPoP-Nonce`.
    pub nonce: Option<String>,
    /// What to send as `WWW-Authenticate`, where the refusal is about what a token is bound to.
    pub challenge: Option<String>,
    /// From when on trying again can help, seconds since 1970, where that is known.
    pub retry_at: Option<i64>,
    /// Ids of the policies that decided.
    pub policies: Vec<String>,
    /// Policies that failed.
    pub errors: Vec<PolicyFault>,
}

impl From<&model::Principal> for PrincipalView {
    fn from(principal: &model::Principal) -> Self {
        let facts = principal.view().clone();
        let actor = |actor: model::Actor| ActorView {
            kind: actor.kind,
            issuer: actor.issuer.to_string(),
            id: actor.id,
        };
        Self {
            issuer: facts.issuer.to_string(),
            tenant_id: facts.tenant_id.map(|tenant| tenant.to_string()),
            subject: facts.subject,
            kind: facts.kind,
            client_id: facts.client_id,
            roles: facts.roles,
            scopes: facts.scopes,
            permissions: facts.permissions,
            groups: facts.groups,
            groups_complete: facts.groups_complete,
            session_id: facts.session_id,
            token_id: facts.token_id,
            actors: facts.actors.into_iter().map(actor).collect(),
            auth_time: facts.auth_time.map(Timestamp::seconds),
            acr: facts.acr,
            amr: facts.amr,
            expires_at: facts.expires_at.seconds(),
            binding: facts.binding,
        }
    }
}

impl From<&Grant> for PermitView {
    fn from(grant: &Grant) -> Self {
        Self {
            id: grant.id.clone(),
            action: grant.action.clone(),
            resource: grant.resource.clone(),
            principal: (&grant.principal).into(),
            expires_at: grant.expires_at.seconds(),
        }
    }
}

impl From<model::Decision> for Decision {
    fn from(decision: model::Decision) -> Self {
        let model::Decision { allowed, code, policies, errors, digest, entities_version } = decision;
        let code = code.map(model::Code::as_str);
        Self { allowed, code, policies, errors, obligations: Vec::new(), digest, entities_version }
    }
}

impl From<&model::Refusal> for RefusalView {
    fn from(refusal: &model::Refusal) -> Self {
        let detail = refusal.detail().clone();
        Self {
            code: detail.code.as_str(),
            message: refusal.to_string(),
            status: detail.code.status(),
            retry: detail.code.retry(),
            at: detail.at,
            expected: detail.expected,
            actual: detail.actual,
            hint: detail.hint.unwrap_or_else(|| detail.code.remedy().to_owned()),
            nonce: detail.nonce,
            challenge: refusal.challenge(),
            retry_at: detail.retry_at.map(Timestamp::seconds),
            policies: detail.policies,
            errors: detail.errors,
        }
    }
}
