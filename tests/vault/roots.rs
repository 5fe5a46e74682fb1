//! Root keys are rotated while everything is in use: nothing but masters changes, and nothing is lost, whoever is killed.

use std::collections::BTreeMap;

use aios_core::engine::{Rewrap, RootKeyReport};
use aios_core::vault::Stage;
use aios_core::{Aios, Code, Credential, Outcome, Request, Resource};
use serde_json::{Value, json};

use super::{CANARY, Site, code, configuration, put, rotation};
use crate::bodies::bodies;
use crate::processes::{helper, logged};
use crate::world::{START, World};

/// Tenants of these worlds, each with a trail and a vault.
const TENANTS: usize = 12;

fn many(world: &World) -> Value {
    let mut configuration = configuration(world);
    let names = (0..TENANTS).map(|at| (format!("t{at}"), json!(format!("claim-{at}"))));
    configuration["issuer"][0]["tenants"] = Value::Object(names.collect());
    configuration["audit"] = json!({"deadline_seconds": 20});
    configuration
}

fn admin(world: &World, tenant: usize) -> Credential {
    world.ada(&json!({"sub": "root", "roles": ["Admin", "Analyst"], "tid": format!("claim-{tenant}")}))
}

/// A secret and a call of each tenant.
fn settled() -> (World, Aios) {
    let world = Site::new().world;
    let aios = world.try_open(many(&world)).unwrap();
    for tenant in 0..TENANTS {
        let at = format!("secret://t{tenant}/prod/a");
        aios.vault().put(admin(&world, tenant), &put(&at, CANARY)).unwrap();
    }
    (world, aios)
}

/// Every row but the masters', and every record.
fn everything_else(world: &World) -> BTreeMap<String, Vec<u8>> {
    let database = rusqlite::Connection::open(world.path("aios.db")).unwrap();
    let sql =
        "SELECT key, value FROM row WHERE key NOT LIKE 'audit/master/%' AND key NOT LIKE 'vault/tenant/%'";
    let mut rows = database.prepare(sql).unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Everything of before is whole and readable for an engine that opens now.
fn all_is_well(world: &World) {
    let fresh = world.try_open(many(world)).unwrap();
    assert!(fresh.verify(None).unwrap().ok);
    for tenant in 0..TENANTS {
        let report = fresh.vault().verify(admin(world, tenant)).unwrap();
        assert_eq!((report.versions, report.faults.len()), (1, 0), "{report:?}");
    }
    fresh.close().unwrap();
}

fn rewrap_all(aios: &Aios, most: usize) -> RootKeyReport {
    loop {
        let report = aios.rewrap_masters(Rewrap::AtMost(most)).unwrap();
        assert!(report.rewrapped <= most && report.unusable.is_empty(), "{report:?}");
        if report.left == 0 {
            return report;
        }
    }
}

#[test]
fn r17_rotating_the_root_wraps_every_master_anew_and_changes_no_other_byte() {
    let (world, aios) = settled();
    let before = everything_else(&world);
    let first = aios.rewrap_masters(Rewrap::DryRun).unwrap();
    // The system's trail, and of each tenant the trail and the vault.
    let all = 1 + 2 * TENANTS;
    assert_eq!((first.wraps.values().sum::<usize>(), first.left, first.rewrapped), (all, 0, 0));
    let new = aios.rotate_root_key().unwrap();
    let dry = aios.rewrap_masters(Rewrap::DryRun).unwrap();
    assert_eq!((&dry.current, dry.left, &dry.wraps), (&new, all, &first.wraps));
    let half = aios.rewrap_masters(Rewrap::AtMost(10)).unwrap();
    assert_eq!((half.rewrapped, half.left, half.wraps[&new], half.wraps[&first.current]), (10, 15, 10, 15));
    assert_eq!(code(aios.retire_root_key(&first.current)), Code::KeyInUse);
    assert_eq!(rewrap_all(&aios, 4).wraps, BTreeMap::from([(new.clone(), all)]));
    assert_eq!(code(aios.retire_root_key(&new)), Code::KeyInUse);
    assert_eq!(code(aios.retire_root_key("nobody")), Code::PolicyInput);
    aios.retire_root_key(&first.current).unwrap();
    assert_eq!(everything_else(&world), before);
    let keys = std::fs::read_to_string(world.path("root.keys")).unwrap();
    assert!(keys.lines().count() == 1 && keys.starts_with(&new));
    // The engine that did it goes on, also with new tenants' masters.
    aios.vault().put(admin(&world, 3), &put("secret://t3/prod/b", "sk-2")).unwrap();
    aios.vault().destroy(admin(&world, 3), &"secret://t3/prod/b".parse().unwrap()).unwrap();
    all_is_well(&world);
}

#[test]
fn r17_each_step_is_in_the_systems_trail_before_it_is_done() {
    let (world, aios) = settled();
    let old = aios.rewrap_masters(Rewrap::DryRun).unwrap().current;
    let new = aios.rotate_root_key().unwrap();
    rewrap_all(&aios, 1000);
    let _ = aios.retire_root_key(&new);
    aios.retire_root_key(&old).unwrap();
    let says = |name: &str, body: &Value| body[name].as_str().map(str::to_owned).unwrap_or_default();
    let told: Vec<String> = bodies(&world.path("aios.db"))
        .iter()
        .filter(|body| body.tenant.is_empty() && says("event", &body.says).starts_with("root_key."))
        .map(|body| {
            format!("{} {} {}", says("event", &body.says), says("state", &body.says), says("kid", &body.says))
        })
        .collect();
    let expected = [
        "root_key.rotate begins ".to_owned(),
        format!("root_key.rotate done {new}"),
        format!("root_key.rewrap begins {new}"),
        "root_key.rewrap done ".to_owned(),
        format!("root_key.retire begins {new}"),
        "root_key.retire failed ".to_owned(),
        format!("root_key.retire begins {old}"),
        format!("root_key.retire done {old}"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_cannot_be_recorded_about_root_keys_is_not_done() {
    let site = Site::new();
    site.put("secret://acme/prod/a", "sk-1").unwrap();
    site.aios.rotate_root_key().unwrap();
    let mut hurried = configuration(&site.world);
    hurried["audit"] = json!({"deadline_seconds": 1});
    let aios = site.world.try_open(hurried).unwrap();
    let keys = || std::fs::read_to_string(site.world.path("root.keys")).unwrap();
    let (before, masters) = (keys(), aios.rewrap_masters(Rewrap::DryRun).unwrap());
    let database = site.database();
    // Somebody holds the store, and nothing is written meanwhile.
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(code(aios.rotate_root_key()), Code::AuditUnavailable);
    assert_eq!(code(aios.rewrap_masters(Rewrap::AtMost(9))), Code::AuditUnavailable);
    assert_eq!(code(aios.retire_root_key("nobody")), Code::AuditUnavailable);
    assert_eq!((keys(), aios.rewrap_masters(Rewrap::DryRun).unwrap()), (before, masters));
    database.execute_batch("ROLLBACK").unwrap();
    assert_eq!(rewrap_all(&aios, 9).left, 0);
}

#[test]
fn r17_whoever_is_killed_while_rewrapping_leaves_what_the_next_one_finishes() {
    let (world, aios) = settled();
    give_job(&world);
    let before = everything_else(&world);
    for round in 0..5 {
        aios.rotate_root_key().unwrap();
        let name = format!("kill{round}");
        let mut child = helper(&world, &name, "rewraps", 0).spawn().unwrap();
        let deadline = aios_core::model::Deadline::after(std::time::Duration::from_secs(60));
        let done =
            || world.path(&format!("{name}.log")).exists().then(|| logged(&world, &name, "left").len());
        while done().unwrap_or(0) < 2 + 3 * round && !deadline.has_passed() {
            std::thread::sleep(std::time::Duration::from_micros(300));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        all_is_well(&world);
    }
    let report = rewrap_all(&aios, 7);
    assert_eq!(report.wraps.len(), 1, "{report:?}");
    assert_eq!(everything_else(&world), before);
    all_is_well(&world);
}

#[test]
fn r17_processes_that_rewrap_at_once_while_others_write_get_done_together() {
    let (world, aios) = settled();
    give_job(&world);
    aios.rotate_root_key().unwrap();
    let children = ["a", "b", "c"].map(|name| helper(&world, name, "rewraps", 0).spawn().unwrap());
    for version in 1..6 {
        let order = rotation(&format!("secret://t0/prod/a@{version}"), "sk-9", Stage::Current);
        aios.vault().rotate(admin(&world, 0), &order).unwrap();
    }
    for child in children {
        crate::processes::ends_well(child, std::time::Duration::from_secs(120));
    }
    let report = aios.rewrap_masters(Rewrap::DryRun).unwrap();
    assert_eq!((report.left, report.wraps.len()), (0, 1));
    assert_eq!(aios.vault().verify(admin(&world, 0)).unwrap().faults, []);
}

/// Writes what the helper process reads, and lets it begin at once.
fn give_job(world: &World) {
    let token = admin(world, 0).token().to_owned();
    let job = json!({"configuration": many(world), "token": token, "now": START});
    std::fs::write(world.path("job.json"), job.to_string()).unwrap();
    std::fs::write(world.path("go"), "").unwrap();
}

#[test]
fn an_engine_that_runs_goes_on_by_the_same_file_and_refuses_by_a_copy_of_before() {
    let site = Site::new();
    std::fs::copy(site.world.path("root.keys"), site.world.path("copy.keys")).unwrap();
    let mut behind = configuration(&site.world);
    behind["keys"]["file"] = json!("copy.keys");
    site.put("secret://acme/prod/a", "sk-1").unwrap();
    let (same, copy) = (site.again(), site.world.try_open(behind.clone()).unwrap());
    site.aios.rotate_root_key().unwrap();
    rewrap_all(&site.aios, 100);
    // Neither has opened anything yet: both need the masters now.
    assert!(same.vault().list(site.admin(), None).is_ok());
    same.authorize(&site.world.read()).unwrap().complete(&Outcome::ok()).unwrap();
    let refused = copy.vault().list(site.admin(), None).unwrap_err();
    assert_eq!(refused.code(), Code::KeyUnusable);
    assert!(refused.detail().at.as_deref().is_some_and(|at| at.starts_with("root key k-")), "{refused}");
    // One that starts with the old keys is told at once.
    assert_eq!(code(site.world.try_open(behind)), Code::KeyUnusable);
    let request =
        Request::new(site.admin(), "secret_admin", Resource::new("Aios::Vault", "acme").tenant("acme"));
    assert!(same.check(&request.context("operation", "list")).unwrap().allowed);
}

#[test]
fn a_store_of_before_the_rotation_opens_with_the_old_key_alone() {
    let site = Site::new();
    site.put("secret://acme/prod/a", "sk-1").unwrap();
    site.aios.flush().unwrap();
    let old = site.aios.rewrap_masters(Rewrap::DryRun).unwrap().current;
    site.aios.close().unwrap();
    std::fs::copy(site.world.path("aios.db"), site.world.path("backup.db")).unwrap();
    std::fs::copy(site.world.path("root.keys"), site.world.path("backup.keys")).unwrap();
    let aios = site.again();
    aios.rotate_root_key().unwrap();
    rewrap_all(&aios, 100);
    aios.retire_root_key(&old).unwrap();
    let mut backup = configuration(&site.world);
    backup["store"]["url"] = json!("sqlite:backup.db");
    assert_eq!(code(site.world.try_open(backup.clone())), Code::KeyUnusable);
    backup["keys"]["file"] = json!("backup.keys");
    assert_eq!(site.verify(&site.world.try_open(backup).unwrap()).versions, 1);
}

#[test]
fn root_keys_that_the_host_gave_are_not_rotated_here_and_rewrapped_all_the_same() {
    let world = World::new();
    let settings = aios_core::config::from_value(world.configuration("memory:"), world.base()).unwrap();
    let given = aios_core::store::memory::ProcessRoot::make().unwrap();
    let aios = Aios::builder(settings).root_keys(given).build().unwrap();
    for refused in [aios.rotate_root_key().map(drop), aios.retire_root_key("process").map(drop)] {
        assert_eq!(code(refused), Code::ConfigInvalid);
    }
    let report = aios.rewrap_masters(Rewrap::AtMost(5)).unwrap();
    assert_eq!((report.current.as_str(), report.left, report.rewrapped), ("process", 0, 0));
}
