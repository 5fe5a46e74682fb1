//! What the caller of a request with a secret holds: the request, its body where that comes in parts, and its answer.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use tokio::sync::mpsc::Receiver;
use tokio::sync::{Mutex, Notify};
use tokio::task::unconstrained;

use super::Error;
use super::upload::Outbox;

/// An answer whose body may still be under way. Dropping it ends the connection.
pub struct Answered {
    /// The status, three digits.
    pub status: u16,
    /// Names in lower case and values, without the secret and without those of the connection.
    pub headers: Vec<(String, Vec<u8>)>,
    /// None once the body has ended.
    parts: Mutex<Option<Receiver<Result<Part, Error>>>>,
    /// Where the answer began before the request's body was complete: dropping it breaks the request off.
    _unsent: Option<Outbox>,
}

pub(super) enum Part {
    Head(u16, Vec<(String, Vec<u8>)>),
    Body(Vec<u8>),
    /// The body is complete. What ends without it broke off.
    End,
}

impl Answered {
    /// The next part of the body; none at its end. Dropped before it is done, no part is lost.
    ///
    /// # Errors
    /// The connection broke, took too long, or the answer is too large.
    pub async fn next(&self) -> Result<Option<Vec<u8>>, Error> {
        let mut held = self.parts.lock().await;
        let Some(parts) = held.as_mut() else { return Ok(None) };
        match parts.recv().await.transpose()? {
            Some(Part::Body(bytes)) => Ok(Some(bytes)),
            Some(Part::End) => {
                *held = None;
                Ok(None)
            }
            // The job was dropped before the body's end.
            Some(Part::Head(..)) | None => Err(Error::Stopped),
        }
    }

    /// As [`Answered::next`], on the caller's thread. Never call it on a thread that runs tasks.
    ///
    /// # Errors
    /// As [`Answered::next`].
    pub fn next_blocking(&self) -> Result<Option<Vec<u8>>, Error> {
        wait(self.next())
    }

    /// Ends the connection, where nobody waits for the next part.
    pub fn end(&self) {
        if let Ok(mut parts) = self.parts.try_lock() {
            *parts = None;
        }
    }
}

impl fmt::Debug for Answered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Answered({})", self.status)
    }
}

/// A request under way.
pub struct Carried(pub(super) Receiver<Result<Part, Error>>);

impl Carried {
    /// What the server answers.
    ///
    /// # Errors
    /// No answer came, or one that cannot be looked through for the secret.
    pub async fn answer(self) -> Result<Answered, Error> {
        let Self(mut parts) = self;
        let head = parts.recv().await;
        begun(head, parts, None)
    }

    /// As [`Carried::answer`], on the caller's thread. Never call it on a thread that runs tasks.
    ///
    /// # Errors
    /// As [`Carried::answer`].
    pub fn answer_blocking(self) -> Result<Answered, Error> {
        wait(self.answer())
    }
}

/// A request whose body is under way. Dropping it breaks the request off.
pub struct Uploading {
    held: Mutex<Option<Held>>,
    /// Set by whoever breaks it off, also while somebody hands on a part.
    is_over: AtomicBool,
    over: Notify,
}

struct Held {
    outbox: Outbox,
    parts: Receiver<Result<Part, Error>>,
    /// What came before the body was complete.
    came: Option<Result<Part, Error>>,
}

impl Uploading {
    /// A request that was carried, and where its body is put.
    #[must_use]
    pub fn of(outbox: Outbox, Carried(parts): Carried) -> Self {
        let held = Mutex::new(Some(Held { outbox, parts, came: None }));
        Self { held, is_over: AtomicBool::new(false), over: Notify::new() }
    }

    /// Hands on the next part, once there is room for it. False: no more is wanted, as something came of the request.
    /// Dropped before it is done, the part may not have been handed on.
    pub async fn part(&self, part: Vec<u8>) -> bool {
        let mut held = self.held.lock().await;
        let Some(Held { outbox, parts, came }) = held.as_mut() else { return false };
        let wanted =
            came.is_none() && outbox.put(part, either(until(parts, came), self.over.notified())).await;
        drop(held);
        self.ended();
        wanted
    }

    /// As [`Uploading::part`], on the caller's thread. Never call it on a thread that runs tasks.
    pub fn part_blocking(&self, part: Vec<u8>) -> bool {
        wait(self.part(part))
    }

    /// The body is complete: what the server answers.
    ///
    /// # Errors
    /// As [`Carried::answer`].
    pub async fn answer(&self) -> Result<Answered, Error> {
        let under_way = self.held.lock().await.take();
        let Some(Held { outbox, mut parts, mut came }) = under_way else { return Err(Error::Stopped) };
        let is_complete = came.is_none() && outbox.finish(until(&mut parts, &mut came)).await;
        let first = if came.is_some() { came } else { parts.recv().await };
        begun(first, parts, (!is_complete).then_some(outbox))
    }

    /// As [`Uploading::answer`], on the caller's thread. Never call it on a thread that runs tasks.
    ///
    /// # Errors
    /// As [`Carried::answer`].
    pub fn answer_blocking(&self) -> Result<Answered, Error> {
        wait(self.answer())
    }

    /// Whether something came of the request that a part was to go out with.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.held.try_lock().is_ok_and(|held| held.as_ref().is_some_and(|held| held.came.is_some()))
    }

    /// Breaks the request off; whoever hands on a part at this moment need not wait.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        self.over.notify_one();
        self.ended();
    }

    /// Of two who meet here, at least one finds the lock free.
    fn ended(&self) {
        if self.is_over.load(Ordering::Acquire)
            && let Ok(mut held) = self.held.try_lock()
        {
            *held = None;
        }
    }
}

/// Waits for one of two.
async fn either(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| {
        if one.as_mut().poll(context).is_ready() { Poll::Ready(()) } else { other.as_mut().poll(context) }
    })
    .await;
}

/// Waits until something comes of a request, and keeps it.
async fn until(parts: &mut Receiver<Result<Part, Error>>, came: &mut Option<Result<Part, Error>>) {
    // The job may be dropped before it says anything.
    *came = Some(parts.recv().await.unwrap_or(Err(Error::Stopped)));
}

impl fmt::Debug for Uploading {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Uploading")
    }
}

fn begun(
    head: Option<Result<Part, Error>>,
    parts: Receiver<Result<Part, Error>>,
    unsent: Option<Outbox>,
) -> Result<Answered, Error> {
    match head.transpose()? {
        Some(Part::Head(status, headers)) => {
            Ok(Answered { status, headers, parts: Mutex::new(Some(parts)), _unsent: unsent })
        }
        // The job was dropped before it could say anything.
        Some(Part::Body(_) | Part::End) | None => Err(Error::Stopped),
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Carried")
    }
}

/// Wakes a thread.
struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on this thread. What the door's thread does needs no other.
fn wait<T>(what: impl Future<Output = T>) -> T {
    let waker = Arc::new(Sleeper(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let mut what = pin!(unconstrained(what));
    loop {
        match what.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => thread::park(),
        }
    }
}
