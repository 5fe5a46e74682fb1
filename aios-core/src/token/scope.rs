//! Scopes are ceilings: what a token may do at most, whatever its roles.

use super::{Error, Issuers};
use crate::model::Principal;

/// Whether the scopes of a token and its client cover an action.
///
/// `action` is the name as `[scopes]` lists it.
///
/// # Errors
/// [`Error::InsufficientScope`] names the scopes that would cover it.
pub fn covers(principal: &Principal, action: &str, issuers: &Issuers) -> Result<(), Error> {
    if issuers.ceilings.is_empty() {
        return Ok(());
    }
    let is_covered = match Ceiling::of(principal, issuers) {
        Ceiling::None => true,
        Ceiling::Scopes(scopes) => scopes.iter().any(|scope| lists(issuers, scope, action)),
    };
    if is_covered { Ok(()) } else { Err(Error::InsufficientScope { covering: covering(issuers, action) }) }
}

enum Ceiling<'a> {
    /// The issuer's tokens carry no scopes, and nothing else bounds them.
    None,
    /// These and no more.
    Scopes(Vec<&'a str>),
}

impl<'a> Ceiling<'a> {
    fn of(principal: &'a Principal, issuers: &'a Issuers) -> Self {
        let facts = principal.view();
        let client = facts.client_id.as_deref().and_then(|id| issuers.client(&facts.issuer, id));
        let allowed = client.map(|client| client.scopes.as_slice()).unwrap_or_default();
        let is_unscoped = issuers.named(&facts.issuer).is_some_and(|issuer| issuer.unscoped);
        match (facts.scopes.as_slice(), allowed) {
            ([], []) if is_unscoped => Self::None,
            ([], only) | (only, []) => Self::Scopes(only.iter().map(String::as_str).collect()),
            (given, allowed) => Self::Scopes(
                given.iter().filter(|scope| allowed.contains(scope)).map(String::as_str).collect(),
            ),
        }
    }
}

fn lists(issuers: &Issuers, scope: &str, action: &str) -> bool {
    issuers.ceilings.get(scope).is_some_and(|actions| actions.iter().any(|name| name == action))
}

fn covering(issuers: &Issuers, action: &str) -> String {
    let scopes = issuers.ceilings.keys().map(String::as_str).filter(|scope| lists(issuers, scope, action));
    scopes.collect::<Vec<_>>().join(" ")
}
