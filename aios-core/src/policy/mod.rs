//! Policies: a folder of Cedar in, a decision out. Any error refuses.
//!
//! Cedar skips a policy that fails while it is evaluated, so a failing `forbid` would permit. Here it refuses. The
//! entities of a request are few: those the request names and what they reach in the caller's tenant.

mod across;
mod answers;
mod base;
mod bounds;
mod candidates;
mod case;
mod crossings;
mod declared;
mod draft;
mod error;
mod groups;
mod index;
mod kept;
mod layer;
mod levels;
mod links;
pub mod raw;
mod reach;
mod report;
mod resource;
mod roles;
mod rules;
mod schema;
mod shape;
mod source;
mod standpoint;
mod subject;
mod tenants;
#[cfg(test)]
mod tests;
mod users;
mod value;
mod view;
mod vocabulary;

use std::collections::HashMap;
use std::sync::Arc;

use cedar_policy::{Authorizer, Entities, Request, Response};

pub use error::Error;
pub use kept::{Keeps, Kept, KeptEntity, KeptPolicies, NewEntity};
pub use report::{Granted, PolicyReport, TenantPolicies, Unscoped};
pub use roles::BuiltInRole;
pub use source::{Delegable, Problem, Source};

use crate::model::{Admitted, EntityRef, Ownership, TenantId};
use answers::{incomplete, merge, misfit, unfit};
use base::Base;
use candidates::{Candidates, Chosen, Seen, Unfit};
use case::{Asker, Case};
use groups::Groups;
use index::Index;
use levels::Need;
use source::Files;
use standpoint::Standpoint;
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
    /// Each tenant's own of the files.
    own: HashMap<TenantId, Own>,
}

/// A tenant's own policies, remembered apart: no tenant's requests push out what is remembered for others.
type Own = (Arc<Layer>, Seen);

/// A permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The policies that permit it, sorted: the platform's, and those of the principal's tenant.
    pub policies: Vec<String>,
    /// Across tenants: the same for the resource's tenant.
    pub owners: Vec<String>,
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
        let tenants = Tenants::load(&files, (&source.delegable, &source.crossings), known, &mut problems);
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
    fn view<'p>(&'p self, tenant: &'p TenantId, kept: Option<&'p Kept>) -> View<'p> {
        let store = kept.map(|kept| Store { kept, vocabulary: &self.vocabulary, tenant });
        self.base.view(tenant, store.filter(|store| !store.kept.is_empty()))
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
        let own = layers.map(|(tenant, layer)| (tenant.clone(), layer.remembered()));
        let own = own.collect();
        Self { policies, seen, own }
    }

    /// The policies that decide here.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// Asks whether the subject may do this and, where somebody acts for the subject, whether the actor may. `kept` is what their
    /// tenants keep in the store.
    ///
    /// # Errors
    /// Both must be permitted, and no policy may fail. See [`Error`].
    pub fn decide<'k>(&self, admitted: &Admitted<'_>, kept: impl Into<Keeps<'k>>) -> Result<Verdict, Error> {
        let kept = kept.into();
        match admitted.crossing() {
            None => merge(&self.ask(admitted, kept)?),
            Some(crossing) => self.decide_across(admitted, crossing, kept),
        }
    }

    /// The answers to subject and actor, each of Cedar's over the platform's policies and the tenant's own.
    fn ask(&self, admitted: &Admitted<'_>, kept: Keeps<'_>) -> Result<Vec<Response>, Error> {
        let policies = &*self.policies;
        let mut case = Case::new(policies, admitted, Standpoint::within(policies, admitted, kept))?;
        let own = self.deciding(&case, admitted.tenant(), kept)?;
        if !admitted.principal().view().groups_complete {
            let mut looking = case.looking(&policies.groups);
            looking.extend(own.iter().flat_map(|(layer, _)| case.looking(&layer.groups)));
            incomplete(&looking)?;
        }
        let choose = |asker: &Asker| self.choose(&case, asker, own).map_err(unfit);
        let chosen = case.askers.iter().map(choose).collect::<Result<Vec<_>, _>>()?;
        let need = chosen.iter().fold(Need::default(), |need, each| each.need(need));
        let entities = case.entities(&need)?;
        let ask = |(asker, chosen): (&Asker, &Chosen)| {
            let request = self.request(&case, asker)?;
            let ask = |candidates: &Candidates| self.answer(&request, candidates, &entities);
            let answer = ask(&chosen.platform);
            let Some(own) = &chosen.own else { return Ok(answer) };
            Ok(tenants::unite(&answer, &ask(own), policies.tenants.bounds.of(&request)))
        };
        case.askers.iter().zip(&chosen).map(ask).collect()
    }

    /// A tenant's own policies: those of the files, with those that it keeps in the store.
    fn own<'s>(&'s self, tenant: &TenantId, kept: Option<&'s Kept>) -> Result<Option<&'s Own>, Error> {
        match kept.and_then(Kept::layer) {
            Some(layer) => layer.own(&self.policies, tenant).map(Some),
            None => Ok(self.own.get(tenant)),
        }
    }

    /// The tenant's policies that have a word on a request within it. On who may change them, those of the store have none:
    /// nobody locks a tenant out by them, and what does not fit any more can be put right.
    fn deciding<'s>(
        &'s self,
        case: &Case<'_>,
        tenant: &TenantId,
        kept: Keeps<'s>,
    ) -> Result<Option<&'s Own>, Error> {
        let is_about_them = self.policies.tenants.is_about_layers(&case.resource.uid);
        self.own(tenant, Some(kept.own).filter(|_| !is_about_them))
    }

    /// What one who asks, asks Cedar.
    fn request(&self, case: &Case<'_>, asker: &Asker) -> Result<Request, Error> {
        let (action, resource) = (case.action.uid.clone(), case.resource.uid.clone());
        let schema = Some(&self.policies.vocabulary.schema);
        Request::new(asker.uid.clone(), action, resource, case.context.clone(), schema)
            .map_err(|error| misfit(&error, asker.place))
    }

    fn answer(&self, request: &Request, candidates: &Candidates, entities: &Entities) -> Response {
        self.policies.authorizer.is_authorized(request, &candidates.set, entities)
    }

    fn choose(&self, case: &Case<'_>, asker: &Asker, own: Option<&Own>) -> Result<Chosen, Unfit> {
        let platform = case.candidates(asker, (&self.policies.index, &self.seen))?;
        let own = own.map(|(layer, seen)| case.candidates(asker, (&layer.index, seen))).transpose()?;
        Ok(Chosen { platform, own: own.filter(|own| !own.set.is_empty()) })
    }
}
