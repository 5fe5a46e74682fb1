//! What issuers said, kept for a moment by the full SHA-256 of the token, bounded in bytes.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::crypto::Digest;
use crate::model::IssuerName;
use crate::token::{Answer, Question};

/// Whom was asked about what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    issuer: IssuerName,
    token: Digest,
}

impl Key {
    pub(super) fn of(question: &Question<'_>) -> Self {
        Self { issuer: question.issuer.clone(), token: *question.digest }
    }
}

/// Answers.
pub(super) struct Kept(Cache<Key, Entry, Bytes>);

#[derive(Clone)]
struct Entry {
    answer: Arc<Answer>,
    until: Duration,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Entry> for Bytes {
    fn weight(&self, _: &Key, entry: &Entry) -> u64 {
        u64::try_from(ENTRY + entry.answer.size()).unwrap_or(u64::MAX)
    }
}

/// What an entry costs besides its answer.
const ENTRY: usize = 256;
const MOST_BYTES: usize = 8 * 1024 * 1024;
const MOST_BYTES_WIDE: u64 = 8 * 1024 * 1024;

impl Default for Kept {
    fn default() -> Self {
        Self(Cache::with_weighter(MOST_BYTES / (4 * ENTRY), MOST_BYTES_WIDE, Bytes))
    }
}

impl Kept {
    pub(super) fn find(&self, key: &Key, now: Duration) -> Option<Arc<Answer>> {
        self.0.get(key).filter(|entry| now < entry.until).map(|entry| entry.answer)
    }

    pub(super) fn keep(&self, key: Key, answer: &Arc<Answer>, lasts: Duration, now: Duration) {
        self.0.insert(key, Entry { answer: Arc::clone(answer), until: now.saturating_add(lasts) });
    }

    /// Bytes of all.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_in_bytes() {
        let kept = Kept::default();
        let document = format!(r#"{{"active": true, "pad": "{}"}}"#, "x".repeat(32 * 1024));
        let answer = Arc::new(Answer::read(document.into_bytes()).unwrap());
        for number in 0..1000_u32 {
            let mut token = [0; 32];
            token[..4].copy_from_slice(&number.to_be_bytes());
            let key = Key { issuer: "corp".parse().unwrap(), token };
            kept.keep(key, &answer, Duration::from_secs(60), Duration::ZERO);
        }
        assert!((1..=MOST_BYTES_WIDE).contains(&kept.bytes()), "{}", kept.bytes());
    }
}
