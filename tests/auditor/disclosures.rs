//! Ids of people and programs stand beside the chain, where they can be erased, and nowhere else.

use aios_core::audit::Fault;
use aios_core::{Aios, Code, Outcome, Request};
use rusqlite::Connection;
use serde_json::json;

use crate::world::World;

const SUBJECT: &str = "zaphod.beeblebrox";

/// A permitted call through an agent and a refused one: four disclosures, two of a person.
fn used() -> (World, Aios) {
    let world = World::new();
    let aios = world.open("sqlite:aios.db");
    let read = |claims| Request::new(world.ada(&claims), "read", World::report());
    let permit = aios.authorize(&read(json!({"sub": SUBJECT, "azp": "helper"}))).unwrap();
    permit.complete(&Outcome::ok()).unwrap();
    let refused = aios.authorize(&read(json!({"sub": SUBJECT, "roles": []}))).unwrap_err();
    assert_eq!(refused.code(), Code::PolicyDenied);
    aios.flush().unwrap();
    (world, aios)
}

fn file(world: &World) -> Connection {
    Connection::open(world.path("aios.db")).unwrap()
}

fn disclosures(world: &World) -> u64 {
    file(world).query_row("SELECT count(*) FROM audit_disclosure", [], |row| row.get(0)).unwrap()
}

/// Whether the bytes stand anywhere in the database or its log.
fn stands_in_files(world: &World, bytes: &[u8]) -> bool {
    ["aios.db", "aios.db-wal"].iter().any(|name| {
        let content = std::fs::read(world.path(name)).unwrap();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn a_persons_id_stands_only_in_disclosures() {
    let (world, aios) = used();
    assert!(!stands_in_files(&world, SUBJECT.as_bytes()));
    // The search finds what does stand there.
    assert!(stands_in_files(&world, b"report-7"));
    let texts: Vec<String> = file(&world)
        .prepare("SELECT text FROM audit_disclosure")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(texts.len(), 4);
    // There in base64url: this is the end of `["<salt>","id","zaphod.beeblebrox"]`.
    let of_subject = texts.iter().filter(|text| text.ends_with("YXBob2QuYmVlYmxlYnJveCJd")).count();
    assert_eq!(of_subject, 2, "{texts:?}");
    drop(aios);
}

#[test]
fn a_users_consent_is_recorded_with_its_scopes_and_its_id_can_be_erased() {
    const CONSENT: &str = "consent-of-zaphod";
    let world = World::new();
    let mut configuration = world.configuration("sqlite:aios.db");
    configuration["issuer"][0]["preset"] = json!("workos-connect");
    let aios = world.try_open(configuration).unwrap();
    let token = world.ada(&json!({"sid": CONSENT, "scp": "crm.read crm.list", "client_id": "web"}));
    aios.authorize(&Request::new(token, "read", World::report())).unwrap().complete(&Outcome::ok()).unwrap();
    aios.flush().unwrap();
    assert!(stands_in_files(&world, br#""consent":{"scopes":["crm.read","crm.list"]}"#));
    assert!(!stands_in_files(&world, CONSENT.as_bytes()));
    assert_eq!((aios.verify(None).unwrap().ok, disclosures(&world)), (true, 3));
    file(&world).execute("DELETE FROM audit_disclosure WHERE place = 2", []).unwrap();
    let after = aios.verify(None).unwrap();
    assert_eq!((after.ok, after.erased), (true, 1));
}

#[test]
fn erased_disclosures_leave_the_trail_whole_and_are_counted() {
    const ERASE_ONE: &str = "DELETE FROM audit_disclosure WHERE (chain, seq, place) =
        (SELECT chain, seq, place FROM audit_disclosure LIMIT 1)";
    let (world, aios) = used();
    let before = aios.verify(None).unwrap();
    assert_eq!((before.ok, before.erased, disclosures(&world)), (true, 0, 4));
    for (erased, left) in [(1, 3), (2, 2), (3, 1), (4, 0)] {
        assert_eq!(file(&world).execute(ERASE_ONE, []).unwrap(), 1);
        let after = aios.verify(None).unwrap();
        assert_eq!((after.ok, after.erased, disclosures(&world)), (true, erased, left), "{after:?}");
        assert_eq!(after.records, before.records);
    }
}

#[test]
fn a_changed_or_foreign_disclosure_is_found_at_its_record() {
    for (change, seq) in [
        // Another name for the refused caller.
        ("UPDATE audit_disclosure SET text = text || 'A' WHERE seq = 3", 3),
        // The permitted caller's, moved to the refused call.
        (
            "UPDATE audit_disclosure SET text = (SELECT text FROM audit_disclosure WHERE seq = 1 AND place = 0) WHERE seq = 3",
            3,
        ),
        // One too many: its own a second time.
        (
            "INSERT INTO audit_disclosure SELECT chain, seq, 7, text FROM audit_disclosure WHERE seq = 1 AND place = 0",
            1,
        ),
        // Beside an outcome, which discloses nothing.
        ("UPDATE audit_disclosure SET seq = 2 WHERE seq = 1 AND place = 1", 2),
    ] {
        let (world, aios) = used();
        assert_eq!(file(&world).execute(change, []).unwrap(), 1, "{change}");
        let found = aios.verify(None).unwrap().violation.unwrap();
        assert_eq!((found.fault, found.place.seq), (Fault::Disclosure, seq), "{change}");
        assert_eq!(found.tenant, "acme");
    }
}
