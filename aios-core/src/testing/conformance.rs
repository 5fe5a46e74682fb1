//! What every adapter must do, also a stranger's: run these on a store of your own, and they panic with a sentence.
//!
//! Each check takes a handle from `make` and uses names of its own, so all handles may be of one store or of a new one
//! each. The `shared` forms take two handles of one store, as two processes have them.
#![expect(clippy::panic, reason = "a test ends by a panic that says what is wrong")]

mod revocations;
mod shelves;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use crate::audit::{
    ChainCommit, ChainId, Commit, Head, Ledger, LedgerError, Owner, StoredChain, StoredRecord,
};
use crate::crypto;
use crate::model::hex::hex;
use crate::model::{Deadline, Wait};
use crate::store::Rows;

pub use revocations::{revocations, shared_revocations};
pub use shelves::{shared_shelves, shelves};

/// Bytes that text-minded stores get wrong.
const AWKWARD: &[u8] = b"\x00\xff\xfe\x80'\"\\\n\r\x00%_;--\xc3\x28\x00";

/// Checks every outcome that the port [`Ledger`] lists.
///
/// # Panics
/// The adapter does otherwise.
pub fn ledger(make: &dyn Fn() -> Arc<dyn Ledger>) {
    a_commit_is_read_back_byte_for_byte(&*make());
    records_come_in_order_and_in_pages(&*make());
    the_last_head_counts(&*make());
    a_taken_place_is_a_conflict_and_nothing_is_stored(&*make(), &*make());
    chains_are_found_by_owner_in_a_stable_order(&*make());
    who_may_not_wait_is_told_before_anything_is_done(&*make());
}

/// Checks that two handles are of one store.
///
/// # Panics
/// They are not, or one does not respect what the other stored.
pub fn shared_ledger(first: &dyn Ledger, second: &dyn Ledger) {
    let id = fresh();
    done(first.commit(&commit([part(&id, 0..3)]), patient()), "a commit by the first handle");
    assert_eq!(read(second, &id).len(), 3, "the second handle does not see what the first committed");
    let again = second.commit(&commit([part(&id, 2..4)]), patient());
    assert_eq!(again, Err(LedgerError::Conflict), "the second handle took a place that the first had filled");
    done(second.commit(&commit([part(&id, 3..5)]), patient()), "a commit by the second handle");
    assert_eq!(read(first, &id).len(), 5, "the first handle does not see what the second committed");
}

/// Checks every outcome that the port [`Rows`] lists.
///
/// # Panics
/// The adapter does otherwise.
pub fn rows(make: &dyn Fn() -> Arc<dyn Rows>) {
    versions_count_writes(&*make());
    values_and_keys_are_kept_byte_for_byte(&*make());
    one_of_many_writers_is_first(&make());
}

/// Checks that two handles are of one store.
///
/// # Panics
/// They are not, or one does not respect what the other stored.
pub fn shared_rows(first: &dyn Rows, second: &dyn Rows) {
    let key = name("shared");
    assert!(put(first, &key, 0, b"one"), "a new key could not be written");
    assert!(!put(second, &key, 0, b"two"), "the second handle wrote a key anew that the first had written");
    assert!(put(second, &key, 1, b"two"), "the second handle could not write the version that it saw");
    assert!(!put(first, &key, 1, b"three"), "the first handle wrote over a version that it had not seen");
    expect_row(first, &key, 2, b"two");
}

fn a_commit_is_read_back_byte_for_byte(ledger: &dyn Ledger) {
    let (one, other) = (fresh(), fresh());
    let bodies: [Vec<u8>; 5] =
        [AWKWARD.to_vec(), Vec::new(), vec![0; 1], (0..=255).collect(), vec![0xa5; 1024 * 1024]];
    let disclosures = |index: usize| (0..index).map(|place| format!("d-{index}-{place}\u{0}\"'")).collect();
    let records: Vec<_> = (0_u64..)
        .zip(bodies.into_iter().enumerate())
        .map(|(seq, (index, frame))| StoredRecord { seq, frame, disclosures: disclosures(index) })
        .collect();
    let first = ChainCommit { id: one.clone(), records: records.clone(), head: head(&one, 5, 0xff) };
    let both = commit([first, part(&other, 0..2)]);
    done(ledger.commit(&both, patient()), "a commit of two chains");
    assert_eq!(read(ledger, &one), records, "records are not read back as they were committed");
    assert_eq!(read(ledger, &other), part(&other, 0..2).records, "one chain's records mix with another's");
    let stored = find(ledger, &one);
    assert_eq!(stored.id, one, "a chain's identity is not read back as it was committed");
    assert_eq!(stored.head, Some(head(&one, 5, 0xff)), "a head is not read back as it was committed");
}

fn records_come_in_order_and_in_pages(ledger: &dyn Ledger) {
    let id = fresh();
    for range in [0..1, 1..700, 700..1000] {
        done(ledger.commit(&commit([part(&id, range)]), patient()), "a commit");
    }
    for (from, most, expected) in
        [(0, 10, 0..10), (695, 10, 695..705), (990, 512, 990..1000), (1000, 5, 0..0), (3, 0, 0..0)]
    {
        let page = done(ledger.records(id.incarnation, from, most), "a page of records");
        let found: Vec<u64> = page.iter().map(|record| record.seq).collect();
        let expected: Vec<u64> = expected.collect();
        assert_eq!(
            found, expected,
            "the page of {most} records from {from} on holds others, or out of order"
        );
    }
    let unknown = done(ledger.records(fresh().incarnation, 0, 10), "records of an unknown chain");
    assert!(unknown.is_empty(), "an unknown chain has records");
}

fn the_last_head_counts(ledger: &dyn Ledger) {
    let id = fresh();
    for seq in 0..3 {
        done(ledger.commit(&commit([part(&id, seq..seq + 1)]), patient()), "a commit");
        let stored = find(ledger, &id).head;
        assert_eq!(stored, Some(part(&id, seq..seq + 1).head), "the head is not that of the last commit");
    }
}

fn a_taken_place_is_a_conflict_and_nothing_is_stored(ledger: &dyn Ledger, same_or_other: &dyn Ledger) {
    let (id, beside) = (fresh(), fresh());
    done(ledger.commit(&commit([part(&id, 0..3)]), patient()), "a commit");
    let mut late = part(&id, 2..4);
    late.head = head(&id, 4, 9);
    for both in [commit([part(&beside, 0..2), late]), commit([part(&id, 0..1), part(&beside, 0..2)])] {
        let answer = ledger.commit(&both, patient());
        assert_eq!(answer, Err(LedgerError::Conflict), "a taken place was taken again");
        assert!(read(ledger, &beside).is_empty(), "half of a refused commit was stored");
        let known = done(ledger.chains(None), "chains").into_iter().any(|chain| chain.id == beside);
        assert!(!known, "a refused commit registered a chain");
    }
    assert_eq!(read(ledger, &id), part(&id, 0..3).records, "a refused commit changed records");
    assert_eq!(find(ledger, &id).head, Some(part(&id, 0..3).head), "a refused commit changed a head");
    done(ledger.commit(&commit([part(&id, 3..4)]), patient()), "the next commit after a conflict");
    done(same_or_other.commit(&commit([part(&beside, 0..2)]), patient()), "a chain's first commit, anew");
}

fn chains_are_found_by_owner_in_a_stable_order(ledger: &dyn Ledger) {
    let tenants: Vec<Owner> = (0..3).map(|_| tenant()).collect();
    let mut ids = Vec::new();
    for owner in tenants.iter().chain([&Owner::System]) {
        for _ in 0..3 {
            let id = ChainId { owner: owner.clone(), ..fresh() };
            done(ledger.commit(&commit([part(&id, 0..1)]), patient()), "a commit");
            ids.push(id);
        }
    }
    for owner in &tenants {
        let found = done(ledger.chains(Some(owner)), "an owner's chains");
        assert_eq!(found.len(), 3, "an owner's chains are not exactly its own");
        assert!(found.iter().all(|chain| chain.id.owner == *owner), "an owner's chains hold another's");
    }
    let system = done(ledger.chains(Some(&Owner::System)), "the system's chains");
    assert!(
        system.iter().all(|chain| chain.id.owner == Owner::System),
        "the system's chains hold a tenant's"
    );
    let order = || -> Vec<_> {
        let all = done(ledger.chains(None), "all chains");
        all.into_iter().map(|chain| chain.id.incarnation).collect()
    };
    let all = order();
    assert_eq!(all, order(), "the order of chains changes");
    let there: BTreeSet<_> = all.into_iter().collect();
    assert!(ids.iter().all(|id| there.contains(&id.incarnation)), "a chain is missing among all");
    let nobody = done(ledger.chains(Some(&tenant())), "chains of an unknown owner");
    assert!(nobody.is_empty(), "an unknown owner has chains");
}

fn who_may_not_wait_is_told_before_anything_is_done(ledger: &dyn Ledger) {
    let id = fresh();
    let answer = ledger.commit(&commit([part(&id, 0..1)]), Wait::Never);
    let (expected, stored) =
        if ledger.turn(Wait::Never).is_err() { (Err(LedgerError::WouldWait), 0) } else { (Ok(()), 1) };
    assert_eq!(answer, expected, "a commit that may not wait is answered otherwise");
    assert_eq!(
        read(ledger, &id).len(),
        stored,
        "what a commit that may not wait answered is not what it did"
    );
}

fn versions_count_writes(rows: &dyn Rows) {
    let key = name("versions");
    assert_eq!(done(rows.get(&key), "an unknown key"), None, "a key has a row before it was written");
    assert!(!put(rows, &key, 1, b"x"), "an unknown key was written over");
    assert!(put(rows, &key, 0, b"one"), "a new key could not be written");
    expect_row(rows, &key, 1, b"one");
    for stale in [0, 2, 7] {
        assert!(
            !put(rows, &key, stale, b"stale"),
            "version {stale} was written over, and version 1 stands there"
        );
    }
    expect_row(rows, &key, 1, b"one");
    for version in 1..4 {
        assert!(put(rows, &key, version, b"next"), "version {version} could not be written over");
        expect_row(rows, &key, version + 1, b"next");
    }
}

fn values_and_keys_are_kept_byte_for_byte(rows: &dyn Rows) {
    let prefix = name("bytes");
    let endings = ["", "/", "/%", "/_", "/a", "/A", "/\u{e9}", "/e\u{301}", "/'\"", "/\u{0}", "/\u{0}x"];
    let value = |index: usize| [AWKWARD, &vec![0xee; index]].concat();
    for (index, ending) in endings.iter().enumerate() {
        let free = put(rows, &format!("{prefix}{ending}"), 0, &value(index));
        assert!(free, "the key ending in {ending:?} is taken for another");
    }
    for (index, ending) in endings.iter().enumerate() {
        expect_row(rows, &format!("{prefix}{ending}"), 1, &value(index));
    }
    let empty = name("empty");
    assert!(put(rows, &empty, 0, b""), "an empty value could not be written");
    expect_row(rows, &empty, 1, b"");
}

fn one_of_many_writers_is_first(rows: &Arc<dyn Rows>) {
    let key = name("race");
    let writers: Vec<_> = (0_u8..8)
        .map(|writer| {
            let (rows, key) = (Arc::clone(rows), key.clone());
            std::thread::spawn(move || put(&*rows, &key, 0, &[writer]))
        })
        .collect();
    let first = writers.into_iter().filter_map(|writer| writer.join().ok()).filter(|first| *first).count();
    assert_eq!(first, 1, "of eight writers of a new key, not exactly one was first");
}

fn part(id: &ChainId, range: std::ops::Range<u64>) -> ChainCommit {
    let record = |seq: u64| StoredRecord {
        seq,
        frame: [AWKWARD, &seq.to_be_bytes()].concat(),
        disclosures: if seq.is_multiple_of(2) { vec![format!("disclosure {seq}")] } else { Vec::new() },
    };
    ChainCommit { id: id.clone(), head: head(id, range.end, 1), records: range.map(record).collect() }
}

fn head(id: &ChainId, count: u64, byte: u8) -> Head {
    let (epoch, commit) = (u64::from(byte), count + 1);
    Head { chain: id.incarnation, epoch, commit, count, last: [byte; 32], tag: [!byte; 32] }
}

fn commit<const N: usize>(chains: [ChainCommit; N]) -> Commit {
    Commit { chains: chains.into() }
}

fn fresh() -> ChainId {
    let incarnation = done(crypto::random(), "randomness");
    ChainId { deployment: "conformance \u{e9}".into(), owner: tenant(), incarnation }
}

fn tenant() -> Owner {
    Owner::Tenant(done(name("tenant").parse(), "a tenant's name"))
}

fn name(what: &str) -> String {
    format!("{what}-{}", hex(&done(crypto::random::<8>(), "randomness")))
}

fn read(ledger: &dyn Ledger, id: &ChainId) -> Vec<StoredRecord> {
    done(ledger.records(id.incarnation, 0, 10_000), "a chain's records")
}

fn find(ledger: &dyn Ledger, id: &ChainId) -> StoredChain {
    let chains = done(ledger.chains(Some(&id.owner)), "an owner's chains");
    let found = chains.into_iter().find(|chain| chain.id.incarnation == id.incarnation);
    found.unwrap_or_else(|| panic!("a chain that was committed is not listed"))
}

fn put(rows: &dyn Rows, key: &str, version: u64, value: &[u8]) -> bool {
    done(rows.put_if(key, version, value), "a write")
}

fn expect_row(rows: &dyn Rows, key: &str, version: u64, value: &[u8]) {
    let Some(row) = done(rows.get(key), "a read") else { panic!("a row that was written is not there") };
    assert_eq!(row.version, version, "a row's version is not the number of its writes");
    assert_eq!(row.value, value, "a row's value is not read back as it was written");
}

fn patient() -> Wait {
    Wait::Until(Deadline::after(Duration::from_secs(10)))
}

fn done<T, E: Debug>(answer: Result<T, E>, what: &str) -> T {
    answer.unwrap_or_else(|error| panic!("{what} was refused: {error:?}"))
}
