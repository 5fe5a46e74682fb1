//! A secret's use as a service of `tower`: it stands where an HTTP client would, below whatever layers a client is made of.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::header::{HeaderName, HeaderValue};
use http_body::{Body, Frame};
use tower_service::Service;

use super::answer::Answer;
use super::using::{Fetch, MOST_BODY, SecretUse};
use crate::model::{Code, Refusal};
use crate::vault::{Outgoing, SecretRef};

type Waiting<T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + Send>>;

/// Each request is sent with the secret, where policy and the secret's terms permit it: as [`SecretUse::fetch_async`]. The answer is
/// streamed, and holds a [`SecretRef`], the version that went along, among its extensions. A redirect is an answer; a layer that
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
            let body = whole(body).await?;
            answered(this.fetch_async(Fetch { outgoing: outgoing(&head), body, patience: None }).await?)
        })
    }
}

fn outgoing(head: &http::request::Parts) -> Outgoing {
    let line =
        |(name, value): (&HeaderName, &HeaderValue)| (name.as_str().to_owned(), value.as_bytes().to_vec());
    let headers = head.headers.iter().map(line).collect();
    Outgoing { method: head.method.to_string(), url: head.uri.to_string(), headers }
}

/// A body that is sent once all of it is there.
async fn whole<B: Body>(body: B) -> Result<Vec<u8>, Refusal> {
    let mut body = pin!(body);
    let mut read = Vec::new();
    while let Some(frame) = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame = frame.map_err(|_| wrong("one that comes to its end"))?;
        let Ok(mut data) = frame.into_data() else { continue };
        if read.len() + data.remaining() > MOST_BODY {
            return Err(wrong("at most 64 MiB"));
        }
        while data.has_remaining() {
            let length = data.chunk().len();
            read.extend_from_slice(data.chunk());
            data.advance(length);
        }
    }
    Ok(read)
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
