//! Policies that look at groups, for callers whose groups are not all known: what a `forbid` says of the missing ones
//! would not apply, so that each of them counts as failed.

use std::collections::{BTreeSet, HashMap};

use cedar_policy::{
    ActionConstraint, EntityTypeName, EntityUid, Policy, PrincipalConstraint, ResourceConstraint,
};
use serde_json::Value;

use super::index::Lineage;
use super::view::View;
use super::vocabulary::GroupTypes;

/// The policies that look at groups, by their actions.
#[derive(Debug, Default)]
pub(super) struct Groups {
    policies: Vec<Looks>,
    actions: HashMap<EntityUid, Vec<usize>>,
    any: Vec<usize>,
}

#[derive(Debug)]
struct Looks {
    id: String,
    at: At,
}

#[derive(Debug)]
enum At {
    /// It names a group, or compares with what only a request will tell.
    Groups,
    /// It names these, in which groups may stand.
    Above(Vec<EntityUid>),
}

impl Groups {
    /// Finds those that look at groups.
    pub(super) fn new<'p>(policies: impl Iterator<Item = &'p Policy>, types: Option<&GroupTypes>) -> Self {
        let mut groups = Self::default();
        let Some(types) = types else { return groups };
        for policy in policies {
            let Some(at) = look(policy, types) else { continue };
            let number = groups.policies.len();
            groups.policies.push(Looks { id: policy.id().to_string(), at });
            let actions = match policy.action_constraint() {
                ActionConstraint::Any => {
                    groups.any.push(number);
                    continue;
                }
                ActionConstraint::Eq(action) => vec![action],
                ActionConstraint::In(actions) => actions,
            };
            for action in actions {
                groups.actions.entry(action).or_default().push(number);
            }
        }
        groups
    }

    /// The policies of an action that look at groups, seen by a tenant.
    pub(super) fn of(&self, action: Lineage<'_>, view: View<'_>) -> BTreeSet<&str> {
        let numbers = action.line().filter_map(|uid| self.actions.get(uid)).flatten().chain(&self.any);
        let policies = numbers.filter_map(|number| self.policies.get(*number));
        let looks = |policy: &&Looks| match &policy.at {
            At::Groups => true,
            At::Above(named) => named.iter().any(|uid| view.is_above_groups(uid)),
        };
        policies.filter(looks).map(|policy| policy.id.as_str()).collect()
    }
}

fn look(policy: &Policy, types: &GroupTypes) -> Option<At> {
    let scope = scope(policy);
    let mut named: Vec<EntityUid> = policy.entity_literals();
    named.extend(scope.1);
    let names_one =
        scope.0.iter().chain(named.iter().map(EntityUid::type_name)).any(|kind| *kind == types.group);
    if names_one || (may_compare(policy) && compares(policy, types)) {
        return Some(At::Groups);
    }
    named.retain(|uid| types.above.contains(uid.type_name()));
    (!named.is_empty()).then_some(At::Above(named))
}

/// Types and entities of a scope; slots are filled.
fn scope(policy: &Policy) -> (Vec<EntityTypeName>, Vec<EntityUid>) {
    let (mut kinds, mut named) = (Vec::new(), Vec::new());
    match policy.principal_constraint() {
        PrincipalConstraint::Any => {}
        PrincipalConstraint::Eq(uid) | PrincipalConstraint::In(uid) => named.push(uid),
        PrincipalConstraint::Is(kind) => kinds.push(kind),
        PrincipalConstraint::IsIn(kind, uid) => {
            kinds.push(kind);
            named.push(uid);
        }
    }
    match policy.resource_constraint() {
        ResourceConstraint::Any => {}
        ResourceConstraint::Eq(uid) | ResourceConstraint::In(uid) => named.push(uid),
        ResourceConstraint::Is(kind) => kinds.push(kind),
        ResourceConstraint::IsIn(kind, uid) => {
            kinds.push(kind);
            named.push(uid);
        }
    }
    (kinds, named)
}

/// Whether its text can hold the operators `in` and `is` outside of its scope. Saves parsing most policies again.
fn may_compare(policy: &Policy) -> bool {
    let text = policy.to_string();
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    policy.has_non_scope_constraint()
        && words.by_ref().any(|word| word == "when" || word == "unless")
        && words.any(|word| word == "in" || word == "is")
}

/// Whether its conditions ask for a group by type, or whether something is in what only a request will tell.
fn compares(policy: &Policy, types: &GroupTypes) -> bool {
    match policy.to_json() {
        Ok(json) => looks_at(json.get("conditions").unwrap_or(&Value::Null), &types.group.to_string()),
        // Whoever cannot be read may look at anything.
        Err(_) => true,
    }
}

fn looks_at(json: &Value, group: &str) -> bool {
    match json {
        Value::Array(items) => items.iter().any(|item| looks_at(item, group)),
        Value::Object(members) => {
            let here = members.iter().any(|(operator, operands)| match operator.as_str() {
                "in" => operands.get("right").is_some_and(|right| !is_literal(right)),
                "is" => {
                    operands.get("entity_type").and_then(Value::as_str) == Some(group)
                        || operands.get("in").is_some_and(|right| !is_literal(right))
                }
                _ => false,
            });
            here || members.values().any(|member| looks_at(member, group))
        }
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => false,
    }
}

fn is_literal(json: &Value) -> bool {
    json.get("Value").is_some()
        || json.get("Set").and_then(Value::as_array).is_some_and(|items| items.iter().all(is_literal))
}
