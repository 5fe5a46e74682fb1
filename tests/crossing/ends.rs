//! What ends a permit across tenants: its time, the grant's, and either tenant's revocation.

use aios_core::{Aios, Code, Credential, Request, Resource, Selector};
use serde_json::{Value, json};

use super::{configuration, open, reading, refused, theirs, visit, world};
use crate::world::{START, World};

/// An engine in which administrators of both tenants may revoke.
fn with_admins(world: &World, store: &str) -> Aios {
    let policy = r#"permit (principal in Aios::Role::"admin", action == Aios::Action::"revoke", resource);"#;
    std::fs::write(world.path("policies/revoke.cedar"), policy).unwrap();
    let mut configuration = configuration(world, store);
    configuration["issuer"][0]["roles"]["admin"] = json!("Admin");
    configuration["revocation"] = json!({"bound_milliseconds": 0});
    world.try_open(configuration).unwrap()
}

fn admin(world: &World, tenant: &str) -> Credential {
    world.ada(&json!({"sub": format!("root-{tenant}"), "tid": tenant, "roles": ["Admin"]}))
}

#[test]
fn a_permit_ends_with_the_grant_and_then_the_guard_stands_again() {
    let world = world();
    let aios = open(&world, "memory:");
    let usual = visit(&world, &aios).unwrap();
    assert_eq!(usual.view().expires_at.seconds(), START + 60);
    world.clock.advance_seconds(60);
    let last = visit(&world, &aios).unwrap();
    assert_eq!(last.view().expires_at.seconds(), START + 90, "the grant's end");
    world.clock.advance_seconds(29);
    assert!(last.still_open().is_ok());
    world.clock.advance_seconds(1);
    assert_eq!(last.still_open().unwrap_err().code(), Code::AuditPermitEnded);
    let refusal = aios.authorize(&reading(world.ada(&json!({})))).map(drop).unwrap_err();
    assert_eq!(refusal.code(), Code::TenantMismatch);
    assert!(refusal.detail().hint.as_deref().is_some_and(|hint| hint.contains("has ended")), "{refusal:?}");
    assert!(!format!("{refusal:?}").contains("globex"));
    let decision = aios.check(&reading(world.ada(&json!({})))).unwrap();
    assert_eq!(decision.code, Some(Code::TenantMismatch));
    // An engine opens with a grant that is over, and says so.
    let late = open(&world, "memory:");
    let warnings = late.policies().unwrap().warnings;
    assert_eq!(warnings, ["cross_tenant review: it has ended and lifts nothing"]);
}

#[test]
fn either_tenant_throws_a_visitor_out() {
    let selectors = [
        json!({"kind": "tenant"}),
        json!({"kind": "subject", "issuer": "corp", "subject_kind": "user", "id": "ada"}),
    ];
    for (of, revoker) in [("acme", "t-acme"), ("globex", "t-globex")] {
        for selector in &selectors {
            let world = world();
            let aios = with_admins(&world, "sqlite:aios.db");
            let permit = visit(&world, &aios).unwrap();
            assert!(permit.still_open().is_ok());
            let meant: Selector = serde_json::from_value(selector.clone()).unwrap();
            aios.revoke(admin(&world, revoker), &meant).unwrap();
            assert_eq!(permit.still_open().unwrap_err().code(), Code::TokenRevoked, "{of} {selector}");
            assert_eq!(refused(visit(&world, &aios)), Code::TokenRevoked, "{of} {selector}");
            let decision = aios.check(&reading(world.ada(&json!({})))).unwrap();
            assert_eq!(decision.code, Some(Code::TokenRevoked), "{of} {selector}");
            // At home nobody is out who was thrown out elsewhere.
            let at_home = aios.authorize(&world.read());
            assert_eq!(at_home.is_ok(), of == "globex", "{of} {selector}");
        }
    }
}

#[test]
fn a_third_tenant_or_another_visitor_ends_nothing() {
    let world = world();
    let aios = with_admins(&world, "memory:");
    let permit = visit(&world, &aios).unwrap();
    let bob: Value = json!({"kind": "subject", "issuer": "corp", "subject_kind": "user", "id": "bob"});
    aios.revoke(admin(&world, "t-globex"), &serde_json::from_value(bob).unwrap()).unwrap();
    assert!(permit.still_open().is_ok());
    let ada: Selector = serde_json::from_value(
        json!({"kind": "subject", "issuer": "corp", "subject_kind": "user", "id": "ada"}),
    )
    .unwrap();
    aios.revoke(admin(&world, "t-globex"), &ada).unwrap();
    assert_eq!(permit.still_open().unwrap_err().code(), Code::TokenRevoked);
    aios.reinstate(admin(&world, "t-globex"), &ada).unwrap();
    assert!(visit(&world, &aios).is_ok());
}

#[test]
fn a_permits_credentials_stay_those_of_its_principals_tenant() {
    let policies = r#"
        permit (principal in Aios::Role::"analyst", action == Aios::Action::"use", resource is Aios::Secret);
        @id("not-for-their-plan") forbid (principal, action == Aios::Action::"use", resource == Aios::Secret::"prod/key")
        when { context has call && context.call has tenant && context.call.tenant == "globex" && context.call.id == "plan" };
    "#;
    let world = world();
    std::fs::write(world.path("policies/use.cedar"), policies).unwrap();
    let aios = open(&world, "memory:");
    let permit = visit(&world, &aios).unwrap();
    assert_eq!(permit.credential("prod/other").unwrap().reference().to_string(), "secret://acme/prod/other");
    let theirs_too = ["secret://globex/prod/other", "secret://globex/prod/other@1"];
    for name in theirs_too {
        assert_eq!(permit.credential(name).unwrap_err().code(), Code::TenantMismatch, "{name}");
    }
    // Policy hears whose the thing is that the call is for.
    assert_eq!(permit.credential("prod/key").unwrap_err().code(), Code::PolicyDenied);
    let at_home =
        Request::new(world.ada(&json!({})), "read", Resource::new("Aios::Data", "plan").tenant("acme"));
    assert!(aios.authorize(&at_home).unwrap().credential("prod/key").is_ok());
    assert_eq!(theirs().tenant.as_deref(), Some("globex"));
}
