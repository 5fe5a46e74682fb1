//! Why policy refused.

use crate::model::decision::PolicyFault;
use crate::model::{Code, EntityRef, Refusal};

/// Why policy refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The caller's: it says of an entity something else than the files.
    #[error("the files say something else at {at}")]
    Conflict {
        /// The place in the request.
        at: String,
    },
    /// The caller's: no policy permits this, or one forbids it.
    #[error("no policy permits this, or one forbids it")]
    Denied {
        /// The policies that forbid it.
        policies: Vec<String>,
    },
    /// The policies' author's: a policy failed, which refuses whatever the others say.
    #[error("a policy failed while it was evaluated")]
    Evaluation {
        /// The policies that failed, sorted.
        faults: Vec<PolicyFault>,
    },
    /// The caller's: it names what is another tenant's.
    #[error("{at} is another tenant's")]
    Foreign {
        /// The place in the request.
        at: &'static str,
    },
    /// The caller's token's: it leaves groups out, and policies of the action look at groups.
    #[error("policies look at groups, and not all of the caller's are known")]
    GroupsIncomplete {
        /// The first of those policies, sorted.
        faults: Vec<PolicyFault>,
    },
    /// The caller's: the request does not fit the schema or a limit.
    #[error("the request does not fit at {at}: expected {expected}")]
    Input {
        /// The place in the request.
        at: String,
        /// What belongs there.
        expected: String,
    },
    /// Its tenant's, or whoever changed schema, settings or files since: policies that a tenant keeps do not fit them.
    #[error("kept policies do not fit")]
    LayerUnfit {
        /// What is wrong with which, sorted.
        faults: Vec<PolicyFault>,
    },
    /// The caller's: the request reaches more entities than one decision may.
    #[error("the request reaches too many entities")]
    TooManyEntities,
    /// Whoever keeps it, or changed schema or files since: an entity of the store does not fit them.
    #[error("a kept entity does not fit: {problem}")]
    Unfit {
        /// Which one.
        entity: EntityRef,
        /// What is wrong.
        problem: String,
    },
    /// The caller's: the schema knows no such action, or several.
    #[error("the schema knows no such action")]
    UnknownAction {
        /// The full names it could stand for.
        candidates: Vec<String>,
    },
}

impl Error {
    pub(super) fn input(at: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Input { at: at.into(), expected: expected.into() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict { at } => {
                Self::new(Code::PolicyEntityConflict).at(at).expected("what the files say, or nothing")
            }
            Error::Denied { policies } => Self::new(Code::PolicyDenied).policies(policies, Vec::new()),
            Error::Evaluation { faults } => Self::new(Code::PolicyError).policies(Vec::new(), faults),
            Error::Foreign { at } => Self::new(Code::TenantMismatch).at(at),
            Error::GroupsIncomplete { faults } => {
                Self::new(Code::PolicyGroupsIncomplete).policies(Vec::new(), faults)
            }
            Error::Input { at, expected } => Self::new(Code::PolicyInput).at(at).expected(expected),
            Error::LayerUnfit { faults } => Self::new(Code::PolicyUnfit).policies(Vec::new(), faults),
            Error::TooManyEntities => Self::new(Code::PolicyTooManyEntities)
                .expected(format!("at most {} entities", super::reach::MAX_ENTITIES)),
            Error::Unfit { entity, problem } => Self::new(Code::EntitiesUnfit)
                .at(format!("{}::{:?}", entity.kind, entity.id))
                .expected(problem),
            Error::UnknownAction { candidates } => {
                let refusal = Self::new(Code::PolicyUnknownAction).at("action");
                if candidates.is_empty() {
                    return refusal;
                }
                refusal.hint(format!("say which one: {}", candidates.join(" or ")))
            }
        }
    }
}
