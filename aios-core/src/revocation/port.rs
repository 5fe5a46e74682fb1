//! Port: revocations in the order in which they were made.

use super::{Entry, Error};

/// Most entries of one answer.
pub const PAGE: usize = 512;

/// Keeps entries by number. Each adapter runs the conformance suite in `testing`.
///
/// Numbers begin at 1 and rise, not always by one, and appear in order: whoever was given one entry is never afterwards
/// given an entry of a lower number. No number is given twice.
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
}

impl<R: Revocations + ?Sized> Revocations for std::sync::Arc<R> {
    fn add(&self, entry: &Entry) -> Result<u64, Error> {
        (**self).add(entry)
    }

    fn since(&self, after: u64) -> Result<Vec<(u64, Entry)>, Error> {
        (**self).since(after)
    }
}
