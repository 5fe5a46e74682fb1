//! A key set as it was fetched: how long it serves, and what to ask for next time.

use std::sync::Arc;
use std::time::Duration;

use super::fetch::Fetched;
use super::{Error, Origin};
use crate::crypto;
use crate::token::KeySet;

const SHORTEST: Duration = Duration::from_secs(5 * 60);
const USUAL: Duration = Duration::from_secs(10 * 60);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it serves while a fetch runs behind, once its time is over.
const RECENT: Duration = Duration::from_secs(10 * 60);
/// How long it serves where fetches fail, once its time is over.
const USABLE: Duration = LONGEST;

/// A set and when it came.
#[derive(Debug)]
pub(super) struct Held {
    set: Arc<KeySet>,
    document: Vec<u8>,
    tag: Option<String>,
    came_at: Duration,
    /// How old it was when it came.
    age_then: Duration,
    lasts: Duration,
    /// Age at which it is fetched anew; not the same for all processes, so that they do not ask together.
    fresh: Duration,
}

impl Held {
    /// What a server sent. `before` is what it sent the last time: what has not changed stays the same set, and tokens
    /// that it verified stay verified.
    pub(super) fn of(
        fetched: Fetched,
        origin: &Origin,
        before: Option<&Self>,
        now: Duration,
    ) -> Result<Self, Error> {
        let Fetched { body, max_age, tag } = fetched;
        let lasts = max_age.unwrap_or(USUAL).clamp(SHORTEST, LONGEST);
        let same = before.filter(|before| body.as_ref().is_none_or(|body| *body == before.document));
        let (set, document) = match (same, body) {
            (Some(same), _) => (Arc::clone(&same.set), same.document.clone()),
            (None, Some(body)) => parse(body, origin)?,
            // Not modified since nothing.
            (None, None) => return Err(Error::Status(304)),
        };
        let fresh = ahead(lasts)?;
        Ok(Self { set, document, tag, came_at: now, age_then: Duration::ZERO, lasts, fresh })
    }

    /// A set that was fetched by another process, `age` ago.
    pub(super) fn restored(
        document: Vec<u8>,
        origin: &Origin,
        age: Duration,
        now: Duration,
    ) -> Result<Self, Error> {
        let (set, document) = parse(document, origin)?;
        // Fetched anew as soon as somebody asks, whatever its server said then; and as old as it is meanwhile.
        let (lasts, fresh) = (Duration::ZERO, Duration::ZERO);
        Ok(Self { set, document, tag: None, came_at: now, age_then: age, lasts, fresh })
    }

    pub(super) fn set(&self) -> Arc<KeySet> {
        Arc::clone(&self.set)
    }

    /// The set as it was sent.
    pub(super) fn document(&self) -> &[u8] {
        &self.document
    }

    /// The server's tag of it.
    pub(super) fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Whether it holds a key of this id.
    pub(super) fn has(&self, kid: &str) -> bool {
        self.set.find(kid).is_some()
    }

    /// Serves without a second thought.
    pub(super) fn is_fresh(&self, now: Duration) -> bool {
        self.age(now) < self.fresh
    }

    /// Serves while a fetch runs behind.
    pub(super) fn is_recent(&self, now: Duration) -> bool {
        self.age(now) < self.lasts + RECENT
    }

    /// Serves where fetches fail.
    pub(super) fn is_usable(&self, now: Duration) -> bool {
        self.age(now) < self.lasts + USABLE
    }

    pub(super) fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.came_at).saturating_add(self.age_then)
    }
}

fn parse(document: Vec<u8>, origin: &Origin) -> Result<(Arc<KeySet>, Vec<u8>), Error> {
    let set = KeySet::from_jwks(&document, &origin.algorithms).map_err(|_| Error::KeySet)?;
    if set.is_empty() {
        // A server that lost its keys has not revoked them.
        return Err(Error::NoKeys);
    }
    Ok((Arc::new(set), document))
}

/// 72 to 88 hundredths of a set's time.
fn ahead(lasts: Duration) -> Result<Duration, Error> {
    let [random] = crypto::random::<1>().map_err(|_| Error::Stopped)?;
    Ok(lasts * (72 + u32::from(random) % 17) / 100)
}
