//! The way out: the decoders of docs/formats open what AIOS wrote, and what an independent program made.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{CANARY, Site, rotation};
use aios_core::vault::Stage;

const VECTORS: &str = include_str!("../vectors/data/envelope_v1.json");
const SALAMANDERS: &str = include_str!("../vectors/data/salamander.json");
/// `tests/python/environment.sh` makes it.
pub(crate) const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/venv/bin/python");
const DECODERS: [[&str; 2]; 2] = [[PYTHON, "open_envelope.py"], ["node", "open_envelope.mjs"]];

/// Runs a program of this folder.
pub(crate) fn run(program: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs `node` on the path, and what `tests/python/environment.sh` makes");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn opened(asked: &Value) -> [Vec<Value>; 2] {
    let input = asked.to_string();
    DECODERS.map(|[program, file]| serde_json::from_str(&run(program, &[file], &input)).unwrap())
}

#[test]
fn both_decoders_end_every_vector_as_it_should() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let keys: serde_json::Map<String, Value> = file["keks"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(kid, key)| (format!("local {kid}"), key.clone()))
        .collect();
    let tests = file["tests"].as_array().unwrap();
    let vector = |test: &Value| {
        json!({"envelope": test["envelope"], "keys": keys, "tenant": test["tenant"],
            "namespace": test["namespace"], "name": test["secret"], "version": test["version"],
            "terms": test["policy"]})
    };
    for values in opened(&json!({"vectors": tests.iter().map(vector).collect::<Vec<_>>()})) {
        assert_eq!(values.len(), 22);
        for (test, value) in tests.iter().zip(values) {
            let expected = if test["result"] == "valid" { file["plaintext"].clone() } else { Value::Null };
            assert_eq!(value, expected, "{}", test["label"]);
        }
    }
}

#[test]
fn r03_both_decoders_refuse_what_opens_under_two_keys() {
    let file: Value = serde_json::from_str(SALAMANDERS).unwrap();
    let message =
        |test: &Value, key: &str| json!({"key": test[key], "context": test["ctx"], "message": test["ct"]});
    for test in file["tests"].as_array().unwrap() {
        let asked = json!({"messages": [message(test, "key1"), message(test, "key2")]});
        for values in opened(&asked) {
            assert_eq!(values, [test["msg1"].clone(), Value::Null]);
        }
    }
}

#[test]
fn both_decoders_open_what_aios_wrote_with_the_root_key_file_alone() {
    let stage = Site::new();
    stage.put("secret://acme/prod/openai/main", CANARY).unwrap();
    let large = "x".repeat(40_000);
    let order = rotation("secret://acme/prod/openai/main@1", &large, Stage::Current);
    stage.aios.vault().rotate(stage.admin(), &order).unwrap();
    stage.aios.close().unwrap();
    for (version, value) in [(1, CANARY), (2, &*large)] {
        let (database, roots) = (stage.world.path("aios.db"), stage.world.path("root.keys"));
        let reference = format!("secret://acme/prod/openai/main@{version}");
        let arguments =
            ["open_vault.py", database.to_str().unwrap(), roots.to_str().unwrap(), "test", &reference];
        let mut opener: Value = serde_json::from_str(&run(PYTHON, &arguments, "")).unwrap();
        assert_eq!(opener.as_object_mut().unwrap().remove("value").unwrap(), value);
        let mut other = opener.clone();
        other["version"] = json!(3);
        for values in opened(&json!({"vectors": [opener, other]})) {
            assert_eq!(values, [json!(value), Value::Null]);
        }
    }
}

#[test]
fn the_decoders_are_short_enough_to_be_read() {
    for file in ["envelope_v1.py", "envelope_v1.mjs"] {
        let path = format!("{}/../docs/formats/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let is_code = |line: &&str| {
            let line = line.trim();
            !line.is_empty() && !["//", "/**", "#", "\"\"\""].iter().any(|start| line.starts_with(start))
        };
        let lines = text.lines().filter(is_code).count();
        assert!(lines <= 30, "{file} has {lines} lines of code");
    }
}
