//! Drives awaited operations for hosts without a Rust runtime: an event loop that can be nudged, or a thread.
//!
//! A task is polled once where it starts. What is not done then is polled again by whoever calls [`Tasks::turn`], never by
//! the thread that wakes it: committer and waiters only put its number into a queue and call `nudge`.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Awaited work of one event loop.
pub struct Tasks<T> {
    ready: Arc<Ready>,
    waiting: Mutex<Waiting<T>>,
}

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

struct Waiting<T> {
    tasks: HashMap<u64, Task<T>>,
    last: u64,
}

/// A task that is not done.
enum Task<T> {
    /// Some thread polls it; woken meanwhile, it is polled again.
    Polled {
        again: bool,
    },
    Waits(Work<T>),
}

/// How far a task got where it was started.
#[derive(Debug)]
pub enum Started<T> {
    /// It is done.
    Done(T),
    /// It goes on under this number.
    Waits(u64),
}

/// Tasks that were woken, and how to tell the loop.
struct Ready {
    numbers: Mutex<Vec<u64>>,
    nudge: Box<dyn Fn() + Send + Sync>,
}

struct Bell {
    number: u64,
    ready: Arc<Ready>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let mut numbers = lock(&self.ready.numbers);
        let first = numbers.is_empty();
        numbers.push(self.number);
        drop(numbers);
        // One nudge for all that is ready: the loop takes everything in one turn.
        if first {
            (self.ready.nudge)();
        }
    }
}

impl<T> Tasks<T> {
    /// `nudge` makes the loop call [`Tasks::turn`]. It is called on threads that must not wait: it may set a flag or write a
    /// byte, and no more.
    #[must_use]
    pub fn new(nudge: impl Fn() + Send + Sync + 'static) -> Self {
        let ready = Arc::new(Ready { numbers: Mutex::new(Vec::new()), nudge: Box::new(nudge) });
        Self { ready, waiting: Mutex::new(Waiting { tasks: HashMap::new(), last: 0 }) }
    }

    /// Starts work on this thread.
    pub fn start(&self, work: impl Future<Output = T> + Send + 'static) -> Started<T> {
        let number = {
            let mut waiting = lock(&self.waiting);
            waiting.last += 1;
            let number = waiting.last;
            waiting.tasks.insert(number, Task::Polled { again: false });
            number
        };
        self.poll(number, Box::pin(work)).map_or(Started::Waits(number), Started::Done)
    }

    /// Polls what was woken since the last turn and gives what is done.
    pub fn turn(&self) -> Vec<(u64, T)> {
        let woken = mem::take(&mut *lock(&self.ready.numbers));
        let poll = |number| {
            let work = self.take(number)?;
            self.poll(number, work).map(|value| (number, value))
        };
        woken.into_iter().filter_map(poll).collect()
    }

    /// Drops a task that nobody waits for any longer; what it had achieved is recorded as abandoned.
    pub fn drop_task(&self, number: u64) {
        let task = lock(&self.waiting).tasks.remove(&number);
        // Outside the lock: dropping may do work.
        drop(task);
    }

    /// Takes a woken task to poll it. None where it is gone, or where the thread that polls it is told to do so again.
    fn take(&self, number: u64) -> Option<Work<T>> {
        let mut waiting = lock(&self.waiting);
        let task = waiting.tasks.get_mut(&number)?;
        match mem::replace(task, Task::Polled { again: true }) {
            Task::Polled { .. } => None,
            Task::Waits(work) => {
                *task = Task::Polled { again: false };
                Some(work)
            }
        }
    }

    fn poll(&self, number: u64, mut work: Work<T>) -> Option<T> {
        let waker = Waker::from(Arc::new(Bell { number, ready: Arc::clone(&self.ready) }));
        loop {
            let polled = work.as_mut().poll(&mut Context::from_waker(&waker));
            let mut waiting = lock(&self.waiting);
            if let Poll::Ready(value) = polled {
                waiting.tasks.remove(&number);
                return Some(value);
            }
            match waiting.tasks.get_mut(&number) {
                Some(Task::Polled { again }) if *again => *again = false,
                Some(task) => {
                    *task = Task::Waits(work);
                    return None;
                }
                // Dropped while it was polled.
                None => return None,
            }
        }
    }
}

impl<T> fmt::Debug for Tasks<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Tasks").field("waiting", &lock(&self.waiting).tasks.len()).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Ready at its `turns`-th poll; wakes itself at each.
    fn eager(turns: usize) -> impl Future<Output = usize> + Send {
        let mut polls = 0;
        std::future::poll_fn(move |context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls == turns { Poll::Ready(polls) } else { Poll::Pending }
        })
    }

    fn tasks() -> (Tasks<usize>, Arc<AtomicUsize>) {
        let nudges = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&nudges);
        let nudge = move || {
            theirs.fetch_add(1, Ordering::SeqCst);
        };
        (Tasks::new(nudge), nudges)
    }

    #[test]
    fn what_is_done_at_once_needs_no_turn() {
        let (tasks, _) = tasks();
        assert!(matches!(tasks.start(eager(1)), Started::Done(1)));
        assert!(tasks.turn().is_empty());
    }

    #[test]
    fn each_turn_polls_what_was_woken_and_is_nudged_once() {
        let (tasks, nudges) = tasks();
        let started = [3, 2].map(|turns| tasks.start(eager(turns)));
        assert!(matches!(started, [Started::Waits(1), Started::Waits(2)]), "{started:?}");
        assert_eq!(nudges.load(Ordering::SeqCst), 1, "both were ready when the loop was nudged");
        assert_eq!(tasks.turn(), [(2, 2)]);
        assert_eq!(tasks.turn(), [(1, 3)]);
        assert!(tasks.turn().is_empty());
    }

    #[test]
    fn a_dropped_task_is_dropped_and_not_polled() {
        let (tasks, _) = tasks();
        let held = Arc::new(());
        let theirs = Arc::clone(&held);
        let started = tasks.start(async move {
            let polls = eager(9).await;
            drop(theirs);
            polls
        });
        assert!(matches!(started, Started::Waits(1)));
        tasks.drop_task(1);
        assert_eq!(Arc::strong_count(&held), 1);
        assert!(tasks.turn().is_empty());
    }

    #[test]
    fn a_task_woken_by_another_thread_while_it_is_polled_is_not_forgotten() {
        let (tasks, _) = tasks();
        let tasks = Arc::new(tasks);
        let other = Arc::clone(&tasks);
        let mut polls = 0;
        let started = tasks.start(std::future::poll_fn(move |context: &mut Context<'_>| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(polls);
            }
            context.waker().wake_by_ref();
            // The loop turns on another thread before this poll has come back.
            std::thread::scope(|scope| scope.spawn(|| assert!(other.turn().is_empty())).join().map_err(drop))
                .ok();
            Poll::Pending
        }));
        assert!(matches!(started, Started::Done(2)), "{started:?}");
    }
}
