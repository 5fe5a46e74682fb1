//! Tenants' own policies: a layer for each tenant, asked beside the platform's for that tenant's requests only.
//!
//! What both say together is what Cedar says of them as one set: the two are sets of their own so that what is remembered
//! of the platform's serves all tenants.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use cedar_policy::{Decision, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, Response};

use super::base::Base;
use super::bounds::{Bounds, Delegated};
use super::candidates::{Seen, Unfit};
use super::groups::Groups;
use super::index::{Index, take};
use super::levels::Levels;
use super::rules::{self, Author, Naming, Rules};
use super::source::{Delegable, Files, Problem};
use super::subject::identity;
use super::vocabulary::Vocabulary;
use crate::model::{Crossing, Ownership, TenantId};

/// All layers.
#[derive(Debug, Default)]
pub(super) struct Tenants {
    pub(super) bounds: Bounds,
    /// What stands in the files.
    pub(super) layers: HashMap<TenantId, Arc<Layer>>,
    /// Whom grants let come to each tenant, who can only be named one by one.
    visitors: HashMap<TenantId, Vec<EntityUid>>,
    /// The type of what stands for the policies that a tenant keeps.
    about: Option<EntityTypeName>,
}

/// One tenant's own policies.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) index: Index,
    pub(super) groups: Groups,
    levels: Levels,
}

/// What one tenant's policies are read against.
struct Reader<'a> {
    tenant: &'a TenantId,
    tenants: &'a Tenants,
    vocabulary: Option<&'a Vocabulary>,
    base: &'a Base,
}

/// Begins the ids of tenants' own policies, and of no others.
const PREFIX: &str = "tenants/";
/// Every record of a decision holds the ids of its policies.
const MAX_ID_BYTES: usize = 128;

impl Tenants {
    /// Reads all layers; without a vocabulary only to find what is wrong with them by themselves.
    pub(super) fn load(
        files: &Files<'_>,
        (delegable, crossings): (&Delegable, &[Crossing]),
        (vocabulary, base): (Option<&Vocabulary>, &Base),
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut tenants = Self::default();
        if let Some(vocabulary) = vocabulary {
            tenants.bounds = Bounds::new(delegable, vocabulary, problems);
            tenants.visitors = visitors(vocabulary, crossings);
            tenants.about = vocabulary.find("Aios::Policies").map(|kind| kind.name.clone());
        }
        for (tenant, files) in &files.layers {
            let reader = Reader { tenant, tenants: &tenants, vocabulary, base };
            let Rules { set, levels } = reader.rules(files, Naming::ByPlace, problems);
            let layer = Layer::new(set, levels, vocabulary).into();
            tenants.layers.insert(tenant.clone(), layer);
        }
        tenants
    }

    /// What a tenant's files say, together with policies that stand each in a text of its own and are called like it.
    pub(super) fn joined(
        &self,
        (tenant, texts): (&TenantId, &[(&str, &str)]),
        (vocabulary, base): (&Vocabulary, &Base),
        problems: &mut Vec<Problem>,
    ) -> Layer {
        let reader = Reader { tenant, tenants: self, vocabulary: Some(vocabulary), base };
        let Rules { mut set, mut levels } = reader.rules(texts, Naming::ByText, problems);
        if let Some(files) = self.layers.get(tenant) {
            let prefix = prefix(tenant);
            for policy in files.index.all().policies() {
                let id = policy.id();
                let name = AsRef::<str>::as_ref(id).trim_start_matches(&prefix);
                if set.policy(id).is_some() {
                    problems.push(Problem::new(
                        name,
                        None,
                        "a policy of this name stands in the tenant's files",
                    ));
                } else if let Err(Unfit(message)) = take(&mut set, files.index.all(), id) {
                    problems.push(Problem::new(name, None, message));
                }
            }
            levels.extend(&files.levels);
        }
        Layer::new(set, levels, Some(vocabulary))
    }

    /// Whether it stands for the policies that a tenant keeps.
    pub(super) fn is_about_layers(&self, uid: &EntityUid) -> bool {
        self.about.as_ref().is_some_and(|about| about == uid.type_name())
    }

    /// Whom grants let come to a tenant.
    pub(super) fn visitors(&self, tenant: &TenantId) -> &[EntityUid] {
        self.visitors.get(tenant).map_or(&[], Vec::as_slice)
    }
}

impl Layer {
    /// It, with room to remember what is asked of it.
    pub(super) fn remembered(self: &Arc<Self>) -> (Arc<Self>, Seen) {
        (Arc::clone(self), self.index.seen())
    }

    fn new(set: PolicySet, levels: Levels, vocabulary: Option<&Vocabulary>) -> Self {
        let index = Index::new(set, |policy| levels.need(policy));
        let types = vocabulary.and_then(|vocabulary| vocabulary.group_types.as_ref());
        let groups = Groups::new(index.all().policies(), types);
        Self { index, groups, levels }
    }
}

impl Reader<'_> {
    fn rules(&self, texts: &[(&str, &str)], naming: Naming, problems: &mut Vec<Problem>) -> Rules {
        let objection = |policy: &Policy| self.exceeds(policy);
        let author =
            Author { prefix: prefix(self.tenant), misnamed: badly_named, objection: &objection, naming };
        let schema = self.vocabulary.map(|vocabulary| &vocabulary.schema);
        rules::load(texts, &author, schema, problems)
    }

    /// Why a policy is not the tenant's to make, if so.
    fn exceeds(&self, policy: &Policy) -> Option<&'static str> {
        let exceeded = self.tenants.bounds.exceeded(policy, self.vocabulary?);
        exceeded.or_else(|| foreign(policy, (self.tenant, self.tenants.visitors(self.tenant)), self.base))
    }
}

/// What the ids of a tenant's own policies begin with. No tenant id holds a colon, so that none looks like another's.
pub(super) fn prefix(tenant: &TenantId) -> String {
    format!("{PREFIX}{tenant}:")
}

/// The platform, whose policies hold for everybody.
pub(super) fn platform() -> Author<'static> {
    Author { prefix: String::new(), misnamed: impersonates, objection: &|_| None, naming: Naming::ByPlace }
}

fn impersonates(id: &str) -> Option<&'static str> {
    id.starts_with(PREFIX).then_some("an @id begins like those of tenants' own policies")
}

fn badly_named(id: &str) -> Option<&'static str> {
    (id.len() > MAX_ID_BYTES || id.chars().any(char::is_control))
        .then_some("an @id has more than 128 bytes or holds a control character")
}

/// Whom grants let come to tenants, which may have a word on them.
fn visitors(vocabulary: &Vocabulary, crossings: &[Crossing]) -> HashMap<TenantId, Vec<EntityUid>> {
    let mut visitors: HashMap<TenantId, Vec<EntityUid>> = HashMap::new();
    for Crossing { to, principals, .. } in crossings {
        let named = principals
            .iter()
            .map(|party| vocabulary.kind(party.kind).uid(&identity(&party.issuer, &party.id)));
        visitors.entry(to.clone()).or_default().extend(named);
    }
    visitors
}

/// Whether it names what is another tenant's. Requests reach nothing of that, whatever a policy names.
fn foreign(
    policy: &Policy,
    (tenant, visitors): (&TenantId, &[EntityUid]),
    base: &Base,
) -> Option<&'static str> {
    let is_foreign =
        |uid: &EntityUid| base.ownership(tenant, uid) == Ownership::Foreign && !visitors.contains(uid);
    let slots = policy.template_links().unwrap_or_default().into_values();
    let mut named = policy.entity_literals().into_iter().chain(slots);
    named.any(|uid| is_foreign(&uid)).then_some("names an entity that is neither the tenant's nor shared")
}

/// One answer of the platform's and a tenant's: whatever forbids decides, and what the tenant's permit counts only where
/// that is delegated.
pub(super) fn unite(platform: &Response, own: &Response, delegated: Delegated) -> Response {
    let errors = [platform, own].into_iter().flat_map(|each| each.diagnostics().errors()).cloned().collect();
    // Reasons of a denial are what forbids.
    let forbidding: HashSet<PolicyId> =
        [platform, own].into_iter().flat_map(|each| reasons(each, Decision::Deny)).cloned().collect();
    if !forbidding.is_empty() {
        return Response::new(Decision::Deny, forbidding, errors);
    }
    let own = match delegated {
        Delegated::Yes => Some(own),
        Delegated::No => None,
    };
    let permitting: HashSet<PolicyId> = [Some(platform), own]
        .into_iter()
        .flatten()
        .flat_map(|each| reasons(each, Decision::Allow))
        .cloned()
        .collect();
    let decision = if permitting.is_empty() { Decision::Deny } else { Decision::Allow };
    Response::new(decision, permitting, errors)
}

pub(super) fn reasons(response: &Response, of: Decision) -> impl Iterator<Item = &PolicyId> {
    response.diagnostics().reason().filter(move |_| response.decision() == of)
}
