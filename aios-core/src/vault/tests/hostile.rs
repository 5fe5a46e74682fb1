//! Bytes that nobody honest wrote: no parser panics, and no changed byte is accepted.

use super::*;

#[test]
fn r20_random_bytes_are_no_envelope_and_no_reference_and_end_no_parser() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for _ in 0..50_000 {
        let mut bytes = dice.bytes(300);
        if dice.roll(2) == 0 {
            let start = [b"AEV1\x01", &[u8::try_from(dice.roll(6)).unwrap()][..]].concat();
            bytes.splice(0..0, start);
        }
        if let Ok(parsed) = Envelope::parse(&bytes) {
            assert_eq!(parsed.write().unwrap(), bytes, "what parses is written the same");
        }
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.parse::<SecretRef>().is_err());
        assert!(from_text(&text).is_err() && Terms::read(&text).is_err() && Register::peek(&bytes).is_err());
    }
}

#[test]
fn no_changed_cut_or_added_byte_of_an_envelope_is_accepted() {
    let keys = keys(&acme());
    let path = path();
    let binding = Binding { path: &path, version: version(1), terms: TERMS };
    let envelope = seal(&[keys.wrapping()], &binding, &secret(b"attack at dawn")).unwrap();
    let refused = |bytes: &[u8]| {
        let opened = open(bytes, &[keys.wrapping()], &binding);
        assert_eq!(opened.err(), Some(Error::Undecryptable), "{bytes:02x?}");
    };
    let mut dice = Dice(7);
    for at in 0..envelope.len() {
        for _ in 0..4 {
            let mut changed = envelope.clone();
            changed[at] ^= u8::try_from(1 + dice.roll(255)).unwrap();
            refused(&changed);
        }
        refused(&envelope[..at]);
        let mut longer = envelope.clone();
        longer.insert(at, u8::try_from(dice.roll(256)).unwrap());
        refused(&longer);
        let mut shorter = envelope.clone();
        shorter.remove(at);
        refused(&shorter);
    }
    refused(&[&envelope[..], b"\0"].concat());
    refused(&[&envelope[..], &envelope].concat());
    assert!(open(&envelope, &[keys.wrapping()], &binding).is_ok());
}

#[test]
fn with_several_wraps_a_changed_byte_never_gives_another_value() {
    let keys = keys(&acme());
    let other = WrappingKey::new(Provider::Local, "k-2", secret(&[2; 32]));
    let path = path();
    let binding = Binding { path: &path, version: version(1), terms: TERMS };
    let envelope = seal(&[&other, keys.wrapping()], &binding, &secret(b"attack at dawn")).unwrap();
    for at in 0..envelope.len() {
        let mut changed = envelope.clone();
        changed[at] ^= 0x40;
        for key in [keys.wrapping(), &other] {
            if let Ok(value) = open(&changed, &[key], &binding) {
                assert_eq!(value.expose(), b"attack at dawn", "byte {at}");
            }
        }
    }
}

#[test]
fn a_reference_with_any_byte_changed_is_another_one_or_none() {
    let written = "secret://corp~t1/prod/openai/main@3";
    let meant: SecretRef = written.parse().unwrap();
    for at in 0..written.len() {
        for byte in 0..=255 {
            let mut bytes = written.as_bytes().to_vec();
            if bytes[at] == byte {
                continue;
            }
            bytes[at] = byte;
            let Ok(text) = String::from_utf8(bytes) else { continue };
            if let Ok(parsed) = text.parse::<SecretRef>() {
                assert_ne!(parsed, meant, "{text}");
                assert_eq!(parsed.to_string(), text);
            }
        }
    }
}

#[test]
fn r16_every_cryptographic_refusal_is_the_same() {
    let refusals = [Error::Undecryptable, Envelope::parse(b"").unwrap_err(), Terms::read("").unwrap_err()];
    let said: std::collections::BTreeSet<String> =
        refusals.into_iter().map(|error| crate::model::Refusal::from(error).to_string()).collect();
    assert_eq!(said.len(), 1);
}

#[test]
fn r15_tags_and_commitments_are_compared_in_constant_time() {
    // What a clock cannot show reliably, the source does: both comparisons go through the one function for it.
    let row = include_str!("../row.rs");
    assert!(row.contains("crypto::equal(tag, &keys.row_mac(key, revision, body))"));
    assert!(include_str!("../../crypto/seal.rs").contains("if equal(&derived.commitment, commitment)"));
    assert!(include_str!("../../crypto/hash.rs").contains("a.ct_eq(b).into()"));
}

#[test]
fn r19_no_other_suite_is_read_whatever_it_would_mean() {
    let keys = keys(&acme());
    let path = path();
    let binding = Binding { path: &path, version: version(1), terms: TERMS };
    let mut envelope = seal(&[keys.wrapping()], &binding, &secret(b"x")).unwrap();
    for suite in (0..=255).filter(|suite| *suite != 1) {
        envelope[4] = suite;
        assert_eq!(Envelope::parse(&envelope), Err(Error::Undecryptable), "suite {suite}");
    }
    for (at, bytes) in [(0, b"AEV2"), (0, b"aev1")] {
        envelope.splice(at..4, *bytes);
        assert!(Envelope::parse(&envelope).is_err());
    }
}
