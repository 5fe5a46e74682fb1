//! One damaged store for each thing that the doctor finds.

use aios_core::engine::Rewrap;
use aios_core::engine::entities::NewEntity;
use aios_core::engine::vault::{Ailment, Diagnosis, Lifetime};
use aios_core::model::EntityRef;
use aios_core::vault::{OnOverdue, Schedule};
use aios_core::{Aios, Code, Outcome};
use rusqlite::params;
use serde_json::Map;

use super::upstream::{Upstream, reply};
use super::using::{Use, ask};
use super::{Site, code, configuration, put};

const DAY: i64 = 86_400;

/// Two secrets, in a store that is closed, so that it can be damaged.
fn filled() -> Site {
    let site = Site::new();
    site.put("secret://acme/prod/a", "sk-a").unwrap();
    site.put("secret://acme/prod/b", "sk-b").unwrap();
    site
}

fn look(aios: &Aios) -> Diagnosis {
    aios.doctor(90).unwrap()
}

/// Ailments, each with the secret or root key that it is about.
fn found(aios: &Aios) -> Vec<(Ailment, String)> {
    let about = |symptom: &aios_core::engine::vault::Symptom| {
        let reference = symptom.reference.as_ref().map(ToString::to_string);
        (symptom.ailment, reference.or(symptom.root_key.clone()).unwrap_or_default())
    };
    look(aios).symptoms.iter().map(about).collect()
}

/// Keeps an entity, for which whoever keeps secrets has leave here; gives the engine that did.
fn keep(site: &Site, id: &str) -> Aios {
    let policy = r#"permit (principal in Aios::Role::"admin", action == Aios::Action::"administer", resource is Aios::Entities);"#;
    std::fs::write(site.world.path("policies/keeps.cedar"), policy).unwrap();
    let (uid, aios) = (EntityRef::new("Aios::Data", id), site.again());
    let entity = NewEntity { uid, attrs: Map::new(), parents: Vec::new(), tags: Map::new() };
    aios.entities().put(site.admin(), entity, None).unwrap();
    aios
}

fn set(site: &Site, sql: &str) {
    assert!(site.database().execute(sql, []).unwrap() > 0, "{sql}");
}

/// A damage, and what of it is found by an engine that opens afterwards.
type Case = (&'static str, fn(&Site), &'static [(Ailment, &'static str)]);

const CASES: &[Case] = &[
    ("nothing", |_| {}, &[]),
    (
        "a byte of a secret's row",
        |site| set(site, "UPDATE row SET value = zeroblob(99) WHERE key = 'vault/secret/acme/prod/a'"),
        &[(Ailment::VaultUndecryptable, "secret://acme/prod/a")],
    ),
    (
        "a secret's row is gone",
        |site| set(site, "DELETE FROM row WHERE key = 'vault/secret/acme/prod/a'"),
        &[(Ailment::VaultRolledBack, "secret://acme/prod/a")],
    ),
    (
        "a tenant's row is gone",
        |site| set(site, "DELETE FROM row WHERE key = 'vault/tenant/acme'"),
        &[
            (Ailment::VaultRolledBack, "secret://acme/prod/a"),
            (Ailment::VaultRolledBack, "secret://acme/prod/b"),
        ],
    ),
    (
        "a tenant's master is under a root key that is not there",
        |site| {
            let sql = "SELECT value FROM row WHERE key = 'vault/tenant/acme'";
            let value: Vec<u8> = site.database().query_row(sql, [], |row| row.get(0)).unwrap();
            let text = String::from_utf8_lossy(&value[32..]).replacen("\"root\":\"k-", "\"root\":\"x-", 1);
            let changed = [&value[..32], text.as_bytes()].concat();
            let sql = "UPDATE row SET value = ?1 WHERE key = 'vault/tenant/acme'";
            site.database().execute(sql, params![changed]).unwrap();
        },
        &[(Ailment::KeyRetiring, "x-"), (Ailment::KeyUnusable, "")],
    ),
    (
        "a record of the tenant's trail",
        |site| {
            let sql = "UPDATE audit_record SET frame = zeroblob(300) WHERE seq = 1 AND chain IN \
                (SELECT chain FROM audit_chain WHERE tenant = 'acme')";
            set(site, sql);
        },
        &[(Ailment::StoreCorrupt, "")],
    ),
    (
        "a tenant's audit master is another's",
        |site| {
            let sql = "UPDATE row SET value = (SELECT value FROM row WHERE key = 'audit/master/') \
                WHERE key = 'audit/master/acme'";
            set(site, sql);
        },
        &[(Ailment::KeyUnusable, "")],
    ),
    (
        "a rotation of the root that nobody finished",
        |site| {
            site.aios.rotate_root_key().unwrap();
            site.aios.rewrap_masters(Rewrap::AtMost(1)).unwrap();
        },
        &[(Ailment::KeyRetiring, "k-")],
    ),
    (
        "rows of kept entities",
        |site| {
            keep(site, "plan");
            set(site, "UPDATE shelf SET value = zeroblob(60)");
        },
        &[(Ailment::EntitiesDamaged, "")],
    ),
    (
        "the master of kept entities is gone",
        |site| {
            keep(site, "plan");
            set(site, "DELETE FROM row WHERE key = 'entities/master/acme'");
        },
        &[(Ailment::KeyUnusable, "")],
    ),
    (
        "a new master that nobody finished",
        |site| {
            site.aios.vault().rewrap(site.admin(), 1).unwrap();
            site.world.clock.advance_seconds(300);
        },
        &[(Ailment::VaultHalfMoved, "")],
    ),
    (
        "an overdue secret",
        |site| {
            let schedule = Schedule::new(None, Some(60), OnOverdue::Deny).unwrap();
            let at = "secret://acme/prod/a".parse().unwrap();
            site.aios.vault().schedule(site.admin(), &at, Some(schedule)).unwrap();
            site.world.clock.advance_seconds(60);
        },
        &[(Ailment::VaultOverdue, "secret://acme/prod/a@1")],
    ),
    (
        "an expired secret",
        |site| {
            let mut order = put("secret://acme/prod/c", "sk-c");
            let expires = Some(aios_core::model::Timestamp::from_seconds(crate::world::START + 60));
            order.lifetime = Lifetime { not_before: None, expires };
            site.aios.vault().put(site.admin(), &order).unwrap();
            site.world.clock.advance_seconds(60);
        },
        &[(Ailment::VaultExpired, "secret://acme/prod/c@1")],
    ),
    (
        "secrets that nobody uses",
        |site| site.world.clock.advance_seconds(90 * DAY),
        &[(Ailment::VaultUnused, "secret://acme/prod/a@1"), (Ailment::VaultUnused, "secret://acme/prod/b@1")],
    ),
    (
        "a deleted secret that nobody uses is as it should be",
        |site| {
            for name in ["a", "b"] {
                let at = format!("secret://acme/prod/{name}").parse().unwrap();
                site.aios.vault().delete(site.admin(), &at).unwrap();
            }
            site.world.clock.advance_seconds(90 * DAY);
        },
        &[],
    ),
];

#[test]
fn each_damage_is_found_named_and_nothing_else() {
    for (damage, does, expected) in CASES {
        let site = filled();
        site.aios.flush().unwrap();
        does(&site);
        let fresh = site.again();
        let found = found(&fresh);
        let fits = found.len() == expected.len()
            && expected.iter().all(|(ailment, about)| {
                found.iter().any(|(of, text)| of == ailment && text.starts_with(about))
            });
        assert!(fits, "{damage}: {found:?}");
        for symptom in look(&fresh).symptoms {
            assert!(!symptom.ailment.remedy().is_empty() && !format!("{symptom:?}").contains("sk-"));
        }
    }
    let reached = |ailment: &&Ailment| {
        CASES.iter().all(|(_, _, expected)| expected.iter().all(|(of, _)| of != *ailment))
    };
    let unreached: Vec<_> = Ailment::ALL.iter().filter(reached).collect();
    // These two have tests of their own, below.
    let apart = [&Ailment::AuditUnavailable, &Ailment::EntitiesRolledBack];
    assert_eq!(unreached, apart, "each ailment has its damage");
}

#[test]
fn kept_entities_that_were_put_back_are_found_by_whoever_saw_later_ones() {
    let site = filled();
    keep(&site, "one");
    let shelf: Vec<(String, u64, Vec<u8>)> = {
        let file = site.database();
        let mut rows = file.prepare("SELECT name, version, value FROM shelf").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let running = keep(&site, "two");
    assert_eq!(found(&running), []);
    set(&site, "DELETE FROM shelf WHERE name <> 'head'");
    for (name, version, value) in &shelf {
        let sql = "INSERT OR REPLACE INTO shelf SELECT shelf, ?1, ?2, ?3 FROM shelf WHERE name = 'head'";
        site.database().execute(sql, params![name, version, value]).unwrap();
    }
    assert_eq!(found(&running), [(Ailment::EntitiesRolledBack, String::new())]);
    assert_eq!(found(&site.again()), []);
}

#[test]
fn an_examination_that_cannot_be_recorded_says_so() {
    let site = filled();
    site.aios.limit_pages(1).unwrap();
    let is_unrecorded = || found(&site.aios).iter().any(|(ailment, _)| *ailment == Ailment::AuditUnavailable);
    assert!((0..200).any(|_| is_unrecorded()));
}

#[test]
fn a_secret_that_goes_along_with_requests_is_not_unused() {
    let site = Use::of(Upstream::start(|_, stream| reply(stream, "200 OK", "", "fine")));
    site.put("secret://acme/prod/idle", "sk-idle-1");
    let permit = site.permit();
    permit.credential("prod/key").unwrap().fetch(ask("POST", &site.server.url("/v1/x"))).unwrap();
    // To be asked whether one may is not to use it.
    permit.credential("prod/idle").unwrap();
    permit.complete(&Outcome::ok()).unwrap();
    site.aios().flush().unwrap();
    site.stage.world.clock.advance_seconds(89 * DAY);
    let names = |days| -> Vec<String> {
        let symptoms = site.aios().doctor(days).unwrap().symptoms;
        symptoms.iter().map(|symptom| symptom.reference.as_ref().unwrap().path().local()).collect()
    };
    assert_eq!(names(90), Vec::<String>::new());
    assert_eq!(names(89), ["prod/idle", "prod/key"]);
}

#[test]
fn a_key_file_that_is_wrong_as_a_whole_is_told_when_an_engine_is_opened() {
    let site = filled();
    site.aios.flush().unwrap();
    std::fs::remove_file(site.world.path("root.keys")).unwrap();
    aios_core::root_keys::create(&site.world.path("root.keys")).unwrap();
    assert_eq!(code(site.world.try_open(configuration(&site.world))), Code::KeyUnusable);
}
