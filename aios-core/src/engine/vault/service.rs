//! A secret's use as a service of `tower`: it stands where an HTTP client would, below whatever layers a client is made of.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::header::{HeaderName, HeaderValue};
use http_body::{Body, Frame};
use tower_service::Service;

use super::answer::Answer;
use super::sending::{MOST_PART, Sending, Upload};
use super::using::{Fetch, SecretUse};
use crate::model::{Code, Refusal};
use crate::vault::{Outgoing, SecretRef};

type Waiting<T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + Send>>;

/// Each request is sent with the secret, where policy and the secret's terms permit it: as [`SecretUse::fetch_async`]. The body of the
/// request is streamed, unless it is short, and so is that of the answer, which holds a [`SecretRef`], the version that went along, among its extensions. A redirect is an answer; a layer that
/// follows it asks anew. Dropping the future, or the answer's body, ends the connection.
impl<B> Service<http::Request<B>> for SecretUse
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    type Response = http::Response<AnswerBody>;
    type Error = Refusal;
    type Future = Waiting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let (outgoing, length) = (outgoing(&head), body.size_hint().exact());
            if length.is_some_and(|length| length <= MOST_WHOLE) {
                let body = whole(body).await?;
                return answered(this.fetch_async(Fetch { outgoing, body, patience: None }).await?);
            }
            let sending = this.upload_async(Upload { outgoing, length, patience: None }).await?;
            if let Err(refusal) = pumped(&sending, body).await {
                sending.end();
                return Err(refusal);
            }
            answered(sending.answer_async().await?)
        })
    }
}

fn outgoing(head: &http::request::Parts) -> Outgoing {
    let line =
        |(name, value): (&HeaderName, &HeaderValue)| (name.as_str().to_owned(), value.as_bytes().to_vec());
    let headers = head.headers.iter().map(line).collect();
    Outgoing { method: head.method.to_string(), url: head.uri.to_string(), headers }
}

/// The largest body that is sent as a whole, where it says how long it is.
const MOST_WHOLE: u64 = 64 * 1024;

/// The next bytes of a body.
async fn data<B: Body>(mut body: Pin<&mut B>) -> Result<Option<B::Data>, Refusal> {
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame = frame.map_err(|_| wrong("one that comes to its end"))?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

async fn whole<B: Body>(body: B) -> Result<Vec<u8>, Refusal> {
    let (most, mut body, mut read) = (body.size_hint().upper(), pin!(body), Vec::new());
    while let Some(mut more) = data(body.as_mut()).await? {
        let length = more.remaining();
        read.extend_from_slice(&more.copy_to_bytes(length));
        if most.is_some_and(|most| u64::try_from(read.len()).map_or(true, |length| length > most)) {
            return Err(wrong("one as long as it says"));
        }
    }
    Ok(read)
}

/// Sends a body as it comes, for as long as the server wants it.
async fn pumped<B: Body>(sending: &Sending, body: B) -> Result<(), Refusal> {
    let mut body = pin!(body);
    while let Some(mut more) = data(body.as_mut()).await? {
        while more.has_remaining() {
            let length = more.remaining().min(MOST_PART);
            if !sending.part_async(more.copy_to_bytes(length).into()).await? {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn wrong(rule: &'static str) -> Refusal {
    Refusal::new(Code::PolicyInput).at("body").expected(rule)
}

fn answered(answer: Answer) -> Result<http::Response<AnswerBody>, Refusal> {
    let told = |_| Refusal::new(Code::VaultUpstream).hint("the answer is none of HTTP");
    let mut response = http::Response::new(());
    *response.status_mut() =
        http::StatusCode::from_u16(answer.status()).map_err(|error| told(error.into()))?;
    for (name, value) in answer.headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| told(error.into()))?;
        let value = HeaderValue::from_bytes(value).map_err(|error| told(http::Error::from(error)))?;
        response.headers_mut().append(name, value);
    }
    response.extensions_mut().insert::<SecretRef>(answer.reference().clone());
    let next = Mutex::new(None);
    Ok(response.map(|()| AnswerBody { answer: Arc::new(answer), next }))
}

/// The body of an answer, without the secret in it, as it comes. Dropping it ends the connection.
pub struct AnswerBody {
    answer: Arc<Answer>,
    /// What is waited for. Nobody ever holds the lock: it is there so that the body can be shared between threads.
    next: Mutex<Option<Waiting<Option<Vec<u8>>>>>,
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Refusal;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Refusal>>> {
        let Self { answer, next } = self.get_mut();
        let next = next.get_mut().unwrap_or_else(PoisonError::into_inner);
        let waiting = next.get_or_insert_with(|| {
            let answer = Arc::clone(answer);
            Box::pin(async move { answer.next_async().await })
        });
        let part = ready!(waiting.as_mut().poll(context));
        *next = None;
        Poll::Ready(part.transpose().map(|part| part.map(|bytes| Frame::data(bytes.into()))))
    }
}

impl fmt::Debug for AnswerBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.answer.fmt(out)
    }
}
