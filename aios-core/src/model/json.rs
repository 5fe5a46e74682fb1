//! JSON from strangers: bounded before anything recurses into it, and one spelling for digests.

use serde_json::Value;

/// Largest depth of a caller's input, context and attributes.
pub const MAX_DEPTH: usize = 32;
/// Most values a caller's input, context and attributes may hold, together with their bytes of text.
pub const MAX_SIZE: usize = 256 * 1024;

/// A value is nested too deeply or is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// Refuses values that are deeper than [`MAX_DEPTH`] or larger than [`MAX_SIZE`].
///
/// # Errors
/// [`TooLarge`], before the value is looked at any further.
pub fn bound<'a>(members: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Result<(), TooLarge> {
    let mut left = MAX_SIZE;
    for (name, value) in members {
        spend(&mut left, name.len() + 1)?;
        spend_value(&mut left, value, MAX_DEPTH)?;
    }
    Ok(())
}

fn spend(left: &mut usize, cost: usize) -> Result<(), TooLarge> {
    *left = left.checked_sub(cost).ok_or(TooLarge)?;
    Ok(())
}

fn spend_value(left: &mut usize, value: &Value, depth: usize) -> Result<(), TooLarge> {
    let depth = depth.checked_sub(1).ok_or(TooLarge)?;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => spend(left, 1),
        Value::String(text) => spend(left, text.len() + 1),
        Value::Array(items) => {
            spend(left, 1)?;
            items.iter().try_for_each(|item| spend_value(left, item, depth))
        }
        Value::Object(members) => {
            spend(left, 1)?;
            members.iter().try_for_each(|(name, member)| {
                spend(left, name.len() + 1)?;
                spend_value(left, member, depth)
            })
        }
    }
}

/// Appends one spelling of a value: no white space, members sorted by name.
///
/// For digests only. A host may build `serde_json` with insertion order, so the map's own order cannot be used.
pub fn canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                canonical(item, out);
            }
            out.push(b']');
        }
        Value::Object(members) => canonical_members(members, out),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.extend_from_slice(value.to_string().as_bytes());
        }
    }
}

/// [`canonical`] for an object's members.
pub fn canonical_members(members: &serde_json::Map<String, Value>, out: &mut Vec<u8>) {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    out.push(b'{');
    for (index, (name, member)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
        out.push(b':');
        canonical(member, out);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn deep_and_large_values_are_refused() {
        let deep = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let check = |value: Value| bound([(&"x".to_owned(), &value)]);
        assert_eq!(check(deep(MAX_DEPTH - 1)), Ok(()));
        assert_eq!(check(deep(MAX_DEPTH)), Err(TooLarge));
        assert_eq!(check(json!("x".repeat(MAX_SIZE))), Err(TooLarge));
        assert_eq!(check(json!(vec![0; MAX_SIZE])), Err(TooLarge));
    }

    #[test]
    fn canonical_spelling_does_not_depend_on_member_order() {
        let mut out = Vec::new();
        canonical(&json!({"b": [1, {"z": null, "a": "\""}], "a": true}), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"a":true,"b":[1,{"a":"\"","z":null}]}"#);
    }
}
