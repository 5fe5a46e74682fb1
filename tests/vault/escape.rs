//! The way out: the decoders of docs/formats open what AIOS wrote, and what an independent program made.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{CANARY, Stage1, rotation};
use aios_core::vault::Stage;

const VECTORS: &str = include_str!("../vectors/data/envelope_v1.json");
const DECODERS: [[&str; 2]; 2] = [["python3", "open_envelope.py"], ["node", "open_envelope.mjs"]];

/// Runs a program of this folder.
fn run(program: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs `python3` with the package `cryptography`, and `node`, on the path");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn opened(vectors: &Value) -> [Vec<Value>; 2] {
    let input = json!({"vectors": vectors}).to_string();
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
    for values in opened(&tests.iter().map(vector).collect()) {
        assert_eq!(values.len(), 22);
        for (test, value) in tests.iter().zip(values) {
            let expected = if test["result"] == "valid" { file["plaintext"].clone() } else { Value::Null };
            assert_eq!(value, expected, "{}", test["label"]);
        }
    }
}

#[test]
fn both_decoders_open_what_aios_wrote_with_the_root_key_file_alone() {
    let stage = Stage1::new();
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
        let mut opener: Value = serde_json::from_str(&run("python3", &arguments, "")).unwrap();
        assert_eq!(opener.as_object_mut().unwrap().remove("value").unwrap(), value);
        let mut other = opener.clone();
        other["version"] = json!(3);
        for values in opened(&json!([opener, other])) {
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
