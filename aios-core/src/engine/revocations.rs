//! What this process knows of revocations, and how old that may be.
//!
//! Reading is one caller's work at a time; the others wait for it. What was read is answered from without a lock.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;

use super::standing::{Standing, Whom};
use crate::config::RevocationSettings;
use crate::model::{Clock, Code, Refusal, Wait};
use crate::policy::Policies;
use crate::revocation::{self, Entry, Error, Index, PAGE, SingleUse, Spent};

/// How often a busy store is tried again.
const PAUSE: Duration = Duration::from_millis(2);
/// The age of what was never read.
const NEVER: u64 = u64::MAX;

/// Tells the time since some start, on a clock that nobody sets.
pub(super) type Uptime = Arc<dyn Fn() -> Duration + Send + Sync>;

/// How old knowledge may be, by action as requests spell it.
#[derive(Debug)]
pub(super) struct Rules {
    bound: Duration,
    strict: HashSet<String>,
    grace: HashMap<String, Duration>,
}

/// Knowledge of the store's revocations.
pub(super) struct Revocations {
    store: Arc<dyn revocation::Revocations>,
    rules: Arc<Rules>,
    uptime: Uptime,
    clock: Arc<dyn Clock>,
    index: ArcSwap<Index>,
    reading: Mutex<Reading>,
    /// Readings that ever began.
    begun: AtomicU64,
    /// When the last reading began that succeeded, in nanoseconds of uptime. INVARIANT: set after the index is.
    read_at: AtomicU64,
}

/// Where reading stands; held by whoever reads.
#[derive(Debug, Default)]
struct Reading {
    /// The last entry that was read, to see whether the store still is the one it was read from.
    last: Option<(u64, Entry)>,
    /// The last reading that succeeded.
    number: u64,
}

/// Which reading of somebody else spares one's own.
#[derive(Clone, Copy, Debug)]
enum Enough {
    /// One that began when so many had begun already.
    After(u64),
    /// One within the bound.
    Recent,
}

impl Rules {
    /// # Errors
    /// `config.invalid` where a name means no action, or several.
    pub(super) fn new(settings: &RevocationSettings, policies: &Policies) -> Result<Self, Refusal> {
        let spelled = |at: &str, name: &String| {
            let names = policies.spellings(name);
            if names.is_empty() {
                let hint = format!("{at}: the schema knows no action {name}, or several: write it in full");
                return Err(Refusal::new(Code::ConfigInvalid).at(at).hint(hint));
            }
            Ok(names)
        };
        let (mut strict, mut grace) = (HashSet::new(), HashMap::new());
        for name in &settings.strict {
            strict.extend(spelled("revocation.strict", name)?);
        }
        for (name, limit) in &settings.grace {
            let names = spelled("revocation.grace_seconds", name)?;
            grace.extend(names.into_iter().map(|name| (name, *limit)));
        }
        Ok(Self { bound: settings.bound, strict, grace })
    }

    fn always_reads(&self, action: Option<&str>) -> bool {
        self.bound.is_zero() || action.is_some_and(|action| self.strict.contains(action))
    }
}

impl Revocations {
    pub(super) fn new(
        store: Arc<dyn revocation::Revocations>,
        rules: Arc<Rules>,
        (clock, uptime): (Arc<dyn Clock>, Uptime),
        known: Arc<Index>,
    ) -> Self {
        Self {
            store,
            rules,
            uptime,
            clock,
            index: ArcSwap::new(known),
            reading: Mutex::default(),
            begun: AtomicU64::new(0),
            read_at: AtomicU64::new(NEVER),
        }
    }

    /// What is known, for a child process whose store does not outlive a fork.
    pub(super) fn known(&self) -> Arc<Index> {
        self.index.load_full()
    }

    /// Refuses whoever is revoked. Reads the store first where what is known is too old for the action.
    pub(super) fn standing<'f>(
        &self,
        whom: impl Into<Whom<'f>>,
        action: Option<&str>,
        wait: Wait,
    ) -> Result<Standing, Refusal> {
        let standing = match self.refresh(action, wait) {
            Ok(()) => Standing::Current,
            Err(refusal) if refusal.code() == Code::StoreUnavailable => self.graced(action).ok_or(refusal)?,
            Err(refusal) => return Err(refusal),
        };
        let Whom { facts, visits } = whom.into();
        let index = self.index.load();
        if index.revokes(facts) || visits.is_some_and(|tenant| index.revokes_in(tenant, facts)) {
            return Err(Refusal::new(Code::TokenRevoked));
        }
        Ok(standing)
    }

    /// Keeps an entry; it holds in this process when this returns.
    pub(super) fn add(&self, entry: Entry) -> Result<u64, Refusal> {
        let number = self.store.add(&entry)?;
        let mut reading = self.lock();
        let last = reading.last.as_ref().map_or(0, |(last, _)| *last);
        // Somebody who has read it already may have read what came after it, too.
        if number > last {
            let mut index = Index::clone(&self.index.load());
            index.apply(&entry);
            self.index.store(Arc::new(index));
            // Others' entries may stand between: then this one is read again behind them.
            if number == last + 1 {
                reading.last = Some((number, entry));
            }
        }
        Ok(number)
    }

    /// Uses an id up, in the store: whoever comes second with it is refused.
    pub(super) fn spend(&self, id: &SingleUse, wait: Wait) -> Result<(), Refusal> {
        self.is_recent_enough(id)?;
        match self.store.spend(id, self.clock.now(), wait)? {
            // The store may have let it wait until its traces were forgotten: then it is first only by that.
            Spent::First => self.is_recent_enough(id),
            Spent::Before => Err(Refusal::new(Code::TokenPopReplayed).at("dpop.jti")),
        }
    }

    /// Who waited so long must not come after its traces are forgotten.
    fn is_recent_enough(&self, id: &SingleUse) -> Result<(), Refusal> {
        if self.clock.now() < id.until {
            return Ok(());
        }
        Err(Refusal::new(Code::TokenPopInvalid).at("dpop.iat").expected("a proof that was just made"))
    }

    /// Sees to it that what is known is recent enough.
    fn refresh(&self, action: Option<&str>, wait: Wait) -> Result<(), Refusal> {
        let enough = if self.rules.always_reads(action) {
            Enough::After(self.begun.load(Ordering::Acquire))
        } else if self.is_recent() {
            return Ok(());
        } else {
            Enough::Recent
        };
        loop {
            let answer = self.read_once(enough);
            // Nobody waits who need not.
            if !matches!(answer, Err(Error::Busy(_))) || self.graced(action).is_some() {
                return Ok(answer?);
            }
            match wait {
                Wait::Never => return Err(Refusal::new(Code::WouldWait)),
                Wait::Until(deadline) if deadline.has_passed() => return Ok(answer?),
                Wait::Until(deadline) => std::thread::sleep(PAUSE.min(deadline.remaining())),
            }
        }
    }

    /// Reads, unless somebody else has while this waited for them. Never waits for other processes.
    fn read_once(&self, enough: Enough) -> Result<(), Error> {
        let mut reading = self.lock();
        let is_done = match enough {
            Enough::After(begun) => reading.number > begun,
            Enough::Recent => self.is_recent(),
        };
        if is_done {
            return Ok(());
        }
        let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
        let now = nanos((self.uptime)());
        self.read(&mut reading)?;
        reading.number = number;
        self.read_at.store(now, Ordering::Release);
        Ok(())
    }

    /// Reads what is new; everything, where the store is not the one that was read before.
    fn read(&self, reading: &mut Reading) -> Result<(), Error> {
        let known = reading.last.as_ref();
        // The last one again: where it stands no more, an older state of the store was brought back.
        let mut page = self.store.since(known.map_or(0, |(number, _)| number - 1))?;
        let is_continued = page.first() == known;
        if is_continued && page.len() <= usize::from(known.is_some()) {
            return Ok(());
        }
        let mut index = Index::clone(&self.index.load());
        if known.is_some() && !is_continued {
            (index, page) = (Index::default(), self.store.since(0)?);
        }
        let mut last = None;
        loop {
            let is_last = page.len() < PAGE;
            for (_, entry) in &page {
                index.apply(entry);
            }
            last = page.pop().or(last);
            if is_last {
                break;
            }
            page = self.store.since(last.as_ref().map_or(0, |(number, _)| *number))?;
        }
        index.forget(self.clock.now());
        self.index.store(Arc::new(index));
        reading.last = last;
        Ok(())
    }

    fn is_recent(&self) -> bool {
        self.age().is_some_and(|age| age <= self.rules.bound)
    }

    /// How long ago it was read.
    fn age(&self) -> Option<Duration> {
        let read_at = self.read_at.load(Ordering::Acquire);
        let age = || Duration::from_nanos(nanos((self.uptime)()).saturating_sub(read_at));
        (read_at != NEVER).then(age)
    }

    /// Whether the action is allowed by what is known, though the store cannot be read.
    fn graced(&self, action: Option<&str>) -> Option<Standing> {
        let limit = self.rules.grace.get(action?)?;
        let age = self.age().filter(|age| age < limit)?;
        Some(Standing::Graced(age.as_secs()))
    }

    fn lock(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Revocations {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Revocations({:?})", self.rules)
    }
}

/// For whoever cannot come back later: what would wait is out of reach.
pub(super) fn at_once(refusal: Refusal) -> Refusal {
    if refusal.code() == Code::WouldWait { Error::Busy("it would wait".into()).into() } else { refusal }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER - 1)
}
