//! Comments and declarations of the header: what data holds, in words, and lines that end in time.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

const WIDTH: usize = 128;

pub(super) fn described(names: &BTreeSet<String>, definitions: &Map<String, Value>) -> String {
    names.iter().map(|name| described_one(name, &definitions[name])).collect()
}

fn described_one(name: &str, schema: &Value) -> String {
    let mut lines = wrapped(&format!("{name}: {}", said(schema)), "");
    let no_members = Map::new();
    let members = schema["properties"].as_object().unwrap_or(&no_members);
    for (member, value) in members {
        let needed =
            schema["required"].as_array().is_some_and(|all| all.contains(&Value::from(member.as_str())));
        let member = if needed { member.clone() } else { format!("{member}?") };
        lines.extend(wrapped(&format!("  {member}: {}. {}", shape(value), said(value)), "      "));
    }
    if members.is_empty() && shape(schema) != "object" {
        lines.extend(wrapped(&format!("  {}", shape(schema)), "      "));
    }
    comment(&lines)
}

/// Text as it stands in the schema, on one line.
fn said(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().replace('\n', " ")
}

/// The type of a value, in words.
fn shape(schema: &Value) -> String {
    let alternatives = |all: &Value, name: fn(&Value) -> String| {
        let mut names: Vec<String> = all.as_array().into_iter().flatten().map(name).collect();
        names.dedup();
        names.join(" or ")
    };
    if let Some(name) = schema["$ref"].as_str() {
        return name.rsplit('/').next().unwrap_or(name).to_owned();
    }
    if !schema["const"].is_null() {
        return schema["const"].to_string();
    }
    for kind in ["anyOf", "oneOf"] {
        if schema[kind].is_array() {
            return alternatives(&schema[kind], shape);
        }
    }
    if schema["enum"].is_array() {
        return alternatives(&schema["enum"], Value::to_string);
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("array of {}", shape(&schema["items"])),
        Value::String(kind) => kind.clone(),
        several @ Value::Array(_) => {
            alternatives(several, |kind| kind.as_str().unwrap_or_default().to_owned())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "any value".to_owned(),
    }
}

/// A declaration, its arguments on further lines where it is long.
pub(super) fn broken(declaration: &str) -> String {
    let indent = " ".repeat(declaration.rfind('(').unwrap_or_default() + 1);
    let mut lines = vec![String::new()];
    for part in declaration.split_inclusive(", ") {
        let line = lines.last_mut().unwrap();
        if line.len() + part.trim_end().len() > WIDTH && !line.is_empty() {
            *line = line.trim_end().to_owned();
            lines.push(format!("{indent}{part}"));
        } else {
            line.push_str(part);
        }
    }
    lines.join("\n")
}

pub(super) fn wrapped(text: &str, indent: &str) -> Vec<String> {
    let first: String = text.chars().take_while(|letter| *letter == ' ').collect();
    let mut lines = vec![first];
    for word in text.split_whitespace() {
        let line = lines.last_mut().unwrap();
        if line.len() + word.len() + 4 > WIDTH {
            lines.push(format!("{indent}{word}"));
        } else {
            if !line.trim().is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

pub(super) fn comment(lines: &[String]) -> String {
    assert!(!lines.iter().any(|line| line.contains("*/")), "{lines:?} would end the comment");
    format!("/* {} */\n", lines.join("\n * "))
}
