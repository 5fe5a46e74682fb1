//! What tenants' own policies may permit: the actions and types of resources that the platform delegates.
//!
//! Asked twice. A policy whose scope reaches further is not loaded, so that its author hears of it; and a decision asks
//! of the request itself, whatever was found in a scope.

use std::collections::HashSet;

use cedar_policy::{
    ActionConstraint, Effect, EntityTypeName, EntityUid, Policy, Request, ResourceConstraint,
};

use super::source::{Delegable, Problem};
use super::vocabulary::Vocabulary;

/// The delegated actions, with all that stand in their groups, and the delegated types.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    actions: HashSet<EntityUid>,
    resources: HashSet<EntityTypeName>,
}

/// Whether tenants' own policies may permit something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delegated {
    No,
    Yes,
}

impl Bounds {
    pub(super) fn new(delegable: &Delegable, vocabulary: &Vocabulary, problems: &mut Vec<Problem>) -> Self {
        let mut bounds = Self::default();
        for name in &delegable.actions {
            let Ok(action) = vocabulary.action(name) else {
                let message = format!("the schema has no action {name}, or several");
                problems.push(Problem::new("[policy] delegable.actions", None, message));
                continue;
            };
            bounds.actions.extend(within(vocabulary, &action.uid).cloned());
        }
        for name in &delegable.resources {
            let Some(kind) = vocabulary.find(name) else {
                let message = format!("the schema has no type {name}");
                problems.push(Problem::new("[policy] delegable.resources", None, message));
                continue;
            };
            bounds.resources.insert(kind.name.clone());
        }
        bounds
    }

    /// Whether a request is one that tenants' own policies may permit.
    pub(super) fn of(&self, request: &Request) -> Delegated {
        let asked = request.action().zip(request.resource());
        let held = asked.is_some_and(|(action, resource)| {
            self.has_action(action) && self.has_resource(resource.type_name())
        });
        if held { Delegated::Yes } else { Delegated::No }
    }

    pub(super) fn has_action(&self, action: &EntityUid) -> bool {
        self.actions.contains(action)
    }

    pub(super) fn has_resource(&self, kind: &EntityTypeName) -> bool {
        self.resources.contains(kind)
    }

    /// Why a tenant's own policy would permit too much, if so.
    pub(super) fn exceeded(&self, policy: &Policy, vocabulary: &Vocabulary) -> Option<&'static str> {
        match policy.effect() {
            Effect::Forbid => return None,
            Effect::Permit => {}
        }
        let held = |named: &EntityUid| within(vocabulary, named).all(|action| self.actions.contains(action));
        let actions_held = match policy.action_constraint() {
            ActionConstraint::Any => false,
            ActionConstraint::Eq(action) => self.actions.contains(&action),
            ActionConstraint::In(actions) => actions.iter().all(held),
        };
        if !actions_held {
            return Some(ACTIONS);
        }
        let kind = match policy.resource_constraint() {
            ResourceConstraint::Any | ResourceConstraint::In(_) => None,
            ResourceConstraint::Eq(uid) => Some(uid.type_name().clone()),
            ResourceConstraint::Is(kind) | ResourceConstraint::IsIn(kind, _) => Some(kind),
        };
        let type_held = kind.is_some_and(|kind| self.resources.contains(&kind));
        if type_held { None } else { Some(RESOURCES) }
    }
}

const ACTIONS: &str =
    "permits more than is delegated: the scope must name its actions, each of [policy] delegable.actions";
const RESOURCES: &str = "permits more than is delegated: the scope must name the resource or its type (`==`, `is`), \
    of [policy] delegable.resources";

/// An action and all that stand in it.
fn within<'v>(vocabulary: &'v Vocabulary, named: &EntityUid) -> impl Iterator<Item = &'v EntityUid> {
    let stands_in = move |line: &EntityUid| line == named;
    let found: Vec<&EntityUid> = vocabulary
        .lineages()
        .filter(|action| action.line().any(stands_in))
        .map(|action| action.uid)
        .collect();
    found.into_iter()
}
