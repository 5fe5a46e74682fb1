//! When secrets are to be rotated: what is asked and answered, and the operations on the vault's handle.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object;
use super::secret_views::WrittenSecret;
use super::secret_wire::reference;
use super::vault::Vault;
use super::wire::Credential;
use crate::engine::vault::{DueReport, DueSecret};
use crate::model::{Refusal, Timestamp};
use crate::vault::{Age, Due, Error, OnOverdue, Schedule};

/// When a secret's values are to be replaced.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretSchedule {
    /// Seconds after which a value is due: 60 to ten years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotate_every: Option<i64>,
    /// Seconds after which a value is overdue: 60 to ten years. One of the two is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<i64>,
    /// What happens to uses of an overdue value: `deny`, or `warn` unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_overdue: Option<OnOverdue>,
}

/// A secret, and when its values are to be replaced.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSecret {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Which: `secret://tenant/namespace/name`.
    pub reference: String,
    /// When; left out: never.
    #[serde(default, deserialize_with = "object::maybe")]
    pub schedule: Option<SecretSchedule>,
}

/// Whose due secrets to list: the tenant's of who asks.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DueSecrets {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
}

/// Which secrets are due, and when the next one is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SecretsDue {
    /// What was due first comes first.
    pub secrets: Vec<SecretDue>,
    /// When the next one is due that is not yet, seconds since 1970.
    pub next: Option<i64>,
}

/// A secret whose value is to be replaced.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SecretDue {
    /// Its current version.
    pub reference: String,
    /// How old that is.
    pub age: Age,
    /// Since when it is due, seconds since 1970.
    pub due_at: i64,
    /// From when on it is overdue, seconds since 1970; none: never.
    pub overdue_at: Option<i64>,
    /// Whether somebody has begun to replace it.
    pub begun: bool,
}

impl SecretSchedule {
    pub(super) fn meant(self) -> Result<Schedule, Error> {
        Schedule::new(self.rotate_every, self.max_age, self.on_overdue.unwrap_or_default())
    }
}

impl From<Schedule> for SecretSchedule {
    fn from(schedule: Schedule) -> Self {
        let (rotate_every, max_age) = (schedule.rotate_every(), schedule.max_age());
        Self { rotate_every, max_age, on_overdue: Some(schedule.on_overdue()) }
    }
}

impl From<DueReport> for SecretsDue {
    fn from(report: DueReport) -> Self {
        let secrets = report.secrets.into_iter().map(SecretDue::from).collect();
        Self { secrets, next: report.next.map(Timestamp::seconds) }
    }
}

impl From<DueSecret> for SecretDue {
    fn from(secret: DueSecret) -> Self {
        let DueSecret { path, due: Due { version, age, due_at, overdue_at }, is_begun: begun } = secret;
        let reference = path.at(Some(version)).to_string();
        let (due_at, overdue_at) = (due_at.seconds(), overdue_at.map(Timestamp::seconds));
        Self { reference, age, due_at, overdue_at, begun }
    }
}

impl Vault {
    /// `schedule`.
    ///
    /// # Errors
    /// As [`crate::engine::vault::Vault::schedule`].
    pub fn schedule(&self, asked: ScheduleSecret) -> Result<WrittenSecret, Refusal> {
        let schedule = asked.schedule.map(SecretSchedule::meant).transpose()?;
        let (who, at) = (self.who(asked.credential)?, reference(&asked.reference)?);
        self.vault.schedule(who, &at, schedule).map(WrittenSecret::from)
    }

    /// `schedule`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn schedule_async(&self, asked: ScheduleSecret) -> Result<WrittenSecret, Refusal> {
        let schedule = asked.schedule.map(SecretSchedule::meant).transpose()?;
        let (who, at) = (self.who(asked.credential)?, reference(&asked.reference)?);
        self.vault.schedule_async(who, &at, schedule).await.map(WrittenSecret::from)
    }

    /// `due`.
    ///
    /// # Errors
    /// As [`crate::engine::vault::Vault::due`].
    pub fn due(&self, asked: DueSecrets) -> Result<SecretsDue, Refusal> {
        self.vault.due(self.who(asked.credential)?).map(SecretsDue::from)
    }

    /// `due`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn due_async(&self, asked: DueSecrets) -> Result<SecretsDue, Refusal> {
        self.vault.due_async(self.who(asked.credential)?).await.map(SecretsDue::from)
    }
}
