//! One value handed from one thread to another thread or task.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::model::Deadline;

/// A sender and the receiver that waits for it.
pub(super) fn slot<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State::Waiting { waker: None, nudged: false }),
        ready: Condvar::new(),
    });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

#[derive(Debug)]
struct Shared<T> {
    state: Mutex<State<T>>,
    ready: Condvar,
}

#[derive(Debug)]
enum State<T> {
    /// No value yet. A nudge asks the receiver's thread to see what it can do about that.
    Waiting {
        waker: Option<Waker>,
        nudged: bool,
    },
    Sent(T),
    /// The value was taken, or one side went away.
    Over,
}

/// The end that gives the value. Dropped without a value, it tells the receiver so.
#[derive(Debug)]
pub(super) struct Sender<T>(Arc<Shared<T>>);

/// The end that waits, as a thread or as a future.
#[derive(Debug)]
pub(super) struct Receiver<T>(Arc<Shared<T>>);

/// What a waiting thread hears.
#[derive(Debug)]
pub(super) enum Heard<T> {
    /// The sender went away without a value.
    Nothing,
    /// Look whether there is something to do.
    Nudge,
    /// The deadline passed.
    TimedOut,
    /// The value.
    Value(T),
}

impl<T> Shared<T> {
    /// Wakes whoever waits. The waker is the host's, and its panic must not become ours.
    fn tell(&self, waker: Option<Waker>) {
        self.ready.notify_one();
        drop(catch_unwind(AssertUnwindSafe(|| waker.into_iter().for_each(Waker::wake))));
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Sender<T> {
    /// Hands the value over; gives it back where the receiver is gone.
    pub(super) fn send(self, value: T) -> Result<(), T> {
        let mut state = self.0.lock();
        let State::Waiting { waker, .. } = &mut *state else { return Err(value) };
        let waker = waker.take();
        *state = State::Sent(value);
        drop(state);
        self.0.tell(waker);
        Ok(())
    }

    /// Asks a waiting thread to look around; says whether one is there.
    pub(super) fn nudge(&self) -> bool {
        let mut state = self.0.lock();
        let State::Waiting { waker: None, nudged } = &mut *state else { return false };
        *nudged = true;
        drop(state);
        self.0.ready.notify_one();
        true
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        let State::Waiting { waker, .. } = &mut *state else { return };
        let waker = waker.take();
        *state = State::Over;
        drop(state);
        self.0.tell(waker);
    }
}

impl<T> Receiver<T> {
    /// Waits on this thread.
    pub(super) fn wait(&self, deadline: Deadline) -> Heard<T> {
        let mut state = self.0.lock();
        loop {
            match &mut *state {
                State::Waiting { nudged, .. } if *nudged => {
                    *nudged = false;
                    return Heard::Nudge;
                }
                State::Waiting { .. } => {}
                State::Sent(_) | State::Over => return taken(&mut state),
            }
            let left = deadline.remaining();
            if left.is_zero() {
                return Heard::TimedOut;
            }
            state = self.0.ready.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Takes a sent value out; leaves a state that still waits as it is.
fn taken<T>(state: &mut State<T>) -> Heard<T> {
    if matches!(state, State::Waiting { .. }) {
        return Heard::TimedOut;
    }
    match std::mem::replace(state, State::Over) {
        State::Sent(value) => Heard::Value(value),
        State::Over | State::Waiting { .. } => Heard::Nothing,
    }
}

impl<T> Future for Receiver<T> {
    /// None where the sender went away.
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.0.lock();
        if let State::Waiting { waker, .. } = &mut *state {
            *waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        match taken(&mut state) {
            Heard::Value(value) => Poll::Ready(Some(value)),
            Heard::Nothing | Heard::Nudge | Heard::TimedOut => Poll::Ready(None),
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let unread = std::mem::replace(&mut *self.0.lock(), State::Over);
        // Dropped outside the lock: the value's own drop may do work.
        drop(unread);
    }
}
