//! How often a secret is to be rotated, and how old it may become. Pure: the time is given.

use serde::{Deserialize, Serialize};

use super::{Error, Kept, KeptVersion, Version};
use crate::model::Timestamp;

/// Shortest and longest time that a schedule names: a minute and ten years.
const BOUNDS: std::ops::RangeInclusive<i64> = 60..=10 * 366 * 86_400;

/// When a secret's value is to be replaced. It stands in the secret's row, under its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Seconds after which a value is to be replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotate_every: Option<i64>,
    /// Seconds after which a value is too old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age: Option<i64>,
    on_overdue: OnOverdue,
}

/// What happens to uses of a value that is too old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnOverdue {
    /// They are refused.
    Deny,
    /// They are recorded as overdue.
    #[default]
    Warn,
}

/// How old a value is, beside its schedule.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Age {
    /// As it should be.
    Fresh,
    /// To be replaced.
    Due,
    /// Too old.
    Overdue,
}

impl Schedule {
    /// A schedule that says something.
    ///
    /// # Errors
    /// [`Error::Invalid`]: neither time is given, one is out of bounds, or a value is too old before it is due.
    pub fn new(
        rotate_every: Option<i64>,
        max_age: Option<i64>,
        on_overdue: OnOverdue,
    ) -> Result<Self, Error> {
        let schedule = Self { rotate_every, max_age, on_overdue };
        if schedule.is_sound() { Ok(schedule) } else { Err(RULE) }
    }

    /// Whether what was read keeps the rules.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let times = [self.rotate_every, self.max_age];
        let in_order = match times {
            [None, None] => false,
            [Some(every), Some(age)] => every <= age,
            [Some(_), None] | [None, Some(_)] => true,
        };
        in_order && times.iter().flatten().all(|seconds| BOUNDS.contains(seconds))
    }

    /// Seconds after which a value is to be replaced.
    #[must_use]
    pub fn rotate_every(&self) -> Option<i64> {
        self.rotate_every
    }

    /// Seconds after which a value is too old.
    #[must_use]
    pub fn max_age(&self) -> Option<i64> {
        self.max_age
    }

    /// What happens to uses of a value that is too old.
    #[must_use]
    pub fn on_overdue(&self) -> OnOverdue {
        self.on_overdue
    }

    /// When a value of that moment is to be replaced: when it is too old at the latest.
    #[must_use]
    pub fn due_at(&self, made: Timestamp) -> Timestamp {
        made.plus_seconds(self.rotate_every.or(self.max_age).unwrap_or(i64::MAX))
    }

    /// From when on a value of that moment is too old; none: never.
    #[must_use]
    pub fn overdue_at(&self, made: Timestamp) -> Option<Timestamp> {
        self.max_age.map(|seconds| made.plus_seconds(seconds))
    }

    /// How old a value of that moment is.
    #[must_use]
    pub fn age(&self, made: Timestamp, now: Timestamp) -> Age {
        match () {
            () if self.overdue_at(made).is_some_and(|at| at <= now) => Age::Overdue,
            () if self.due_at(made) <= now => Age::Due,
            () => Age::Fresh,
        }
    }
}

/// How a secret's current value stands to its schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The current version.
    pub version: Version,
    /// How old it is.
    pub age: Age,
    /// When it is to be replaced.
    pub due_at: Timestamp,
    /// From when on it is too old; none: never.
    pub overdue_at: Option<Timestamp>,
}

impl Kept {
    /// How the current value stands to the schedule; none without a schedule, a current version, or while it is deleted.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<Due> {
        let (schedule, current) = (self.schedule?, self.version(None).ok()?);
        let made = Timestamp::from_nanos(current.created);
        let due = Due {
            version: current.version(),
            age: schedule.age(made, now),
            due_at: schedule.due_at(made),
            overdue_at: schedule.overdue_at(made),
        };
        (!self.is_deleted()).then_some(due)
    }

    /// How old a version is, where it may be used at that age.
    ///
    /// # Errors
    /// [`Error::Overdue`].
    pub fn age(&self, kept: &KeptVersion, now: Timestamp) -> Result<Age, Error> {
        let Some(schedule) = self.schedule else { return Ok(Age::Fresh) };
        match (schedule.age(Timestamp::from_nanos(kept.created), now), schedule.on_overdue) {
            (Age::Overdue, OnOverdue::Deny) => Err(Error::Overdue),
            (age, OnOverdue::Deny | OnOverdue::Warn) => Ok(age),
        }
    }

    /// The version that a driver brings, until it has finished.
    #[must_use]
    pub fn driven(&self) -> Option<Version> {
        self.driven.and_then(|version| Version::try_from(version).ok())
    }

    /// Says which version a driver brings; none: it has finished.
    pub fn drive(&mut self, version: Option<Version>) {
        self.driven = version.map(Version::number);
    }
}

const RULE: Error = Error::Invalid {
    at: "schedule",
    rule: "rotate_every or max_age or both, each 60 seconds to 10 years, rotate_every at most max_age",
};

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    #[test]
    fn a_value_is_fresh_then_due_then_overdue_to_the_second() {
        let made = Timestamp::from_seconds(1_000);
        let schedule = |every, age| Schedule::new(every, age, OnOverdue::Warn).unwrap();
        for (schedule, seconds, expected) in [
            (schedule(Some(30 * DAY), Some(45 * DAY)), 30 * DAY - 1, Age::Fresh),
            (schedule(Some(30 * DAY), Some(45 * DAY)), 30 * DAY, Age::Due),
            (schedule(Some(30 * DAY), Some(45 * DAY)), 45 * DAY - 1, Age::Due),
            (schedule(Some(30 * DAY), Some(45 * DAY)), 45 * DAY, Age::Overdue),
            (schedule(Some(30 * DAY), None), 3_000 * DAY, Age::Due),
            (schedule(None, Some(60)), 59, Age::Fresh),
            (schedule(None, Some(60)), 60, Age::Overdue),
            (schedule(Some(60), Some(60)), 60, Age::Overdue),
            // A clock that went back makes nothing due.
            (schedule(Some(60), Some(60)), -5, Age::Fresh),
        ] {
            assert_eq!(schedule.age(made, made.plus_seconds(seconds)), expected, "{schedule:?} {seconds}");
        }
    }

    #[test]
    fn schedules_that_say_nothing_or_too_much_are_refused() {
        for (every, age) in [
            (None, None),
            (Some(59), None),
            (None, Some(0)),
            (Some(-60), None),
            (Some(i64::MAX), None),
            (Some(120), Some(60)),
            (None, Some(i64::MIN)),
        ] {
            assert_eq!(Schedule::new(every, age, OnOverdue::Deny).unwrap_err(), RULE, "{every:?} {age:?}");
        }
    }
}
