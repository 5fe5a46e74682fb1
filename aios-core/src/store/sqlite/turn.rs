//! Whose turn it is to write, among processes.
//!
//! SQLite's own busy handler starves writers: whoever just wrote finds the lock free first. Here a writer first stands
//! in the queue (one lock file), then takes the turn (another) and leaves the queue. Whoever just wrote must queue
//! again behind the one that waits.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::StoreError;
use crate::model::Deadline;

/// How often the queue is looked at: while its first writes, another gets there.
const QUEUED: Duration = Duration::from_micros(100);
/// How often the first of the queue looks whether it is its turn: until then nobody writes.
const NEXT: Duration = Duration::from_micros(20);

/// The two lock files beside a database.
#[derive(Debug)]
pub(super) struct Turn {
    queue: File,
    writing: File,
    here: Mutex<Here>,
    changed: Condvar,
}

/// How this process stands: to the lock files all its threads are one.
#[derive(Debug)]
enum Here {
    /// It has no turn.
    Away,
    /// One of its threads queues, for all of them.
    Queueing,
    /// It has the turn, and so many threads use it.
    Writing(usize),
}

/// The turn; over when the last of a process is dropped, or when the process ends.
#[derive(Debug)]
pub(super) struct Held<'t>(&'t Turn);

impl Turn {
    pub(super) fn beside(path: &Path) -> Result<Self, StoreError> {
        let open = |suffix: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            super::private()
                .create(true)
                .open(&name)
                .map_err(|error| StoreError::Unavailable(format!("lock file {suffix}: {error}")))
        };
        let (queue, writing) = (open("-queue")?, open("-turn")?);
        Ok(Self { queue, writing, here: Mutex::new(Here::Away), changed: Condvar::new() })
    }

    /// The turn for one write. Whoever finds that another thread has it, or gets it meanwhile, shares it: a thread that
    /// writes keeps others from it, and one that keeps the turn waits for those.
    pub(super) fn take(&self, deadline: Deadline) -> Result<Held<'_>, StoreError> {
        let mut here = self.lock();
        loop {
            match &mut *here {
                Here::Away => return self.queue_up(here, deadline),
                Here::Queueing => here = self.wait(here, deadline)?,
                Here::Writing(threads) => {
                    *threads += 1;
                    return Ok(Held(self));
                }
            }
        }
    }

    /// Takes a turn of its own and keeps it until it is released: other processes get theirs between two.
    pub(super) fn keep(&self, deadline: Deadline) -> Result<(), StoreError> {
        let mut here = self.lock();
        while !matches!(*here, Here::Away) {
            here = self.wait(here, deadline)?;
        }
        std::mem::forget(self.queue_up(here, deadline)?);
        Ok(())
    }

    /// Gives back a turn that was kept.
    pub(super) fn release(&self) {
        drop(Held(self));
    }

    fn queue_up(&self, mut here: MutexGuard<'_, Here>, deadline: Deadline) -> Result<Held<'_>, StoreError> {
        *here = Here::Queueing;
        drop(here);
        let queued = lock(&self.queue, QUEUED, deadline).and_then(|()| {
            let turn = lock(&self.writing, NEXT, deadline);
            unlock(&self.queue);
            turn
        });
        *self.lock() = if queued.is_ok() { Here::Writing(1) } else { Here::Away };
        self.changed.notify_all();
        queued.map(|()| Held(self))
    }

    fn wait<'a>(
        &self,
        here: MutexGuard<'a, Here>,
        deadline: Deadline,
    ) -> Result<MutexGuard<'a, Here>, StoreError> {
        if deadline.has_passed() {
            return Err(late());
        }
        let waited = self.changed.wait_timeout(here, deadline.remaining());
        Ok(waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    fn lock(&self) -> MutexGuard<'_, Here> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut here = self.0.lock();
        match &mut *here {
            Here::Writing(threads) if *threads > 1 => *threads -= 1,
            Here::Writing(_) => {
                unlock(&self.0.writing);
                *here = Here::Away;
                self.0.changed.notify_all();
            }
            Here::Away | Here::Queueing => {}
        }
    }
}

fn unlock(file: &File) {
    // Fails only for a file that is gone, which holds no lock.
    let _ = file.unlock();
}

fn late() -> StoreError {
    StoreError::Unavailable("another process kept its turn to write".into())
}

/// `flock` cannot be given a deadline, so it is tried again after short pauses. They do not grow: who waits longest must
/// not be the one who looks least often.
fn lock(file: &File, pause: Duration, deadline: Deadline) -> Result<(), StoreError> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(StoreError::Unavailable(error.to_string())),
            Err(TryLockError::WouldBlock) => {}
        }
        if deadline.has_passed() {
            return Err(late());
        }
        std::thread::sleep(pause.min(deadline.remaining()));
    }
}
