//! What every adapter of [`Revocations`] must do with ids that may be used once.

use std::sync::Arc;

use super::super::{done, patient};
use crate::crypto;
use crate::model::{Timestamp, Wait};
use crate::revocation::{Error, Revocations, SingleUse, Spent};

const NOW: i64 = 1_800_000_000;

pub(super) fn an_id_is_used_once_until_it_ends(store: &dyn Revocations) {
    let (short, long) = (fresh(NOW + 1), fresh(NOW + 60));
    for id in [&short, &long] {
        assert_eq!(spend(store, id, NOW), Spent::First, "a fresh id was used before");
        assert_eq!(spend(store, id, NOW), Spent::Before, "an id was used twice");
    }
    assert_eq!(spend(store, &fresh(NOW + 1), NOW + 1), Spent::First, "a fresh id was used before");
    assert_eq!(spend(store, &long, NOW + 1), Spent::Before, "an id was forgotten before its end");
    assert_eq!(spend(store, &long, NOW + 59), Spent::Before, "an id was forgotten before its end");
    assert_eq!(spend(store, &short, NOW - 60), Spent::First, "an id that ended was not forgotten");
    assert_eq!(spend(store, &long, NOW + 60), Spent::First, "an id that ended was not forgotten");
    for until in [i64::MIN, i64::MAX].map(Timestamp::from_nanos) {
        let id = SingleUse { until, ..fresh(0) };
        assert_eq!(spend(store, &id, NOW), Spent::First, "a fresh id was used before");
    }
}

pub(super) fn one_of_many_users_is_first(store: &Arc<dyn Revocations>) {
    let id = fresh(NOW + 60);
    let users: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(store);
            std::thread::spawn(move || spend(&*store, &id, NOW))
        })
        .collect();
    let answers = users.into_iter().filter_map(|user| user.join().ok());
    let first = answers.filter(|answer| *answer == Spent::First).count();
    assert_eq!(first, 1, "of eight users of an id, not exactly one was first");
}

pub(super) fn who_may_not_wait_is_told_before_anything_is_done(store: &dyn Revocations) {
    let id = fresh(NOW + 60);
    let expected = match store.spend(&id, Timestamp::from_seconds(NOW), Wait::Never) {
        Err(Error::WouldWait) => Spent::First,
        answer => {
            assert_eq!(answer, Ok(Spent::First), "a use that may not wait is answered otherwise");
            Spent::Before
        }
    };
    assert_eq!(spend(store, &id, NOW), expected, "what a use that may not wait answered is not what it did");
}

pub(super) fn is_shared(first: &dyn Revocations, second: &dyn Revocations) {
    let (one, other) = (fresh(NOW + 60), fresh(NOW + 60));
    assert_eq!([spend(first, &one, NOW), spend(second, &one, NOW)], [Spent::First, Spent::Before]);
    assert_eq!([spend(second, &other, NOW), spend(first, &other, NOW)], [Spent::First, Spent::Before]);
}

fn spend(store: &dyn Revocations, id: &SingleUse, now: i64) -> Spent {
    done(store.spend(id, Timestamp::from_seconds(now), patient()), "a use of an id")
}

fn fresh(until: i64) -> SingleUse {
    SingleUse { id: done(crypto::random(), "randomness"), until: Timestamp::from_seconds(until) }
}
