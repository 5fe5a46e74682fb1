//! What every adapter of [`Revocations`] must do.

mod single_use;

use std::sync::Arc;

use super::{done, name};
use crate::crypto;
use crate::model::{TenantId, Timestamp};
use crate::revocation::{Entry, Mark, PAGE, Revocations, Verdict};

/// Checks every outcome that the port [`Revocations`] lists.
///
/// # Panics
/// The adapter does otherwise.
pub fn revocations(make: &dyn Fn() -> Arc<dyn Revocations>) {
    entries_are_read_back_as_they_were_added(&*make());
    entries_come_in_order_and_in_pages(&*make());
    many_writers_have_a_number_each_and_none_appears_late(&make());
    single_use::an_id_is_used_once_until_it_ends(&*make());
    single_use::one_of_many_users_is_first(&make());
    single_use::who_may_not_wait_is_told_before_anything_is_done(&*make());
}

/// Checks that two handles are of one store.
///
/// # Panics
/// They are not, or one does not see what the other stored.
pub fn shared_revocations(first: &dyn Revocations, second: &dyn Revocations) {
    let entries = [fresh(Verdict::All), fresh(Verdict::Lifted), fresh(Verdict::All)];
    let numbers = [add(first, &entries[0]), add(second, &entries[1]), add(first, &entries[2])];
    assert!(numbers[0] < numbers[1] && numbers[1] < numbers[2], "numbers of two handles do not rise");
    for handle in [first, second] {
        let found = done(handle.since(numbers[0] - 1), "entries");
        let expected: Vec<_> = numbers.into_iter().zip(entries.iter().cloned()).collect();
        assert_eq!(found, expected, "a handle does not see what the other added");
    }
    single_use::is_shared(first, second);
}

fn entries_are_read_back_as_they_were_added(store: &dyn Revocations) {
    let moments = [i64::MIN, -1, 0, 1_800_000_000_000_000_001, i64::MAX].map(Timestamp::from_nanos);
    let verdicts = [Verdict::All, Verdict::Lifted].into_iter().chain(moments.map(Verdict::Before));
    for verdict in verdicts {
        for until in moments.into_iter().map(Some).chain([None]) {
            let entry = Entry { until, ..fresh(verdict) };
            let number = add(store, &entry);
            let found = done(store.since(number - 1), "the entry");
            assert_eq!(found.first(), Some(&(number, entry)), "an entry is not read back as it was added");
        }
    }
    // The same again is another entry.
    let entry = fresh(Verdict::All);
    assert!(add(store, &entry) < add(store, &entry), "the same entry has one number twice");
}

fn entries_come_in_order_and_in_pages(store: &dyn Revocations) {
    let before = done(all(store), "entries").last().map_or(0, |(number, _)| *number);
    let added: Vec<_> = (0..PAGE + 3)
        .map(|_| {
            let entry = fresh(Verdict::All);
            (add(store, &entry), entry)
        })
        .collect();
    let page = done(store.since(before), "a page");
    assert_eq!(page.len(), PAGE, "an answer is not a page, though there are more entries");
    let (first, rest) = added.split_at(PAGE);
    assert_eq!(page, first, "a page holds others, or out of order");
    let last = page.last().map_or(0, |(number, _)| *number);
    assert_eq!(done(store.since(last), "a page"), rest, "the next page holds others");
    let last = added.last().map_or(0, |(number, _)| *number);
    for after in [last, last + 1, u64::from(u32::MAX)] {
        assert_eq!(done(store.since(after), "a page"), [], "there are entries behind the last");
    }
}

fn many_writers_have_a_number_each_and_none_appears_late(store: &Arc<dyn Revocations>) {
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(store);
            std::thread::spawn(move || -> Vec<u64> {
                (0..16)
                    .map(|_| {
                        let number = add(&*store, &fresh(Verdict::All));
                        let seen = done(all(&*store), "entries");
                        assert!(
                            seen.iter().any(|(found, _)| *found == number),
                            "an entry that was added is not there"
                        );
                        let again = done(all(&*store), "entries");
                        assert!(again.starts_with(&seen), "an entry appeared before one that was seen");
                        number
                    })
                    .collect()
            })
        })
        .collect();
    let mut numbers: Vec<u64> =
        writers.into_iter().flat_map(|writer| done(writer.join().map_err(|_| ()), "a writer")).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 8 * 16, "two entries have one number");
}

fn all(store: &dyn Revocations) -> Result<Vec<(u64, Entry)>, crate::revocation::Error> {
    let mut entries: Vec<(u64, Entry)> = Vec::new();
    loop {
        let page = store.since(entries.last().map_or(0, |(number, _)| *number))?;
        let is_last = page.len() < PAGE;
        entries.extend(page);
        if is_last {
            return Ok(entries);
        }
    }
}

fn add(store: &dyn Revocations, entry: &Entry) -> u64 {
    done(store.add(entry), "an entry")
}

fn fresh(verdict: Verdict) -> Entry {
    let tenant: TenantId = done(name("tenant").parse(), "a tenant's name");
    Entry { tenant, mark: Mark(done(crypto::random(), "randomness")), verdict, until: None }
}
