//! JSON from a request to Cedar values. INVARIANT: `model::json::bound` has passed before anything recurses here.

use cedar_policy::{Context, EntityUid, RestrictedExpression};
use serde_json::{Map, Number, Value};

use super::Error;

/// Says which entity a type and an id stand for: of a schema's types, or of any.
pub(super) trait Names: std::fmt::Debug {
    /// The entity.
    ///
    /// # Errors
    /// What was expected where there is no such type.
    fn uid(&self, kind: &str, id: &str) -> Result<EntityUid, &'static str>;
}

/// Converts values and collects the entities to which they lead.
#[derive(Debug)]
pub(super) struct Converter<'v> {
    names: &'v dyn Names,
    pub(super) refs: Vec<EntityUid>,
}

/// Attributes or members of a context.
pub(super) type Pairs = Vec<(String, RestrictedExpression)>;

/// A value that does not fit, and the way to it, innermost first.
#[derive(Debug)]
struct Misfit {
    way: Vec<String>,
    expected: &'static str,
}

impl<'v> Converter<'v> {
    pub(super) fn new(names: &'v dyn Names) -> Self {
        Self { names, refs: Vec::new() }
    }

    /// Converts an object's members; null is absence.
    pub(super) fn members(&mut self, place: &str, members: &Map<String, Value>) -> Result<Pairs, Error> {
        self.record(members).map_err(|misfit| {
            let mut at = place.to_owned();
            for step in misfit.way.iter().rev() {
                at.push_str(step);
            }
            Error::input(at, misfit.expected)
        })
    }

    fn record(&mut self, members: &Map<String, Value>) -> Result<Pairs, Misfit> {
        let mut pairs = Vec::with_capacity(members.len());
        for (name, value) in members {
            let value = self.value(value).map_err(|misfit| misfit.under(format!(".{name}")))?;
            pairs.extend(value.map(|value| (name.clone(), value)));
        }
        Ok(pairs)
    }

    fn value(&mut self, value: &Value) -> Result<Option<RestrictedExpression>, Misfit> {
        Ok(Some(match value {
            Value::Null => return Ok(None),
            Value::Bool(value) => RestrictedExpression::new_bool(*value),
            Value::Number(number) => self::number(number)?,
            Value::String(text) => RestrictedExpression::new_string(text.clone()),
            Value::Array(items) => self.set(items)?,
            Value::Object(members) => self.object(members)?,
        }))
    }

    fn set(&mut self, items: &[Value]) -> Result<RestrictedExpression, Misfit> {
        let mut values = Vec::with_capacity(items.len());
        let outside = self.refs.len();
        for (index, item) in items.iter().enumerate() {
            values.extend(self.value(item).map_err(|misfit| misfit.under(format!("[{index}]")))?);
        }
        // No operator of Cedar takes an element out of a set, so that a policy can look into none.
        self.refs.truncate(outside);
        Ok(RestrictedExpression::new_set(values))
    }

    fn object(&mut self, members: &Map<String, Value>) -> Result<RestrictedExpression, Misfit> {
        let escape = ["__entity", "__extn", "__expr"].into_iter().find(|name| members.contains_key(*name));
        let Some(escape) = escape else {
            let pairs = self.record(members)?;
            return RestrictedExpression::new_record(pairs).map_err(|_| misfit("each member once"));
        };
        let pair = |first, second| match (members.len(), members.get(escape)?.as_object()?) {
            (1, inner) if inner.len() == 2 => {
                Some((inner.get(first)?.as_str()?, inner.get(second)?.as_str()?))
            }
            _ => None,
        };
        match escape {
            "__entity" => {
                let (kind, id) =
                    pair("type", "id").ok_or_else(|| misfit(r#"{"__entity": {"type", "id"}}"#))?;
                let uid = self.names.uid(kind, id).map_err(misfit)?;
                self.refs.push(uid.clone());
                Ok(RestrictedExpression::new_entity_uid(uid))
            }
            "__extn" => {
                let (function, argument) =
                    pair("fn", "arg").ok_or_else(|| misfit(r#"{"__extn": {"fn", "arg"}}"#))?;
                extension(function, argument)
            }
            _ => Err(misfit("no __expr")),
        }
    }
}

/// Digits that every double keeps, whatever it is made from.
const MAX_DIGITS: usize = 15;
const NUMBER: &str = "an integer of 64 bits, or a decimal of at most 15 digits, 4 of them after the point";

/// An integer is a long, a fraction a decimal. What a double may have rounded is neither.
fn number(number: &Number) -> Result<RestrictedExpression, Misfit> {
    if let Some(long) = number.as_i64() {
        return Ok(RestrictedExpression::new_long(long));
    }
    let fraction = number.as_f64().filter(|_| number.is_f64()).ok_or_else(|| misfit(NUMBER))?;
    let mut text = fraction.to_string();
    let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if !text.contains('.') {
        text.push_str(".0");
    }
    if digits > MAX_DIGITS {
        return Err(misfit(NUMBER));
    }
    extension("decimal", &text).map_err(|_| misfit(NUMBER))
}

fn extension(function: &str, argument: &str) -> Result<RestrictedExpression, Misfit> {
    let (value, expected) = match function {
        "datetime" => (RestrictedExpression::new_datetime(argument), "a datetime"),
        "decimal" => {
            (RestrictedExpression::new_decimal(argument), "a decimal with at most 4 digits after the point")
        }
        "duration" => (RestrictedExpression::new_duration(argument), "a duration"),
        "ip" => (RestrictedExpression::new_ip(argument), "an IP address or range"),
        _ => return Err(misfit("one of datetime, decimal, duration, ip")),
    };
    // Evaluates the argument now, while we still know where it stands.
    Context::from_pairs([(String::new(), value.clone())]).map_err(|_| misfit(expected))?;
    Ok(value)
}

fn misfit(expected: &'static str) -> Misfit {
    Misfit { way: Vec::new(), expected }
}

impl Misfit {
    fn under(mut self, step: String) -> Self {
        self.way.push(step);
        self
    }
}
