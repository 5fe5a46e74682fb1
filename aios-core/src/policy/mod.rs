//! Policies: a folder of Cedar in, a decision out. Any error refuses.
//!
//! Cedar skips a policy that fails while it is evaluated, so a failing `forbid` would permit. Here it refuses. The
//! entities of a request are few: those the request names and what they reach in the caller's tenant.

mod base;
mod bounds;
mod candidates;
mod case;
mod declared;
mod draft;
mod error;
mod groups;
mod index;
mod kept;
mod layer;
mod levels;
pub mod raw;
mod reach;
mod report;
mod resource;
mod roles;
mod rules;
mod schema;
mod source;
mod subject;
mod tenants;
#[cfg(test)]
mod tests;
mod value;
mod view;
mod vocabulary;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use cedar_policy::{
    AuthorizationError, Authorizer, Decision, EvaluationError, Request, RequestValidationError, Response,
};

pub use error::Error;
pub use kept::{Kept, KeptEntity, NewEntity};
pub use report::{PolicyReport, TenantPolicies, Unscoped};
pub use roles::BuiltInRole;
pub use source::{Delegable, Problem, Source};

use crate::model::decision::PolicyFault;
use crate::model::{Admitted, EntityRef, Ownership, TenantId};
use base::Base;
use candidates::{Candidates, Chosen, Seen, Unfit};
use case::{Asker, Case};
use groups::Groups;
use index::Index;
use levels::Need;
use source::Files;
use tenants::{Layer, Tenants};
use view::{Store, View};
use vocabulary::Vocabulary;

/// Validated policies, the merged schema and the static entities.
#[derive(Debug)]
pub struct Policies {
    authorizer: Authorizer,
    base: Base,
    groups: Groups,
    index: Index,
    tenants: Tenants,
    vocabulary: Vocabulary,
}

/// Where decisions are taken: policies, and what is remembered of asking them, which is good for these only.
#[derive(Debug)]
pub struct Desk {
    policies: Arc<Policies>,
    seen: Seen,
    /// Each tenant's own, remembered apart: no tenant's requests push out what is remembered for others.
    own: HashMap<TenantId, (Arc<Layer>, Seen)>,
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
        let rules = rules::load(&files.policies, &tenants::platform(), schema, &mut problems);
        let base = match &vocabulary {
            Some(vocabulary) => Base::load(&files, vocabulary, &mut problems),
            None => Base::default(),
        };
        let known = (vocabulary.as_ref(), &base);
        let tenants = Tenants::load(&files, &source.delegable, known, &mut problems);
        problems.sort();
        match vocabulary {
            Some(vocabulary) if problems.is_empty() => {
                let levels = rules.levels;
                let index = Index::new(rules.set, |policy| levels.need(policy));
                let groups = Groups::new(index.all().policies(), vocabulary.group_types.as_ref());
                Ok(Self { authorizer: Authorizer::new(), base, groups, index, tenants, vocabulary })
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

    /// What a tenant's requests can reach.
    fn view<'p>(&'p self, tenant: &'p TenantId, kept: &'p Kept) -> View<'p> {
        let store = Store { kept, vocabulary: &self.vocabulary, tenant };
        self.base.view(tenant, Some(store).filter(|store| !store.kept.is_empty()))
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

impl Desk {
    /// A desk that remembers nothing yet.
    #[must_use]
    pub fn new(policies: Arc<Policies>) -> Self {
        let seen = policies.index.seen();
        let layers = policies.tenants.layers.iter();
        let own = layers.map(|(tenant, layer)| (tenant.clone(), (Arc::clone(layer), layer.index.seen())));
        let own = own.collect();
        Self { policies, seen, own }
    }

    /// The policies that decide here.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// Asks whether the subject may do this and, where somebody acts for the subject, whether the actor may. `kept` is what the
    /// caller's tenant keeps in the store.
    ///
    /// # Errors
    /// Both must be permitted, and no policy may fail. See [`Error`].
    pub fn decide(&self, admitted: &Admitted<'_>, kept: &Kept) -> Result<Verdict, Error> {
        merge(&self.ask(admitted, kept)?)
    }

    /// The answers to subject and actor, each of Cedar's over the platform's policies and the tenant's own.
    fn ask(&self, admitted: &Admitted<'_>, kept: &Kept) -> Result<Vec<Response>, Error> {
        let policies = &*self.policies;
        let mut case = Case::new((policies, kept), admitted)?;
        let own = self.own.get(admitted.tenant());
        if !admitted.principal().view().groups_complete {
            let (action, view) = (case.action.lineage(), policies.view(admitted.tenant(), kept));
            let mut looking = policies.groups.of(action, view);
            looking.extend(own.iter().flat_map(|(layer, _)| layer.groups.of(action, view)));
            incomplete(&looking)?;
        }
        let choose = |asker: &Asker| self.choose(&case, asker, own).map_err(unfit);
        let chosen = case.askers.iter().map(choose).collect::<Result<Vec<_>, _>>()?;
        let need = chosen.iter().fold(Need::default(), |need, each| each.need(need));
        let entities = case.entities(&need)?;
        let ask = |(asker, chosen): (&Asker, &Chosen)| {
            let request = Request::new(
                asker.uid.clone(),
                case.action.uid.clone(),
                case.resource.uid.clone(),
                case.context.clone(),
                Some(&policies.vocabulary.schema),
            )
            .map_err(|error| misfit(&error, asker.place))?;
            let ask = |candidates: &Candidates| {
                policies.authorizer.is_authorized(&request, &candidates.set, &entities)
            };
            let answer = ask(&chosen.platform);
            let Some(own) = &chosen.own else { return Ok(answer) };
            Ok(tenants::unite(&answer, &ask(own), policies.tenants.bounds.of(&request)))
        };
        case.askers.iter().zip(&chosen).map(ask).collect()
    }

    fn choose(
        &self,
        case: &Case<'_>,
        asker: &Asker,
        own: Option<&(Arc<Layer>, Seen)>,
    ) -> Result<Chosen, Unfit> {
        let platform = case.candidates(asker, (&self.policies.index, &self.seen))?;
        let own = own.map(|(layer, seen)| case.candidates(asker, (&layer.index, seen))).transpose()?;
        Ok(Chosen { platform, own: own.filter(|own| !own.set.is_empty()) })
    }
}

/// One answer of several: all must permit. Errors are united; reasons are those of the answers that decided.
fn merge(responses: &[Response]) -> Result<Verdict, Error> {
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
    if refused { Err(Error::Denied { policies }) } else { Ok(Verdict { policies }) }
}

/// Most policies that a refusal for missing groups names.
const MAX_NAMED: usize = 32;

fn incomplete(looking: &BTreeSet<&str>) -> Result<(), Error> {
    let message = "it looks at groups, and not all of the caller's are known";
    let fault = |id: &&str| PolicyFault { policy: (*id).to_owned(), message: message.to_owned() };
    let faults: Vec<PolicyFault> = looking.iter().take(MAX_NAMED).map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::GroupsIncomplete { faults }) }
}

/// Policies that were one set when they were loaded cannot be one set now: nobody is let pass on that.
fn unfit(Unfit(message): Unfit) -> Error {
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
