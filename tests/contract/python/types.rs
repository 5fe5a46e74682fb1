//! `_types.py`: a `TypedDict` for every object of the schemas, a `Literal` for every choice of words.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{MADE, doc};

pub(super) fn module(definitions: &Map<String, Value>) -> String {
    let mut file = format!(
        r#""""Requests and answers as the native layer takes and gives them. {MADE}"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union

if TYPE_CHECKING:
    from .codes import Code
"#
    );
    // A class may name another that comes later, an alias may not.
    let (classes, aliases): (Vec<_>, Vec<_>) =
        definitions.iter().partition(|(_, schema)| schema["type"] == "object" || schema.get("not").is_some());
    for (name, schema) in aliases {
        file.push_str(&alias(name, schema));
    }
    for (name, schema) in classes {
        file.push_str(&class(name, schema));
    }
    file
}

fn alias(name: &str, schema: &Value) -> String {
    let about = doc(0, schema["description"].as_str().unwrap());
    let meaning = if let Some(words) = words(schema) {
        format!("Literal[{}]", words.join(", "))
    } else if let Some(choices) = schema["anyOf"].as_array() {
        let choices: Vec<String> = choices.iter().map(|choice| quoted(&annotation("", choice))).collect();
        format!("Union[{}]", choices.join(", "))
    } else {
        annotation("", schema)
    };
    format!("\n{name} = {meaning}\n{about}")
}

/// An alias is evaluated, and classes come later.
fn quoted(annotation: &str) -> String {
    if annotation == "str" { annotation.to_owned() } else { format!("\"{annotation}\"") }
}

/// The words of a choice of words, as literals.
fn words(schema: &Value) -> Option<Vec<String>> {
    let words = schema["oneOf"].as_array()?.iter();
    words.map(|word| word["const"].as_str().map(|word| format!("\"{word}\""))).collect()
}

/// Python 3.10 cannot mark single members, so what may be left out is in a class of its own.
fn class(name: &str, schema: &Value) -> String {
    let none = Map::new();
    let members = schema["properties"].as_object().unwrap_or(&none);
    let is_needed = |member: &str| {
        schema["required"].as_array().is_some_and(|needed| needed.iter().any(|name| name == member))
    };
    let (needed, optional): (Vec<_>, Vec<_>) = members.iter().partition(|(member, _)| is_needed(member));
    let about = doc(4, schema["description"].as_str().unwrap());
    let mut made = String::new();
    let base = if needed.is_empty() || optional.is_empty() {
        "TypedDict".to_owned()
    } else {
        write!(made, "\n\nclass _{name}Needs(TypedDict):\n{}", body(&needed)).unwrap();
        format!("_{name}Needs")
    };
    let (total, rest) = if optional.is_empty() { ("", &needed) } else { (", total=False", &optional) };
    let gap = if rest.is_empty() { "" } else { "\n" };
    write!(made, "\n\nclass {name}({base}{total}):\n{about}{gap}{}", body(rest)).unwrap();
    made
}

fn body(members: &[(&String, &Value)]) -> String {
    let mut body = String::new();
    for (name, schema) in members {
        writeln!(body, "    {name}: {}", annotation(name, schema)).unwrap();
        if let Some(sentence) = schema["description"].as_str() {
            body.push_str(&doc(4, sentence));
        }
    }
    body
}

/// The annotation of a member of that name.
pub(super) fn annotation(name: &str, schema: &Value) -> String {
    if let Some(choices) = schema["anyOf"].as_array() {
        return choices.iter().map(|choice| annotation(name, choice)).collect::<Vec<_>>().join(" | ");
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap().to_owned();
    }
    match &schema["type"] {
        Value::String(one) => simple(name, one, schema),
        Value::Array(several) => {
            let one_by_one = several.iter().map(|one| simple(name, one.as_str().unwrap(), schema));
            one_by_one.collect::<Vec<_>>().join(" | ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "Any".to_owned(),
    }
}

fn simple(name: &str, kind: &str, schema: &Value) -> String {
    match kind {
        // The one word that has a table.
        "string" if name == "code" => "Code".to_owned(),
        "string" => "str".to_owned(),
        "integer" => "int".to_owned(),
        "boolean" => "bool".to_owned(),
        "null" => "None".to_owned(),
        "object" if schema["additionalProperties"].is_object() => {
            format!("dict[str, {}]", annotation("", &schema["additionalProperties"]))
        }
        "object" => "dict[str, Any]".to_owned(),
        "array" => format!("list[{}]", annotation("", &schema["items"])),
        other => panic!("no Python type for {other}"),
    }
}
