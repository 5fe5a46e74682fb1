//! Ceilings.

use super::*;

/// Whether a token of these claims may `read` where `crm.read` covers `read` and `list`.
fn may_read(world: &World, changes: Value) -> bool {
    scope::covers(&world.verify(changes).unwrap(), "read", &world.issuers).is_ok()
}

#[test]
fn without_ceilings_scopes_bound_nothing() {
    let world = World::new();
    assert!(may_read(&world, json!({})));
    assert!(may_read(&world, json!({ "scp": "x" })));
}

#[test]
fn an_action_needs_a_scope_that_token_and_client_both_have() {
    let mut world = World::new();
    let read: Vec<String> = vec!["read".into(), "list".into()];
    world.issuers.ceilings =
        BTreeMap::from([("crm.read".into(), read), ("crm.write".into(), vec!["write".into()])]);
    let listing = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect();
    world.issuers.clients = vec![
        Client { scopes: listing(&["crm.read"]), ..client("reader", Kind::App, None) },
        Client { scopes: listing(&["crm.write"]), ..client("writer", Kind::App, None) },
        client("free", Kind::App, None),
    ];
    for (changes, scoped, unscoped) in [
        (json!({}), false, true),
        (json!({ "scp": "crm.read" }), true, true),
        (json!({ "scp": ["crm.write", "crm.read"] }), true, true),
        (json!({ "scp": "crm.write" }), false, false),
        (json!({ "scp": "CRM.READ crm.read.all" }), false, false),
        (json!({ "azp": "reader" }), true, true),
        (json!({ "azp": "reader", "scp": "crm.read crm.write" }), true, true),
        (json!({ "azp": "reader", "scp": "crm.write" }), false, false),
        (json!({ "azp": "writer" }), false, false),
        (json!({ "azp": "writer", "scp": "crm.read" }), false, false),
        (json!({ "azp": "free" }), false, true),
        (json!({ "azp": "free", "scp": "crm.read" }), true, true),
    ] {
        for (is_unscoped, expected) in [(false, scoped), (true, unscoped)] {
            world.issuer().unscoped = is_unscoped;
            assert_eq!(may_read(&world, changes.clone()), expected, "{changes} {is_unscoped}");
        }
    }
}

#[test]
fn the_refusal_names_the_scopes_that_would_do() {
    let mut world = World::new();
    let reads = || vec!["read".to_owned()];
    world.issuers.ceilings =
        BTreeMap::from([("a".into(), reads()), ("b".into(), vec![]), ("c".into(), reads())]);
    let principal = world.verify(json!({ "scp": "b" })).unwrap();
    let error = scope::covers(&principal, "read", &world.issuers).unwrap_err();
    assert_eq!(error, Error::InsufficientScope { covering: "a c".into() });
}
