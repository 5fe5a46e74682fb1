//! Somebody else writes to the store: every way is found, by whom it is said.

use aios_core::Code;
use aios_core::engine::vault::Fault;
use aios_core::vault::Stage;
use rusqlite::params;

use super::{Site, reference, rotation};

const SECRET: &str = "vault/secret/acme/prod/a";
const TENANT: &str = "vault/tenant/acme";

type Row = (i64, Vec<u8>);

fn read(stage: &Site, key: &str) -> Row {
    let sql = "SELECT version, value FROM row WHERE key = ?1";
    stage.database().query_row(sql, [key], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

fn write(stage: &Site, key: &str, (version, value): &Row) {
    let sql = "UPDATE row SET version = ?2, value = ?3 WHERE key = ?1";
    stage.database().execute(sql, params![key, version, value]).unwrap();
}

fn rotated() -> (Site, [Row; 2]) {
    let stage = Site::new();
    stage.put("secret://acme/prod/a", "sk-1").unwrap();
    let before = [read(&stage, SECRET), read(&stage, TENANT)];
    let order = rotation("secret://acme/prod/a@1", "sk-2", Stage::Current);
    stage.aios.vault().rotate(stage.admin(), &order).unwrap();
    (stage, before)
}

fn fault(text: &str, code: Code) -> Fault {
    Fault { reference: Some(reference(text)), code }
}

#[test]
fn r10_both_rows_of_before_a_rotation_are_found_by_the_trail_in_a_process_that_saw_neither() {
    let (stage, [secret, tenant]) = rotated();
    write(&stage, SECRET, &secret);
    write(&stage, TENANT, &tenant);
    let fresh = stage.again();
    assert_eq!(stage.verify(&fresh).faults, [fault("secret://acme/prod/a", Code::VaultRolledBack)]);
    // The process that rotated refuses at once.
    let refused = stage.aios.vault().revoke(stage.admin(), &reference("secret://acme/prod/a"));
    assert_eq!(refused.unwrap_err().code(), Code::VaultRolledBack);
}

#[test]
fn r10_rows_of_before_a_new_master_are_found_by_the_trail_which_says_what_was_moved() {
    let (stage, _) = rotated();
    let before = [read(&stage, SECRET), read(&stage, TENANT)];
    let moved = stage.aios.vault().rewrap(stage.admin(), 100).unwrap();
    assert_eq!((moved.moved, moved.left), (1, 0));
    stage.aios.flush().unwrap();
    let bodies = crate::bodies::bodies(&stage.world.path("aios.db"));
    let said = serde_json::json!({"prod/a": 3});
    assert!(bodies.iter().any(|body| body.says["outcome"]["data"]["revisions"] == said));
    assert_eq!(stage.verify(&stage.again()).faults, []);
    write(&stage, SECRET, &before[0]);
    write(&stage, TENANT, &before[1]);
    assert_eq!(stage.verify(&stage.again()).faults, [fault("secret://acme/prod/a", Code::VaultRolledBack)]);
}

#[test]
fn what_is_moved_in_one_call_is_as_much_as_its_record_can_say() {
    let stage = Site::new();
    let long = |number: usize| format!("secret://acme/prod/{}{number}", "n".repeat(100));
    (0..110).for_each(|number| drop(stage.put(&long(number), "sk-1").unwrap()));
    let rewrap = || stage.aios.vault().rewrap(stage.admin(), 1000).unwrap();
    let (first, second) = (rewrap(), rewrap());
    assert!(first.moved > 50 && first.left > 0, "{first:?}");
    assert_eq!((first.moved + second.moved, second.left), (110, 0));
    assert_eq!(stage.verify(&stage.again()).faults, []);
}

#[test]
fn r10_a_tenants_vault_that_was_removed_as_a_whole_is_found_by_the_trail() {
    let (stage, _) = rotated();
    stage.database().execute("DELETE FROM row WHERE key LIKE 'vault/%'", []).unwrap();
    let fresh = stage.again();
    assert_eq!(stage.verify(&fresh).faults, [fault("secret://acme/prod/a", Code::VaultRolledBack)]);
    let refused = stage.aios.vault().list(stage.admin(), None);
    assert_eq!(refused.unwrap_err().code(), Code::VaultRolledBack);
}

#[test]
fn what_callers_say_in_outcomes_of_their_own_accuses_nobody() {
    let (stage, _) = rotated();
    let permit = stage.aios.authorize(&stage.world.read()).unwrap();
    let forged = aios_core::Outcome::ok().with("reference", "secret://acme/prod/a@9").with("revision", 99);
    permit.complete(&forged).unwrap();
    assert_eq!(stage.verify(&stage.aios).faults, []);
}

#[test]
fn r09_terms_or_an_owner_changed_in_the_store_make_a_secret_undecryptable() {
    let (stage, _) = rotated();
    let (version, value) = read(&stage, SECRET);
    for (from, to) in [("api.openai.com", "api.attack.com"), ("alice", "mallo")] {
        let text = String::from_utf8_lossy(&value[32..]).replace(from, to);
        write(&stage, SECRET, &(version, [&value[..32], text.as_bytes()].concat()));
        let fault = fault("secret://acme/prod/a", Code::VaultUndecryptable);
        assert_eq!(stage.verify(&stage.aios).faults, [fault]);
        let order = rotation("secret://acme/prod/a@2", "sk-3", Stage::Current);
        let refused = stage.aios.vault().rotate(stage.admin(), &order).unwrap_err();
        assert_eq!(refused.code(), Code::VaultUndecryptable);
    }
    write(&stage, SECRET, &(version, value));
    assert_eq!(stage.verify(&stage.aios).faults, []);
}

#[test]
fn r17_verify_decrypts_everything_and_names_what_does_not() {
    let (stage, _) = rotated();
    stage.put("secret://acme/prod/b", "sk-b").unwrap();
    let good = stage.verify(&stage.aios);
    assert_eq!((good.secrets, good.versions, good.faults.len()), (2, 3, 0));
    let (version, mut value) = read(&stage, "vault/secret/acme/prod/b");
    *value.last_mut().unwrap() ^= 1;
    write(&stage, "vault/secret/acme/prod/b", &(version, value));
    let report = stage.verify(&stage.aios);
    assert_eq!((report.secrets, report.versions), (2, 2));
    assert_eq!(report.faults, [fault("secret://acme/prod/b", Code::VaultUndecryptable)]);
}

#[test]
fn r23_another_root_key_is_told_when_an_engine_is_opened() {
    let (stage, _) = rotated();
    stage.aios.close().unwrap();
    std::fs::remove_file(stage.world.path("root.keys")).unwrap();
    aios_core::root_keys::create(&stage.world.path("root.keys")).unwrap();
    let refused = stage.world.try_open(super::configuration(&stage.world)).unwrap_err();
    assert_eq!(refused.code(), Code::KeyUnusable);
    assert!(refused.detail().at.as_deref().is_some_and(|at| at.starts_with("root key k-")), "{refused}");
}
