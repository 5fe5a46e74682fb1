//! `_answers.py`: a class for every answer, whose members are properties.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::super::describe::{Answer, Operation};
use super::types::annotation;
use super::{MADE, doc};

/// Names of the answers that have a class: those with members, and the objects in them.
pub(super) fn classes(definitions: &Map<String, Value>, operations: &[Operation]) -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    for operation in operations {
        if let Answer::Data(answer) = operation.answer {
            collect(definitions, answer, &mut wanted);
        }
    }
    wanted
}

pub(super) fn module(definitions: &Map<String, Value>, operations: &[Operation]) -> String {
    let wanted = classes(definitions, operations);
    let mut file = format!(
        r#""""Answers: data that does not change. {MADE}"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._answer import Answer

if TYPE_CHECKING:
    from typing import Any

    from . import _types
    from ._types import Age, Binding, Fault, Kind, Level, MasterPurpose, Obligation, OnOverdue, Purpose
    from ._types import Retry, Stage, StepOutcome, Verdict
    from .codes import Code
"#
    );
    for (name, schema) in definitions.iter().filter(|(name, _)| wanted.contains(*name)) {
        file.push_str(&class(definitions, name, schema));
    }
    file
}

/// An object with members, and the objects in it.
fn collect(definitions: &Map<String, Value>, name: &str, wanted: &mut BTreeSet<String>) {
    let Some(members) = definitions[name]["properties"].as_object() else { return };
    if wanted.insert(name.to_owned()) {
        for inner in members.values().filter_map(object_in) {
            collect(definitions, inner, wanted);
        }
    }
}

/// The name behind `$ref`, in a list or beside null too.
fn object_in(schema: &Value) -> Option<&str> {
    let name =
        |schema: &'_ Value| schema["$ref"].as_str().and_then(|path| path.rsplit('/').next().map(str::len));
    for place in [schema, &schema["items"], &schema["anyOf"][0]] {
        if let (Some(length), Some(path)) = (name(place), place["$ref"].as_str()) {
            return Some(&path[path.len() - length..]);
        }
    }
    None
}

fn class(definitions: &Map<String, Value>, name: &str, schema: &Value) -> String {
    let about = doc(4, schema["description"].as_str().unwrap());
    let mut made =
        format!("\n\nclass {name}(Answer):\n{about}\n    __slots__ = ()\n    _view: _types.{name}\n");
    let members = schema["properties"].as_object().unwrap();
    for (member, schema) in members {
        let (kind, value) = property(definitions, member, schema);
        let sentence = doc(8, schema["description"].as_str().unwrap());
        write!(
            made,
            "\n    @property\n    def {member}(self) -> {kind}:\n{sentence}        return {value}\n"
        )
        .unwrap();
    }
    // An answer that begins with a verdict is true where the verdict is, so that `if` never lets through what is refused.
    if let Some((verdict, _)) = members.iter().next().filter(|(_, first)| first["type"] == "boolean") {
        write!(made, "\n    def __bool__(self) -> bool:\n        return self._view[\"{verdict}\"]\n")
            .unwrap();
    }
    made
}

/// A property's type and value.
fn property(definitions: &Map<String, Value>, member: &str, schema: &Value) -> (String, String) {
    let value = format!("self._view[\"{member}\"]");
    let inner = object_in(schema).filter(|name| definitions[*name].get("properties").is_some());
    match (inner, schema["type"] == "array") {
        (Some(inner), true) => {
            (format!("tuple[{inner}, ...]"), format!("tuple({inner}(item) for item in {value})"))
        }
        (None, true) => {
            (format!("tuple[{}, ...]", annotation("", &schema["items"])), format!("tuple({value})"))
        }
        (Some(inner), false) if schema.get("anyOf").is_some() => {
            (format!("{inner} | None"), format!("None if {value} is None else {inner}({value})"))
        }
        (Some(inner), false) => (inner.to_owned(), format!("{inner}({value})")),
        (None, false) => (annotation(member, schema), value),
    }
}
