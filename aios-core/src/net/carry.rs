//! A request that carries a secret, there and back: the secret's header is added here, where nobody else reads it, and an
//! answer is handed on without the secret in it, part by part as it comes.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::unconstrained;
use tokio::time::timeout;

use super::Error;
use super::door::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use super::door::{Answer, Call, Cost, Destination, Door, Line, Method, Purpose, Reach, StatusCode};
use crate::model::Secret;
use crate::vault::{Carrier, Echo};

/// How long to wait for a server.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until its answer begins.
    pub head: Duration,
    /// Between two parts of it.
    pub part: Duration,
}

/// What a request with a secret may cost: streams of language models last long.
const COST: Cost = Cost {
    connect: Duration::from_secs(5),
    total: Duration::from_secs(3600),
    body: 1024 * 1024 * 1024,
    kept: 8,
};
/// Parts of an answer that wait for whoever reads it; the server is read no faster.
const PARTS: usize = 8;

/// An answer whose body may still be under way. Dropping it ends the connection.
pub struct Answered {
    /// The status, three digits.
    pub status: u16,
    /// Names in lower case and values, without the secret and without those of the connection.
    pub headers: Vec<(String, Vec<u8>)>,
    /// None once the body has ended.
    parts: Mutex<Option<Receiver<Result<Part, Error>>>>,
}

enum Part {
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
pub struct Carried(Receiver<Result<Part, Error>>);

impl Carried {
    /// What the server answers.
    ///
    /// # Errors
    /// No answer came, or one that cannot be looked through for the secret.
    pub async fn answer(self) -> Result<Answered, Error> {
        let Self(mut parts) = self;
        let head = parts.recv().await;
        begun(head, parts)
    }

    /// As [`Carried::answer`], on the caller's thread. Never call it on a thread that runs tasks.
    ///
    /// # Errors
    /// As [`Carried::answer`].
    pub fn answer_blocking(self) -> Result<Answered, Error> {
        wait(self.answer())
    }
}

fn begun(head: Option<Result<Part, Error>>, parts: Receiver<Result<Part, Error>>) -> Result<Answered, Error> {
    match head.transpose()? {
        Some(Part::Head(status, headers)) => Ok(Answered { status, headers, parts: Mutex::new(Some(parts)) }),
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

impl Door {
    /// Sends a request with its secret, on the door's own thread. `reach` says what addresses the host may have.
    ///
    /// # Errors
    /// [`Error::Url`] or [`Error::AddressNotAllowed`]: the URL is out of reach.
    pub fn carry(
        &self,
        carrier: Carrier,
        secret: Secret,
        body: Vec<u8>,
        (reach, patience): (Reach, Patience),
    ) -> Result<Carried, Error> {
        let url = carrier.url().as_str();
        let host = carrier.url().host_str().unwrap_or_default();
        let line = self.register(Destination::at(host, Purpose::Credential, url, reach)?.costing(COST));
        let (parts, answer) = channel(PARTS);
        self.run(Box::pin(async move {
            let errand = Errand { line, carrier, patience, parts };
            let delivered = errand.deliver(&secret, body).await;
            if let Err(error) = delivered {
                // Whoever asked may be gone.
                let _ = errand.parts.send(Err(error)).await;
            }
        }));
        Ok(Carried(answer))
    }
}

struct Errand {
    line: Line,
    carrier: Carrier,
    patience: Patience,
    parts: Sender<Result<Part, Error>>,
}

impl Errand {
    async fn deliver(&self, secret: &Secret, body: Vec<u8>) -> Result<(), Error> {
        let call = call(&self.carrier, secret, body)?;
        let mut echo = Echo::of(secret);
        let mut answer = self.within(self.patience.head, self.line.send(call)).await?;
        if !is_legible(&answer, self.carrier.method()) {
            return Err(Error::Encoded);
        }
        let head = Part::Head(answer.status().as_u16(), told(answer.headers(), secret));
        self.hand_on(head).await?;
        while let Some(chunk) = self.within(self.patience.part, answer.chunk()).await? {
            self.hand_on(Part::Body(echo.pass(chunk.as_ref()))).await?;
        }
        self.hand_on(Part::Body(echo.end())).await?;
        self.hand_on(Part::End).await
    }

    async fn hand_on(&self, part: Part) -> Result<(), Error> {
        match part {
            Part::Body(bytes) if bytes.is_empty() => Ok(()),
            part @ (Part::Head(..) | Part::Body(_) | Part::End) => {
                self.parts.send(Ok(part)).await.map_err(|_| Error::Stopped)
            }
        }
    }

    /// Gives up where it takes too long or whoever asked is gone.
    async fn within<T>(
        &self,
        most: Duration,
        what: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let (mut what, mut gone) = (pin!(what), pin!(self.parts.closed()));
        let either = poll_fn(|context| match what.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => gone.as_mut().poll(context).map(|()| Err(Error::Stopped)),
        });
        timeout(most, either).await.map_err(|_| Error::Timeout)?
    }
}

fn call<'c>(carrier: &'c Carrier, secret: &Secret, body: Vec<u8>) -> Result<Call<'c>, Error> {
    const REQUEST: Error = Error::Url("not a request that HTTP can carry");
    let method = Method::from_bytes(carrier.method().as_bytes()).map_err(|_| REQUEST)?;
    let mut headers = HeaderMap::new();
    for (name, value) in carrier.headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| REQUEST)?;
        headers.append(name, HeaderValue::from_bytes(value).map_err(|_| REQUEST)?);
    }
    // What is packed cannot be looked through.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let (name, value) = carrier.header(secret);
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| REQUEST)?;
    let mut value = HeaderValue::from_bytes(value.expose()).map_err(|_| REQUEST)?;
    value.set_sensitive(true);
    headers.insert(name, value);
    let body = (!body.is_empty()).then(|| body.into());
    Ok(Call { method, url: carrier.url().as_str(), headers, body })
}

/// Whether the answer's bytes are what they say.
fn is_legible(answer: &Answer, method: &str) -> bool {
    let is_empty =
        method == "HEAD" || matches!(answer.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let mut encodings = answer.headers().get_all(CONTENT_ENCODING).iter();
    is_empty || encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// The answer's headers without the secret, and without those of the connection.
fn told(headers: &HeaderMap, secret: &Secret) -> Vec<(String, Vec<u8>)> {
    let ours = [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];
    let others = headers.iter().filter(|(name, _)| !ours.contains(name));
    others
        .map(|(name, value)| {
            let name = Echo::of(secret).mask(name.as_str().as_bytes());
            (String::from_utf8_lossy(&name).into_owned(), Echo::of(secret).mask(value.as_bytes()))
        })
        .collect()
}
