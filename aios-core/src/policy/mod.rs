//! Policies: a folder of Cedar in, a decision out. Any error refuses.
//!
//! Cedar skips a policy that fails while it is evaluated, so a failing `forbid` would permit. Here it refuses. The
//! entities of a request are few: those the request names and what they reach in the caller's tenant.

mod base;
mod case;
mod declared;
mod error;
mod roles;
mod rules;
mod schema;
mod source;
mod subject;
#[cfg(test)]
mod tests;
mod value;
mod vocabulary;

use std::collections::BTreeSet;

use cedar_policy::{
    AuthorizationError, Authorizer, Decision, EntityUid, EvaluationError, Request, RequestValidationError,
};

pub use error::Error;
pub use roles::BuiltInRole;
pub use source::{Problem, Source};

use crate::model::decision::PolicyFault;
use crate::model::{Admitted, EntityRef, Ownership, TenantId};
use base::Base;
use case::Case;
use rules::Rules;
use source::Files;
use vocabulary::Vocabulary;

/// Validated policies, the merged schema and the static entities.
#[derive(Debug)]
pub struct Policies {
    authorizer: Authorizer,
    base: Base,
    rules: Rules,
    vocabulary: Vocabulary,
}

/// A permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The policies that permit it, sorted.
    pub policies: Vec<String>,
}

impl Policies {
    /// Reads policies, schema and entities.
    ///
    /// # Errors
    /// All problems at once, sorted by file and line.
    pub fn load(source: &Source) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let files = Files::sort(source, &mut problems);
        let vocabulary = schema::load(&files.schemas, &source.user_types, &mut problems)
            .and_then(|merged| Vocabulary::new(merged, source, &mut problems));
        let schema = vocabulary.as_ref().map(|vocabulary| &vocabulary.schema);
        let rules = rules::load(&files.policies, schema, &mut problems);
        let base = match &vocabulary {
            Some(vocabulary) => Base::load(&files, vocabulary, &mut problems),
            None => Base::default(),
        };
        problems.sort();
        match vocabulary {
            Some(vocabulary) if problems.is_empty() => {
                Ok(Self { authorizer: Authorizer::new(), base, rules, vocabulary })
            }
            Some(_) | None => Err(problems),
        }
    }

    /// Whose an entity is, seen from a tenant.
    #[must_use]
    pub fn ownership(&self, tenant: &TenantId, entity: &EntityRef) -> Ownership {
        if self.base.is_empty() {
            return Ownership::Unknown;
        }
        let Some(uid) = self.vocabulary.uid(entity) else { return Ownership::Unknown };
        self.base.ownership(tenant, &uid)
    }

    /// Every name by which a request can mean the action of this name. Empty where the name means no
    /// action, or several.
    #[must_use]
    pub fn spellings(&self, action: &str) -> Vec<String> {
        self.vocabulary.spellings(action)
    }

    /// Whether things of a type may come without a tenant.
    #[must_use]
    pub fn is_shared_type(&self, kind: &str) -> bool {
        self.vocabulary.is_shared(kind)
    }
}

/// Asks whether the subject may do this and, where somebody acts for the subject, whether the actor may.
///
/// # Errors
/// Both must be permitted, and no policy may fail. See [`Error`].
pub fn decide(policies: &Policies, admitted: &Admitted<'_>) -> Result<Verdict, Error> {
    let case = Case::new(policies, admitted)?;
    let mut determining = BTreeSet::new();
    ask(policies, &case, ("principal", &case.principal), &mut determining)?;
    if let Some(actor) = &case.actor {
        ask(policies, &case, ("actor", actor), &mut determining)?;
    }
    Ok(Verdict { policies: determining.into_iter().collect() })
}

fn ask(
    policies: &Policies,
    case: &Case,
    (place, principal): (&str, &EntityUid),
    determining: &mut BTreeSet<String>,
) -> Result<(), Error> {
    let request = Request::new(
        principal.clone(),
        case.action.clone(),
        case.resource.clone(),
        case.context.clone(),
        Some(&policies.vocabulary.schema),
    )
    .map_err(|error| misfit(&error, place))?;
    let response = policies.authorizer.is_authorized(&request, &policies.rules.set, &case.entities);
    let mut faults: Vec<PolicyFault> = response.diagnostics().errors().map(fault).collect();
    if !faults.is_empty() {
        faults.sort_unstable_by(|a, b| a.policy.cmp(&b.policy));
        return Err(Error::Evaluation { faults });
    }
    let reasons = response.diagnostics().reason().map(ToString::to_string);
    match response.decision() {
        Decision::Allow => {
            determining.extend(reasons);
            Ok(())
        }
        Decision::Deny => {
            let mut policies: Vec<String> = reasons.collect();
            policies.sort_unstable();
            Err(Error::Denied { policies })
        }
    }
}

fn fault(error: &AuthorizationError) -> PolicyFault {
    let AuthorizationError::PolicyEvaluationError(error) = error;
    PolicyFault { policy: error.policy_id().to_string(), message: cause(error.inner()).to_owned() }
}

/// What went wrong, without the values that Cedar's own words repeat: they are the request's, and records outlive it.
fn cause(error: &EvaluationError) -> &'static str {
    match error {
        EvaluationError::EntityAttrDoesNotExist(_) => "an entity lacks an attribute or tag",
        EvaluationError::EntityDoesNotExist(_) => "an entity is not known",
        EvaluationError::FailedExtensionFunctionExecution(_) => "an extension function failed",
        EvaluationError::FailedExtensionFunctionLookup(_) => "an extension function is not known",
        EvaluationError::IntegerOverflow(_) => "an integer overflowed",
        EvaluationError::NonValue(_) => "an expression has no value",
        EvaluationError::RecordAttrDoesNotExist(_) => "a record lacks an attribute",
        EvaluationError::RecursionLimit(_) => "the policy is nested too deeply",
        EvaluationError::TypeError(_) => "a value has the wrong type",
        EvaluationError::UnlinkedSlot(_) => "a template's slot is empty",
        EvaluationError::WrongNumArguments(_) => "a function has the wrong number of arguments",
    }
}

/// Cedar's own words repeat values of the request, so we say only where and what.
fn misfit(error: &RequestValidationError, place: &str) -> Error {
    match error {
        RequestValidationError::UndeclaredPrincipalType(_)
        | RequestValidationError::InvalidPrincipalType(_) => {
            Error::input(place, "a principal type to which the action applies")
        }
        RequestValidationError::UndeclaredResourceType(_)
        | RequestValidationError::InvalidResourceType(_) => {
            Error::input("resource.type", "a resource type to which the action applies")
        }
        RequestValidationError::InvalidContext(_) | RequestValidationError::TypeOfContext(_) => {
            Error::input("context", "the context, with its input, that the schema declares for the action")
        }
        RequestValidationError::InvalidEnumEntity(_) => {
            Error::input("resource.id", "an id that the schema lists for the type")
        }
        RequestValidationError::UndeclaredAction(_) | RequestValidationError::ExternalAction(_) | _ => {
            Error::input("action", "an action that the schema declares with what it applies to")
        }
    }
}
