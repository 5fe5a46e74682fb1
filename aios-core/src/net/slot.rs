//! One issuer's set, its bucket, and the one fetch that may be under way.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::{Error, Origin, Uptime};
use crate::model::Deadline;
use crate::token::KeySet;

const FRESH: Duration = Duration::from_secs(10 * 60);
const RECENT: Duration = Duration::from_secs(20 * 60);
const USABLE: Duration = Duration::from_secs(24 * 60 * 60 + 10 * 60);
const REFILL: Duration = Duration::from_secs(30);
const BURST: u32 = 2;
const MOST_WAITING: usize = 16;

/// A set and when it came.
#[derive(Debug)]
pub(super) struct Held {
    set: Arc<KeySet>,
    fetched_at: Duration,
}

impl Held {
    fn parse(bytes: &[u8], origin: &Origin, now: Duration) -> Result<Self, Error> {
        let (set, _) = KeySet::from_jwks(bytes, &origin.algorithms).map_err(|_| Error::KeySet)?;
        if set.is_empty() {
            // A server that lost its keys has not revoked them.
            return Err(Error::NoKeys);
        }
        Ok(Self { set: Arc::new(set), fetched_at: now })
    }

    pub(super) fn set(&self) -> Arc<KeySet> {
        Arc::clone(&self.set)
    }

    /// Whether it holds a key of this id.
    pub(super) fn has(&self, kid: &str) -> bool {
        self.set.find(kid).is_some()
    }

    /// Serves without a second thought.
    pub(super) fn is_fresh(&self, now: Duration) -> bool {
        self.age(now) < FRESH
    }

    /// Serves while a fetch runs behind.
    pub(super) fn is_recent(&self, now: Duration) -> bool {
        self.age(now) < RECENT
    }

    fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.fetched_at)
    }
}

/// One issuer.
#[derive(Debug)]
pub(super) struct Slot {
    origin: Origin,
    held: ArcSwapOption<Held>,
    state: Mutex<State>,
    landed: Condvar,
}

#[derive(Debug)]
struct State {
    bucket: Bucket,
    flying: bool,
    /// Threads that wait for the fetch under way.
    waiting: usize,
    landings: u64,
    failure: Option<Error>,
}

/// What whoever wants a fetch has to do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turn {
    /// Go without: too many wait already, and a slow issuer must not bind every thread there is.
    Full,
    /// Wait for the fetch that is under way, by the ticket.
    Join(Ticket),
    /// Start one, and wait for it by the ticket.
    Start(Ticket),
    /// Go without: too many were made lately.
    Throttled,
}

/// The number of fetches that had ended when it was drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket(u64);

impl Slot {
    pub(super) fn new(origin: Origin, now: Duration) -> Self {
        let state =
            State { bucket: Bucket::full(now), flying: false, waiting: 0, landings: 0, failure: None };
        Self { origin, held: ArcSwapOption::empty(), state: Mutex::new(state), landed: Condvar::new() }
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The set, unless it is too old to be used at all.
    pub(super) fn held(&self, now: Duration) -> Option<Arc<Held>> {
        self.held.load_full().filter(|held| held.age(now) < USABLE)
    }

    pub(super) fn failure(&self) -> Option<Error> {
        self.lock().failure
    }

    /// Whether [`Slot::board`] would throttle: nothing is under way and nothing may be started.
    pub(super) fn is_throttled(&self, now: Duration) -> bool {
        let mut state = self.lock();
        !state.flying && state.bucket.left(now) == 0
    }

    /// Takes a turn. After [`Turn::Start`] the caller starts the fetch and its [`Landing`].
    pub(super) fn board(&self, now: Duration) -> Turn {
        let mut state = self.lock();
        let ticket = Ticket(state.landings);
        if state.flying {
            return if state.waiting < MOST_WAITING { Turn::Join(ticket) } else { Turn::Full };
        }
        if !state.bucket.take(now) {
            return Turn::Throttled;
        }
        state.flying = true;
        Turn::Start(ticket)
    }

    /// Waits until a fetch has ended since the ticket was drawn; says whether one has.
    pub(super) fn wait(&self, ticket: Ticket, deadline: Deadline) -> bool {
        let mut state = self.lock();
        state.waiting += 1;
        while state.landings <= ticket.0 && !deadline.has_passed() {
            let left = deadline.remaining();
            state = self.landed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.waiting -= 1;
        state.landings > ticket.0
    }

    /// Waits until nothing is under way.
    #[cfg(test)]
    pub(super) fn settle(&self) {
        drop(self.landed.wait_while(self.lock(), |state| state.flying).unwrap());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn land(&self, result: Result<Held, Error>) {
        let failure = match result {
            Ok(held) => {
                self.held.store(Some(Arc::new(held)));
                None
            }
            Err(error) => Some(error),
        };
        let mut state = self.lock();
        state.flying = false;
        state.landings += 1;
        state.failure = failure;
        drop(state);
        self.landed.notify_all();
    }
}

/// The duty to end a fetch. Dropped without a result, as by a panic or a stopped thread, it ends as a failure.
pub(super) struct Landing {
    slot: Option<Arc<Slot>>,
    uptime: Uptime,
}

impl Landing {
    pub(super) fn new(slot: Arc<Slot>, uptime: Uptime) -> Self {
        Self { slot: Some(slot), uptime }
    }

    /// Ends the fetch with what the server sent.
    pub(super) fn land(mut self, result: Result<Vec<u8>, Error>) {
        let Some(slot) = self.slot.take() else { return };
        let now = (self.uptime)();
        slot.land(result.and_then(|bytes| Held::parse(&bytes, &slot.origin, now)));
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            slot.land(Err(Error::Stopped));
        }
    }
}

/// At most [`BURST`] at once, and one more each [`REFILL`].
#[derive(Debug)]
struct Bucket {
    tokens: u32,
    counted_at: Duration,
}

impl Bucket {
    fn full(now: Duration) -> Self {
        Self { tokens: BURST, counted_at: now }
    }

    fn left(&mut self, now: Duration) -> u32 {
        while self.tokens < BURST && now.saturating_sub(self.counted_at) >= REFILL {
            self.tokens += 1;
            self.counted_at += REFILL;
        }
        if self.tokens == BURST {
            self.counted_at = now;
        }
        self.tokens
    }

    fn take(&mut self, now: Duration) -> bool {
        let left = self.left(now);
        self.tokens = left.saturating_sub(1);
        left > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_wait_for_one_slow_issuer() {
        let origin = Origin {
            issuer: "corp".parse().unwrap(),
            iss: "https://idp.example.com/".to_owned(),
            algorithms: Vec::new(),
            from: super::super::From::Discovery,
            allow_private: false,
            plaintext_loopback: false,
        };
        let slot = Slot::new(origin, Duration::ZERO);
        assert!(matches!(slot.board(Duration::ZERO), Turn::Start(_)));
        slot.lock().waiting = MOST_WAITING - 1;
        assert!(matches!(slot.board(Duration::ZERO), Turn::Join(_)));
        slot.lock().waiting = MOST_WAITING;
        assert!(matches!(slot.board(Duration::ZERO), Turn::Full));
    }
}
