//! What this process knows of tenants' entities, and how old that may be.
//!
//! Reading a tenant's is one caller's work at a time; the others wait for it. What was read is answered from without a lock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use arc_swap::ArcSwap;

use super::keys::Masters;
use super::state::{Builder, State};
use crate::engine::live::PlannedUptime;
use crate::entities::{Error, HEAD, behind_rows, shelf};
use crate::model::{Code, Refusal, TenantId, Wait};
use crate::store::{Item, SHELF_PAGE, Shelves, StoreError};

/// How often a busy store is tried again.
const PAUSE: Duration = Duration::from_millis(2);
/// The age of what was never read.
const NEVER: u64 = u64::MAX;
/// Most tenants whose entities are held; where there are more, all are read anew.
const MOST: usize = 4096;

/// Reads tenants' entities. Decides nothing.
pub(in crate::engine) struct Keeper {
    pub(super) shelves: Arc<dyn Shelves>,
    pub(super) masters: Masters,
    bound: Duration,
    uptime: PlannedUptime,
    tenants: RwLock<HashMap<TenantId, Arc<Slot>>>,
}

/// What is known of one tenant's.
#[derive(Debug)]
pub(super) struct Slot {
    state: ArcSwap<State>,
    reading: Mutex<Reading>,
    /// Readings that ever began.
    begun: AtomicU64,
    /// When the last reading began that succeeded, in nanoseconds of uptime. INVARIANT: set after the state is.
    read_at: AtomicU64,
    /// Held by whoever writes in this process.
    pub(super) writing: Mutex<()>,
}

#[derive(Debug, Default)]
struct Reading {
    /// The last reading that succeeded.
    number: u64,
    /// The lowest version that may stand in the store: what this process has seen.
    floor: u64,
    /// What was found wrong, and when: it is not looked at again for every caller.
    fault: Option<(Error, u64)>,
}

/// Which reading of somebody else spares one's own.
#[derive(Clone, Copy, Debug)]
enum Enough {
    /// One that began when so many had begun already.
    After(u64),
    /// One within the bound.
    Recent,
}

/// Why a reading gave nothing.
#[derive(Debug)]
enum Unread {
    Found(Error),
    Refused(Refusal),
    Store(StoreError),
    /// There is more to read than who may not wait should.
    Long,
}

impl Keeper {
    pub(in crate::engine) fn new(
        shelves: Arc<dyn Shelves>,
        masters: Masters,
        (bound, uptime): (Duration, PlannedUptime),
    ) -> Self {
        Self { shelves, masters, bound, uptime, tenants: RwLock::default() }
    }

    /// A tenant's entities, as they stood in the store no longer ago than the bound.
    pub(in crate::engine) fn of(&self, tenant: &TenantId, wait: Wait) -> Result<Arc<State>, Refusal> {
        let slot = self.slot(tenant);
        if !self.bound.is_zero() && self.is_recent(&slot) {
            return Ok(slot.state.load_full());
        }
        let enough = if self.bound.is_zero() { after(&slot) } else { Enough::Recent };
        self.refreshed((tenant, &slot), enough, wait)
    }

    /// The root key that wraps a tenant's master, where there is one.
    pub(in crate::engine) fn root_key_of(&self, tenant: &TenantId) -> Result<Option<String>, Refusal> {
        self.masters.root_key_of(tenant)
    }

    /// Wraps a tenant's master anew; says whether it did.
    pub(in crate::engine) fn rewrap_master(&self, tenant: &TenantId) -> Result<bool, Refusal> {
        self.masters.rewrap(tenant)
    }

    /// A tenant's entities as they stand now.
    pub(in crate::engine) fn fresh(&self, tenant: &TenantId, wait: Wait) -> Result<Arc<State>, Refusal> {
        let slot = self.slot(tenant);
        let enough = after(&slot);
        self.refreshed((tenant, &slot), enough, wait)
    }

    pub(super) fn slot(&self, tenant: &TenantId) -> Arc<Slot> {
        if let Some(slot) = self.tenants.read().unwrap_or_else(PoisonError::into_inner).get(tenant) {
            return Arc::clone(slot);
        }
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() >= MOST && !tenants.contains_key(tenant) {
            // What is read anew is verified anew; only that an older state was put back is not seen this once.
            tenants.clear();
        }
        Arc::clone(tenants.entry(tenant.clone()).or_insert_with(|| Arc::new(Slot::new())))
    }

    fn refreshed(
        &self,
        (tenant, slot): (&TenantId, &Slot),
        enough: Enough,
        wait: Wait,
    ) -> Result<Arc<State>, Refusal> {
        loop {
            let refusal = match self.read_once((tenant, slot), enough, wait) {
                Ok(()) => return Ok(slot.state.load_full()),
                Err(Unread::Found(error)) => return Err(error.into()),
                Err(Unread::Refused(refusal)) => return Err(refusal),
                Err(Unread::Long) => return Err(Refusal::new(Code::WouldWait)),
                Err(Unread::Store(error @ StoreError::Busy(_))) => Refusal::from(error),
                Err(Unread::Store(error)) => return Err(error.into()),
            };
            match wait {
                Wait::Never => return Err(Refusal::new(Code::WouldWait)),
                Wait::Until(deadline) if deadline.has_passed() => return Err(refusal),
                Wait::Until(deadline) => std::thread::sleep(PAUSE.min(deadline.remaining())),
            }
        }
    }

    /// Reads, unless somebody else has while this waited for them. Never waits for other processes.
    fn read_once(
        &self,
        (tenant, slot): (&TenantId, &Slot),
        enough: Enough,
        wait: Wait,
    ) -> Result<(), Unread> {
        let mut reading = match wait {
            // Whoever reads for the first time may read for long.
            Wait::Never if slot.read_at.load(Ordering::Acquire) == NEVER => {
                slot.reading.try_lock().map_err(|_| Unread::Long)?
            }
            Wait::Never | Wait::Until(_) => slot.lock(),
        };
        let is_done = match enough {
            Enough::After(begun) => reading.number > begun,
            Enough::Recent => self.is_recent(slot),
        };
        if is_done {
            return Ok(());
        }
        let number = slot.begun.fetch_add(1, Ordering::AcqRel) + 1;
        let now = self.now();
        if let Some((error, _)) = reading.fault.filter(|(_, at)| self.is_within(*at, now)) {
            return Err(Unread::Found(error));
        }
        let read = self.read(tenant, &slot.state.load(), reading.floor, wait);
        reading.fault = match &read {
            Err(Unread::Found(error)) => Some((*error, now)),
            Ok(_) | Err(Unread::Long | Unread::Refused(_) | Unread::Store(_)) => None,
        };
        if let Some(state) = read? {
            reading.floor = state.kept.version();
            slot.state.store(Arc::new(state));
        }
        reading.number = number;
        slot.read_at.store(now, Ordering::Release);
        Ok(())
    }

    /// Reads what is new; everything, where the store is not the one that was read before. None where all is as it was.
    fn read(
        &self,
        tenant: &TenantId,
        known: &State,
        floor: u64,
        wait: Wait,
    ) -> Result<Option<State>, Unread> {
        let version = known.kept.version();
        if version > 0 {
            // The head again: where it stands no more, there is something new, or an older state was brought back.
            let page = self.page(tenant, version, behind_rows())?;
            let is_head = |item: &Item| item.version == version && item.name == HEAD;
            let is_known = |item: &Item| is_head(item) && item.value == known.head;
            match page.as_slice() {
                [only] if is_known(only) => return Ok(None),
                // A head of this version that is another's, or nothing at all: not the store that was read.
                [] => {}
                [first, ..] if is_head(first) => {}
                [..] => match self.follow(tenant, known, page, (floor, wait)) {
                    Err(Unread::Found(_)) => {}
                    followed => return followed.map(Some),
                },
            }
        }
        let page = self.page(tenant, 0, "")?;
        if page.is_empty() {
            return if floor == 0 { Ok(None) } else { Err(Unread::Found(Error::RolledBack)) };
        }
        self.follow(tenant, &State::default(), page, (floor, wait)).map(Some)
    }

    /// Reads on from a first page to the end.
    fn follow(
        &self,
        tenant: &TenantId,
        from: &State,
        mut page: Vec<Item>,
        (floor, wait): (u64, Wait),
    ) -> Result<State, Unread> {
        let keys = match &from.keys {
            Some(keys) => Arc::clone(keys),
            None => self.masters.keys(tenant).map_err(Unread::Refused)?,
        };
        let mut builder = Builder::new(State::clone(from), (0, String::new()));
        loop {
            let is_last = page.len() < SHELF_PAGE;
            if !is_last && matches!(wait, Wait::Never) {
                return Err(Unread::Long);
            }
            builder.take(&keys, page).map_err(Unread::Found)?;
            if is_last {
                return builder.finish(&keys, floor).map_err(Unread::Found);
            }
            page = self.page(tenant, builder.last.0, &builder.last.1)?;
        }
    }

    fn page(&self, tenant: &TenantId, version: u64, name: &str) -> Result<Vec<Item>, Unread> {
        self.shelves.since(&shelf(tenant), version, name).map_err(Unread::Store)
    }

    fn is_recent(&self, slot: &Slot) -> bool {
        let read_at = slot.read_at.load(Ordering::Acquire);
        read_at != NEVER && self.is_within(read_at, self.now())
    }

    fn is_within(&self, then: u64, now: u64) -> bool {
        Duration::from_nanos(now.saturating_sub(then)) <= self.bound && !self.bound.is_zero()
    }

    fn now(&self) -> u64 {
        u64::try_from((self.uptime.0)().as_nanos()).unwrap_or(NEVER - 1)
    }
}

fn after(slot: &Slot) -> Enough {
    Enough::After(slot.begun.load(Ordering::Acquire))
}

impl Slot {
    fn new() -> Self {
        Self {
            state: ArcSwap::default(),
            reading: Mutex::default(),
            begun: AtomicU64::new(0),
            read_at: AtomicU64::new(NEVER),
            writing: Mutex::default(),
        }
    }

    /// Takes what this process wrote, unless somebody has read on already.
    pub(super) fn publish(&self, state: State) {
        let mut reading = self.lock();
        reading.floor = reading.floor.max(state.kept.version());
        if state.kept.version() > self.state.load().kept.version() {
            self.state.store(Arc::new(state));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Keeper({:?})", self.bound)
    }
}
