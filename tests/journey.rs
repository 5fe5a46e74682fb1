//! Whole requests: what is permitted, what is refused with which code, and what the trail says afterwards.

use aios_core::audit::{Fault, Level};
use aios_core::{Code, Outcome, Refusal, Request, Resource};
use serde_json::{Map, json};

use crate::world::{START, World};

const STORES: [&str; 2] = ["memory:", "sqlite:aios.db"];

fn code<T>(answer: Result<T, Refusal>) -> Code {
    answer.map(drop).unwrap_err().code()
}

#[test]
fn a_permitted_call_leaves_an_intent_and_its_outcome() {
    for store in STORES {
        let world = World::new();
        let aios = world.open(store);
        let permit = aios.authorize(&world.read()).unwrap();
        assert_eq!(permit.view().principal.view().subject, "ada");
        assert_eq!(permit.view().expires_at.seconds(), START + 60);
        assert_eq!(aios.verify(None).unwrap().dangling.len(), 1);
        permit.complete(&Outcome::ok().with("rows", 3)).unwrap();
        let report = aios.verify(None).unwrap();
        assert!(report.ok && report.dangling.is_empty() && report.level == Level::Head, "{report:?}");
        // system: open, chain.open; acme: open, intent, outcome
        assert_eq!((report.chains, report.records), (2, 5));
    }
}

#[test]
fn every_kind_of_refusal_has_its_code_in_authorize_and_check() {
    let world = World::new();
    let aios = world.open("memory:");
    let ask = |claims: serde_json::Value, action: &str, resource: Resource| {
        Request::new(world.ada(&claims), action, resource)
    };
    let cases = [
        (ask(json!({}), "write", World::report()), Code::PolicyDenied),
        (ask(json!({"roles": []}), "read", World::report()), Code::PolicyDenied),
        (ask(json!({}), "fly", World::report()), Code::PolicyUnknownAction),
        (ask(json!({}), "read", Resource::new("Aios::Data", "x").tenant("globex")), Code::TenantMismatch),
        (ask(json!({}), "read", Resource::new("Aios::Data", "x")), Code::TenantMissing),
        (ask(json!({"tid": "t-other"}), "read", World::report()), Code::TokenTenantNotAllowed),
        (ask(json!({"tid": "t-globex"}), "read", World::report()), Code::TenantMismatch),
        (ask(json!({"exp": START - 30}), "read", World::report()), Code::TokenExpired),
        (ask(json!({"aud": "api://other"}), "read", World::report()), Code::TokenWrongAudience),
        (ask(json!({"iss": "https://evil.example/"}), "read", World::report()), Code::TokenUnknownIssuer),
        (ask(json!({}), "transfer", World::report()).input("cents", i64::MAX), Code::PolicyError),
        (ask(json!({}), "transfer", World::report()).input("cents", 200_000), Code::PolicyDenied),
        (ask(json!({}), "transfer", World::report()).input("cents", "many"), Code::PolicyInput),
        (ask(json!({}), "read", World::report()).trace("00-nonsense"), Code::PolicyInput),
        (ask(json!({}), &"x".repeat(257), World::report()), Code::PolicyInput),
    ];
    for (request, expected) in cases {
        assert_eq!(code(aios.authorize(&request)), expected, "{request:?}");
        let decision = aios.check(&request).unwrap();
        assert_eq!((decision.allowed, decision.code), (false, Some(expected)), "{request:?}");
    }
    assert!(aios.verify(None).unwrap().ok);
}

#[test]
fn check_records_nothing_and_consumes_nothing() {
    let world = World::new();
    let aios = world.open("memory:");
    assert!(aios.check(&world.read()).unwrap().allowed);
    assert_eq!(aios.verify(None).unwrap().records, 0);
}

#[test]
fn both_subject_and_actor_must_be_permitted() {
    let world = World::new();
    let aios = world.open("memory:");
    let by = |client: &str| Request::new(world.ada(&json!({"azp": client})), "read", World::report());
    let permit = aios.authorize(&by("helper")).unwrap();
    assert_eq!(permit.view().principal.actor().unwrap().id, "helper");
    permit.complete(&Outcome::ok()).unwrap();
    // The subject may transfer, its agent may not.
    let transfer =
        Request::new(world.ada(&json!({"azp": "helper"})), "transfer", World::report()).input("cents", 1);
    assert_eq!(code(aios.authorize(&transfer)), Code::PolicyDenied);
}

#[test]
fn a_principal_is_checked_again_at_every_use_and_belongs_to_its_engine() {
    let world = World::new();
    let (aios, other) = (world.open("memory:"), world.open("memory:"));
    let ada = aios.authenticate(&world.ada(&json!({}))).unwrap();
    let read = || Request::new(&ada, "read", World::report());
    aios.authorize(&read()).unwrap().complete(&Outcome::ok()).unwrap();
    assert_eq!(code(other.authorize(&read())), Code::TokenForeignPrincipal);
    // Leeway is 30 seconds unless configured; the token ends at START + 600.
    world.clock.advance_seconds(600 + 30);
    assert_eq!(code(aios.authorize(&read())), Code::TokenExpired);
    assert_eq!(aios.check(&read()).unwrap().code, Some(Code::TokenExpired));
}

#[test]
fn a_remembered_token_expires_like_a_fresh_one() {
    let world = World::new();
    let aios = world.open("memory:");
    let request = world.read();
    aios.authorize(&request).unwrap().complete(&Outcome::ok()).unwrap();
    world.clock.advance_seconds(600 + 30);
    assert_eq!(code(aios.authorize(&request)), Code::TokenExpired);
}

#[test]
fn a_permit_ends_with_its_time_and_with_its_completion() {
    let world = World::new();
    let aios = world.open("memory:");
    let permit = aios.authorize(&world.read()).unwrap();
    permit.still_open().unwrap();
    world.clock.advance_seconds(60);
    assert_eq!(permit.still_open().unwrap_err().code(), Code::AuditPermitEnded);
    // What happened is recorded all the same.
    permit.complete(&Outcome::failed()).unwrap();
    assert_eq!(permit.complete(&Outcome::ok()).unwrap_err().code(), Code::AuditCompleted);
    let large = Outcome::ok().with("x", "y".repeat(16 * 1024));
    let another = aios.authorize(&world.read()).unwrap();
    assert_eq!(another.complete(&large).unwrap_err().code(), Code::PolicyInput);
    another.complete(&Outcome::ok()).unwrap();
}

#[test]
fn a_forgotten_permit_is_recorded_as_abandoned() {
    for store in STORES {
        let world = World::new();
        let aios = world.open(store);
        drop(aios.authorize(&world.read()).unwrap());
        let report = aios.verify(None).unwrap();
        assert!(report.ok && report.dangling.is_empty() && report.records == 5, "{report:?}");
    }
}

#[test]
fn the_same_call_gets_its_permit_back_while_it_is_open() {
    let world = World::new();
    let aios = world.open("memory:");
    let ada = aios.authenticate(&world.ada(&json!({}))).unwrap();
    let call = || Request::new(&ada, "transfer", World::report()).input("cents", 5).call("call-1");
    let first = aios.authorize(&call()).unwrap();
    let again = aios.authorize(&call()).unwrap();
    assert_eq!(first.view().id, again.view().id);
    for other in [
        call().input("cents", 6),
        Request::new(&ada, "read", World::report()).call("call-1"),
        Request { input: Map::from_iter([("cents".to_owned(), json!(5))]), ..call() }.context("x", 1),
        Request::new(world.ada(&json!({"sub": "bob"})), "transfer", World::report())
            .input("cents", 5)
            .call("call-1"),
    ] {
        let refused = code(aios.authorize(&other));
        assert!(matches!(refused, Code::PolicyCallReused | Code::PolicyInput), "{refused}");
    }
    first.complete(&Outcome::ok()).unwrap();
    let fresh = aios.authorize(&call()).unwrap();
    assert_ne!(first.view().id, fresh.view().id);
    fresh.complete(&Outcome::ok()).unwrap();
    // A refusal is not remembered: the id is free for the next try.
    assert_eq!(code(aios.authorize(&call().input("cents", i64::MAX).call("call-2"))), Code::PolicyError);
    aios.authorize(&call().call("call-2")).unwrap().complete(&Outcome::ok()).unwrap();
    assert!(aios.verify(None).unwrap().dangling.is_empty());
}

#[test]
fn after_close_everything_is_refused_and_the_chains_are_ended() {
    for store in STORES {
        let world = World::new();
        let aios = world.open(store);
        aios.authorize(&world.read()).unwrap().complete(&Outcome::ok()).unwrap();
        aios.close().unwrap();
        assert_eq!(code(aios.authorize(&world.read())), Code::EngineClosed);
        assert_eq!(aios.check(&world.read()).unwrap_err().code(), Code::EngineClosed);
        assert_eq!(aios.close().unwrap_err().code(), Code::EngineClosed);
    }
    let world = World::new();
    let aios = world.open("sqlite:aios.db");
    aios.authorize(&world.read()).unwrap().complete(&Outcome::ok()).unwrap();
    aios.close().unwrap();
    let report = world.open("sqlite:aios.db").verify(None).unwrap();
    // system: open, chain.open, close; acme: open, intent, outcome, close
    assert!(report.ok && report.records == 7, "{report:?}");
}

#[test]
fn an_auditor_needs_a_policy_to_get_the_master_and_leaves_a_record() {
    let world = World::new();
    let aios = world.open("sqlite:aios.db");
    let (acme, globex) = ("acme".parse().unwrap(), "globex".parse().unwrap());
    let key = aios.verification_key(world.ada(&json!({})), &acme).unwrap();
    assert_eq!(key.expose().len(), 32);
    assert_eq!(aios.verify(Some(&acme)).unwrap().records, 3);
    let refused = |who, tenant| aios.verification_key(who, tenant).unwrap_err().code();
    assert_eq!(refused(world.ada(&json!({"roles": ["Analyst"]})), &acme), Code::PolicyDenied);
    assert_eq!(refused(world.ada(&json!({})), &globex), Code::TenantMismatch);
}

#[test]
fn test_and_production_engines_do_not_share_a_store() {
    let world = World::new();
    let settings =
        || aios_core::config::from_value(world.configuration("sqlite:aios.db"), world.base()).unwrap();
    let production = aios_core::Aios::builder(settings()).build().unwrap();
    production.close().unwrap();
    let refused = world.try_open(world.configuration("sqlite:aios.db")).unwrap_err();
    assert_eq!(refused.code(), Code::StoreWrongMode);
}

#[test]
fn a_masters_file_of_another_deployment_or_root_does_not_open_it() {
    let world = World::new();
    let aios = world.open("sqlite:aios.db");
    aios.authorize(&world.read()).unwrap().complete(&Outcome::ok()).unwrap();
    aios.close().unwrap();
    let mut elsewhere = world.configuration("sqlite:aios.db");
    elsewhere["deployment"] = json!("staging");
    assert_eq!(code(world.try_open(elsewhere)), Code::KeyUnusable);
    aios_core::root_keys::create(&world.path("other.keys")).unwrap();
    let mut other_root = world.configuration("sqlite:aios.db");
    other_root["keys"]["file"] = json!("other.keys");
    assert_eq!(code(world.try_open(other_root)), Code::KeyUnusable);
}

#[test]
fn a_permit_does_not_outlive_the_token_behind_it() {
    let world = World::new();
    let aios = world.open("memory:");
    let request = Request::new(world.ada(&json!({"exp": START + 5})), "read", World::report());
    let permit = aios.authorize(&request).unwrap();
    // Five seconds and the issuer's leeway of thirty.
    assert_eq!(permit.view().expires_at.seconds(), START + 35);
    permit.complete(&Outcome::ok()).unwrap();
}

#[test]
fn a_call_whose_permit_ended_gets_a_new_one() {
    let world = World::new();
    let aios = world.open("memory:");
    let call = world.read().call("call-1");
    let held = aios.authorize(&call).unwrap();
    world.clock.advance_seconds(60);
    let fresh = aios.authorize(&call).unwrap();
    assert_ne!(held.view().id, fresh.view().id);
    // The end of the old one leaves the new one's place alone.
    held.complete(&Outcome::failed()).unwrap();
    assert_eq!(aios.authorize(&call).unwrap().view().id, fresh.view().id);
    fresh.complete(&Outcome::ok()).unwrap();
}

#[test]
fn a_reused_call_id_is_recorded_like_any_refusal() {
    let world = World::new();
    let aios = world.open("memory:");
    let permit = aios.authorize(&world.read().call("call-1")).unwrap();
    let before = aios.verify(None).unwrap().records;
    let other = Request::new(world.ada(&json!({"sub": "bob"})), "read", World::report()).call("call-1");
    assert_eq!(code(aios.authorize(&other)), Code::PolicyCallReused);
    assert_eq!(aios.verify(None).unwrap().records, before + 1);
    permit.complete(&Outcome::ok()).unwrap();
}

#[test]
fn a_vanished_chain_or_master_is_found() {
    let tables = |names: &[&str], which: &str| -> String {
        let delete = |name: &&str| format!("DELETE FROM {name} WHERE chain IN ({which});");
        names.iter().map(delete).collect::<Vec<_>>().concat()
    };
    let all = ["audit_record", "audit_head", "audit_disclosure", "audit_chain"];
    let acme = "SELECT chain FROM audit_chain WHERE tenant = 'acme'";
    let system = "SELECT chain FROM audit_chain WHERE tenant = ''";
    let cases = [
        (tables(&all, acme), Ok(Fault::MissingChain)),
        (tables(&all, system), Ok(Fault::Unannounced)),
        (tables(&["audit_head"], acme), Ok(Fault::MissingHead)),
        ("UPDATE audit_head SET records = -1".to_owned(), Ok(Fault::Head)),
        (
            "UPDATE audit_chain SET tenant = 'globex' WHERE tenant = 'acme'".to_owned(),
            Ok(Fault::MissingChain),
        ),
        ("DELETE FROM row WHERE key = 'audit/master/acme'".to_owned(), Err(Code::KeyUnusable)),
    ];
    for (change, expected) in cases {
        let world = World::new();
        let aios = world.open("sqlite:aios.db");
        aios.authorize(&world.read()).unwrap().complete(&Outcome::ok()).unwrap();
        aios.close().unwrap();
        rusqlite::Connection::open(world.path("aios.db")).unwrap().execute_batch(&change).unwrap();
        for tenant in [None, Some("acme".parse().unwrap())] {
            let found = world.open("sqlite:aios.db").verify(tenant.as_ref());
            let found = found.map(|report| report.violation.map(|found| found.fault));
            let expected = expected.map(Some);
            assert_eq!(found.map_err(|refusal| refusal.code()), expected, "{change} {tenant:?}");
        }
    }
}
