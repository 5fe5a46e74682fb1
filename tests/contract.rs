//! What is generated from the operations table and committed: types of other languages, the C header, code tables.

mod attacks;
mod describe;
mod header;
mod lists;
mod python;
mod typescript;

use std::fs;
use std::path::Path;

use describe::{definitions, product, testing};

/// Compares a committed file with what the table makes of it; with `UPDATE=1` rewrites it first.
#[expect(clippy::disallowed_methods, reason = "a test is told whether to rewrite what is stale")]
pub(crate) fn assert_fresh(path: &str, content: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var("UPDATE").is_ok() {
        fs::write(&file, content).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap_or_default() == content, "{path} is stale: UPDATE=1 make test");
}

#[test]
fn every_operation_is_described_with_types_that_are_defined() {
    let definitions = definitions();
    let operations = [product(), testing()].concat();
    assert!(operations.len() >= 28);
    for operation in &operations {
        assert!(!operation.doc.is_empty(), "{}.{} says nothing", operation.receiver, operation.name);
        assert!(definitions.contains_key(operation.request), "{} is not defined", operation.request);
        let answer = operation.answer.name();
        let known = match operation.answer {
            describe::Answer::Data(_) => definitions.contains_key(answer),
            describe::Answer::Handle(_) => operations.iter().any(|other| other.receiver == answer),
        };
        assert!(known, "{answer} is neither data nor a receiver");
    }
}
