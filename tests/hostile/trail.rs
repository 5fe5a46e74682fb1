//! Somebody who can write the database changes the trail; verification says what, and where.

use aios_core::audit::{Fault, Level};
use rusqlite::Connection;

use super::{SQLITE, call, raw};
use crate::world::World;

const ACME: &str = "(SELECT chain FROM audit_chain WHERE tenant = 'acme')";

/// A closed store: ten calls of acme, one chain, and the system chain.
fn written() -> World {
    let world = World::new();
    let aios = world.open(SQLITE);
    for _ in 0..10 {
        call(&world, &aios);
        aios.flush().unwrap();
        raw(&world).execute_batch("CREATE TABLE IF NOT EXISTS old AS SELECT * FROM audit_head").unwrap();
    }
    aios.close().unwrap();
    world
}

fn delete_chain(tenant: &str) -> String {
    let chain = format!("(SELECT chain FROM audit_chain WHERE tenant = '{tenant}')");
    ["audit_record", "audit_head", "audit_disclosure", "audit_chain"]
        .map(|table| format!("DELETE FROM {table} WHERE chain = {chain};"))
        .concat()
}

fn change_frame(seq: u32, from: u32, bytes: &str) -> String {
    let length = bytes.len() / 2;
    format!(
        "UPDATE audit_record SET frame = CAST(substr(frame, 1, {from}) || x'{bytes}' || substr(frame, {}) AS BLOB) \
         WHERE chain = {ACME} AND seq = {seq}",
        usize::try_from(from).unwrap() + length + 1
    )
}

/// What somebody does, and the record and fault that verification names. Records of acme: 0 open, then pairs of intent
/// and outcome up to 20, and 21 close.
fn changes() -> [(String, u64, Fault); 15] {
    [
        (delete_chain("acme"), 0, Fault::MissingChain),
        (delete_chain(""), 0, Fault::Unannounced),
        (format!("DELETE FROM audit_head WHERE chain = {ACME}"), 0, Fault::MissingHead),
        (
            format!(
                "INSERT INTO audit_record SELECT chain, 22, frame FROM audit_record WHERE chain = {ACME} AND seq = 21"
            ),
            22,
            Fault::BeyondHead,
        ),
        (format!("REPLACE INTO audit_head SELECT * FROM old WHERE chain = {ACME}"), 3, Fault::BeyondHead),
        (format!("DELETE FROM audit_record WHERE chain = {ACME} AND seq = 21"), 21, Fault::Head),
        (format!("DELETE FROM audit_record WHERE chain = {ACME} AND seq = 7"), 7, Fault::Sequence),
        (format!("DELETE FROM audit_record WHERE chain = {ACME}"), 0, Fault::Head),
        (change_frame(5, 0, "0002"), 5, Fault::Version),
        (change_frame(5, 2, "00000000"), 5, Fault::Scope),
        (change_frame(5, 44, "00000000"), 5, Fault::Link),
        (change_frame(5, 100, "00"), 5, Fault::Mac),
        (
            format!(
                "UPDATE audit_disclosure SET text = 'WyJ4IiwiaWQiLCJldmUiXQ' WHERE chain = {ACME} AND seq = 5"
            ),
            5,
            Fault::Disclosure,
        ),
        (format!("UPDATE audit_chain SET tenant = 'globex' WHERE chain = {ACME}"), 0, Fault::MissingChain),
        (format!("UPDATE audit_chain SET deployment = 'other' WHERE chain = {ACME}"), 0, Fault::Link),
    ]
}

#[test]
fn each_change_is_found_where_it_was_made() {
    let world = written();
    let whole = std::fs::read(world.path("aios.db")).unwrap();
    for (sql, seq, fault) in changes() {
        std::fs::write(world.path("aios.db"), &whole).unwrap();
        let file = raw(&world);
        let acme: String =
            file.query_row(&format!("SELECT lower(hex({ACME}))"), [], |row| row.get(0)).unwrap();
        file.execute_batch(&sql).unwrap();
        drop(file);
        let aios = world.open(SQLITE);
        let report = aios.verify(None).unwrap();
        // Closed, so that nothing is left in a log beside the file.
        aios.close().unwrap();
        let found = report.violation.as_ref().unwrap_or_else(|| panic!("not found: {sql}"));
        assert_eq!((found.tenant.as_str(), found.place.seq, found.fault), ("acme", seq, fault), "{sql}");
        assert_eq!(found.place.chain, acme, "{sql}");
        assert!(!report.ok && report.level < Level::Head, "{sql}");
    }
}

#[test]
fn an_erased_disclosure_is_counted_and_breaks_nothing() {
    let world = written();
    raw(&world)
        .execute_batch(&format!("DELETE FROM audit_disclosure WHERE chain = {ACME} AND seq = 5"))
        .unwrap();
    let report = world.open(SQLITE).verify(None).unwrap();
    assert!(report.ok && report.erased == 1, "{report:?}");
}

#[test]
fn a_record_copied_from_another_deployments_store_does_not_fit() {
    let (world, other) = (written(), written());
    let theirs: Vec<u8> = {
        let file: Connection = raw(&other);
        let sql = format!("SELECT frame FROM audit_record WHERE chain = {ACME} AND seq = 5");
        file.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    let sql = format!("UPDATE audit_record SET frame = ?1 WHERE chain = {ACME} AND seq = 5");
    raw(&world).execute(&sql, [theirs]).unwrap();
    let report = world.open(SQLITE).verify(None).unwrap();
    let found = report.violation.unwrap();
    assert_eq!((found.place.seq, found.fault), (5, Fault::Scope));
}
