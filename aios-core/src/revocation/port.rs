//! Port: revocations in the order in which they were made, and ids that were used.

use super::{Entry, Error, SingleUse, Spent};
use crate::model::{Timestamp, Wait};

/// Most entries of one answer.
pub const PAGE: usize = 512;

/// Keeps entries by number. Each adapter runs the conformance suite in `testing`.
///
/// Numbers begin at 1 and rise, not always by one, and appear in order: whoever was given one entry is never afterwards
/// given an entry of a lower number. No number is given twice.
///
/// Beside them, ids that may be used once, until they end.
pub trait Revocations: Send + Sync + std::fmt::Debug {
    /// Keeps an entry and gives its number; it is durable then. May wait for other writers.
    ///
    /// # Errors
    /// Any [`Error`]. The entry may have been kept all the same.
    fn add(&self, entry: &Entry) -> Result<u64, Error>;

    /// The first [`PAGE`] entries whose number is above `after`, in order; fewer mean that there are no more. Never
    /// waits for writers, and not for long for anything else: callers that may not wait ask it on their own thread.
    ///
    /// # Errors
    /// [`Error::Busy`] where it would have to wait for somebody, else what is wrong with the store.
    fn since(&self, after: u64) -> Result<Vec<(u64, Entry)>, Error>;

    /// Uses an id up. Of all who ever ask with one id before it ends, on whatever handle of the store, one is told
    /// [`Spent::First`], and it is durable then. What ended by `now` is forgotten.
    ///
    /// # Errors
    /// [`Error::WouldWait`] before anything is done, where the caller may not wait and would have to, else what is wrong
    /// with the store. The id may have been used up then.
    fn spend(&self, id: &SingleUse, now: Timestamp, wait: Wait) -> Result<Spent, Error>;
}

impl<R: Revocations + ?Sized> Revocations for std::sync::Arc<R> {
    fn add(&self, entry: &Entry) -> Result<u64, Error> {
        (**self).add(entry)
    }

    fn since(&self, after: u64) -> Result<Vec<(u64, Entry)>, Error> {
        (**self).since(after)
    }

    fn spend(&self, id: &SingleUse, now: Timestamp, wait: Wait) -> Result<Spent, Error> {
        (**self).spend(id, now, wait)
    }
}
