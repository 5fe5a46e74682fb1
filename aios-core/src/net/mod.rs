//! Whatever crosses the network: the one door out, and issuers' keys through it, by discovery or URL, kept for a while.
//!
//! One private runtime on one thread of its own, started by the first call. A set lasts as long as its server says, within
//! five minutes and a day, ten minutes unless told; a little before its end, and for ten minutes after it, it serves while a
//! fetch runs behind; after that only where fetches fail, a day more. Each fetch of an issuer, whatever came of it, spends a
//! token of its bucket, and one for a key that a set lacks also one of a bucket of all issuers, so that neither strangers'
//! key ids nor an outage cause a flood.

mod bucket;
mod carried;
mod carry;
mod discovery;
pub mod door;
mod error;
mod fetch;
mod held;
pub mod introspection;
mod origin;
mod slot;
mod upload;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::model::{IssuerName, Wait};
use crate::token::{KeptKeys, KeySet, KeySource, KeySourceError};

pub use carried::{Answered, Carried, Uploading};
pub use carry::Patience;
pub use door::{Cost, Destination, Door, Egress, Outbound, Proxy, Purpose, Reach, Trust};
pub use error::Error;
pub use introspection::{Endpoint, Introspection, Shows};
pub use origin::{From, Origin};
pub use upload::{Content, Inbox, Outbox, upload};

use bucket::Bucket;
use door::Line;
use held::Held;
use slot::{Landing, Slot, Turn};

/// Tells the time since some start, on a clock that never goes back. A test passes its own.
pub type Uptime = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Every issuer's keys.
pub struct Keys {
    fixed: BTreeMap<IssuerName, Arc<KeySet>>,
    slots: BTreeMap<IssuerName, Arc<Slot>>,
    lines: BTreeMap<IssuerName, Line>,
    door: Arc<Door>,
    uptime: Uptime,
    /// For keys that a set at hand lacks, of all issuers together.
    unknown: Mutex<Bucket>,
}

/// Fetches for unknown keys that may be made at once, and how soon there is one more.
const UNKNOWN_BURST: u32 = 10;
const UNKNOWN_REFILL: Duration = Duration::from_secs(3);

impl Keys {
    /// Parses the sets that are given in place, and registers whoever has the others; fetches and starts nothing yet.
    ///
    /// # Errors
    /// A set given in place is none, or an origin is out of its reach.
    pub fn new(origins: Vec<Origin>, uptime: Uptime, door: &Arc<Door>) -> Result<Self, Error> {
        Self::at_cost(origins, uptime, door, Cost::default())
    }

    fn at_cost(origins: Vec<Origin>, uptime: Uptime, door: &Arc<Door>, cost: Cost) -> Result<Self, Error> {
        let unknown = Mutex::new(Bucket::full(UNKNOWN_BURST, UNKNOWN_REFILL, uptime()));
        let (fixed, slots, lines) = Default::default();
        let mut keys = Self { fixed, slots, lines, door: Arc::clone(door), uptime, unknown };
        for origin in origins {
            let name = origin.issuer.clone();
            if let Some(destination) = origin.destination()? {
                let line = keys.door.register(destination.costing(cost));
                keys.lines.insert(name.clone(), line);
            }
            let set = match &origin.from {
                From::Set(bytes) => {
                    KeySet::from_jwks(bytes, &origin.algorithms).map_err(|_| Error::KeySet)?
                }
                From::Shared(key) => KeySet::of_shared_secret(key.clone()),
                From::Discovery | From::Url(_) => {
                    let slot = Slot::new(origin, (keys.uptime)());
                    keys.slots.insert(name, Arc::new(slot));
                    continue;
                }
            };
            keys.fixed.insert(name, Arc::new(set));
        }
        Ok(keys)
    }

    /// Why the issuer's last fetch failed; none if it did not.
    #[must_use]
    pub fn last_failure(&self, issuer: &IssuerName) -> Option<Error> {
        self.slots.get(issuer)?.failure()
    }

    /// Whether a fetch may be started for a key that the set at hand lacks. A first fetch is nobody's flood, and one that
    /// the issuer's own bucket will not start costs nothing.
    fn affords(&self, slot: &Slot, now: Duration) -> bool {
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        slot.held(now).is_none() || slot.is_flying() || slot.is_throttled(now) || unknown.take(now)
    }

    /// Fetches an issuer's set on the door's thread. Whatever happens there, the slot hears of it: a flight that is dropped
    /// lands as a failure.
    fn start(&self, slot: &Arc<Slot>) {
        let landing = Landing::new(Arc::clone(slot), Arc::clone(&self.uptime));
        let Some(line) = self.lines.get(&slot.origin().issuer).cloned() else { return };
        let slot = Arc::clone(slot);
        self.door.run(Box::pin(async move {
            let last = slot.last();
            let tag = last.as_deref().and_then(Held::tag);
            let result = discovery::download(&line, slot.origin(), tag).await;
            landing.land(result);
        }));
    }
}

impl KeySource for Keys {
    fn known(&self, issuer: &IssuerName) -> Option<Arc<KeySet>> {
        if let Some(set) = self.fixed.get(issuer) {
            return Some(Arc::clone(set));
        }
        let slot = self.slots.get(issuer)?;
        let now = (self.uptime)();
        let held = slot.held(now)?;
        if held.is_fresh(now) {
            return Some(held.set());
        }
        if let Turn::Start(_) = slot.board(now) {
            self.start(slot);
        }
        (held.is_recent(now) || slot.failure().is_some()).then(|| held.set())
    }

    fn fetch(&self, issuer: &IssuerName, kid: &str, wait: Wait) -> Result<Arc<KeySet>, KeySourceError> {
        if let Some(set) = self.fixed.get(issuer) {
            return Ok(Arc::clone(set));
        }
        let slot = self.slots.get(issuer).ok_or(KeySourceError::Unavailable)?;
        let now = (self.uptime)();
        // Another caller's fetch may have brought the key since this one looked.
        if let Some(held) = slot.held(now).filter(|held| held.is_fresh(now) && held.has(kid)) {
            return Ok(held.set());
        }
        let deadline = match wait {
            Wait::Never if slot.is_throttled(now) => return answer(slot, kid, slot.failure().is_none(), now),
            Wait::Never => return Err(KeySourceError::WouldWait),
            Wait::Until(deadline) => deadline,
        };
        if !self.affords(slot, now) {
            return answer(slot, kid, slot.failure().is_none(), now);
        }
        let answered = match slot.board(now) {
            Turn::Join(ticket) => slot.wait(ticket, deadline),
            Turn::Start(ticket) => {
                self.start(slot);
                slot.wait(ticket, deadline)
            }
            Turn::Full => false,
            Turn::Throttled => true,
        };
        answer(slot, kid, answered && slot.failure().is_none(), (self.uptime)())
    }

    fn kept(&self) -> Vec<KeptKeys> {
        let now = (self.uptime)();
        let kept = |(issuer, slot): (&IssuerName, &Arc<Slot>)| {
            let held = slot.held(now)?;
            let document = held.document().to_vec();
            Some(KeptKeys { issuer: issuer.clone(), document, age: held.age(now) })
        };
        self.slots.iter().filter_map(kept).collect()
    }

    fn keep(&self, kept: KeptKeys) -> Result<bool, KeySourceError> {
        let slot = self.slots.get(&kept.issuer).ok_or(KeySourceError::Unavailable)?;
        let held = Held::restored(kept.document, slot.origin(), kept.age, (self.uptime)());
        Ok(slot.restore(held.map_err(|_| KeySourceError::Unavailable)?))
    }
}

/// The set at hand. Where the issuer did not answer, only what holds the key: a key that an outage hides is not unknown.
fn answer(slot: &Slot, kid: &str, answered: bool, now: Duration) -> Result<Arc<KeySet>, KeySourceError> {
    let held = slot.held(now).ok_or(KeySourceError::Unavailable)?;
    if answered || held.has(kid) { Ok(held.set()) } else { Err(KeySourceError::Unavailable) }
}

impl fmt::Debug for Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuers = self.fixed.keys().chain(self.slots.keys());
        out.debug_struct("Keys").field("issuers", &issuers.collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
