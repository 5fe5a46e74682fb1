//! Wycheproof's vectors for Cobblestone-256, read from beside the project (`tests/vectors/README.md`).

use std::io::Read;
use std::path::PathBuf;

use aios_core::Secret;
use aios_core::crypto::open;
use serde_json::Value;
use sha2::{Digest, Sha512};

/// The folder of vectors that are not ours to copy: `$AIOS_VECTORS`, else beside the project.
///
/// Where `AIOS_VECTORS` is set, absence fails; otherwise it is said, and the test has nothing to do.
#[expect(clippy::disallowed_methods, reason = "tests are told where the vectors are")]
#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn vectors(name: &str) -> Option<Value> {
    let told = std::env::var("AIOS_VECTORS").ok().map(PathBuf::from);
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors"));
    let path = told.clone().unwrap_or(beside).join(name);
    if told.is_none() && !path.exists() {
        eprintln!("skipped: {} is not there and AIOS_VECTORS is not set", path.display());
        return None;
    }
    Some(serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap())
}

fn unhex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn all_35_cobblestone_vectors_end_as_they_should() {
    let Some(file) = vectors("wycheproof/c2sp_chunked_encryption_aes_256_gcm_test.json") else { return };
    let mut run = 0;
    for group in file["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let mut message = Vec::new();
            flate2::read::ZlibDecoder::new(&*unhex(&test["ct"])).read_to_end(&mut message).unwrap();
            let opened = open(&Secret::new(unhex(&test["key"])), &unhex(&test["ctx"]), &message);
            let name = format!("{}: {}", test["tcId"], test["comment"]);
            match test["result"].as_str().unwrap() {
                "valid" => {
                    let plaintext = opened.expect(&name);
                    assert_eq!(Value::from(plaintext.expose().len()), test["msgLength"], "{name}");
                    assert_eq!(
                        Sha512::digest(plaintext.expose()).to_vec(),
                        unhex(&test["msgSha512"]),
                        "{name}"
                    );
                }
                _ => assert!(opened.is_err(), "{name}"),
            }
            run += 1;
        }
    }
    assert_eq!(run, 35);
}
