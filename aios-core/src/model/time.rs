//! Time as an argument. The only file that asks the operating system what time it is.

use std::fmt;
use std::time::{Duration, Instant};

use chrono::{Datelike as _, Timelike as _};

/// A moment in nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From whole seconds since 1970; saturates at the years 1677 and 2262.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// From nanoseconds since 1970.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// This moment moved by some seconds; saturates.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000_000)))
    }
}

/// Text is no time of RFC 3339, or one that cannot be told in nanoseconds: before 1677 or after 2262.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time of RFC 3339 between the years 1677 and 2262")]
pub struct InvalidTime;

impl std::str::FromStr for Timestamp {
    type Err = InvalidTime;

    /// From RFC 3339, with any offset.
    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let moment = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| InvalidTime)?;
        moment.timestamp_nanos_opt().map(Self).ok_or(InvalidTime)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with nine fractional digits.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = chrono::DateTime::from_timestamp_nanos(self.0);
        // Spelled by hand: a pattern would be read anew each time, and every record holds two times.
        let (date, time) = (moment.date_naive(), moment.time());
        write!(out, "{:04}-{:02}-{:02}T", date.year(), date.month(), date.day())?;
        write!(out, "{:02}:{:02}:{:02}.{:09}Z", time.hour(), time.minute(), time.second(), time.nanosecond())
    }
}

/// Tells the wall-clock time. A test passes its own.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// The word written into each chain's first record: `system`, or `test` for a clock that somebody moves.
    fn name(&self) -> &'static str;
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    fn name(&self) -> &'static str {
        "system"
    }
}

/// How long a caller is prepared to wait, on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline some time from now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
    pub fn after(wait: Duration) -> Self {
        Self(Instant::now() + wait)
    }

    /// What is left; zero when it has passed.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.remaining().is_zero()
    }
}

/// Counts the time since its start, on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// One that starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since its start.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Whether a port may wait on the caller's thread.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    /// Answer from what is at hand, or say that it would wait.
    Never,
    /// Wait at most so long.
    Until(Deadline),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_print_as_rfc_3339_with_nine_digits() {
        for (nanos, text) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (1_800_000_000_000_000_001, "2027-01-15T08:00:00.000000001Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
        ] {
            assert_eq!(Timestamp::from_nanos(nanos).to_string(), text);
            assert_eq!(text.parse(), Ok(Timestamp::from_nanos(nanos)));
        }
    }

    #[test]
    fn a_time_is_read_with_its_offset_and_nothing_else_passes_for_one() {
        let one = Timestamp::from_seconds(1_800_000_000);
        for text in ["2027-01-15T08:00:00Z", "2027-01-15T09:30:00+01:30", "2027-01-15t08:00:00z"] {
            assert_eq!(text.parse(), Ok(one), "{text}");
        }
        for text in [
            "",
            "2027-01-15",
            "2027-01-15T08:00:00",
            "2027-02-30T08:00:00Z",
            "9999-01-01T00:00:00Z",
            "never",
            " 2027-01-15T08:00:00Z",
            "1800000000",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(InvalidTime), "{text}");
        }
    }
}
