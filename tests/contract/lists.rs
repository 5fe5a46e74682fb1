//! `tests/contract/contract.json`: what every language must name alike, its operations and its codes, a line each.

use aios_core::Code;
use serde_json::json;

use super::assert_fresh;
use super::describe::{Answer, Operation, product, testing};

/// An object's members in the order given, whatever features `serde_json` is built with.
fn line(members: &[(&str, serde_json::Value)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("    {{{}}}", members.join(", "))
}

fn operation(operation: &Operation) -> String {
    let kind = match operation.answer {
        Answer::Data(_) => "data",
        Answer::Handle(_) => "handle",
    };
    line(&[
        ("receiver", json!(operation.receiver)),
        ("name", json!(operation.name)),
        ("request", json!(operation.request)),
        ("kind", json!(kind)),
        ("answer", json!(operation.answer.name())),
        ("waits", json!(operation.waits)),
    ])
}

fn code(code: Code) -> String {
    line(&[
        ("code", json!(code.as_str())),
        ("status", json!(code.status())),
        ("retry", json!(code.retry())),
        ("denial", json!(code.is_denial())),
        ("sentence", json!(code.sentence())),
        ("remedy", json!(code.remedy())),
        ("anchor", json!(code.anchor())),
    ])
}

fn list(lines: impl Iterator<Item = String>) -> String {
    format!("[\n{}\n  ]", lines.collect::<Vec<_>>().join(",\n"))
}

#[test]
fn the_lists_that_other_languages_compare_with_are_fresh() {
    let content = format!(
        "{{\n  \"operations\": {},\n  \"testing\": {},\n  \"codes\": {}\n}}\n",
        list(product().iter().map(operation)),
        list(testing().iter().map(operation)),
        list(Code::ALL.iter().copied().map(code)),
    );
    let parsed: serde_json::Value = serde_json::from_str(&content).unwrap();
    assert_eq!(parsed["codes"].as_array().unwrap().len(), Code::ALL.len());
    assert_fresh("tests/contract/contract.json", &content);
}
