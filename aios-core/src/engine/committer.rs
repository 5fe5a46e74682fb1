//! The thread that commits where no caller's thread does: awaited intents, outcomes, refusals, what failed before.

use std::sync::{PoisonError, Weak};
use std::time::Duration;

use super::batch::Care;
use super::journal::Journal;
use super::queue::{Committer, Queue};

/// How often the committer tries again what failed before.
const RETRY: Duration = Duration::from_secs(1);
/// How long outcomes and refusals wait for an intent that takes them along: nobody waits for them, and each commit
/// costs the device a sync.
const LINGER: Duration = Duration::from_millis(2);

impl Journal {
    /// Calls the committer, starting it if there is none; false where no thread is to be had.
    pub(super) fn call_committer(&self, queue: &mut Queue) -> bool {
        if queue.committer == Committer::Absent {
            let round = Round(Weak::clone(&self.me));
            let run = move || while round.0.upgrade().is_some_and(|journal| journal.commit_once()) {};
            if std::thread::Builder::new().name("aios-committer".into()).spawn(run).is_err() {
                return false;
            }
        }
        queue.committer = Committer::Called;
        self.committer.notify_all();
        true
    }

    /// The committer's round; false ends it.
    fn commit_once(&self) -> bool {
        let mut queue = self.lock();
        if queue.committer != Committer::Called {
            queue = self.committer.wait_timeout(queue, RETRY).unwrap_or_else(PoisonError::into_inner).0;
        }
        if queue.committer != Committer::Called {
            queue.unpark();
        }
        queue.committer = Committer::Resting;
        let over = queue.closed && queue.is_empty();
        let hurry = over || queue.items().any(|item| matches!(item.care, Care::Awaited(_)));
        drop(queue);
        if !hurry {
            std::thread::sleep(LINGER);
        }
        self.lead();
        !over
    }
}

/// The committer's life; when it ends, by whatever, the next call starts another.
struct Round(Weak<Journal>);

impl Drop for Round {
    fn drop(&mut self) {
        if let Some(journal) = self.0.upgrade() {
            journal.lock().committer = Committer::Absent;
        }
    }
}
