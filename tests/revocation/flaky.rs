//! A store of revocations that a test takes away.

use std::sync::atomic::{AtomicU64, Ordering};

use aios_core::model::{Timestamp, Wait};
use aios_core::revocation::{Entry, Error, Revocations, SingleUse, Spent};
use aios_core::store::memory::Memory;

/// A store of revocations that a test takes away.
#[derive(Debug, Default)]
pub(crate) struct Flaky {
    pub(crate) memory: Memory,
    pub(crate) fault: std::sync::Mutex<Option<Error>>,
    pub(crate) readings: AtomicU64,
    /// Held by whoever reads.
    pub(crate) between: std::sync::Mutex<()>,
    /// The reading that fails; none where 0.
    pub(crate) fails_at: AtomicU64,
    /// What happens before an entry is kept.
    pub(crate) before: Meanwhile,
    /// What happens between an entry's being kept and the answer.
    pub(crate) meanwhile: Meanwhile,
}

#[derive(Default)]
pub(crate) struct Meanwhile(std::sync::Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Meanwhile {
    pub(crate) fn set(&self, what: impl FnOnce() + Send + 'static) {
        *self.0.lock().unwrap() = Some(Box::new(what));
    }

    pub(crate) fn happens(&self) {
        let what = self.0.lock().unwrap().take();
        if let Some(what) = what {
            what();
        }
    }
}

impl std::fmt::Debug for Meanwhile {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Meanwhile")
    }
}

impl Flaky {
    pub(crate) fn fail(&self, fault: impl Into<Option<Error>>) {
        *self.fault.lock().unwrap() = fault.into();
    }

    pub(crate) fn works(&self) -> Result<(), Error> {
        self.fault.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

impl Revocations for Flaky {
    fn add(&self, entry: &Entry) -> Result<u64, Error> {
        self.works()?;
        self.before.happens();
        let number = self.memory.add(entry)?;
        self.meanwhile.happens();
        Ok(number)
    }

    fn since(&self, after: u64) -> Result<Vec<(u64, Entry)>, Error> {
        let _between = self.between.lock().unwrap();
        let reading = self.readings.fetch_add(1, Ordering::SeqCst) + 1;
        if reading == self.fails_at.load(Ordering::SeqCst) {
            return Err(Error::Unavailable("gone".into()));
        }
        self.works()?;
        self.memory.since(after)
    }

    fn spend(&self, id: &SingleUse, now: Timestamp, wait: Wait) -> Result<Spent, Error> {
        self.works()?;
        self.memory.spend(id, now, wait)
    }
}
