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
        state: Mutex::new(State::Waiting { waker: None, nudged: false, asleep: false }),
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
        /// A thread sleeps here.
        asleep: bool,
    },
    /// The value, and for a thread that slept whom to wake next.
    Sent(T, Option<Rest<T>>),
    /// The value was taken, or one side went away.
    Over,
}

/// The end that gives the value. Dropped without a value, it tells the receiver so.
#[derive(Debug)]
pub(super) struct Sender<T>(Arc<Shared<T>>);

/// The end that waits, as a thread or as a future.
#[derive(Debug)]
pub(super) struct Receiver<T>(Arc<Shared<T>>);

/// Values still to be sent. Dropped, it sends on up to the next thread that has to be woken, and leaves it the rest.
///
/// Waking everybody at once would make a crowd of runnable threads, behind which the one that commits has to queue for a
/// processor. So there are as many of these as processors, and each thread that got to run lets the next one run.
#[derive(Debug)]
pub(super) struct Rest<T>(Values<T>);

type Values<T> = Arc<Mutex<std::vec::IntoIter<(Sender<T>, T)>>>;

/// Sends each its value, and wakes so many sleeping threads at a time.
pub(super) fn send_all<T>(values: Vec<(Sender<T>, T)>, at_a_time: usize) {
    let all = Arc::new(Mutex::new(values.into_iter()));
    for _ in 0..at_a_time.max(1) {
        drop(Rest(Arc::clone(&all)));
    }
}

impl<T> Drop for Rest<T> {
    fn drop(&mut self) {
        loop {
            let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((sender, value)) = next else { return };
            match sender.send_with(value, Some(&self.0)) {
                Ok(Sent::Woke) => return,
                Ok(Sent::Left) => {}
                // Its receiver is gone. Dropped with no lock held: the value's own drop may do work.
                Err(value) => drop(value),
            }
        }
    }
}

/// How a value arrived.
enum Sent {
    /// A sleeping thread was woken for it, and took the rest.
    Woke,
    /// It lies ready.
    Left,
}

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
        self.send_with(value, None).map(drop)
    }

    /// The same; a sleeping thread takes the rest.
    fn send_with(self, value: T, rest: Option<&Values<T>>) -> Result<Sent, T> {
        let mut state = self.0.lock();
        let State::Waiting { waker, asleep, .. } = &mut *state else { return Err(value) };
        let waker = waker.take();
        // Only who sleeps is sure to run soon and to pass the rest on: a task may be left alone by its executor.
        let rest = rest.filter(|_| *asleep).map(|rest| Rest(Arc::clone(rest)));
        let sent = if rest.is_some() { Sent::Woke } else { Sent::Left };
        *state = State::Sent(value, rest);
        drop(state);
        self.0.tell(waker);
        Ok(sent)
    }

    /// Asks a waiting thread to look around; says whether one is there.
    pub(super) fn nudge(&self) -> bool {
        let mut state = self.0.lock();
        let State::Waiting { waker: None, nudged, .. } = &mut *state else { return false };
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
            let State::Waiting { nudged, asleep, .. } = &mut *state else {
                let (heard, rest) = taken(&mut state);
                drop(state);
                drop(rest);
                return heard;
            };
            *asleep = false;
            if std::mem::take(nudged) {
                return Heard::Nudge;
            }
            let left = deadline.remaining();
            if left.is_zero() {
                return Heard::TimedOut;
            }
            *asleep = true;
            state = self.0.ready.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Takes a sent value out; leaves a state that still waits as it is.
fn taken<T>(state: &mut State<T>) -> (Heard<T>, Option<Rest<T>>) {
    if matches!(state, State::Waiting { .. }) {
        return (Heard::TimedOut, None);
    }
    match std::mem::replace(state, State::Over) {
        State::Sent(value, rest) => (Heard::Value(value), rest),
        State::Over | State::Waiting { .. } => (Heard::Nothing, None),
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
        // A task gets no rest to pass on: it was never asleep.
        match taken(&mut state).0 {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(30))
    }

    fn is_asleep<T>(sender: &Sender<T>) -> bool {
        matches!(&*sender.0.lock(), State::Waiting { asleep: true, .. })
    }

    #[test]
    fn everybody_is_woken_though_some_are_gone_and_some_never_slept() {
        std::thread::scope(|scope| {
            let (mut values, mut awake, mut asleep) = (Vec::new(), Vec::new(), Vec::new());
            for number in 0..24_u32 {
                let (sender, receiver) = slot();
                values.push((sender, number));
                match number % 3 {
                    0 => drop(receiver),
                    1 => awake.push((number, receiver)),
                    _ => asleep.push((number, scope.spawn(move || receiver.wait(soon())))),
                }
            }
            while values.iter().filter(|(sender, _)| is_asleep(sender)).count() < asleep.len() {
                std::thread::yield_now();
            }
            send_all(values, 1);
            for (number, thread) in asleep {
                assert!(matches!(thread.join(), Ok(Heard::Value(heard)) if heard == number));
            }
            // Those who never slept have theirs too, though nobody of them passed anything on.
            for (number, receiver) in awake {
                assert!(matches!(receiver.wait(soon()), Heard::Value(heard) if heard == number));
            }
        });
    }

    #[test]
    fn a_rest_that_nobody_reads_is_passed_on() {
        let (first, unread) = slot();
        let (second, receiver) = slot();
        let rest = Arc::new(Mutex::new(vec![(second, 2)].into_iter()));
        *unread.0.lock() = State::Sent(1, Some(Rest(rest)));
        drop((first, unread));
        assert!(matches!(receiver.wait(soon()), Heard::Value(2)));
    }
}
