//! Which policies can matter for a request: those whose scope its principal, action and resource fit.
//!
//! Each policy lies on one shelf, that of its most selective key. A policy on no shelf of a request has a scope that is
//! false there, and a scope never fails, so that leaving it out changes neither decision nor reasons nor errors.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cedar_policy::{
    ActionConstraint, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint,
    ResourceConstraint,
};

use super::candidates::{Candidates, Seen, Unfit};
use super::levels::Need;

/// All policies, filed.
#[derive(Debug)]
pub(super) struct Index {
    all: Arc<Candidates>,
    ids: Vec<PolicyId>,
    needs: Vec<Need>,
    shelves: Vec<Vec<usize>>,
    principals: HashMap<EntityUid, Shelf>,
    resources: HashMap<EntityUid, Shelf>,
    actions: HashMap<EntityUid, OfAction>,
    any: Shelf,
}

type Shelf = usize;

/// The shelves of policies without a uid of principal or resource. A policy for several actions lies on one shelf, to
/// which each of them leads.
#[derive(Debug, Default)]
struct OfAction {
    of_any_type: Vec<Shelf>,
    of_type: HashMap<EntityTypeName, Vec<Shelf>>,
}

/// An entity and all its ancestors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lineage<'a> {
    pub(super) uid: &'a EntityUid,
    pub(super) ancestors: &'a [EntityUid],
}

/// What the scopes of policies are compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) principal: Lineage<'a>,
    pub(super) action: Lineage<'a>,
    pub(super) resource: Lineage<'a>,
}

/// The most selective that a policy's scope says.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Principal(EntityUid),
    Resource(EntityUid),
    Action(Vec<EntityUid>, Option<EntityTypeName>),
    Any,
}

impl Index {
    /// Files all policies of a set. `need` says what a policy's evaluation looks at.
    pub(super) fn new(set: PolicySet, need: impl Fn(&Policy) -> Need) -> Self {
        let (mut ids, mut needs) = (Vec::new(), Vec::new());
        let mut filed: BTreeMap<Key, Vec<usize>> = BTreeMap::from([(Key::Any, Vec::new())]);
        for (number, policy) in set.policies().enumerate() {
            ids.push(policy.id().clone());
            needs.push(need(policy));
            filed.entry(key(policy)).or_default().push(number);
        }
        let mut index = Self {
            all: Arc::new(Candidates::all(set, needs.iter())),
            ids,
            needs,
            shelves: Vec::with_capacity(filed.len()),
            principals: HashMap::new(),
            resources: HashMap::new(),
            actions: HashMap::new(),
            any: 0,
        };
        for (key, policies) in filed {
            let shelf = index.shelves.len();
            index.shelves.push(policies);
            index.label(key, shelf);
        }
        index
    }

    fn label(&mut self, key: Key, number: Shelf) {
        match key {
            Key::Principal(uid) => drop(self.principals.insert(uid, number)),
            Key::Resource(uid) => drop(self.resources.insert(uid, number)),
            Key::Action(actions, kind) => {
                for action in actions {
                    let of_action = self.actions.entry(action).or_default();
                    let shelves = match &kind {
                        None => &mut of_action.of_any_type,
                        Some(kind) => of_action.of_type.entry(kind.clone()).or_default(),
                    };
                    shelves.push(number);
                }
            }
            Key::Any => self.any = number,
        }
    }

    /// The policies that can matter, as one set: made when their combination of shelves is first seen.
    ///
    /// # Errors
    /// Cedar does not take a policy into a second set, which it always does.
    pub(super) fn candidates(
        &self,
        seen: &Seen,
        Asked { principal, action, resource }: Asked<'_>,
    ) -> Result<Arc<Candidates>, Unfit> {
        let mut shelves = Vec::with_capacity(8);
        shelves.extend(principal.line().filter_map(|uid| self.principals.get(uid)));
        shelves.extend(resource.line().filter_map(|uid| self.resources.get(uid)));
        for of_action in action.line().filter_map(|uid| self.actions.get(uid)) {
            shelves.extend(&of_action.of_any_type);
            shelves.extend(of_action.of_type.get(principal.uid.type_name()).into_iter().flatten());
        }
        if self.shelves.get(self.any).is_some_and(|policies| !policies.is_empty()) {
            shelves.push(self.any);
        }
        shelves.sort_unstable();
        shelves.dedup();
        seen.or_gather(&shelves, || self.gather(&shelves))
    }

    fn gather(&self, shelves: &[Shelf]) -> Result<Arc<Candidates>, Unfit> {
        let mut numbers: Vec<usize> =
            shelves.iter().filter_map(|shelf| self.shelves.get(*shelf)).flatten().copied().collect();
        if numbers.len() == self.ids.len() {
            return Ok(Arc::clone(&self.all));
        }
        numbers.sort_unstable();
        let mut set = PolicySet::new();
        for id in numbers.iter().filter_map(|number| self.ids.get(*number)) {
            take(&mut set, &self.all.set, id)?;
        }
        let needs = numbers.iter().filter_map(|number| self.needs.get(*number));
        Ok(Arc::new(Candidates::new(set, needs)))
    }

    /// All policies as one set.
    pub(super) fn all(&self) -> &PolicySet {
        &self.all.set
    }

    /// How many policies there are.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Room to remember this index's candidates in.
    pub(super) fn seen(&self) -> Seen {
        Seen::new(self.ids.len())
    }

    /// How many policies without a uid of principal or resource each of these actions has, whoever asks.
    pub(super) fn unscoped<'a>(
        &self,
        actions: impl Iterator<Item = Lineage<'a>>,
    ) -> Vec<(&'a EntityUid, usize)> {
        let size = |shelf: &Shelf| self.shelves.get(*shelf).map_or(0, Vec::len);
        actions
            .map(|action| {
                let of_actions = action.line().filter_map(|uid| self.actions.get(uid));
                let mut shelves: Vec<Shelf> = of_actions
                    .flat_map(|of| of.of_any_type.iter().chain(of.of_type.values().flatten()))
                    .copied()
                    .chain([self.any])
                    .collect();
                shelves.sort_unstable();
                shelves.dedup();
                (action.uid, shelves.iter().map(size).sum())
            })
            .collect()
    }
}

impl<'a> Lineage<'a> {
    pub(super) fn line(self) -> impl Iterator<Item = &'a EntityUid> {
        std::iter::once(self.uid).chain(self.ancestors)
    }
}

/// Takes a policy or template over from another set; a template's link with its template.
pub(super) fn take(set: &mut PolicySet, from: &PolicySet, id: &PolicyId) -> Result<(), Unfit> {
    let Some(policy) = from.policy(id) else { return take_template(set, from, id) };
    let (Some(template), Some(slots)) = (policy.template_id(), policy.template_links()) else {
        return Ok(set.add(policy.clone())?);
    };
    take_template(set, from, template)?;
    Ok(set.link(template.clone(), id.clone(), slots)?)
}

pub(super) fn take_template(set: &mut PolicySet, from: &PolicySet, id: &PolicyId) -> Result<(), Unfit> {
    match from.template(id) {
        Some(template) if set.template(id).is_none() => Ok(set.add_template(template.clone())?),
        Some(_) | None => Ok(()),
    }
}

fn key(policy: &Policy) -> Key {
    let kind = match policy.principal_constraint() {
        PrincipalConstraint::Eq(uid) | PrincipalConstraint::In(uid) | PrincipalConstraint::IsIn(_, uid) => {
            return Key::Principal(uid);
        }
        PrincipalConstraint::Is(kind) => Some(kind),
        PrincipalConstraint::Any => None,
    };
    match policy.resource_constraint() {
        ResourceConstraint::Eq(uid) | ResourceConstraint::In(uid) | ResourceConstraint::IsIn(_, uid) => {
            return Key::Resource(uid);
        }
        ResourceConstraint::Is(_) | ResourceConstraint::Any => {}
    }
    match policy.action_constraint() {
        ActionConstraint::Eq(action) => Key::Action(vec![action], kind),
        ActionConstraint::In(mut actions) => {
            actions.sort_unstable();
            actions.dedup();
            Key::Action(actions, kind)
        }
        ActionConstraint::Any => Key::Any,
    }
}
