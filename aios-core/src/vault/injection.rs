//! Whether a secret may go where a request goes, and what else of the caller's may go with it.
//!
//! Judged is the URL that will be connected to, hop by hop; nothing that the caller says beside it, such as a `Host` header,
//! is believed. What the caller puts where credentials go is left out, so that nothing but the secret's own header speaks.

use url::Url;

use super::terms::Http;
use super::{Error, Target, Terms};
use crate::model::Secret;

/// A request as a caller wants it sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// For example `POST`.
    pub method: String,
    /// `https://host[:port]/path[?query]`.
    pub url: String,
    /// Names in any case, and values.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// A request that a secret may go with: what its terms permit, and no credential of the caller's.
#[derive(Debug)]
pub struct Carrier {
    method: String,
    url: Url,
    headers: Vec<(String, Vec<u8>)>,
    slot: (String, String),
}

/// Most headers of a request, and most bytes of all of them.
const MOST_HEADERS: usize = 100;
const MOST_HEADER_BYTES: usize = 64 * 1024;

/// Where clients put credentials of their own, whatever the secret's header is.
const SLOTS: [&str; 9] = [
    "api-key",
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-amz-security-token",
    "x-api-key",
    "x-auth-token",
    "x-goog-api-key",
    "x-goog-user-project",
];
/// Of the connection (RFC 9110, section 7.6.1) and of what only the client that sends can know.
const OURS: [&str; 12] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// What some servers believe more than the method and the path that were judged.
const OTHER_WORDS: [&str; 9] = [
    "forwarded",
    "x-forwarded-host",
    "x-forwarded-prefix",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-override-url",
    "x-rewrite-url",
];

impl Carrier {
    /// Judges a request, or the next hop of one, by a secret's terms.
    ///
    /// # Errors
    /// [`Error::NotAdmitted`] where the secret may not go; [`Error::Invalid`] for what is no request.
    pub fn of(terms: &Terms, outgoing: Outgoing) -> Result<Self, Error> {
        let http =
            terms.http.as_ref().ok_or(not_admitted("url", "nowhere: the secret's terms name no host"))?;
        let Target { method, url, host } = Target::parse(&outgoing.method, &outgoing.url)?;
        admit(
            host.is_some_and(|host| http.hosts.contains(&host)),
            "url",
            "a host and port of the secret's terms",
        )?;
        admit(
            http.methods.is_empty() || http.methods.contains(&method),
            "method",
            "a method of the secret's terms",
        )?;
        admit(
            http.paths.is_empty() || http.paths.iter().any(|prefix| is_below(url.path(), prefix)),
            "url",
            "a path of the secret's terms",
        )?;
        let headers = without_credentials(http, &url, outgoing.headers)?;
        let slot = (http.header.clone(), http.template.clone());
        Ok(Self { method, url, headers, slot })
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Where it goes.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The caller's headers, in lower case, without credentials and without those of the connection.
    #[must_use]
    pub fn headers(&self) -> &[(String, Vec<u8>)] {
        &self.headers
    }

    /// The header that carries the secret.
    ///
    /// # Security
    /// Only what sends the request may call it.
    #[must_use]
    pub fn header(&self, secret: &Secret) -> (&str, Secret) {
        let (name, template) = &self.slot;
        let (before, after) = template.split_once("{}").unwrap_or((template, ""));
        let mut value = Vec::with_capacity(template.len() + secret.expose().len());
        value.extend_from_slice(before.as_bytes());
        value.extend_from_slice(secret.expose());
        value.extend_from_slice(after.as_bytes());
        (name, Secret::new(value))
    }
}

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/'))
}

fn without_credentials(
    http: &Http,
    url: &Url,
    headers: Vec<(String, Vec<u8>)>,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    demand(
        headers.len() <= MOST_HEADERS && bytes <= MOST_HEADER_BYTES,
        "headers",
        "at most 100 headers of 64 KiB together",
    )?;
    let mut kept = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        demand(is_token(&name), "headers", "names of RFC 9110 tokens")?;
        let is_text = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~' | 0x80..));
        demand(is_text, "headers", "values without line breaks and control characters")?;
        if name == "host" {
            let said = std::str::from_utf8(&value).ok().map(str::to_ascii_lowercase);
            let is_the_urls = said.is_some_and(|said| names(url, &said));
            admit(is_the_urls, "headers.host", "the URL's host, or no such header")?;
        }
        let is_left_out = |list: &[&str]| list.contains(&name.as_str());
        if name != http.header && !is_left_out(&SLOTS) && !is_left_out(&OURS) && !is_left_out(&OTHER_WORDS) {
            kept.push((name, value));
        }
    }
    Ok(kept)
}

/// Whether a `Host` header says what the URL does.
fn names(url: &Url, said: &str) -> bool {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
    (said == host && url.port().is_none()) || port.is_some_and(|port| said == port)
}

fn is_token(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(is_token)
}

fn demand(good: bool, at: &'static str, rule: &'static str) -> Result<(), Error> {
    if good { Ok(()) } else { Err(Error::Invalid { at, rule }) }
}

fn admit(good: bool, at: &'static str, rule: &'static str) -> Result<(), Error> {
    if good { Ok(()) } else { Err(not_admitted(at, rule)) }
}

const fn not_admitted(at: &'static str, rule: &'static str) -> Error {
    Error::NotAdmitted { at, rule }
}
