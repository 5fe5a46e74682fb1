//! TypeScript of the contract: requests and answers, codes, and the native layer's interface.

use std::fmt::Write as _;

use aios_core::Code;
use serde_json::{Map, Value};

use super::assert_fresh;
use super::describe::{Answer, Operation, definitions, product, testing};

const HEADER: &str =
    "// Generated from the operations table by tests/contract/typescript.rs: UPDATE=1 make test\n\n";

#[test]
fn the_types_of_typescript_are_those_of_the_table() {
    let mut out = format!("{HEADER}import type {{ Code }} from \"./codes.js\";\n");
    for (name, schema) in &definitions() {
        writeln!(out, "\n{}export {}", comment(schema, ""), definition(name, schema)).unwrap();
    }
    out += "\n/** The members of what can be viewed, by receiver. */\nexport const VIEWS = {\n";
    let definitions = definitions();
    for row in [product(), testing()].concat().iter().filter(|row| row.name == "view") {
        let members = definitions[row.answer.name()]["properties"].as_object().unwrap();
        let members: Vec<String> = members.keys().map(|member| text(member)).collect();
        writeln!(out, "  {}: [{}],", row.receiver, members.join(", ")).unwrap();
    }
    out += "} as const;\n";
    assert_fresh("aios-node/ts/types.ts", &out);
}

#[test]
fn the_codes_of_typescript_are_those_of_the_table() {
    let mut out = format!("{HEADER}import type {{ Retry }} from \"./types.js\";\n\n");
    out += "/** Why something was refused: the same string in every language and in the audit record. */\nexport type Code =";
    for code in Code::ALL {
        write!(out, "\n  | {}", text(code.as_str())).unwrap();
    }
    out += ";\n\n/** What the table says of a code. */\nexport interface CodeFacts {\n";
    out += "  /** The HTTP status a web front end should answer with. */\n  readonly status: number;\n";
    out += "  /** When trying again can help. */\n  readonly retry: Retry;\n";
    out += "  /** What happened. */\n  readonly sentence: string;\n";
    out += "  /** What to do about it. */\n  readonly remedy: string;\n";
    out += "  /** The anchor of its entry in docs/codes.md. */\n  readonly anchor: string;\n}\n\n";
    out += "/** Every code there is. */\nexport const CODES: Readonly<Record<Code, CodeFacts>> = Object.freeze({\n";
    for code in Code::ALL {
        let retry = serde_json::to_string(&code.retry()).unwrap();
        let (sentence, remedy, anchor) = (text(code.sentence()), text(code.remedy()), text(&code.anchor()));
        writeln!(out, "  {}: {{", text(code.as_str())).unwrap();
        writeln!(out, "    status: {},\n    retry: {retry},\n    sentence: {sentence},", code.status())
            .unwrap();
        writeln!(out, "    remedy: {remedy},\n    anchor: {anchor},\n  }},").unwrap();
    }
    out += "});\n";
    assert_fresh("aios-node/ts/codes.ts", &out);
}

#[test]
fn the_native_interface_of_typescript_has_every_row() {
    let rows = [product(), testing()].concat();
    let mut out = HEADER.to_owned();
    write!(out, "import type {{\n{}}} from \"./types.js\";\n", imports(&rows)).unwrap();
    out += "\ndeclare const of: unique symbol;\n\n/** JSON text of a value of this type. */\n";
    out += "export type Text<T> = string & { readonly [of]: T };\n";
    let mut receivers: Vec<&str> = rows.iter().map(|row| row.receiver).collect();
    receivers.dedup();
    for receiver in receivers {
        writeln!(out, "\nexport interface Native{receiver} {{").unwrap();
        for row in rows.iter().filter(|row| row.receiver == receiver) {
            out += &method(row);
        }
        out += "  /** Lets go of what it stands for. */\n  release(): void;\n}\n";
    }
    assert_fresh("aios-node/ts/native.ts", &out);
}

/// The types that rows name, a line each.
fn imports(rows: &[Operation]) -> String {
    let data = |row: &Operation| match row.answer {
        Answer::Data(name) => Some(name),
        Answer::Handle(_) => None,
    };
    let mut names: Vec<&str> = rows.iter().flat_map(|row| [Some(row.request), data(row)]).flatten().collect();
    names.sort_unstable();
    names.dedup();
    names.iter().fold(String::new(), |out, name| out + "  " + name + ",\n")
}

fn method(row: &Operation) -> String {
    let answer = match row.answer {
        Answer::Data(name) => format!("Text<{name}>"),
        Answer::Handle(name) => format!("Native{name}"),
    };
    let answer = if row.waits { format!("Promise<{answer}>") } else { answer };
    format!("  /** {} */\n  {}(request: Text<{}>): {answer};\n", row.doc, camel(row.name), row.request)
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |out, word| out + &word[..1].to_uppercase() + &word[1..])
}

/// `interface X {…}` or `type X = …;`.
fn definition(name: &str, schema: &Value) -> String {
    let Some(members) = schema["properties"].as_object() else {
        return format!("type {name} = {};", type_of(schema));
    };
    let mut out = format!("interface {name} {{\n");
    for (member, schema) in members.iter().map(|(name, member)| (name, coded(name, member))) {
        out += &comment(&schema, "  ");
        let kind = type_of(&schema);
        if is_required(name, member) {
            writeln!(out, "  readonly {member}: {kind};").unwrap();
        } else {
            // Written out, so that a caller may pass on what may be undefined; it is left out of the text.
            writeln!(out, "  readonly {member}?: {kind} | undefined;").unwrap();
        }
    }
    out + "}"
}

fn is_required(definition: &str, member: &str) -> bool {
    let required = &definitions()[definition]["required"];
    required.as_array().is_some_and(|names| names.iter().any(|name| name == member))
}

/// The schema of a member; what is called `code` and is text is one of the table's codes.
fn coded(name: &str, schema: &Value) -> Value {
    let mut schema = schema.clone();
    if name == "code" {
        let code = serde_json::json!({"$ref": "#/$defs/Code"});
        let nullable = schema["type"].is_array();
        let description = schema["description"].take();
        schema = if nullable { serde_json::json!({"anyOf": [code, {"type": "null"}]}) } else { code };
        schema["description"] = description;
    }
    schema
}

fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(several) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        return union(several.as_array().unwrap().iter().map(type_of));
    }
    if schema.get("not").is_some() {
        return "never".to_owned();
    }
    match &schema["type"] {
        Value::Array(names) => union(names.iter().map(|name| named(name.as_str().unwrap(), schema))),
        Value::String(name) => named(name, schema),
        // Any JSON at all.
        Value::Null => "unknown".to_owned(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Object(_)) => panic!("a schema of type {other}"),
    }
}

fn named(name: &str, schema: &Value) -> String {
    match name {
        "string" | "boolean" | "null" => name.to_owned(),
        "integer" | "number" => "number".to_owned(),
        "array" => match type_of(&schema["items"]) {
            item if item.contains(' ') => format!("readonly ({item})[]"),
            item => format!("readonly {item}[]"),
        },
        "object" if schema["additionalProperties"] == true => "Readonly<Record<string, unknown>>".to_owned(),
        "object" if schema["additionalProperties"].is_object() => {
            format!("Readonly<Record<string, {}>>", type_of(&schema["additionalProperties"]))
        }
        "object" => "Readonly<Record<string, never>>".to_owned(),
        other => panic!("a schema of type {other}"),
    }
}

fn union(types: impl Iterator<Item = String>) -> String {
    types.collect::<Vec<_>>().join(" | ")
}

/// The description as a comment, with those of the values that are listed.
fn comment(schema: &Value, indent: &str) -> String {
    let mut lines = vec![schema["description"].as_str().unwrap_or_default().replace("*/", "*\u{200b}/")];
    let values = schema["oneOf"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let said = |value: &Map<String, Value>| {
        Some(format!("- `{}`: {}", value.get("const")?, value.get("description")?.as_str()?))
    };
    lines.extend(values.filter_map(said));
    match lines.as_slice() {
        [line] => format!("{indent}/** {line} */\n"),
        lines => format!("{indent}/**\n{indent} * {}\n{indent} */\n", lines.join(&format!("\n{indent} * "))),
    }
}

fn text(text: &str) -> String {
    Value::from(text).to_string()
}
