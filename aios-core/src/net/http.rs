//! One GET: no redirect, proxy, cookie or retry; small and quick, or refused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, CACHE_CONTROL, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use reqwest::{Client, StatusCode, redirect, retry, tls};

use super::{Error, Reach};

/// What a fetch may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For a connection.
    pub(super) connect: Duration,
    /// For discovery and key set together.
    pub(super) total: Duration,
    /// Bytes of one answer.
    pub(super) body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), total: Duration::from_secs(5), body: 512 * 1024 }
    }
}

/// What a server sent.
#[derive(Debug)]
pub(super) struct Fetched {
    /// None where it is still what it was.
    pub(super) body: Option<Vec<u8>>,
    /// For how long it may be kept, where the server says so.
    pub(super) max_age: Option<Duration>,
    /// The server's tag of it.
    pub(super) tag: Option<String>,
}

/// Clients by what they may reach; root certificates are read once for each.
pub(super) struct Http {
    limits: Limits,
    clients: Mutex<BTreeMap<(Reach, Security), Client>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Security {
    Plaintext,
    Tls,
}

impl Http {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, clients: Mutex::default() }
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// What is at a URL, or that it is still what had this tag (RFC 9110 section 13.1.2).
    pub(super) async fn get(&self, reach: Reach, text: &str, tag: Option<&str>) -> Result<Fetched, Error> {
        let url = reach.url(text)?;
        let security = if url.scheme() == "https" { Security::Tls } else { Security::Plaintext };
        let mut request = self
            .client(reach, security)?
            .get(url)
            .header(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(tag) = tag {
            request = request.header(IF_NONE_MATCH, tag);
        }
        let mut answer = request.send().await?;
        let (max_age, new_tag) = (max_age(answer.headers()), etag(answer.headers()));
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if tag.is_some() => {
                return Ok(Fetched { body: None, max_age, tag: new_tag.or(tag.map(str::to_owned)) });
            }
            other => return Err(Error::Status(other.as_u16())),
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > self.limits.body {
                return Err(Error::BodyTooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Fetched { body: Some(body), max_age, tag: new_tag })
    }

    fn client(&self, reach: Reach, security: Security) -> Result<Client, Error> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&(reach, security)) {
            return Ok(client.clone());
        }
        let client = self.build(reach, security).map_err(|_| Error::Stopped)?;
        clients.insert((reach, security), client.clone());
        Ok(client)
    }

    fn build(&self, reach: Reach, security: Security) -> reqwest::Result<Client> {
        let builder = Client::builder()
            .dns_resolver(Arc::new(reach))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            // Keys are fetched every ten minutes: a kept connection would only be dead by then.
            .pool_max_idle_per_host(0)
            .connect_timeout(self.limits.connect)
            .timeout(self.limits.total)
            .user_agent(concat!("aios/", env!("CARGO_PKG_VERSION")));
        match security {
            // No certificates to read, so that a bare container can run a local issuer.
            Security::Plaintext => builder.tls_certs_only([]).build(),
            Security::Tls => builder.https_only(true).min_tls_version(tls::Version::TLS_1_2).build(),
        }
    }
}

/// `max-age` of `Cache-Control` (RFC 9111 section 5.2.2); nothing where the answer is not to be kept.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    let mut found = None;
    for directive in lines.flat_map(|line| line.split(',')).map(|word| word.trim().to_ascii_lowercase()) {
        if matches!(directive.as_str(), "no-cache" | "no-store") {
            return Some(Duration::ZERO);
        }
        let seconds = directive.strip_prefix("max-age=").map(|text| text.trim_matches('"').parse());
        found = found.or(seconds.and_then(Result::ok).map(Duration::from_secs));
    }
    found
}

fn etag(headers: &HeaderMap) -> Option<String> {
    const LONGEST: usize = 256;
    let tag = headers.get(ETAG)?.to_str().ok()?;
    (tag.len() <= LONGEST).then(|| tag.to_owned())
}
