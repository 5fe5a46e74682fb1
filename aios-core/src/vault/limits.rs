//! How often a secret may be used: what its terms say, and the count that all processes on a store keep together.
//!
//! A use is counted before anything is decrypted. What is counted is never taken back, so a use that failed later is one, too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Error, Kept, Stage, Version};
use crate::model::Timestamp;

/// Most uses in a span, longest span, and most uses of a version.
const MOST_USES: u64 = 1_000_000;
const LONGEST_SPAN: u64 = 366 * 24 * 3600;
const MOST_TOTAL: u64 = 1 << 53;
/// Parts of a span that are counted apart. A use leaves the count when the last moment of its part is a span ago, so that
/// no span holds more than it may, wherever it begins.
const PARTS: i64 = 50;
const NANOS: i64 = 1_000_000_000;

/// How often a secret may be used. Fixed when it is put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// So many uses in any `per_seconds`, of all versions together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u64>,
    /// The span that `uses` are counted in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_seconds: Option<u64>,
    /// So many uses of each version, ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// How often a secret was used, as far as its terms limit that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// By span in seconds: for each part of time with uses, when it ended, in nanoseconds since 1970, and how many; rising.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    spans: BTreeMap<u64, Vec<(i64, u64)>>,
    /// By version.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    versions: BTreeMap<u64, u64>,
}

impl Limits {
    /// Whether the members keep the rules and say anything.
    pub(super) fn is_sound(&self) -> bool {
        let within = |value: Option<u64>, most| value.is_none_or(|value| (1..=most).contains(&value));
        self.uses.is_some() == self.per_seconds.is_some()
            && (self.uses.is_some() || self.total.is_some())
            && within(self.uses, MOST_USES)
            && within(self.per_seconds, LONGEST_SPAN)
            && within(self.total, MOST_TOTAL)
    }
}

impl Counts {
    /// Counts a use of a version at a moment, where its limits allow one more. A clock that went back forgets nothing: time
    /// stands still for what was counted until the clock is there again.
    ///
    /// # Errors
    /// [`Error::RateReached`] with the time from which on there is room; [`Error::UsedUp`]. Nothing is counted then.
    pub fn count(&mut self, limits: &Limits, of: (&Kept, Version), now: Timestamp) -> Result<(), Error> {
        let (kept, version) = (of.0, of.1.number());
        let used = self.versions.get(&version).copied().unwrap_or(0);
        if limits.total.is_some_and(|total| used >= total) {
            return Err(Error::UsedUp);
        }
        self.spans.retain(|span, parts| {
            parts.retain(|(end, _)| end.saturating_add(nanos(*span)) > now.nanos());
            !parts.is_empty()
        });
        if let (Some(uses), Some(span)) = (limits.uses, limits.per_seconds) {
            let parts = self.spans.entry(span).or_default();
            if let Some(end) = full(parts, uses) {
                return Err(Error::RateReached { until: whole_second(end.saturating_add(nanos(span))) });
            }
            add(parts, nanos(span) / PARTS, now.nanos());
        }
        if limits.total.is_some() {
            self.versions.insert(version, used + 1);
        }
        // What is destroyed is never used again. Newer versions than this reader knows are another process's.
        let is_over = |version: u64| {
            let is_known = kept.latest().is_some_and(|latest| version <= latest.number());
            let lives = |kept: &super::KeptVersion| {
                kept.version().number() == version && kept.stage != Stage::Destroyed
            };
            is_known && !kept.versions().iter().any(lives)
        };
        self.versions.retain(|version, _| !is_over(*version));
        Ok(())
    }
}

/// When the part of time ended that has to be a span ago before there is room; none where there is.
fn full(parts: &[(i64, u64)], uses: u64) -> Option<i64> {
    let mut left: u64 = parts.iter().map(|(_, count)| count).sum();
    if left < uses {
        return None;
    }
    let leaves = parts.iter().find(|(_, count)| {
        left -= count;
        left < uses
    });
    leaves.map(|(end, _)| *end)
}

/// One more use, in the part of time that the moment is in; in the last one that was counted, where that is later.
fn add(parts: &mut Vec<(i64, u64)>, length: i64, now: i64) {
    let end = now.div_euclid(length).saturating_add(1).saturating_mul(length);
    match parts.last_mut() {
        Some((last, count)) if *last >= end => *count += 1,
        Some(_) | None => parts.push((end, 1)),
    }
}

/// That moment, or the next whole second: whoever comes back then finds room.
fn whole_second(nanos: i64) -> Timestamp {
    Timestamp::from_seconds(nanos.saturating_add(NANOS - 1).div_euclid(NANOS))
}

fn nanos(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(NANOS)
}
