//! Where an issuer is asked, and how it knows us.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::Semaphore;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::model::{IssuerName, Secret};
use crate::net::door::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use crate::net::door::{Call, Line, StatusCode};
use crate::net::{Cost, Destination, Error, Purpose, Reach};
use crate::token::Answer;

/// An issuer's introspection endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The issuer's configured name.
    pub issuer: IssuerName,
    /// Where it is asked.
    pub url: String,
    /// Who we are there.
    pub client_id: String,
    /// What shows it.
    pub client_secret: Arc<Secret>,
    /// How it is shown.
    pub shows: Shows,
    /// Where it may be.
    pub reach: Reach,
    /// For how long an answer may serve.
    pub keep: Duration,
}

/// How a client shows its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// In the header (RFC 6749 section 2.3.1).
    Basic,
    /// In the form.
    Post,
}

impl Endpoint {
    pub(super) fn destination(&self) -> Result<Destination, Error> {
        Destination::at(self.issuer.as_str(), Purpose::Introspection, &self.url, self.reach)
    }
}

/// An endpoint, and the way there.
#[derive(Debug)]
pub(super) struct Asked {
    endpoint: Endpoint,
    line: Line,
    seats: Semaphore,
}

/// Calls of one issuer under way at once.
const SEATS: usize = 16;
/// How long it is remembered that a token is not active: a moment, for it may become so.
const KEEP_INACTIVE: Duration = Duration::from_secs(5);

impl Asked {
    /// What an answer may cost.
    pub(super) const COST: Cost =
        Cost { connect: Duration::from_secs(2), total: Duration::from_secs(5), body: 64 * 1024, kept: SEATS };

    pub(super) fn new(endpoint: Endpoint, line: Line) -> Self {
        Self { endpoint, line, seats: Semaphore::new(SEATS) }
    }

    /// For how long an answer serves.
    pub(super) fn keeps(&self, answer: &Answer) -> Duration {
        let keep = self.endpoint.keep;
        if answer.is_active() { keep } else { keep.min(KEEP_INACTIVE) }
    }

    /// Asks about a token.
    pub(super) async fn ask(&self, token: &str) -> Result<Answer, Error> {
        let _seat = self.seats.acquire().await.map_err(|_| Error::Stopped)?;
        let total = self.line.cost().total;
        tokio::time::timeout(total, self.exchange(token)).await.map_err(|_| Error::Timeout)?
    }

    async fn exchange(&self, token: &str) -> Result<Answer, Error> {
        let answer = self.line.send(self.call(token)?).await?;
        if answer.status() != StatusCode::OK {
            return Err(Error::Status(answer.status().as_u16()));
        }
        if !is_json(answer.headers()) {
            return Err(Error::ContentType);
        }
        Answer::read(answer.body().await?).map_err(|_| Error::Introspection)
    }

    pub(super) fn call(&self, token: &str) -> Result<Call<'_>, Error> {
        let Endpoint { url, client_id, client_secret, shows, .. } = &self.endpoint;
        let mut form = Serializer::new(String::new());
        form.append_pair("token", token).append_pair("token_type_hint", "access_token");
        if *shows == Shows::Post {
            let secret = std::str::from_utf8(client_secret.expose()).map_err(|_| Error::Stopped)?;
            form.append_pair("client_id", client_id).append_pair("client_secret", secret);
        }
        let mut call = Call::form(url, form.finish());
        call.headers.insert(ACCEPT, HeaderValue::from_static(JSON));
        if *shows == Shows::Basic {
            call.headers.insert(AUTHORIZATION, basic(client_id, client_secret)?);
        }
        Ok(call)
    }
}

/// Both are encoded as in a form before they are joined.
fn basic(client_id: &str, secret: &Secret) -> Result<HeaderValue, Error> {
    let encoded = |bytes: &[u8]| byte_serialize(bytes).collect::<String>();
    let both = format!("{}:{}", encoded(client_id.as_bytes()), encoded(secret.expose()));
    let header = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(both)));
    let mut header = header.map_err(|_| Error::Stopped)?;
    header.set_sensitive(true);
    Ok(header)
}

/// Signed answers (RFC 9701) are another type, which is not asked for.
fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|given| given.to_str().ok()).unwrap_or_default();
    given.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case(JSON))
}

const JSON: &str = "application/json";
