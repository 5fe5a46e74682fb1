//! Claims, each read as the one type it may have.

use super::Error;
use super::error::shown;
use super::json::{self, Json, Members};
use crate::model::Timestamp;

/// The claims of a token, typed as they are read.
#[derive(Debug)]
pub(super) struct Claims<'t> {
    members: &'t Members<'t>,
    /// Where they stand: empty, or `act.` and so on.
    path: &'static str,
}

/// Most audiences of one token.
const MOST_AUDIENCES: usize = 64;

impl<'t> Claims<'t> {
    pub(super) fn of(members: &'t Members<'t>) -> Self {
        Self { members, path: "" }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.members.find(name).is_some()
    }

    /// Any text, as it is.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'t str>, Error> {
        match self.members.find(name) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong_type(name)),
        }
    }

    /// Text that names something: not empty, no control characters.
    pub(super) fn identifier(&self, name: &str) -> Result<Option<&'t str>, Error> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        if is_identifier(text) { Ok(Some(text)) } else { Err(self.wrong_type(name)) }
    }

    /// An identifier that must be there.
    pub(super) fn required_identifier(&self, name: &str) -> Result<&'t str, Error> {
        self.identifier(name)?.ok_or_else(|| self.missing(name))
    }

    /// A list of identifiers; empty where absent.
    pub(super) fn identifiers(&self, name: &str) -> Result<Vec<&'t str>, Error> {
        let items = match self.members.find(name) {
            None => return Ok(Vec::new()),
            Some(Json::List(items)) => items,
            Some(_) => return Err(self.wrong_type(name)),
        };
        let identifiers = items.iter().map(|item| {
            let identifier = item.as_text().filter(|text| is_identifier(text));
            identifier.ok_or_else(|| self.wrong_type(name))
        });
        identifiers.collect()
    }

    /// A list of identifiers, or several in one text, separated by spaces.
    pub(super) fn words(&self, name: &str) -> Result<Vec<&'t str>, Error> {
        let Some(Json::Text(text)) = self.members.find(name) else { return self.identifiers(name) };
        let words: Vec<_> = text.split(' ').filter(|word| !word.is_empty()).collect();
        if words.iter().all(|word| is_identifier(word)) { Ok(words) } else { Err(self.wrong_type(name)) }
    }

    /// A list of identifiers, or one in place of the list.
    pub(super) fn one_or_many(&self, name: &str) -> Result<Vec<&'t str>, Error> {
        match self.members.find(name) {
            Some(Json::Text(_)) => Ok(vec![self.required_identifier(name)?]),
            _ => self.identifiers(name),
        }
    }

    /// A list of identifiers, or the names of an object's members; empty where absent.
    pub(super) fn names_or_texts(&self, name: &str) -> Result<Vec<&'t str>, Error> {
        match self.members.find(name) {
            Some(Json::Object(members)) => {
                let names: Vec<_> = members.names().collect();
                if names.iter().all(|name| is_identifier(name)) {
                    Ok(names)
                } else {
                    Err(self.wrong_type(name))
                }
            }
            _ => self.identifiers(name),
        }
    }

    /// The names of all claims.
    pub(super) fn names(&self) -> impl Iterator<Item = &'t str> {
        self.members.names()
    }

    /// The audiences.
    pub(super) fn audience(&self) -> Result<Vec<&'t str>, Error> {
        const NAME: &str = "aud";
        let items = match self.members.find(NAME) {
            None => return Err(self.missing(NAME)),
            Some(Json::Text(text)) => return Ok(vec![text]),
            Some(Json::List(items)) => items,
            Some(_) => return Err(self.wrong_type(NAME)),
        };
        if items.len() > MOST_AUDIENCES {
            return Err(Error::TooLarge { limit: NAME });
        }
        let audiences = items.iter().map(|item| item.as_text().ok_or_else(|| self.wrong_type(NAME)));
        audiences.collect()
    }

    /// A moment, exact to the nanosecond.
    pub(super) fn moment(&self, name: &str) -> Result<Option<Timestamp>, Error> {
        match self.members.find(name) {
            None => Ok(None),
            Some(Json::Number(text)) => numeric_date(text).map(Some).ok_or_else(|| self.wrong_type(name)),
            Some(_) => Err(self.wrong_type(name)),
        }
    }

    /// A moment that must be there.
    pub(super) fn required_moment(&self, name: &str) -> Result<Timestamp, Error> {
        self.moment(name)?.ok_or_else(|| self.missing(name))
    }

    /// Whether a claim is there and is anything but the word `false`.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.members.find(name).is_some_and(|value| *value != Json::Bool(false))
    }

    /// The claims within a claim; `path` is where they stand, for messages.
    pub(super) fn object(&self, name: &str, path: &'static str) -> Result<Option<Self>, Error> {
        match self.members.find(name) {
            None => Ok(None),
            Some(Json::Object(members)) => Ok(Some(Self { members, path })),
            Some(_) => Err(self.wrong_type(name)),
        }
    }

    pub(super) fn wrong_type(&self, name: &str) -> Error {
        Error::ClaimType { claim: format!("{}{}", self.path, shown(name)) }
    }

    pub(super) fn missing(&self, name: &str) -> Error {
        Error::ClaimMissing { claim: format!("{}{}", self.path, shown(name)) }
    }
}

/// Reads the claims' object.
pub(super) fn read(payload: &[u8]) -> Result<Members<'_>, Error> {
    json::read_object(payload, json::TOKEN)
}

/// Control characters in names forge lines of logs and end strings of other languages.
fn is_identifier(text: &str) -> bool {
    let is_clean = if text.is_ascii() {
        text.bytes().filter(u8::is_ascii_control).count() == 0
    } else {
        !text.chars().any(char::is_control)
    };
    is_clean && !text.is_empty()
}

/// A JSON number of seconds, exactly; further digits than nanoseconds are cut towards the past.
///
/// None beyond the years 1677 to 2262 (a number of milliseconds is beyond), or with more digits than any clock has.
fn numeric_date(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(NANOS).map(Timestamp::from_nanos);
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // i128 holds 38 digits, so the product below can only overflow, never wrap.
    let digits: i128 = [whole, fraction].concat().parse().ok()?;
    let scale =
        exponent.parse::<i32>().ok()?.checked_add(9)?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = 10_i128.checked_pow(scale.unsigned_abs());
    let nanos = match power {
        Some(power) if scale >= 0 => digits.checked_mul(power)?,
        Some(power) => digits.div_euclid(power),
        None => return None,
    };
    i64::try_from(nanos).ok().map(Timestamp::from_nanos)
}

const NANOS: i64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_dates_are_exact_and_bounded() {
        for (text, nanos) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("1800000000", Some(1_800_000_000 * NANOS)),
            ("1800000000.5", Some(1_800_000_000 * NANOS + 500_000_000)),
            ("1800000000.000000001", Some(1_800_000_000 * NANOS + 1)),
            ("1800000000.0000000019", Some(1_800_000_000 * NANOS + 1)),
            ("1.8e9", Some(1_800_000_000 * NANOS)),
            ("18E+8", Some(1_800_000_000 * NANOS)),
            ("18000000005e-1", Some(1_800_000_000 * NANOS + 500_000_000)),
            ("-1.5", Some(-1_500_000_000)),
            ("-0.0000000001", Some(-1)),
            ("9223372036", Some(9_223_372_036 * NANOS)),
            ("9223372037", None),
            ("1800000600000", None),
            ("1e300", None),
            ("1e-300", None),
            ("1e99999999999", None),
            ("1e2147483647", None),
            ("0.00000000000000000000000000000000000000000000000001", None),
        ] {
            assert_eq!(numeric_date(text).map(Timestamp::nanos), nanos, "{text}");
        }
    }
}
