//! Tenants' own policies: a layer for each tenant, asked beside the platform's for that tenant's requests only.
//!
//! What both say together is what Cedar says of them as one set: the two are sets of their own so that what is remembered
//! of the platform's serves all tenants.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use cedar_policy::{Decision, EntityUid, Policy, PolicyId, Response};

use super::base::Base;
use super::bounds::{Bounds, Delegated};
use super::groups::Groups;
use super::index::Index;
use super::rules::{self, Author, Rules};
use super::source::{Delegable, Files, Problem};
use super::subject::identity;
use super::vocabulary::Vocabulary;
use crate::model::{Crossing, Ownership, TenantId};

/// All layers.
#[derive(Debug, Default)]
pub(super) struct Tenants {
    pub(super) bounds: Bounds,
    pub(super) layers: HashMap<TenantId, Arc<Layer>>,
}

/// One tenant's own policies.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) index: Index,
    pub(super) groups: Groups,
    /// Whom grants let come, who can only be named one by one.
    pub(super) visitors: Vec<EntityUid>,
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
        let bounds =
            vocabulary.map(|vocabulary| Bounds::new(delegable, vocabulary, problems)).unwrap_or_default();
        let mut layers = HashMap::new();
        for (tenant, files) in &files.layers {
            let visitors = vocabulary.map(|known| visitors(known, crossings, tenant)).unwrap_or_default();
            let objection = |policy: &Policy| {
                let vocabulary = vocabulary?;
                bounds.exceeded(policy, vocabulary).or_else(|| foreign(policy, (tenant, &visitors), base))
            };
            let author = Author {
                prefix: prefix(tenant),
                objection: &|policy| badly_named(policy).or_else(|| objection(policy)),
            };
            let schema = vocabulary.map(|vocabulary| &vocabulary.schema);
            let Rules { set, levels } = rules::load(files, &author, schema, problems);
            let index = Index::new(set, |policy| levels.need(policy));
            let types = vocabulary.and_then(|vocabulary| vocabulary.group_types.as_ref());
            let groups = Groups::new(index.all().policies(), types);
            layers.insert(tenant.clone(), Layer { index, groups, visitors }.into());
        }
        Self { bounds, layers }
    }
}

/// What the ids of a tenant's own policies begin with. No tenant id holds a colon, so that none looks like another's.
pub(super) fn prefix(tenant: &TenantId) -> String {
    format!("{PREFIX}{tenant}:")
}

/// The platform, whose policies hold for everybody.
pub(super) fn platform() -> Author<'static> {
    Author { prefix: String::new(), objection: &impersonates }
}

fn impersonates(policy: &Policy) -> Option<&'static str> {
    let begins_so = policy.annotation("id")?.starts_with(PREFIX);
    begins_so.then_some("an @id begins like those of tenants' own policies")
}

fn badly_named(policy: &Policy) -> Option<&'static str> {
    let id = policy.annotation("id")?;
    (id.len() > MAX_ID_BYTES || id.chars().any(char::is_control))
        .then_some("an @id has more than 128 bytes or holds a control character")
}

/// Whom grants let come to a tenant, which may have a word on them.
fn visitors(vocabulary: &Vocabulary, crossings: &[Crossing], tenant: &TenantId) -> Vec<EntityUid> {
    let here = crossings.iter().filter(|crossing| crossing.to == *tenant);
    here.flat_map(|crossing| &crossing.principals)
        .map(|party| vocabulary.kind(party.kind).uid(&identity(&party.issuer, &party.id)))
        .collect()
}

/// Whether it names what is another tenant's. Requests reach nothing of that, whatever a policy names.
fn foreign(
    policy: &Policy,
    (tenant, visitors): (&TenantId, &[EntityUid]),
    base: &Base,
) -> Option<&'static str> {
    let is_foreign =
        |uid: &EntityUid| base.ownership(tenant, uid) == Ownership::Foreign && !visitors.contains(uid);
    let named = policy.entity_literals();
    named.iter().any(is_foreign).then_some("names an entity that is neither the tenant's nor shared")
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
