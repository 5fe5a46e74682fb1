//! When values are to be replaced: said by whoever administers a secret, and listed.

use serde_json::{Map, json};

use super::desk::every;
use super::orders::demand_whole;
use super::{Vault, Written};
use crate::model::{Refusal, Timestamp, Who};
use crate::vault::{Age, Due, Schedule, SecretPath, SecretRef};

/// Which secrets of a tenant are due, and when the next one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueReport {
    /// Due, overdue, and those with which a driver has not finished; what was due first comes first.
    pub secrets: Vec<DueSecret>,
    /// When the next one is due that is not yet.
    pub next: Option<Timestamp>,
}

/// A secret whose value is to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSecret {
    /// Which one.
    pub path: SecretPath,
    /// How its current value stands to its schedule.
    pub due: Due,
    /// Whether a driver has begun with it.
    pub is_begun: bool,
}

impl Vault {
    /// Says when a secret's values are to be replaced; none: never. From now on, also for the current one.
    ///
    /// # Errors
    /// As [`Vault::rotate`]; `policy.input` for a reference with a version.
    pub fn schedule(
        &self,
        who: impl Into<Who>,
        at: &SecretRef,
        schedule: Option<Schedule>,
    ) -> Result<Written, Refusal> {
        demand_whole(at)?;
        self.change(&who.into(), "schedule", at, |kept| {
            kept.schedule = schedule;
            Ok(())
        })
    }

    /// Which secrets of the tenant of who asks are due now.
    ///
    /// # Errors
    /// As [`Vault::list`].
    pub fn due(&self, who: impl Into<Who>) -> Result<DueReport, Refusal> {
        let now = self.0.0.clock().now();
        self.survey(&who.into(), "due", |live, tenant| {
            let looked = every(
                live,
                tenant,
                |_| true,
                |path, kept| {
                    let is_begun = kept.driven().is_some();
                    Ok(kept.due(now).map(|due| DueSecret { path, due, is_begun }))
                },
            )?;
            let report = DueReport::of(looked.into_iter().flatten().collect());
            let data = Map::from_iter([("secrets".to_owned(), json!(report.secrets.len()))]);
            Ok((report, data))
        })
    }
}

impl DueReport {
    fn of(all: Vec<DueSecret>) -> Self {
        let is_listed = |secret: &DueSecret| secret.is_begun || secret.due.age > Age::Fresh;
        let (mut secrets, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(is_listed);
        secrets.sort_by_key(|secret| secret.due.due_at);
        Self { secrets, next: rest.iter().map(|secret| secret.due.due_at).min() }
    }
}
