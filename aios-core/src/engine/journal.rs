//! The way into the audit trail: many callers, one commit at a time.
//!
//! Whoever finds nobody leading takes everything that waits and commits it on its own thread; the others wait for that.
//! Where no thread of a caller is there to lead (awaited intents, outcomes, refusals), the committer thread does.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::batch::{self, Care, Item, Leftover};
use super::intent::Durable;
use super::queue::Queue;
use super::scribe::Scribe;
use super::slot::{Heard, Receiver, Sender, send_all, slot};
use super::writer::{self, Writer};
use crate::audit::{Entry, Ledger, Owner};
use crate::model::{Code, Deadline, Refusal, Wait};

/// What is to be said, and in whose chain.
pub(super) type Record = (Owner, Entry);

/// An intent, and what another owner's chain says of it: both in one commit, or neither.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) first: Record,
    pub(super) twin: Option<Record>,
}

/// Who waits for an intent.
pub(super) type Waiting = Sender<Result<Durable, Refusal>>;

/// The queue into the chains of this process.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) me: Weak<Self>,
    process: u32,
    queue: Mutex<Queue>,
    /// Calls the committer.
    pub(super) committer: Condvar,
    /// Tells whoever flushes that a commit ended.
    ended: Condvar,
    writer: Mutex<Writer>,
    scribe: Arc<Scribe>,
    ledger: Arc<dyn Ledger>,
    /// Whether a commit waits for a device.
    waits: bool,
    limit: usize,
    patience: Duration,
    /// How many threads can run at once.
    processors: usize,
}

/// What came of trying to lead.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Led {
    /// Everything is durable or was answered.
    Committed,
    /// Something must be tried again.
    Failed,
    /// Somebody else leads, or nothing waits.
    No,
}

impl Journal {
    pub(super) fn new(writer: Writer, limit: usize, patience: Duration) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            process: std::process::id(),
            queue: Mutex::default(),
            committer: Condvar::new(),
            ended: Condvar::new(),
            waits: writer.ledger.turn(Wait::Never).is_err(),
            ledger: Arc::clone(&writer.ledger),
            scribe: Arc::clone(&writer.scribe),
            writer: Mutex::new(Writer { journal: Weak::clone(me), ..writer }),
            limit,
            patience,
            processors: std::thread::available_parallelism().map_or(1, usize::from),
        })
    }

    /// Records an intent and waits until it is durable, in each chain that is to hold it.
    pub(super) fn append(&self, records: Records, deadline: Deadline) -> Result<Durable, Refusal> {
        let place = self.queue_intent(records, Care::Intent)?;
        loop {
            self.lead();
            match place.wait(deadline) {
                Heard::Value(answer) => return answer,
                Heard::Nudge => {}
                Heard::Nothing => return Err(Refusal::new(Code::AuditUnavailable)),
                Heard::TimedOut => {
                    // Gone first, so that nobody counts on this thread; then somebody else must follow a nudge that
                    // came too late to be heard.
                    drop(place);
                    self.pass_on(&mut self.lock());
                    return Err(Refusal::new(Code::AuditUnavailable).at("deadline"));
                }
            }
        }
    }

    /// Records an intent; the answer comes to the receiver, from whoever commits.
    pub(super) fn append_awaited(
        &self,
        records: Records,
    ) -> Result<Receiver<Result<Durable, Refusal>>, Refusal> {
        let place = self.queue_intent(records, Care::Awaited)?;
        self.drive();
        Ok(place)
    }

    /// Records something nobody waits for and that must not be lost, each in its owner's chain.
    pub(super) fn must(&self, records: impl IntoIterator<Item = Record>) -> Result<(), Refusal> {
        if self.process != std::process::id() {
            return Err(Refusal::new(Code::AuditPermitEnded));
        }
        let mut queue = self.lock();
        if queue.closed {
            return Err(Refusal::new(Code::EngineClosed));
        }
        for (owner, entry) in records {
            queue.push(Item::new(owner, entry, Care::Must));
        }
        drop(queue);
        self.drive();
        Ok(())
    }

    /// Records a refusal, unless the owner has too many records waiting; then it is counted.
    pub(super) fn refusal(&self, owner: Owner, entry: Entry) {
        let mut queue = self.lock();
        if queue.closed {
            return;
        }
        if queue.waiting(&owner) >= self.limit {
            queue.lose(owner, 1);
            return;
        }
        queue.push(Item::new(owner, entry, Care::Refusal));
        drop(queue);
        self.drive();
    }

    /// Counts a refusal that could not be written down.
    pub(super) fn lost(&self, owner: Owner) {
        self.lock().lose(owner, 1);
    }

    /// Waits until everything queued so far is durable.
    pub(super) fn flush(&self, deadline: Deadline) -> Result<(), Refusal> {
        let late = || Refusal::new(Code::AuditUnavailable).at("records are still waiting");
        let target = self.lock().last_number();
        loop {
            let mut queue = self.lock();
            if queue.is_settled(target) {
                return Ok(());
            }
            if deadline.has_passed() {
                return Err(late());
            }
            if queue.leading {
                let left = deadline.remaining();
                drop(self.ended.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner));
                continue;
            }
            queue.unpark();
            drop(queue);
            if self.lead() == Led::Failed {
                return Err(late());
            }
        }
    }

    /// Takes nothing more, flushes, ends every chain with a close record and forgets their keys.
    pub(super) fn close(&self, deadline: Deadline) -> Result<(), Refusal> {
        self.lock().closed = true;
        let flushed = self.flush(deadline).and_then(|()| {
            let closing = self.writer().closing()?;
            let mut queue = self.lock();
            for item in closing {
                queue.push(item);
            }
            drop(queue);
            self.flush(deadline)
        });
        self.writer().chains.clear();
        self.committer.notify_all();
        flushed
    }

    /// Forgets the chains' keys, in a child process that inherited them, where no vanished thread holds the lock.
    pub(super) fn forget_keys(&self) {
        if let Ok(mut writer) = self.writer.try_lock() {
            writer.chains.clear();
        }
    }

    /// Whether a commit waits for a device.
    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    pub(super) fn scribe(&self) -> &Scribe {
        &self.scribe
    }

    pub(super) fn queue_intent(
        &self,
        Records { first: (owner, entry), twin }: Records,
        care: fn(Waiting) -> Care,
    ) -> Result<Receiver<Result<Durable, Refusal>>, Refusal> {
        let mut queue = self.lock();
        if queue.closed {
            return Err(Refusal::new(Code::EngineClosed));
        }
        // Visitors leave a tenant half of its room.
        let is_full = |(owner, _): &Record| queue.waiting(owner) >= self.limit.div_ceil(2);
        if queue.waiting(&owner) >= self.limit || twin.as_ref().is_some_and(is_full) {
            return Err(Refusal::new(Code::AuditBusy));
        }
        let (sender, receiver) = slot();
        queue.push(Item { twin: twin.map(Box::new), ..Item::new(owner, entry, care(sender)) });
        Ok(receiver)
    }

    /// Sees to it that somebody commits what nobody waits for on a thread.
    fn drive(&self) {
        if self.waits {
            let mut queue = self.lock();
            // Whoever leads passes on what came meanwhile.
            if queue.leading || self.call_committer(&mut queue) {
                return;
            }
        }
        self.lead();
    }

    /// Commits what waits, unless somebody else does. The commit has the whole patience, whoever leads it.
    pub(super) fn lead(&self) -> Led {
        let mut queue = self.lock();
        if queue.leading || queue.is_empty() {
            return Led::No;
        }
        queue.leading = true;
        drop(queue);
        let mut leading = Leading { journal: self, leftover: Leftover::default() };
        let by = Wait::Until(Deadline::after(self.patience));
        // First the turn, then the batch: what is queued while other processes write comes along.
        let turn = self.ledger.turn(by);
        let batch = self.lock().take_batch(&self.scribe);
        if !batch.is_empty() {
            leading.leftover = match &turn {
                Ok(_) => self.writer().write(batch, by),
                Err(error) => batch::refuse_all(batch, &writer::refusal(error.clone())),
            };
        }
        drop(turn);
        if leading.leftover.failed { Led::Failed } else { Led::Committed }
    }

    /// Finds the next one to lead: a waiting thread, else the committer.
    fn pass_on(&self, queue: &mut Queue) {
        let has_thread = |item: &Item| matches!(&item.care, Care::Intent(sender) if sender.nudge());
        // What failed before is left to the committer's next round, so that a broken store is not asked in a loop.
        if !queue.leading && queue.has_fresh() && !queue.items().any(has_thread) {
            self.call_committer(queue);
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leadership. Ends when dropped, also by a panic.
struct Leading<'j> {
    journal: &'j Journal,
    leftover: Leftover,
}

impl Drop for Leading<'_> {
    fn drop(&mut self) {
        let answers = std::mem::take(&mut self.leftover.answers);
        let mut queue = self.journal.lock();
        queue.settle(std::mem::take(&mut self.leftover));
        queue.leading = false;
        self.journal.pass_on(&mut queue);
        drop(queue);
        self.journal.ended.notify_all();
        // Last: the next commit runs meanwhile.
        // An intent whose caller is gone is dropped, which records it as abandoned.
        send_all(answers, self.journal.processors);
    }
}
