//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::model::{Clock, Timestamp};

/// A clock that somebody moves; records made by it say so.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that stands at a moment.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.nanos()))
    }

    /// Moves it to a moment, also back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.nanos(), Ordering::SeqCst);
    }

    /// Moves it by some seconds, also back.
    pub fn advance_seconds(&self, seconds: i64) {
        // The closure always gives a value, so this cannot fail.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |nanos| {
            Some(Timestamp::from_nanos(nanos).plus_seconds(seconds).nanos())
        });
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn name(&self) -> &'static str {
        "test"
    }
}
