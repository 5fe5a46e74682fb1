//! What the fuzzer calls, on stable: the seeds, and thousands of changes to them by a fixed seed.
//!
//! `fuzz/README.md` says how to run it for longer.

#[path = "../fuzz/readers/envelope.rs"]
mod envelope;
#[path = "../fuzz/readers/payload.rs"]
mod payload;
#[path = "../fuzz/reader.rs"]
mod reader;
#[path = "../fuzz/readers/reference.rs"]
mod reference;
mod secrets;

use std::path::Path;

use serde_json::Value;

/// Tokens of the attack vectors as they are, and the providers' samples as header and claims.
fn seeds() -> Vec<Vec<u8>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/data");
    let read =
        |name: &str| -> Value { serde_json::from_slice(&std::fs::read(data.join(name)).unwrap()).unwrap() };
    let attacks = read("attack_vectors.json");
    let tokens =
        attacks["vectors"].as_array().unwrap().iter().map(|vector| vector["token"].as_str().unwrap().into());
    let samples = read("provider_claims.json");
    let samples = samples["fixtures"].as_array().unwrap().iter().flat_map(|sample| {
        let mut claims = sample["claims"].clone();
        claims["exp"] = (1_800_000_600).into();
        claims["iat"] = (1_799_999_990).into();
        [format!("{}\n{claims}", sample["header"]).into_bytes(), claims.to_string().into_bytes()]
    });
    tokens.chain(samples).collect()
}

/// A small generator of numbers that are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }
}

/// Changes a seed here and there, by words that mean something to its reader.
fn changed(dice: &mut Dice, seed: &[u8], words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(4) {
        if bytes.is_empty() {
            break;
        }
        let (at, word) = (dice.below(bytes.len()), words[dice.below(words.len())]);
        match dice.below(4) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => drop(bytes.splice(at..at, word.iter().copied())),
            2 => drop(bytes.drain(at..(at + dice.below(40)).min(bytes.len()))),
            _ => bytes.extend_from_within(at..(at + dice.below(200)).min(bytes.len())),
        }
    }
    bytes
}

#[test]
fn no_bytes_make_the_reader_of_tokens_panic_or_accept_what_nobody_signed() {
    const WORDS: [&[u8]; 12] = [
        b"\"",
        b"{",
        b"[",
        b"null",
        b"-1e400",
        b"\\u0000",
        b"\\ud800",
        b"\xff",
        b".",
        b"\n",
        b"\"aud\":\"api://aios\",",
        b"{\"a\":",
    ];
    let (seeds, mut dice) = (seeds(), Dice(0x5eed));
    let run = |first: usize, seed: &[u8]| reader::read(&[&[u8::try_from(first % 9).unwrap()], seed].concat());
    assert!(seeds.len() > 100);
    for seed in &seeds {
        (0..9).for_each(|first| run(first, seed));
    }
    for _ in 0..20_000 {
        let seed = dice.below(seeds.len());
        let bytes = changed(&mut dice, &seeds[seed], &WORDS);
        run(dice.below(9), &bytes);
    }
}
