//! Files that are damaged, foreign or newer: refused with a code that says so, at opening or at the first use.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;

use aios_core::{Code, Refusal, Report};
use rusqlite::Connection;

use super::{SQLITE, call, code, is_whole, raw};
use crate::world::World;

/// A closed store with a hundred calls in it.
fn written() -> (World, Vec<String>) {
    let world = World::new();
    let aios = world.open(SQLITE);
    let permits = (0..100).map(|_| call(&world, &aios)).collect();
    aios.close().unwrap();
    (world, permits)
}

/// Something done to a file.
type Damage<'d> = &'d dyn Fn(&Path);

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    fs::File::options().write(true).open(path).unwrap().write_all_at(bytes, at).unwrap();
}

/// What an engine on this file comes to: refused at opening, or what verification says.
fn verified(world: &World) -> Result<Report, Refusal> {
    world.try_open(world.configuration(SQLITE))?.verify(None)
}

#[test]
fn a_file_that_is_no_database_or_somebody_elses_is_refused_and_left_alone() {
    let foreign = |path: &Path, sql: &str| Connection::open(path).unwrap().execute_batch(sql).unwrap();
    let makers: [(Damage<'_>, Code); 6] = [
        (
            &|path| fs::write(path, "this is a letter, not a database\n".repeat(1000)).unwrap(),
            Code::StoreCorrupt,
        ),
        (&|path| fs::write(path, [0xff; 8192]).unwrap(), Code::StoreCorrupt),
        (&|path| foreign(path, "CREATE TABLE theirs (x)"), Code::StoreCorrupt),
        (&|path| foreign(path, "PRAGMA application_id=7; CREATE TABLE audit_chain (x)"), Code::StoreCorrupt),
        (&|path| foreign(path, "PRAGMA user_version=9"), Code::StoreCorrupt),
        (&|path| fs::create_dir(path).unwrap(), Code::StoreUnavailable),
    ];
    for (index, (make, expected)) in makers.into_iter().enumerate() {
        let world = World::new();
        let path = world.path("aios.db");
        make(&path);
        let before = fs::read(&path).ok();
        let refused = world.try_open(world.configuration(SQLITE)).unwrap_err();
        assert_eq!(refused.code(), expected, "{index}: {refused}");
        assert!(refused.detail().at.is_some(), "{index} does not say what is wrong: {refused}");
        if index < 2 {
            assert_eq!(fs::read(&path).ok(), before, "{index}: a foreign file was changed");
        }
    }
    let world = World::new();
    let mut configuration = world.configuration(SQLITE);
    configuration["store"]["url"] = "sqlite:no/such/folder/aios.db".into();
    let refused = world.try_open(configuration).unwrap_err();
    assert_eq!(refused.code(), Code::StoreUnavailable);
    assert!(refused.to_string().contains("no/such/folder"), "{refused}");
}

#[test]
fn a_newer_layout_is_refused_as_newer_and_left_alone() {
    let (world, permits) = written();
    let layout = |number: u32| raw(&world).execute_batch(&format!("PRAGMA user_version={number}")).unwrap();
    layout(5);
    let refused = world.try_open(world.configuration(SQLITE)).unwrap_err();
    assert_eq!((refused.code(), refused.code().as_str()), (Code::StoreNewer, "store.newer"));
    layout(4);
    is_whole(&world, &world.open(SQLITE), &permits);
}

#[test]
fn a_damaged_header_or_a_cut_file_is_corrupt() {
    let damages: [Damage<'_>; 4] = [
        &|path| overwrite(path, 0, b"\0\0\0\0\0\0\0\0"),
        &|path| overwrite(path, 16, &[0x07, 0x07]),
        &|path| fs::File::options().write(true).open(path).unwrap().set_len(8192).unwrap(),
        &|path| fs::File::options().write(true).open(path).unwrap().set_len(100).unwrap(),
    ];
    for (index, damage) in damages.into_iter().enumerate() {
        let (world, _) = written();
        damage(&world.path("aios.db"));
        let answer = verified(&world).map(|report| report.ok);
        assert_eq!(answer.map_err(|refusal| refusal.code()), Err(Code::StoreCorrupt), "damage {index}");
    }
}

#[test]
fn damaged_pages_are_found_wherever_they_are() {
    let (world, _) = written();
    let path = world.path("aios.db");
    let whole = fs::read(&path).unwrap();
    let size: usize = raw(&world).query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
    let mut found = 0;
    // The first page is the test above.
    for page in 1..whole.len() / size {
        fs::write(&path, &whole).unwrap();
        for side in ["-wal", "-shm"] {
            let _ = fs::remove_file(world.path(&format!("aios.db{side}")));
        }
        overwrite(&path, u64::try_from(page * size).unwrap(), &vec![0xee; size]);
        match verified(&world) {
            Ok(report) if report.ok => {}
            Ok(report) => found += usize::from(report.violation.is_some()),
            Err(refusal) => {
                assert!(
                    matches!(refusal.code(), Code::StoreCorrupt | Code::KeyUnusable),
                    "page {page}: {refusal}"
                );
                found += 1;
            }
        }
    }
    // Indexes, revocations with their counter, used proofs and shelves are no records: verification does without them.
    assert!(found + 8 >= whole.len() / size - 1, "{found} of {} pages", whole.len() / size - 1);
}

#[test]
fn a_missing_table_is_corrupt_and_gives_no_permit() {
    for table in ["audit_chain", "audit_head", "audit_record", "audit_disclosure", "row"] {
        let (world, _) = written();
        raw(&world).execute_batch(&format!("DROP TABLE {table}")).unwrap();
        match world.try_open(world.configuration(SQLITE)) {
            Err(refusal) => assert_eq!(refusal.code(), Code::StoreCorrupt, "{table}: {refusal}"),
            Ok(aios) => {
                assert_eq!(code(aios.authorize(&world.read())), Code::StoreCorrupt, "{table}");
                let refused = aios.verify(None).unwrap_err();
                assert_eq!(refused.code(), Code::StoreCorrupt, "{table}");
                assert!(refused.to_string().contains(table), "{refused}");
            }
        }
    }
}

#[test]
fn values_of_the_wrong_type_in_tables_are_found() {
    let changes = [
        "UPDATE audit_head SET records = -1",
        "UPDATE audit_head SET last = x'00'",
        "UPDATE audit_head SET commits = -9223372036854775808",
        "UPDATE audit_chain SET tenant = 'no/such/tenant'",
        "UPDATE audit_chain SET tenant = 'nul' || char(0) WHERE tenant = 'acme'",
        "UPDATE row SET value = x''",
        "UPDATE row SET value = x'ffff'",
    ];
    for change in changes {
        let (world, _) = written();
        raw(&world).execute_batch(change).unwrap();
        match verified(&world) {
            Ok(report) => assert!(!report.ok && report.violation.is_some(), "{change}: {report:?}"),
            Err(refusal) => {
                // Whoever overwrites the row that says whose store it is makes it another's.
                let fits = matches!(refusal.code(), Code::StoreCorrupt | Code::StoreWrongMode);
                assert!(fits, "{change}: {refusal}");
            }
        }
    }
    // Masters alone: the row of the clock stays.
    for (value, expected) in
        [("x''", Code::StoreCorrupt), ("x'0561'", Code::StoreCorrupt), ("x'0161ff'", Code::KeyUnusable)]
    {
        let (world, _) = written();
        let sql = format!("UPDATE row SET value = {value} WHERE key LIKE 'audit/%'");
        raw(&world).execute_batch(&sql).unwrap();
        // What no root key opens is refused when the engine is opened.
        let opened = world.try_open(world.configuration(SQLITE));
        assert_eq!(opened.is_err(), expected == Code::KeyUnusable, "{value}");
        let verified = opened.as_ref().map_err(Clone::clone).and_then(|aios| aios.verify(None));
        assert_eq!(verified.unwrap_err().code(), expected, "{value}");
        let answer = opened.and_then(|aios| aios.authorize(&world.read()));
        assert_eq!(code(answer), expected, "{value}");
    }
}

#[test]
fn a_store_that_is_damaged_while_it_is_open_gives_no_more_permits() {
    let world = World::new();
    let aios = world.open(SQLITE);
    call(&world, &aios);
    aios.flush().unwrap();
    raw(&world).execute_batch("ALTER TABLE audit_record RENAME TO elsewhere").unwrap();
    assert_eq!(code(aios.authorize(&world.read())), Code::StoreCorrupt);
    raw(&world).execute_batch("ALTER TABLE elsewhere RENAME TO audit_record").unwrap();
    let permit = call(&world, &aios);
    is_whole(&world, &aios, &[permit]);
}

#[test]
fn what_was_closed_needs_no_write_ahead_log() {
    let (world, permits) = written();
    for side in ["-wal", "-shm"] {
        let _ = fs::remove_file(world.path(&format!("aios.db{side}")));
    }
    is_whole(&world, &world.open(SQLITE), &permits);
}
