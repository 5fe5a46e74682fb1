//! Threads that wait for slow ports on behalf of tasks: a bounded number, and a bounded queue before them.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::{Code, Deadline, Refusal};

/// Most threads that wait.
const MOST_THREADS: usize = 64;
/// Most jobs that wait for one of them.
const MOST_QUEUED: usize = 1024;

/// Runs jobs on threads of their own. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Waiters(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    threads: usize,
    queue: VecDeque<Job>,
}

/// What is to be done, and until when it is worth beginning.
struct Job {
    work: Box<dyn FnOnce(Turn) + Send>,
    deadline: Deadline,
}

/// Whether a job's turn came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    InTime,
    /// Its deadline passed while it waited for a thread.
    Late,
}

impl Waiters {
    /// Runs a job as soon as a thread is free.
    ///
    /// # Errors
    /// `limit.waiting`: too many are waiting, or the system gives no thread.
    pub(super) fn run(
        &self,
        deadline: Deadline,
        work: impl FnOnce(Turn) + Send + 'static,
    ) -> Result<(), Refusal> {
        let job = Job { work: Box::new(work), deadline };
        let mut state = self.lock();
        if state.threads >= MOST_THREADS {
            if state.queue.len() >= MOST_QUEUED {
                return Err(Refusal::new(Code::LimitWaiting));
            }
            state.queue.push_back(job);
            return Ok(());
        }
        state.threads += 1;
        drop(state);
        let waiters = self.clone();
        let spawned =
            std::thread::Builder::new().name("aios-waiter".into()).spawn(move || waiters.serve(job));
        spawned.map(drop).map_err(|_| {
            self.lock().threads -= 1;
            Refusal::new(Code::LimitWaiting)
        })
    }

    /// Runs this job and those that queue, then ends.
    fn serve(&self, first: Job) {
        let mut next = Some(first);
        while let Some(Job { work, deadline }) = next {
            let turn = if deadline.has_passed() { Turn::Late } else { Turn::InTime };
            // The job's own affair: its sender is dropped and says so. The thread goes on for the others.
            drop(catch_unwind(AssertUnwindSafe(|| work(turn))));
            let mut state = self.lock();
            next = state.queue.pop_front();
            if next.is_none() {
                state.threads -= 1;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Waiters {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.lock();
        write!(out, "Waiters({} threads, {} queued)", state.threads, state.queue.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(60))
    }

    #[test]
    fn what_finds_no_thread_queues_and_what_finds_no_place_is_refused() {
        let waiters = Waiters::default();
        let (done, ended) = channel();
        let gates: Vec<_> = (0..MOST_THREADS)
            .map(|_| {
                let (open, gate) = channel::<()>();
                waiters
                    .run(soon(), move |_| {
                        let _ = gate.recv();
                    })
                    .unwrap();
                open
            })
            .collect();
        for _ in 0..MOST_QUEUED {
            let done = done.clone();
            waiters.run(soon(), move |turn| done.send(turn).unwrap()).unwrap();
        }
        let refused = waiters.run(soon(), |_| {}).unwrap_err();
        assert_eq!(refused.code(), Code::LimitWaiting);
        assert!(ended.try_recv().is_err(), "a job ran without a thread");
        drop(gates);
        drop(done);
        assert_eq!(ended.iter().filter(|turn| *turn == Turn::InTime).count(), MOST_QUEUED);
    }

    #[test]
    fn a_job_whose_time_is_over_is_told_so_and_a_panic_ends_no_thread_for_the_others() {
        let waiters = Waiters::default();
        let (done, ended) = channel();
        let (open, gate) = channel::<()>();
        waiters.lock().threads = MOST_THREADS - 1;
        waiters
            .run(soon(), move |_| {
                let _ = gate.recv();
            })
            .unwrap();
        waiters.run(soon(), |_| panic!("a test asked for this panic")).unwrap();
        waiters.run(Deadline::after(Duration::ZERO), move |turn| done.send(turn).unwrap()).unwrap();
        drop(open);
        assert_eq!(ended.recv().unwrap(), Turn::Late);
    }
}
