//! The readers of envelopes, references and payloads, on stable.

use std::path::Path;

use serde_json::Value;

use super::{Dice, changed, envelope, payload, reference};

fn vectors() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

#[test]
fn no_bytes_make_the_reader_of_envelopes_panic_or_open_what_nobody_sealed() {
    const WORDS: [&[u8]; 6] = [b"AEV1\x01", b"\x01", b"\x04", b"\xff\xff", b"\0", b"aev1."];
    let file = std::fs::read(vectors().join("data/envelope_v1.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let of = |test: &Value| unhex(test["envelope"].as_str().unwrap());
    let sealed: Vec<Vec<u8>> = file["tests"].as_array().unwrap().iter().map(of).collect();
    let texts = sealed.iter().map(|bytes| aios_core::vault::to_text(bytes).into_bytes());
    let seeds: Vec<Vec<u8>> = sealed.iter().cloned().chain(texts).collect();
    let mut dice = Dice(0x5eed);
    assert!(seeds.len() > 40);
    for seed in &seeds {
        envelope::read(&[&[0], seed.as_slice()].concat());
    }
    // One that was sealed, as it is; and changed back.
    envelope::read(&[1]);
    envelope::read(&[1, 0, 9, 7, 0, 9, 7]);
    for _ in 0..20_000 {
        let seed = dice.below(seeds.len());
        let bytes = changed(&mut dice, &seeds[seed], &WORDS);
        envelope::read(&[&[0], bytes.as_slice()].concat());
        let changes: Vec<u8> =
            (0..3 * (1 + dice.below(4))).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
        envelope::read(&[&[1], changes.as_slice()].concat());
    }
}

#[test]
fn no_text_makes_the_reader_of_references_panic_or_has_two_spellings() {
    const WORDS: [&[u8]; 12] = [
        b"/",
        b"@",
        b"~",
        b".",
        b"..",
        b"%2f",
        b"@1",
        b"@9007199254740991",
        b"0",
        b"A",
        b"\xc3\xa4",
        b"secret://",
    ];
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for entry in std::fs::read_dir(vectors()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        seeds.extend(
            text.split('"').filter(|word| word.starts_with("secret://")).map(|word| word.as_bytes().to_vec()),
        );
    }
    seeds.sort();
    seeds.dedup();
    let mut dice = Dice(0x5eed);
    assert!(seeds.len() > 20);
    for seed in &seeds {
        reference::read(seed);
    }
    for _ in 0..100_000 {
        let seed = dice.below(seeds.len());
        reference::read(&changed(&mut dice, &seeds[seed], &WORDS));
    }
}

#[test]
fn no_bytes_make_the_reader_of_payloads_panic_or_give_what_nobody_sealed() {
    const WORDS: [&[u8]; 5] = [b"APL1\x01", b"\x03m-1", b"\xff", b"\0", b"\x01"];
    let head = [b"APL1\x01\x03m-1".as_slice(), &[7; 104 + 56 + 40]].concat();
    let mut dice = Dice(0x5eed);
    // One that was sealed, as it is; changed and changed back; and cut where a chunk ends.
    payload::read(&[0]);
    payload::read(&[0, 1, 2, 3, 0, 1, 2, 3, 0]);
    payload::read(&[0, 0x40, 0xc9]);
    for _ in 0..2_000 {
        let bytes = changed(&mut dice, &head, &WORDS);
        payload::read(&[&[u8::try_from(1 + dice.below(255)).unwrap()], bytes.as_slice()].concat());
    }
    for _ in 0..300 {
        let changes: Vec<u8> = (0..=dice.below(12)).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
        payload::read(&[&[0], changes.as_slice()].concat());
    }
}
