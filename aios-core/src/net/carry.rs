//! A request that carries a secret, there and back: the secret's header is added here, where nobody else reads it, and an
//! answer is handed on without the secret in it, part by part as it comes.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::mpsc::{Sender, channel};
use tokio::time::{Instant, timeout, timeout_at};

use super::Error;
use super::carried::{Carried, Part};
use super::door::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use super::door::{Answer, Body, Call, Cost, Destination, Door, Line, Method, Purpose, Reach, StatusCode};
use super::upload::{Content, Pulse};
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

impl Door {
    /// Sends a request with its secret, on the door's own thread. `reach` says what addresses the host may have.
    ///
    /// # Errors
    /// [`Error::Url`] or [`Error::AddressNotAllowed`]: the URL is out of reach.
    pub fn carry(
        &self,
        carrier: Carrier,
        secret: Secret,
        content: impl Into<Content>,
        (reach, patience): (Reach, Patience),
    ) -> Result<Carried, Error> {
        let (body, pulse) = match content.into() {
            Content::Whole(bytes) => ((!bytes.is_empty()).then(|| bytes.into()), None),
            Content::Parts(inbox) => {
                let pulse = inbox.pulse();
                (Some(Body::wrap(inbox)), Some(pulse))
            }
        };
        let url = carrier.url().as_str();
        let host = carrier.url().host_str().unwrap_or_default();
        let line = self.register(Destination::at(host, Purpose::Credential, url, reach)?.costing(COST));
        let (parts, answer) = channel(PARTS);
        self.run(Box::pin(async move {
            let errand = Errand { line, carrier, patience, pulse, parts };
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
    /// Of a body that comes in parts.
    pulse: Option<Pulse>,
    parts: Sender<Result<Part, Error>>,
}

impl Errand {
    async fn deliver(&self, secret: &Secret, body: Option<Body>) -> Result<(), Error> {
        let call = call(&self.carrier, secret, body)?;
        let mut echo = Echo::of(secret);
        let mut answer = self.begun(self.line.send(call)).await?;
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

    /// Waits for the answer's beginning, for as long as the server is silent behind what was last sent of the body. It may be the
    /// caller who is silent; a place that nobody uses is then free again.
    async fn begun(&self, sending: impl Future<Output = Result<Answer, Error>>) -> Result<Answer, Error> {
        let mut sending = pin!(self.unless_gone(sending));
        let start = Instant::now();
        loop {
            let until = self.pulse.as_ref().map_or(start, Pulse::last).max(start) + self.patience.head;
            match timeout_at(until, sending.as_mut()).await {
                Ok(done) => return done,
                Err(_)
                    if self.pulse.as_ref().is_some_and(|pulse| pulse.last() + self.patience.head > until) => {
                }
                Err(_) => return Err(Error::Timeout),
            }
        }
    }

    /// Gives up where it takes too long or whoever asked is gone.
    async fn within<T>(
        &self,
        most: Duration,
        what: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        timeout(most, self.unless_gone(what)).await.map_err(|_| Error::Timeout)?
    }

    async fn unless_gone<T>(&self, what: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let (mut what, mut gone) = (pin!(what), pin!(self.parts.closed()));
        poll_fn(|context| match what.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => gone.as_mut().poll(context).map(|()| Err(Error::Stopped)),
        })
        .await
    }
}

fn call<'c>(carrier: &'c Carrier, secret: &Secret, body: Option<Body>) -> Result<Call<'c>, Error> {
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
