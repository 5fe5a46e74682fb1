//! One GET of what can be kept: what came, for how long it serves, and by what tag to ask whether it changed.

use std::time::Duration;

use super::Error;
use super::door::header::{ACCEPT, CACHE_CONTROL, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use super::door::{Call, Line, StatusCode};

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

/// What is at a URL, or that it is still what had this tag (RFC 9110 section 13.1.2).
pub(super) async fn get(line: &Line, url: &str, tag: Option<&str>) -> Result<Fetched, Error> {
    let mut call = Call::get(url);
    call.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(tag).ok()) {
        call.headers.insert(IF_NONE_MATCH, tag);
    }
    let answer = line.send(call).await?;
    let (max_age, new_tag) = (max_age(answer.headers()), etag(answer.headers()));
    match answer.status() {
        StatusCode::OK => Ok(Fetched { body: Some(answer.body().await?), max_age, tag: new_tag }),
        StatusCode::NOT_MODIFIED if tag.is_some() => {
            Ok(Fetched { body: None, max_age, tag: new_tag.or(tag.map(str::to_owned)) })
        }
        other => Err(Error::Status(other.as_u16())),
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
