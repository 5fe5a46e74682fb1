//! Whose turn it is to write, among processes.
//!
//! SQLite's own busy handler starves writers: whoever just wrote finds the lock free first. Here a writer first stands
//! in the queue (one lock file), then takes the turn (another) and leaves the queue. Whoever just wrote must queue
//! again behind the one that waits.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// Whether this process keeps the turn for its next write.
    kept: AtomicBool,
}

/// The turn; over when dropped, or when the process ends. None where the process keeps it anyway.
#[derive(Debug)]
pub(super) struct Held<'t>(Option<&'t File>);

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
        Ok(Self { queue: open("-queue")?, writing: open("-turn")?, kept: AtomicBool::new(false) })
    }

    pub(super) fn take(&self, deadline: Deadline) -> Result<Held<'_>, StoreError> {
        // Whoever has the turn must not queue for it: the first of the queue waits for this very turn to end.
        if self.kept.load(Ordering::Acquire) {
            return Ok(Held(None));
        }
        let queued = lock(&self.queue, QUEUED, deadline)?;
        let turn = lock(&self.writing, NEXT, deadline)?;
        drop(queued);
        Ok(turn)
    }

    /// Takes the turn and keeps it until it is released.
    pub(super) fn keep(&self, deadline: Deadline) -> Result<(), StoreError> {
        let held = self.take(deadline)?;
        self.kept.store(true, Ordering::Release);
        std::mem::forget(held);
        Ok(())
    }

    /// Gives back a turn that was kept.
    pub(super) fn release(&self) {
        self.kept.store(false, Ordering::Release);
        drop(Held(Some(&self.writing)));
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // Fails only for a file that is gone, which holds no lock.
        let _ = self.0.map(File::unlock);
    }
}

/// `flock` cannot be given a deadline, so it is tried again after short pauses. They do not grow: who waits longest must
/// not be the one who looks least often.
fn lock(file: &File, pause: Duration, deadline: Deadline) -> Result<Held<'_>, StoreError> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Held(Some(file))),
            Err(TryLockError::Error(error)) => return Err(StoreError::Unavailable(error.to_string())),
            Err(TryLockError::WouldBlock) => {}
        }
        if deadline.has_passed() {
            return Err(StoreError::Unavailable("another process kept its turn to write".into()));
        }
        std::thread::sleep(pause.min(deadline.remaining()));
    }
}
