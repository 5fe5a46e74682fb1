//! Whom selectors mean, and what entries say together.

use serde_json::json;

use super::*;
use crate::model::principal::Binding;
use crate::model::{Actor, Facts, Kind, Realm, TenantId, Timestamp};

/// Ada of acme, in whose name `helper` acts for `planner`; everybody else is called otherwise.
fn ada() -> Facts {
    let actor = |kind, id: &str| Actor { kind, issuer: "corp".parse().unwrap(), id: id.to_owned() };
    Facts {
        realm: Realm([0; 16]),
        issuer: "corp".parse().unwrap(),
        tenant_id: Some("acme".parse().unwrap()),
        subject: "ada".to_owned(),
        kind: Kind::User,
        client_id: Some("web".to_owned()),
        roles: Vec::new(),
        scopes: Vec::new(),
        permissions: Vec::new(),
        groups: Vec::new(),
        groups_complete: true,
        session_id: Some("s-1".to_owned()),
        token_id: Some("t-1".to_owned()),
        actors: vec![
            actor(Kind::Agent, "helper"),
            actor(Kind::App, "planner"),
            actor(Kind::User, "support"),
            actor(Kind::Agent, "deep"),
        ],
        auth_time: None,
        acr: None,
        amr: Vec::new(),
        expires_at: Timestamp::from_seconds(2_000),
        accepted_until: Timestamp::from_seconds(2_030),
        issued_at: Some(Timestamp::from_seconds(1_000)),
        binding: Binding::None,
        attributes: serde_json::Map::new(),
    }
}

/// An agent that speaks for itself.
fn helper() -> Facts {
    let (subject, kind) = ("helper".to_owned(), Kind::Agent);
    Facts { subject, kind, client_id: None, actors: Vec::new(), session_id: None, ..ada() }
}

fn acme() -> TenantId {
    "acme".parse().unwrap()
}

fn selector(kind: &str, id: &str) -> Selector {
    serde_json::from_value(json!({"kind": kind, "issuer": "corp", "id": id})).unwrap()
}

fn subject(kind: Kind, id: &str) -> Selector {
    Selector::Subject { issuer: "corp".parse().unwrap(), subject_kind: kind, id: id.to_owned() }
}

fn entry(selector: &Selector, verdict: Verdict) -> Entry {
    Entry { tenant: acme(), mark: Mark::of(&acme(), selector), verdict, until: None }
}

fn index(entries: &[Entry]) -> Index {
    let mut index = Index::default();
    for entry in entries {
        index.apply(entry);
    }
    index
}

fn out(facts: &Facts, selector: &Selector) -> bool {
    index(&[entry(selector, Verdict::All)]).revokes(facts)
}

#[test]
fn a_selector_means_whom_it_names_and_nobody_else() {
    let (ada, helper) = (ada(), helper());
    for (selector, means_ada, means_helper) in [
        (Selector::Tenant, true, true),
        (selector("session", "s-1"), true, false),
        (selector("session", "t-1"), false, false),
        (selector("token", "t-1"), true, true),
        (selector("token", "s-1"), false, false),
        (subject(Kind::User, "ada"), true, false),
        (subject(Kind::Agent, "ada"), false, false),
        (subject(Kind::User, "support"), true, false),
        (subject(Kind::Agent, "helper"), true, true),
        (subject(Kind::App, "helper"), false, false),
        (subject(Kind::User, "helper"), false, false),
        (selector("client", "web"), true, false),
        (selector("client", "helper"), true, true),
        (selector("client", "planner"), true, false),
        (selector("client", "ada"), false, false),
        (selector("client", "support"), false, false),
        (selector("agent", "helper"), true, true),
        (selector("agent", "planner"), true, false),
        (selector("agent", "deep"), true, false),
        (selector("agent", "web"), false, false),
        (selector("agent", "ada"), false, false),
        (selector("agent", "support"), false, false),
    ] {
        assert_eq!(
            (out(&ada, &selector), out(&helper, &selector)),
            (means_ada, means_helper),
            "{selector:?}"
        );
    }
}

#[test]
fn the_same_id_of_another_issuer_or_tenant_is_left_alone() {
    let elsewhere = |issuer: &str, tenant: &str| {
        let mut facts = ada();
        facts.issuer = issuer.parse().unwrap();
        facts.tenant_id = tenant.parse().ok();
        for actor in &mut facts.actors {
            actor.issuer = facts.issuer.clone();
        }
        facts
    };
    let selectors = [
        selector("session", "s-1"),
        selector("token", "t-1"),
        selector("client", "web"),
        selector("agent", "deep"),
        subject(Kind::User, "ada"),
    ];
    for selector in selectors {
        assert!(out(&elsewhere("corp", "acme"), &selector), "{selector:?}");
        for (issuer, tenant) in [("other", "acme"), ("corp", "globex"), ("corp", "")] {
            assert!(!out(&elsewhere(issuer, tenant), &selector), "{selector:?} {issuer} {tenant}");
        }
    }
    assert!(out(&elsewhere("other", "acme"), &Selector::Tenant));
    assert!(!out(&elsewhere("corp", "globex"), &Selector::Tenant));
}

#[test]
fn marks_are_the_documented_hash() {
    let mark = Mark::of(&acme(), &subject(Kind::User, "ada"));
    let mut framed = Vec::new();
    for part in ["aios revocation v1", "acme", "subject", "corp", "user", "ada"] {
        framed.extend(u64::try_from(part.len()).unwrap().to_be_bytes());
        framed.extend(part.as_bytes());
    }
    assert_eq!(mark.0, crate::crypto::sha256(&[&framed]));
}

#[test]
fn before_a_time_means_tokens_issued_earlier_or_without_saying_when() {
    let before = index(&[entry(&Selector::Tenant, Verdict::Before(Timestamp::from_seconds(1_000)))]);
    for (issued_at, expected) in [(Some(999), true), (Some(1_000), false), (Some(1_001), false), (None, true)]
    {
        let issued_at = issued_at.map(Timestamp::from_seconds);
        assert_eq!(before.revokes(&Facts { issued_at, ..ada() }), expected, "{issued_at:?}");
    }
}

#[test]
fn entries_count_in_their_order_and_only_lifting_undoes() {
    let at = |seconds| Verdict::Before(Timestamp::from_seconds(seconds));
    let (all, lifted) = (Verdict::All, Verdict::Lifted);
    for (verdicts, expected) in [
        (&[all][..], true),
        (&[all, lifted], false),
        (&[lifted, all], true),
        (&[all, lifted, all], true),
        (&[all, at(1)], true),
        (&[at(2_000), at(1)], true),
        (&[at(1), at(2_000)], true),
        (&[at(1), all], true),
        (&[at(2_000), lifted, at(1)], false),
    ] {
        let entries: Vec<_> =
            verdicts.iter().map(|verdict| entry(&selector("session", "s-1"), *verdict)).collect();
        assert_eq!(index(&entries).revokes(&ada()), expected, "{verdicts:?}");
    }
    // One selector's lifting is no other's.
    let entries = [entry(&selector("session", "s-1"), all), entry(&Selector::Tenant, lifted)];
    assert!(index(&entries).revokes(&ada()));
}

#[test]
fn what_is_over_is_forgotten_and_nothing_else() {
    let token = selector("token", "t-1");
    let until = |seconds: Option<i64>, verdict| Entry {
        until: seconds.map(Timestamp::from_seconds),
        ..entry(&token, verdict)
    };
    for (entries, forgotten_at) in [
        (vec![until(Some(5_000), Verdict::All)], Some(5_000)),
        (vec![until(None, Verdict::All)], None),
        (vec![until(Some(5_000), Verdict::All), until(Some(7_000), Verdict::All)], Some(7_000)),
        (vec![until(Some(7_000), Verdict::All), until(Some(5_000), Verdict::All)], Some(7_000)),
        (vec![until(None, Verdict::All), until(Some(5_000), Verdict::All)], None),
    ] {
        for now in [4_999, 5_000, 6_999, 7_000, i64::MAX / 1_000_000_000] {
            let mut index = index(&entries);
            index.forget(Timestamp::from_seconds(now));
            let expected = forgotten_at.is_none_or(|over| now < over);
            assert_eq!(index.revokes(&ada()), expected, "{entries:?} at {now}");
        }
    }
}

#[test]
fn selectors_are_read_as_they_are_written_and_nothing_else() {
    for (written, selector) in [
        (json!({"kind": "session", "issuer": "corp", "id": "s-1"}), selector("session", "s-1")),
        (
            json!({"kind": "subject", "issuer": "corp", "subject_kind": "user", "id": "ada"}),
            subject(Kind::User, "ada"),
        ),
        (json!({"kind": "tenant"}), Selector::Tenant),
    ] {
        assert_eq!(serde_json::to_value(&selector).unwrap(), written);
        assert_eq!(serde_json::from_value::<Selector>(written.clone()).unwrap(), selector);
        assert_eq!(serde_json::from_str::<Selector>(&written.to_string()).unwrap(), selector);
    }
    for bad in [
        json!({"kind": "tenant", "id": "acme"}),
        json!({"kind": "session", "issuer": "corp", "id": "s", "x": 1}),
        json!({"kind": "session", "issuer": "Corp", "id": "s"}),
        json!({"kind": "session", "id": "s"}),
        json!({"kind": "subject", "issuer": "corp", "id": "ada"}),
        json!({"kind": "key", "issuer": "corp", "id": "s"}),
        json!({"issuer": "corp", "id": "s"}),
    ] {
        assert!(serde_json::from_value::<Selector>(bad.clone()).is_err(), "{bad}");
    }
}
