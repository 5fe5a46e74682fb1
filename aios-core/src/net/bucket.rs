//! A budget of fetches: some at once, and one more each while.

use std::time::Duration;

/// A bucket of tokens.
#[derive(Debug)]
pub(super) struct Bucket {
    most: u32,
    refill: Duration,
    tokens: u32,
    counted_at: Duration,
}

impl Bucket {
    /// `most` at once, and one more each `refill`.
    pub(super) fn full(most: u32, refill: Duration, now: Duration) -> Self {
        Self { most, refill, tokens: most, counted_at: now }
    }

    /// How many there are now.
    pub(super) fn left(&mut self, now: Duration) -> u32 {
        while self.tokens < self.most && now.saturating_sub(self.counted_at) >= self.refill {
            self.tokens += 1;
            self.counted_at += self.refill;
        }
        if self.tokens == self.most {
            self.counted_at = now;
        }
        self.tokens
    }

    /// Takes one, if there is one.
    pub(super) fn take(&mut self, now: Duration) -> bool {
        let left = self.left(now);
        self.tokens = left.saturating_sub(1);
        left > 0
    }
}
