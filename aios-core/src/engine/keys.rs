//! Issuers' keys ahead of the first token: fetched at start, or brought along from another process.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Aios;
use crate::model::{Code, Deadline, IssuerName, Refusal, Wait};
use crate::token::{KeptKeys, KeySet};

/// What keys of an issuer are at hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct IssuerKeys {
    /// The issuer's configured name.
    pub issuer: String,
    /// Whether its keys could be had.
    pub ok: bool,
    /// How many can be used.
    pub keys: usize,
    /// Keys that cannot be used, and why.
    pub dropped: Vec<DroppedKey>,
}

/// A key that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DroppedKey {
    /// Its id, where it has one that can be shown.
    pub kid: Option<String>,
    /// Why it cannot be used.
    pub reason: &'static str,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    taken_at: i64,
    sets: Vec<Set>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Set {
    issuer: IssuerName,
    age_seconds: u64,
    document: String,
}

impl Aios {
    /// Fetches every issuer's keys that are not at hand, so that no first caller waits; says of each what came.
    ///
    /// # Errors
    /// `engine.closed`. An issuer that cannot be asked is part of the answer.
    pub fn hydrate(&self) -> Result<Vec<IssuerKeys>, Refusal> {
        let live = self.0.live()?;
        let issuers = || self.0.settings.issuers.issuers.iter().map(|issuer| &issuer.name);
        // All fetches are under way before any is waited for.
        for issuer in issuers().filter(|issuer| live.keys.known(issuer).is_none()) {
            let _ = live.keys.fetch(issuer, "", Wait::Until(Deadline::after(Duration::ZERO)));
        }
        let deadline = live.deadline();
        let report = |issuer: &IssuerName| {
            let set = live.keys.known(issuer);
            let set = set.or_else(|| live.keys.fetch(issuer, "", Wait::Until(deadline)).ok());
            report(issuer, set.as_deref())
        };
        Ok(issuers().map(report).collect())
    }

    /// The fetched keys at hand as text, for a process that starts where issuers cannot be asked.
    ///
    /// # Errors
    /// `engine.closed`.
    ///
    /// # Security
    /// Public keys, but whoever can change the text decides whose tokens are accepted where it is restored: store it as
    /// safely as the configuration.
    pub fn snapshot_keys(&self) -> Result<String, Refusal> {
        let kept = self.0.live()?.keys.kept();
        let set = |kept: KeptKeys| {
            let document = String::from_utf8(kept.document).ok()?;
            Some(Set { issuer: kept.issuer, age_seconds: kept.age.as_secs(), document })
        };
        let snapshot = Snapshot {
            taken_at: self.0.clock().now().seconds(),
            sets: kept.into_iter().filter_map(set).collect(),
        };
        serde_json::to_string(&snapshot).map_err(|_| Refusal::new(Code::Internal))
    }

    /// Begins with the keys of a snapshot, where none are at hand; says how many issuers' were taken. They are fetched anew
    /// as soon as somebody asks, and serve meanwhile, for at most a day since they were fetched.
    ///
    /// # Errors
    /// `policy.input` where the text is no snapshot; `engine.closed`.
    pub fn restore_keys(&self, snapshot: &str) -> Result<usize, Refusal> {
        let refuse = || Refusal::new(Code::PolicyInput).at("snapshot").expected("the text of snapshot_keys");
        let Snapshot { taken_at, sets } = serde_json::from_str(snapshot).map_err(|_| refuse())?;
        let live = self.0.live()?;
        let since = self.0.clock().now().seconds().saturating_sub(taken_at);
        // A snapshot of the future was taken by a clock that differs; its sets are at least as old as they say.
        let since = u64::try_from(since).unwrap_or(0);
        let keep = |set: Set| {
            let age = Duration::from_secs(set.age_seconds.saturating_add(since));
            live.keys.keep(KeptKeys { issuer: set.issuer, document: set.document.into_bytes(), age })
        };
        Ok(sets.into_iter().map(keep).filter(|kept| *kept == Ok(true)).count())
    }
}

fn report(issuer: &IssuerName, set: Option<&KeySet>) -> IssuerKeys {
    let dropped = set.map(KeySet::dropped).unwrap_or_default();
    let dropped =
        dropped.iter().map(|dropped| DroppedKey { kid: dropped.kid.clone(), reason: dropped.reason });
    IssuerKeys {
        issuer: issuer.to_string(),
        ok: set.is_some(),
        keys: set.map_or(0, KeySet::len),
        dropped: dropped.collect(),
    }
}
