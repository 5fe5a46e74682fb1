//! What Cedar answered, as a verdict or a refusal.

use std::collections::BTreeSet;

use cedar_policy::{AuthorizationError, Decision, EvaluationError, RequestValidationError, Response};

use super::candidates::Unfit;
use super::{Error, Verdict};
use crate::model::decision::PolicyFault;

/// One answer of several: all must permit. Errors are united; reasons are those of the answers that decided.
pub(super) fn merge(responses: &[Response]) -> Result<Verdict, Error> {
    let mut faults: Vec<PolicyFault> =
        responses.iter().flat_map(|response| response.diagnostics().errors()).map(fault).collect();
    if !faults.is_empty() {
        faults.sort_unstable_by(|a, b| (&a.policy, &a.message).cmp(&(&b.policy, &b.message)));
        faults.dedup();
        return Err(Error::Evaluation { faults });
    }
    let denies = |response: &Response| match response.decision() {
        Decision::Allow => false,
        Decision::Deny => true,
    };
    let refused = responses.is_empty() || responses.iter().any(denies);
    let decided = responses.iter().filter(|response| denies(response) == refused);
    let reasons = decided.flat_map(|response| response.diagnostics().reason());
    let policies: BTreeSet<String> = reasons.map(ToString::to_string).collect();
    let policies = policies.into_iter().collect();
    if refused { Err(Error::Denied { policies }) } else { Ok(Verdict { policies, owners: Vec::new() }) }
}

/// Most policies that a refusal for missing groups names.
const MAX_NAMED: usize = 32;

pub(super) fn incomplete(looking: &BTreeSet<&str>) -> Result<(), Error> {
    let message = "it looks at groups, and not all of the caller's are known";
    let fault = |id: &&str| PolicyFault { policy: (*id).to_owned(), message: message.to_owned() };
    let faults: Vec<PolicyFault> = looking.iter().take(MAX_NAMED).map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::GroupsIncomplete { faults }) }
}

/// Policies that were one set when they were loaded cannot be one set now: nobody is let pass on that.
pub(super) fn unfit(Unfit(message): Unfit) -> Error {
    Error::Evaluation { faults: vec![PolicyFault { policy: String::new(), message }] }
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
pub(super) fn misfit(error: &RequestValidationError, place: &str) -> Error {
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
