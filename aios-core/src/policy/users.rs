//! Policies that name one user: who joins or leaves is then the policies' affair, and not the identity provider's.

use std::collections::BTreeSet;

use cedar_policy::{EntityTypeName, EntityUid, Policy, PolicySet, PrincipalConstraint, ResourceConstraint};

/// Most policies that a warning names.
const MAX_NAMED: usize = 8;

/// A warning of the policies of a set that name a user, but for those users who cannot be named otherwise.
pub(super) fn warning(set: &PolicySet, user: &EntityTypeName, excused: &[EntityUid]) -> Option<String> {
    let names_one = |policy: &&Policy| {
        let named = policy.entity_literals().into_iter().chain(scope(policy));
        named.into_iter().any(|uid| uid.type_name() == user && !excused.contains(&uid))
    };
    let named: BTreeSet<String> =
        set.policies().filter(names_one).map(|policy| policy.id().to_string()).collect();
    if named.is_empty() {
        return None;
    }
    let ids: Vec<&str> = named.iter().take(MAX_NAMED).map(String::as_str).collect();
    let more = match named.len() - ids.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("one user is named by {}{more}: name a role or a group instead", ids.join(", ")))
}

/// What a scope names; slots are filled.
fn scope(policy: &Policy) -> Vec<EntityUid> {
    let principal = match policy.principal_constraint() {
        PrincipalConstraint::Any | PrincipalConstraint::Is(_) => None,
        PrincipalConstraint::Eq(uid) | PrincipalConstraint::In(uid) | PrincipalConstraint::IsIn(_, uid) => {
            Some(uid)
        }
    };
    let resource = match policy.resource_constraint() {
        ResourceConstraint::Any | ResourceConstraint::Is(_) => None,
        ResourceConstraint::Eq(uid) | ResourceConstraint::In(uid) | ResourceConstraint::IsIn(_, uid) => {
            Some(uid)
        }
    };
    principal.into_iter().chain(resource).collect()
}
