//! Calls without a verified caller: counted by code, and written to the system chain once a minute.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::journal::Journal;
use super::scribe::Scribe;
use crate::audit::{Kind, Owner};
use crate::model::{Code, Timestamp};

const PERIOD_SECONDS: i64 = 60;

/// Counts since the last record.
#[derive(Debug)]
pub(super) struct Strangers(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    since: Timestamp,
    /// By where the credential came from and code: bounded by both.
    by_code: BTreeMap<(&'static str, Code), u64>,
}

impl Strangers {
    pub(super) fn new(now: Timestamp) -> Self {
        Self(Mutex::new(Counts { since: now, by_code: BTreeMap::new() }))
    }

    /// Counts one, and writes the counts when their minute is over.
    pub(super) fn count(&self, source: &'static str, code: Code, journal: &Journal, scribe: &Scribe) {
        let now = scribe.clock.now();
        let due = {
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.by_code.entry((source, code)).or_default() += 1;
            now >= counts.since.plus_seconds(PERIOD_SECONDS)
        };
        if due {
            self.write(journal, scribe);
        }
    }

    /// Writes what was counted, if anything was.
    pub(super) fn write(&self, journal: &Journal, scribe: &Scribe) {
        let now = scribe.clock.now();
        let (since, counts) = {
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            (std::mem::replace(&mut counts.since, now), std::mem::take(&mut counts.by_code))
        };
        if counts.is_empty() {
            return;
        }
        let counts: Vec<_> = counts
            .into_iter()
            .map(|((source, code), count)| json!({"source": source, "code": code.as_str(), "count": count}))
            .collect();
        let members = json!({"event": "refusals.unverified", "since": since.to_string(), "counts": counts});
        if let Ok(entry) = scribe.told(&Owner::System, Kind::System, members) {
            // Refused only behind a closed engine.
            let _ = journal.must([(Owner::System, entry)]);
        }
    }
}
