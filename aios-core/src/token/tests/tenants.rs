//! Whose tokens are whose.

use super::*;
use crate::model::TenantId;

fn tenant(world: &World, changes: Value) -> Result<Option<String>, Code> {
    let principal = world.verify(changes)?;
    Ok(principal.view().tenant_id.as_ref().map(TenantId::to_string))
}

fn of(tenant: &str) -> Result<Option<String>, Code> {
    Ok(Some(tenant.to_owned()))
}

const REFUSED: Result<Option<String>, Code> = Err(Code::TokenTenantNotAllowed);

#[test]
fn an_issuer_asserts_only_what_its_registry_gives_it() {
    let mut world = World::new();
    let listed = |claim: &str, tenant: &str| {
        Tenants::Listed(BTreeMap::from([(claim.into(), tenant.parse().unwrap())]))
    };
    for (tenants, claim, expected) in [
        (listed("t1", "acme"), json!("t1"), of("acme")),
        (listed("t1", "acme"), json!("acme"), REFUSED),
        (listed("t1", "platform"), json!("t1"), REFUSED),
        (Tenants::Listed(BTreeMap::new()), json!("t1"), REFUSED),
        (Tenants::Claim, json!("t1"), of("t1")),
        (Tenants::Claim, json!("platform"), REFUSED),
        (Tenants::Claim, json!("../t1"), REFUSED),
        (Tenants::Prefixed, json!("t1"), of("corp/t1")),
        (Tenants::Prefixed, json!("other/t1"), REFUSED),
        (Tenants::Fixed("acme".parse().unwrap()), json!("t2"), of("acme")),
        (Tenants::Fixed("acme".parse().unwrap()), json!(["t2"]), of("acme")),
        (Tenants::Fixed("platform".parse().unwrap()), json!("t2"), REFUSED),
        (Tenants::Claim, json!(1), Err(Code::TokenClaimType)),
    ] {
        world.issuer().tenants = tenants.clone();
        assert_eq!(tenant(&world, json!({ "tid": claim })), expected, "{tenants:?} {claim}");
    }
}

#[test]
fn a_missing_tenant_is_refused_where_it_is_required() {
    let mut world = World::new();
    assert_eq!(tenant(&world, json!({ "tid": null })), Ok(None));
    world.issuer().required = vec!["tid".into()];
    assert_eq!(tenant(&world, json!({ "tid": null })), Err(Code::TokenTenantMissing));
    world.issuer().required = vec!["email".into()];
    assert_eq!(tenant(&world, json!({})), Err(Code::TokenClaimMissing));
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
        (json!({ "azp": "acmes" }), of("acme")),
        (json!({ "azp": "acmes", "tid": null }), of("acme")),
        (json!({ "azp": "others" }), REFUSED),
        (json!({ "azp": "others", "sub": "others" }), REFUSED),
        (json!({ "azp": "others", "tid": null }), of("umbrella")),
        (json!({ "azp": "nobodys", "tid": null }), Ok(None)),
        (json!({ "azp": "ours", "sub": "ours", "tid": null }), of("platform")),
        (json!({ "azp": "ours", "sub": "ours" }), of("acme")),
        (json!({ "azp": "ours" }), of("acme")),
        (json!({ "azp": "ours", "tid": null }), Ok(None)),
        (json!({ "azp": "unknown", "tid": null }), Ok(None)),
    ] {
        assert_eq!(tenant(&world, changes.clone()), expected, "{changes}");
    }
    world.issuer().tenants = Tenants::Fixed("acme".parse().unwrap());
    assert_eq!(tenant(&world, json!({ "azp": "ours", "sub": "ours" })), of("platform"));
    assert_eq!(tenant(&world, json!({ "azp": "ours" })), of("acme"));
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
