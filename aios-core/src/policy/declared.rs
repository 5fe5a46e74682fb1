//! What a schema declares, read from its JSON: Cedar checks against a schema but does not tell what stands in it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The JSON of all schema fragments together.
#[derive(Debug, Default)]
pub(super) struct Declared {
    fragments: Vec<Value>,
}

/// As much of an attribute's type as AIOS itself needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Other,
    Text,
    TextSet,
    Whole,
}

/// How many common types may stand for one another before we stop looking.
const MAX_ALIASES: usize = 8;

impl Declared {
    pub(super) fn add(&mut self, fragment: Value) {
        self.fragments.push(fragment);
    }

    /// Whether a section (`entityTypes`, `commonTypes`, `actions`) of a namespace declares a name.
    pub(super) fn has(&self, namespace: &str, section: &str, name: &str) -> bool {
        self.find(namespace, section, name).is_some()
    }

    fn find(&self, namespace: &str, section: &str, name: &str) -> Option<&Value> {
        self.fragments.iter().find_map(|fragment| fragment.get(namespace)?.get(section)?.get(name))
    }

    /// The attributes of an entity type.
    pub(super) fn attributes(&self, kind: &str) -> BTreeMap<String, Shape> {
        let (namespace, name) = split(kind);
        let shape = self.find(namespace, "entityTypes", name).and_then(|entity| entity.get("shape"));
        self.members(namespace, shape)
    }

    /// The ids an entity type allows, where it lists them.
    pub(super) fn choices(&self, kind: &str) -> Option<Vec<String>> {
        let (namespace, name) = split(kind);
        let choices = self.find(namespace, "entityTypes", name)?.get("enum")?.as_array()?;
        Some(choices.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Whether an action's context declares an attribute.
    pub(super) fn context_has(&self, namespace: &str, action: &str, attribute: &str) -> bool {
        let applies = self.find(namespace, "actions", action).and_then(|action| action.get("appliesTo"));
        self.members(namespace, applies.and_then(|applies| applies.get("context"))).contains_key(attribute)
    }

    fn members(&self, namespace: &str, record: Option<&Value>) -> BTreeMap<String, Shape> {
        let Some((namespace, record)) = record.and_then(|record| self.unalias(namespace, record)) else {
            return BTreeMap::new();
        };
        let attributes = record.get("attributes").and_then(Value::as_object);
        let shape = |(name, kind): (&String, &Value)| (name.clone(), self.shape(namespace, kind));
        attributes.into_iter().flat_map(Map::iter).map(shape).collect()
    }

    fn shape(&self, namespace: &str, kind: &Value) -> Shape {
        let Some((namespace, kind)) = self.unalias(namespace, kind) else { return Shape::Other };
        match name(kind) {
            Some("String" | "__cedar::String") => Shape::Text,
            Some("Long" | "__cedar::Long") => Shape::Whole,
            Some("Set") => match kind.get("element").map(|element| self.shape(namespace, element)) {
                Some(Shape::Text) => Shape::TextSet,
                Some(Shape::Other | Shape::TextSet | Shape::Whole) | None => Shape::Other,
            },
            Some(_) | None => Shape::Other,
        }
    }

    /// Follows common types to the type they stand for; none where the name is an entity type's.
    fn unalias<'d>(&'d self, namespace: &'d str, kind: &'d Value) -> Option<(&'d str, &'d Value)> {
        let (mut namespace, mut kind) = (namespace, kind);
        for _ in 0..MAX_ALIASES {
            let Some(name) = name(kind) else { return Some((namespace, kind)) };
            let places = match split(name) {
                ("", _) => vec![namespace, ""],
                (elsewhere, _) => vec![elsewhere],
            };
            let (_, name) = split(name);
            let declared = places
                .into_iter()
                .find(|ns| self.has(ns, "commonTypes", name) || self.has(ns, "entityTypes", name));
            let Some(place) = declared else { return Some((namespace, kind)) };
            (namespace, kind) = (place, self.find(place, "commonTypes", name)?);
        }
        None
    }
}

/// The name by which a type's JSON refers to another type or to a primitive.
fn name(kind: &Value) -> Option<&str> {
    match kind.get("type")?.as_str()? {
        "EntityOrCommon" | "Entity" | "Extension" => kind.get("name")?.as_str(),
        "Record" => None,
        direct => Some(direct),
    }
}

/// A full name's namespace and last part.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.rsplit_once("::").unwrap_or(("", name))
}
