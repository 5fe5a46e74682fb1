//! A store that is locked, read-only or full: refused in time, and everything goes on when the store does.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::time::Duration;

use aios_core::model::Stopwatch;
use aios_core::{Code, Outcome, Request};
use serde_json::json;

use super::{SQLITE, call, code, impatient, is_whole, raw, refusal};
use crate::processes::{give_job, helper, logged};
use crate::world::World;

/// Some seconds more than the deadline of one second; a machine under load is slow.
const IN_TIME: Duration = Duration::from_secs(4);

#[test]
fn a_locked_store_refuses_in_time_and_carries_what_is_owed() {
    let world = World::new();
    let aios = world.try_open(impatient(&world, &json!({}))).unwrap();
    let open = aios.authorize(&world.read()).unwrap();
    let mut permits = vec![open.view().id.clone(), call(&world, &aios)];
    aios.flush().unwrap();

    let other = raw(&world);
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let time = Stopwatch::start();
    let refused = refusal(aios.authorize(&world.read()));
    assert_eq!(refused.code(), Code::AuditUnavailable, "{refused}");
    assert!(time.elapsed() < IN_TIME, "{:?}", time.elapsed());
    assert!(refused.to_string().contains("database is locked"), "{refused}");
    assert!(aios.check(&world.read()).unwrap().allowed);
    // Does not wait, and is owed from now on.
    let time = Stopwatch::start();
    open.complete(&Outcome::ok()).unwrap();
    assert!(time.elapsed() < Duration::from_millis(500));
    assert_eq!(
        code(aios.authorize(&Request::new(world.ada(&json!({})), "write", World::report()))),
        Code::PolicyDenied
    );
    assert_eq!(aios.flush().unwrap_err().code(), Code::AuditUnavailable);

    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    permits.push(call(&world, &aios));
    let records = is_whole(&world, &aios, &permits);
    let lost: u64 = records.iter().filter_map(|record| record.says["count"].as_u64()).sum();
    let denied = records.iter().filter(|record| record.says["decision"]["effect"] == "deny").count();
    let denied = u64::try_from(denied).unwrap();
    assert_eq!(lost + denied, 1, "the refusal while locked is recorded or counted");
    aios.close().unwrap();
}

#[test]
fn a_store_locked_from_the_beginning_is_refused_in_time() {
    let world = World::new();
    drop(world.open(SQLITE));
    let other = raw(&world);
    other.execute_batch("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let time = Stopwatch::start();
    let refused = world.try_open(impatient(&world, &json!({}))).unwrap_err();
    assert_eq!(refused.code(), Code::StoreUnavailable, "{refused}");
    assert!(time.elapsed() < IN_TIME && refused.to_string().contains("locked"), "{refused}");
}

#[test]
fn what_is_owed_when_the_engine_closes_in_an_outage_is_said() {
    let world = World::new();
    let aios = world.try_open(impatient(&world, &json!({}))).unwrap();
    let permit = aios.authorize(&world.read()).unwrap();
    let other = raw(&world);
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    permit.complete(&Outcome::ok()).unwrap();
    let refused = aios.close().unwrap_err();
    assert_eq!(refused.code(), Code::AuditUnavailable);
    other.execute_batch("ROLLBACK").unwrap();
    // The last handles gone, it is tried once more.
    let id = permit.view().id.clone();
    drop((permit, aios));
    is_whole(&world, &world.open(SQLITE), &[id]);
}

#[test]
fn a_full_store_refuses_and_goes_on_when_there_is_room() {
    let world = World::new();
    let aios = world.try_open(impatient(&world, &json!({}))).unwrap();
    let mut permits = vec![call(&world, &aios)];
    let pending = aios.authorize(&world.read()).unwrap();
    permits.push(pending.view().id.clone());
    aios.flush().unwrap();
    let pages: u32 = raw(&world).query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    aios.limit_pages(pages).unwrap();
    let refused = (0..100).find_map(|_| match aios.authorize(&world.read()) {
        Ok(permit) => {
            permits.push(permit.view().id.clone());
            None
        }
        Err(refusal) => Some(refusal),
    });
    let refused = refused.expect("a full store takes no more records");
    assert_eq!(refused.code(), Code::AuditUnavailable);
    assert!(refused.to_string().contains("full"), "{refused}");
    pending.complete(&Outcome::ok()).unwrap();
    assert_eq!(aios.flush().unwrap_err().code(), Code::AuditUnavailable);
    assert_eq!(code(aios.authorize(&world.read())), Code::AuditUnavailable);
    // What is there can be verified all the same; what could not be written is owed, and shows.
    let report = aios.verify(None).unwrap();
    assert!(report.ok && !report.dangling.is_empty(), "{report:?}");

    aios.limit_pages(0).unwrap();
    permits.push(call(&world, &aios));
    is_whole(&world, &aios, &permits);
}

/// Root may write what is read-only, so the helper runs as nobody where the test runs as root.
#[test]
fn a_read_only_store_is_refused_by_sqlite_itself() {
    const NOBODY: u32 = 65534;
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let world = World::new();
    give_job(&world);
    fs::write(world.path("go"), "").unwrap();
    let program = world.path("program");
    fs::copy(env!("CARGO_BIN_EXE_aios-process"), &program).unwrap();
    let aios = world.open(SQLITE);
    let permit = call(&world, &aios);
    aios.close().unwrap();
    for lock in ["aios.db-queue", "aios.db-turn"] {
        fs::remove_file(world.path(lock)).unwrap();
    }
    fs::set_permissions(world.path("aios.db"), Permissions::from_mode(0o444)).unwrap();
    if root {
        for path in [".", "policies", "root.keys", "job.json", "program"] {
            chown(world.path(path), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let mut command = helper(&world, "readonly", "calls", 1);
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    command = std::process::Command::new(program);
    command.args(arguments);
    if root {
        command.uid(NOBODY).gid(NOBODY);
    }
    assert!(!command.output().unwrap().status.success());
    let refused = logged(&world, "readonly", "refused");
    assert!(refused.len() == 1 && refused[0].contains("store.unavailable"), "{refused:?}");
    assert!(refused[0].contains("readonly database"), "{refused:?}");
    assert_eq!(logged(&world, "readonly", "permit"), Vec::<String>::new());
    if root {
        chown(world.path("root.keys"), Some(0), Some(0)).unwrap();
    }
    fs::set_permissions(world.path("aios.db"), Permissions::from_mode(0o644)).unwrap();
    is_whole(&world, &world.open(SQLITE), &[permit]);
}

#[test]
fn a_log_that_was_taken_away_or_replaced_acknowledges_nothing_and_the_next_call_goes_on() {
    let world = World::new();
    let aios = world.open(SQLITE);
    call(&world, &aios);
    // What another SQLite in this process does to us when it closes the file last.
    for replaced in [false, true, false] {
        let elsewhere = world.path("taken-away");
        fs::rename(world.path("aios.db-wal"), &elsewhere).unwrap();
        if replaced {
            fs::copy(&elsewhere, world.path("aios.db-wal")).unwrap();
        }
        let refused = aios.authorize(&world.read()).unwrap_err();
        assert_eq!(refused.code().status(), 503, "{refused}");
        fs::rename(&elsewhere, world.path("aios.db-wal")).unwrap();
        let again = (0..3).find_map(|_| aios.authorize(&world.read()).ok());
        again.expect("a connection that was opened anew goes on").complete(&Outcome::ok()).unwrap();
    }
    aios.flush().unwrap();
    assert!(aios.verify(None).unwrap().ok);
}
