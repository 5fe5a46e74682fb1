//! One issuer's set, its bucket, and the one fetch that may be under way.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::bucket::Bucket;
use super::fetch::Fetched;
use super::held::Held;
use super::{Error, Origin, Uptime};
use crate::model::Deadline;

const REFILL: Duration = Duration::from_secs(30);
const BURST: u32 = 2;
const MOST_WAITING: usize = 16;

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
        let state = State {
            bucket: Bucket::full(BURST, REFILL, now),
            flying: false,
            waiting: 0,
            landings: 0,
            failure: None,
        };
        Self { origin, held: ArcSwapOption::empty(), state: Mutex::new(state), landed: Condvar::new() }
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The set, unless it is too old to be used at all.
    pub(super) fn held(&self, now: Duration) -> Option<Arc<Held>> {
        self.held.load_full().filter(|held| held.is_usable(now))
    }

    /// The set that came last, however old.
    pub(super) fn last(&self) -> Option<Arc<Held>> {
        self.held.load_full()
    }

    /// Takes a set that was fetched elsewhere, unless there is one; says whether it did.
    pub(super) fn restore(&self, held: Held) -> bool {
        let state = self.lock();
        let lacks = self.held.load().is_none();
        if lacks {
            self.held.store(Some(Arc::new(held)));
        }
        drop(state);
        lacks
    }

    pub(super) fn failure(&self) -> Option<Error> {
        self.lock().failure
    }

    /// Whether a fetch is under way.
    pub(super) fn is_flying(&self) -> bool {
        self.lock().flying
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
    pub(super) fn land(mut self, result: Result<Fetched, Error>) {
        let Some(slot) = self.slot.take() else { return };
        let now = (self.uptime)();
        let before = slot.last();
        slot.land(result.and_then(|fetched| Held::of(fetched, &slot.origin, before.as_deref(), now)));
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            slot.land(Err(Error::Stopped));
        }
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
