//! A thread of the engine's own that drives what is due. There is none unless the host starts it, it belongs to the process that
//! did, and it ends with the engine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use super::{Driven, Drivers, Vault};
use crate::engine::Aios;
use crate::model::{Code, Deadline, Refusal, Who};

/// What a worker does.
pub struct Work {
    /// How long it rests between two turns.
    pub every: Duration,
    /// What it can drive.
    pub drivers: Drivers,
    /// As whom: asked before each turn, because credentials end.
    pub who: Box<dyn Fn() -> Result<Who, Refusal> + Send>,
    /// Is told what came of each turn.
    pub told: Box<dyn FnMut(Result<Vec<Driven>, Refusal>) + Send>,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Work")
            .field("every", &self.every)
            .field("drivers", &self.drivers)
            .finish_non_exhaustive()
    }
}

/// The workers of this process.
#[derive(Debug, Default)]
pub(in crate::engine) struct Workers(Mutex<Vec<Arc<Shift>>>);

/// One worker's life.
#[derive(Debug, Default)]
struct Shift {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_over: bool,
    thread: Option<ThreadId>,
    has_ended: bool,
}

impl Vault {
    /// Starts a thread that drives what is due in the tenant of whoever `who` gives, at once and then each time that it has rested,
    /// until the engine is closed. A turn that fails is told and tried again. Forked children have none.
    ///
    /// # Errors
    /// `limit.waiting`: no thread is to be had; `engine.closed`.
    pub fn work(&self, work: Work) -> Result<(), Refusal> {
        let live = self.0.0.live()?;
        let (shift, engine) = (Arc::new(Shift::default()), Arc::downgrade(&self.0.0));
        let mine = Arc::clone(&shift);
        let run = move || {
            let Work { every, drivers, who, mut told } = work;
            // Held during a turn only: an engine closes with its last handle.
            while let Some(engine) = engine.upgrade() {
                let vault = Vault(Aios(engine));
                let turn = || who().and_then(|who| vault.drive_due(who, &drivers));
                let turn =
                    catch_unwind(AssertUnwindSafe(turn)).unwrap_or_else(|_| Err(Code::Internal.into()));
                let is_closed = turn.as_ref().is_err_and(|refusal| refusal.code() == Code::EngineClosed);
                // Whoever listens may fail, and the turns go on.
                let _ = catch_unwind(AssertUnwindSafe(|| told(turn)));
                drop(vault);
                if is_closed || mine.rests(every) {
                    break;
                }
            }
            mine.ends();
        };
        let started = std::thread::Builder::new().name("aios-rotation".into()).spawn(run);
        let thread = started.map_err(|_| Refusal::new(Code::LimitWaiting).at("threads"))?;
        shift.lock().thread = Some(thread.thread().id());
        live.workers.lock().push(shift);
        Ok(())
    }
}

impl Workers {
    /// Ends them, and waits for the turns under way, though not for longer than that.
    pub(in crate::engine) fn end(&self, by: Deadline) {
        let shifts = std::mem::take(&mut *self.lock());
        for shift in &shifts {
            shift.over();
        }
        for shift in &shifts {
            shift.await_end(by);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Shift>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shift {
    /// Rests; says whether it is over.
    fn rests(&self, every: Duration) -> bool {
        let until = Deadline::after(every);
        let mut state = self.lock();
        while !state.is_over && !until.has_passed() {
            state =
                self.changed.wait_timeout(state, until.remaining()).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.is_over
    }

    fn over(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }

    fn ends(&self) {
        self.lock().has_ended = true;
        self.changed.notify_all();
    }

    fn await_end(&self, by: Deadline) {
        let mut state = self.lock();
        // A driver may close its engine.
        let is_here = state.thread == Some(std::thread::current().id());
        while !is_here && !state.has_ended && !by.has_passed() {
            state =
                self.changed.wait_timeout(state, by.remaining()).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
