//! How many requests with secrets are under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::model::{Code, Refusal};

/// Most requests with secrets of one process, their answers included, that are under way at once.
pub(super) const MOST: usize = 256;

/// The places that are taken.
#[derive(Debug, Default)]
pub(in crate::engine) struct Places(Arc<AtomicUsize>);

/// One of them; free again when dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<AtomicUsize>);

impl Places {
    /// Takes a place.
    ///
    /// # Errors
    /// `limit.waiting`: none is free.
    pub(super) fn take(&self) -> Result<Place, Refusal> {
        let one_more = |taken: usize| (taken < MOST).then_some(taken + 1);
        match self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more) {
            Ok(_) => Ok(Place(Arc::clone(&self.0))),
            Err(_) => Err(Refusal::new(Code::LimitWaiting).at("requests with secrets")),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_once_it_is_dropped() {
        let places = Places::default();
        let mut taken: Vec<_> = (0..MOST).map(|_| places.take().unwrap()).collect();
        for _ in 0..2 {
            assert_eq!(places.take().unwrap_err().code(), Code::LimitWaiting);
            taken.pop();
            taken.push(places.take().unwrap());
        }
    }
}
