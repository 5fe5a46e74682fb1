//! The body of a request that comes in parts: the server takes them as it likes, and hardly more than one waits here.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;

/// Parts that wait for the server.
const PARTS: usize = 1;

#[derive(Debug)]
enum Step {
    Part(Vec<u8>),
    /// The body is complete. What ends without it broke off.
    End,
}

/// Where a caller puts the parts. Dropped before the end, the request breaks off.
#[derive(Debug)]
pub struct Outbox(Sender<Step>);

/// What a request is sent with.
#[derive(Debug)]
pub enum Content {
    /// At hand.
    Whole(Vec<u8>),
    /// Under way.
    Parts(Inbox),
}

impl From<Vec<u8>> for Content {
    fn from(body: Vec<u8>) -> Self {
        Self::Whole(body)
    }
}

/// The body as the door sends it.
#[derive(Debug)]
pub struct Inbox {
    steps: Receiver<Step>,
    /// How many bytes are to come, where that was said.
    left: Option<u64>,
    is_over: bool,
    pulse: Pulse,
}

/// When the body last moved on.
#[derive(Debug, Clone)]
pub(super) struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    pub(super) fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// A body that comes in parts, of so many bytes where that is known.
#[must_use]
pub fn upload(length: Option<u64>) -> (Outbox, Content) {
    let (sender, steps) = channel(PARTS);
    let pulse = Pulse(Arc::new(Mutex::new(Instant::now())));
    (Outbox(sender), Content::Parts(Inbox { steps, left: length, is_over: false, pulse }))
}

impl Outbox {
    /// Waits until there is room for a part. False: something came of the request meanwhile, or nobody takes the body.
    pub(super) async fn put(&self, part: Vec<u8>, came: impl Future<Output = ()>) -> bool {
        self.step(Step::Part(part), came).await
    }

    /// Says that the body is complete.
    pub(super) async fn finish(&self, came: impl Future<Output = ()>) -> bool {
        self.step(Step::End, came).await
    }

    async fn step(&self, step: Step, came: impl Future<Output = ()>) -> bool {
        let (mut sent, mut came) = (pin!(self.0.send(step)), pin!(came));
        poll_fn(|context| {
            // What came is looked at first: behind a beginning of the answer no more of the body goes out.
            if came.as_mut().poll(context).is_ready() {
                return Poll::Ready(false);
            }
            sent.as_mut().poll(context).map(|sent| sent.is_ok())
        })
        .await
    }
}

impl Inbox {
    pub(super) fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }
}

impl Body for Inbox {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let step = ready!(self.steps.poll_recv(context));
        self.pulse.beat();
        Poll::Ready(match step {
            Some(Step::Part(part)) => {
                let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
                self.left = self.left.map(|left| left.saturating_sub(length));
                Some(Ok(Frame::data(part.into())))
            }
            Some(Step::End) => {
                self.is_over = true;
                None
            }
            None => Some(Err(io::Error::other("the body broke off"))),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.is_over
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
