//! Whose tokens are whose.

use super::*;
use crate::model::TenantId;

/// The tenant of the principal, `none`, or the code of the refusal.
fn tenant(world: &World, changes: Value) -> String {
    match world.verify(changes) {
        Ok(principal) => principal.view().tenant_id.as_ref().map_or("none".to_owned(), TenantId::to_string),
        Err(code) => code.to_string(),
    }
}

const REFUSED: &str = "token.tenant_not_allowed";

#[test]
fn an_issuer_asserts_only_what_its_registry_gives_it() {
    let mut world = World::new();
    let listed = |claim: &str, tenant: &str| {
        Tenants::Listed(BTreeMap::from([(claim.into(), tenant.parse().unwrap())]))
    };
    for (tenants, claim, expected) in [
        (listed("t1", "acme"), json!("t1"), "acme"),
        (listed("t1", "acme"), json!("acme"), REFUSED),
        (listed("t1", "platform"), json!("t1"), REFUSED),
        (Tenants::Listed(BTreeMap::new()), json!("t1"), REFUSED),
        (Tenants::Claim, json!("t1"), "t1"),
        (Tenants::Claim, json!("platform"), REFUSED),
        (Tenants::Claim, json!("../t1"), REFUSED),
        (Tenants::Prefixed, json!("t1"), "corp/t1"),
        (Tenants::Prefixed, json!("other/t1"), REFUSED),
        (Tenants::Fixed("acme".parse().unwrap()), json!("t2"), "acme"),
        (Tenants::Fixed("acme".parse().unwrap()), json!(["t2"]), "acme"),
        (Tenants::Fixed("platform".parse().unwrap()), json!("t2"), REFUSED),
        (Tenants::Claim, json!(1), "token.claim_type"),
    ] {
        world.issuer().tenants = tenants.clone();
        assert_eq!(tenant(&world, json!({ "tid": claim })), expected, "{tenants:?} {claim}");
    }
}

#[test]
fn a_missing_tenant_is_refused_where_it_is_required() {
    let mut world = World::new();
    assert_eq!(tenant(&world, json!({ "tid": null })), "none");
    world.issuer().required = vec!["tid".into()];
    assert_eq!(tenant(&world, json!({ "tid": null })), "token.tenant_missing");
    world.issuer().required = vec!["email".into()];
    assert_eq!(tenant(&world, json!({})), "token.claim_missing");
}

#[test]
fn a_registered_clients_tenant_bounds_its_tokens() {
    let mut world = World::new();
    world.issuers.clients = vec![
        client("acmes", Kind::App, Some("acme")),
        client("others", Kind::App, Some("umbrella")),
        client("ours", Kind::Service, Some("platform")),
        client("nobodys", Kind::App, None),
    ];
    for (changes, expected) in [
        (json!({ "azp": "acmes" }), "acme"),
        (json!({ "azp": "acmes", "tid": null }), "acme"),
        (json!({ "azp": "others" }), REFUSED),
        (json!({ "azp": "others", "sub": "others" }), REFUSED),
        (json!({ "azp": "others", "tid": null }), "umbrella"),
        (json!({ "azp": "nobodys", "tid": null }), "none"),
        (json!({ "azp": "ours", "sub": "ours", "tid": null }), "platform"),
        (json!({ "azp": "ours", "sub": "ours" }), "acme"),
        (json!({ "azp": "ours" }), "acme"),
        (json!({ "azp": "ours", "tid": null }), "none"),
        (json!({ "azp": "unknown", "tid": null }), "none"),
    ] {
        assert_eq!(tenant(&world, changes.clone()), expected, "{changes}");
    }
    world.issuer().tenants = Tenants::Fixed("acme".parse().unwrap());
    assert_eq!(tenant(&world, json!({ "azp": "ours", "sub": "ours" })), "platform");
    assert_eq!(tenant(&world, json!({ "azp": "ours" })), "acme");
}

#[test]
fn another_tenants_roles_are_not_read() {
    let world = World::new();
    assert_eq!(tenant(&world, json!({ "tid": "t2", "roles": 1 })), REFUSED);
}

#[test]
fn another_issuers_client_of_the_same_id_says_nothing() {
    let mut world = World::new();
    let stranger =
        Client { issuer: "other".parse().unwrap(), ..client("web", Kind::Agent, Some("umbrella")) };
    world.issuers.clients = vec![stranger];
    let principal = world.verify(json!({ "azp": "web" })).unwrap();
    assert_eq!(principal.view().tenant_id.as_ref().map(TenantId::as_str), Some("acme"));
    assert!(principal.view().actors.is_empty());
}
