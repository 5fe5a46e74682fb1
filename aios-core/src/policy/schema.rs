//! The user's schema merged over ours.

use std::collections::BTreeMap;

use cedar_policy::{Schema, SchemaFragment};
use serde_json::{Map, Value};

use super::declared::{Declared, split};
use super::source::{Problem, line};
use crate::model::Kind;

const AIOS: &str = include_str!("aios.cedarschema");
/// Our namespace.
pub(super) const NAMESPACE: &str = "Aios";

/// The merged schema and what it declares.
pub(super) struct Merged {
    pub(super) schema: Schema,
    pub(super) declared: Declared,
}

/// Reads the user's schema files and merges them over ours; none if there were problems.
pub(super) fn load(
    files: &[(&str, &str)],
    user_types: &BTreeMap<Kind, String>,
    problems: &mut Vec<Problem>,
) -> Option<Merged> {
    let before = problems.len();
    let (mut fragments, mut declared) = (Vec::new(), Declared::default());
    for (file, text) in files {
        match read(file, text) {
            Ok((fragment, json)) => {
                fragments.push(fragment);
                declared.add(json);
            }
            Err(problem) => problems.push(problem),
        }
    }
    let ours = ours(&declared, user_types).and_then(|json| {
        let fragment = SchemaFragment::from_json_value(json.clone()).map_err(|error| error.to_string())?;
        Ok((fragment, json))
    });
    match ours {
        Ok((fragment, json)) => {
            fragments.push(fragment);
            declared.add(json);
        }
        Err(message) => problems.push(Problem::new("schema", None, message)),
    }
    if problems.len() > before {
        return None;
    }
    let first = files.first().copied().unwrap_or(("schema", ""));
    let schema = complete(fragments, first).map_err(|problem| problems.push(problem)).ok()?;
    Some(Merged { schema, declared })
}

/// A schema that stands by itself.
pub(super) fn alone(file: &str, text: &str) -> Result<Schema, Problem> {
    let (fragment, _) = read(file, text)?;
    complete(vec![fragment], (file, text))
}

fn complete(fragments: Vec<SchemaFragment>, (file, text): (&str, &str)) -> Result<Schema, Problem> {
    let schema = Schema::from_schema_fragments(fragments)
        .map_err(|error| Problem::new(file, line(&error, text), error.to_string()))?;
    if !schema.is_complete() {
        return Err(Problem::new(file, None, "declares something external that nothing defines"));
    }
    Ok(schema)
}

fn read(file: &str, text: &str) -> Result<(SchemaFragment, Value), Problem> {
    let fragment = if file.to_ascii_lowercase().ends_with(".json") {
        SchemaFragment::from_json_str(text)
            .map_err(|error| Problem::new(file, line(&error, text), error.to_string()))?
    } else {
        SchemaFragment::from_cedarschema_str(text)
            .map_err(|error| Problem::new(file, line(&error, text), error.to_string()))?
            .0
    };
    let json =
        fragment.clone().to_json_value().map_err(|error| Problem::new(file, None, error.to_string()))?;
    Ok((fragment, json))
}

/// Our schema without what the user's replaces, and with the user's principal types in our actions.
fn ours(users: &Declared, user_types: &BTreeMap<Kind, String>) -> Result<Value, String> {
    let (fragment, _) = SchemaFragment::from_cedarschema_str(AIOS).map_err(|error| error.to_string())?;
    let mut json = fragment.to_json_value().map_err(|error| error.to_string())?;
    let Some(namespace) = json.get_mut(NAMESPACE).and_then(Value::as_object_mut) else { return Ok(json) };
    retain(namespace, "entityTypes", |name| {
        !users.has(NAMESPACE, "entityTypes", name) && !hidden(users, name)
    });
    retain(namespace, "actions", |name| {
        !users.has(NAMESPACE, "actions", name) && !users.has("", "actions", name)
    });
    for entity in members(namespace, "entityTypes") {
        filter_types(entity.get_mut("memberOfTypes"), users, &BTreeMap::new());
    }
    let declared = |name: &str| users.has(split(name).0, "entityTypes", split(name).1);
    let renamed: BTreeMap<&str, &str> = user_types
        .iter()
        .filter(|(_, name)| declared(name))
        .map(|(kind, name)| (split(default_type(*kind)).1, name.as_str()))
        .collect();
    retain_applicable(namespace, users, &renamed);
    Ok(json)
}

/// Drops actions of ours to which no principal or no resource is left.
fn retain_applicable(namespace: &mut Map<String, Value>, users: &Declared, renamed: &BTreeMap<&str, &str>) {
    let mut empty = Vec::new();
    if let Some(actions) = namespace.get_mut("actions").and_then(Value::as_object_mut) {
        for (name, action) in actions.iter_mut() {
            let Some(applies) = action.get_mut("appliesTo") else { continue };
            let principals = filter_types(applies.get_mut("principalTypes"), users, renamed);
            let resources = filter_types(applies.get_mut("resourceTypes"), users, &BTreeMap::new());
            if principals == 0 || resources == 0 {
                empty.push(name.clone());
            }
        }
    }
    retain(namespace, "actions", |name| !empty.iter().any(|gone| gone == name));
}

/// The user's types in no namespace may not be hidden by ours (Cedar RFC 70), so ours give way.
fn hidden(users: &Declared, name: &str) -> bool {
    users.has("", "entityTypes", name) || users.has("", "commonTypes", name)
}

/// Renames types, takes out those that gave way, and says how many are left.
fn filter_types(names: Option<&mut Value>, users: &Declared, renamed: &BTreeMap<&str, &str>) -> usize {
    let Some(names) = names.and_then(Value::as_array_mut) else { return 0 };
    for name in names.iter_mut() {
        if let Some(other) = name.as_str().and_then(|name| renamed.get(name)) {
            *name = Value::from(*other);
        }
    }
    let ours = |name: &str| users.has(NAMESPACE, "entityTypes", name) || !hidden(users, name);
    let keep = |name: &str| renamed.values().any(|other| *other == name) || ours(name);
    names.retain(|name| name.as_str().is_some_and(keep));
    names.len()
}

fn retain(namespace: &mut Map<String, Value>, section: &str, keep: impl Fn(&str) -> bool) {
    if let Some(members) = namespace.get_mut(section).and_then(Value::as_object_mut) {
        members.retain(|name, _| keep(name));
    }
}

fn members<'m>(namespace: &'m mut Map<String, Value>, section: &str) -> impl Iterator<Item = &'m mut Value> {
    namespace.get_mut(section).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
}

/// Our type for a kind of principal.
pub(super) const fn default_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Agent => "Aios::Agent",
        Kind::App => "Aios::App",
        Kind::Service => "Aios::Service",
        Kind::User => "Aios::User",
    }
}
