//! What a record says beside the call.

use serde_json::{Map, Value};

use crate::model::Crossing;

/// The name under which it says by which state of kept entities was decided.
const VERSION: &str = "entities_version";

/// What records say of a grant. Both tenants are named in it, and so may know of each other; the one that is visited also
/// learns which of the other's records is this one's twin.
pub(super) fn crossed(
    notes: &Map<String, Value>,
    crossing: &Crossing,
    permit: Option<&str>,
) -> Map<String, Value> {
    let says = [
        ("grant", Some(crossing.name.as_str())),
        ("from", Some(crossing.from.as_str())),
        ("to", Some(crossing.to.as_str())),
        ("permit", permit),
    ];
    let says = says.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
    let mut notes = notes.clone();
    notes.insert("cross_tenant".to_owned(), Value::Object(says.collect()));
    notes
}

/// A record says by which state of its tenant's kept entities was decided, where there are any.
pub(super) fn with_version(notes: &Map<String, Value>, version: u64) -> Map<String, Value> {
    let mut notes = notes.clone();
    match version {
        0 => notes.remove(VERSION),
        1.. => notes.insert(VERSION.to_owned(), version.into()),
    };
    notes
}
