//! Every spelling, at every place, cut everywhere; and what is harmless stays as it is.

use super::{Echo, SHORTEST};
use crate::model::Secret;

const KEY: &str = "sk-a/b+c\"d%e\\f_0123456789";

fn echo() -> Echo {
    Echo::of(&Secret::new(KEY.as_bytes().to_vec()))
}

fn percent(every: bool) -> String {
    KEY.bytes()
        .map(|b| {
            if every || !b.is_ascii_alphanumeric() { format!("%{b:02X}") } else { char::from(b).to_string() }
        })
        .collect()
}

/// An encoder that shares nothing with the one under test.
fn base64(bytes: &[u8], alphabet: [u8; 2]) -> String {
    let mut table: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').collect();
    table.extend(alphabet);
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let word =
            group.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for index in 0..4_usize {
            let sextet = (word >> (18 - 6 * index)) & 63;
            out.push(if index <= group.len() {
                char::from(table[usize::try_from(sextet).unwrap()])
            } else {
                '='
            });
        }
    }
    out
}

/// Every way in which the key may come back, and what of it may be left over in the text.
fn spellings() -> Vec<(String, usize)> {
    let each = |spell: fn(u8) -> String| KEY.bytes().map(spell).collect::<Vec<_>>().concat();
    let hex = each(|byte| format!("{byte:02x}"));
    let json = KEY.replace('\\', "\\\\").replace('"', "\\\"");
    let escaped = each(|byte| format!("\\u{byte:04x}"));
    let mut all = vec![
        (KEY.to_owned(), 0),
        (hex.to_uppercase(), 0),
        (hex, 0),
        (percent(false), 0),
        (percent(true), 0),
        (percent(true).to_lowercase(), 0),
        (json.replace('/', "\\/"), 0),
        (json, 0),
        (escaped.to_uppercase().replace("\\U", "\\u"), 0),
        (escaped, 0),
    ];
    for alphabet in [*b"+/", *b"-_"] {
        for before in ["", "x", "xy"] {
            for after in ["", "z", "zz"] {
                let text = base64(format!("{before}{KEY}{after}").as_bytes(), alphabet);
                // Characters that hold bits of the neighbours stay: two or three in front, up to four behind.
                all.push((text.replace('/', "\\/"), 8));
                all.push((text, 8));
            }
        }
    }
    all
}

fn left(masked: &[u8]) -> usize {
    masked.iter().filter(|byte| **byte != b'*').count()
}

#[test]
fn every_spelling_is_masked_wherever_the_stream_is_cut() {
    for (text, rest) in spellings() {
        let whole = format!("before {text} after");
        let around = "before  after".len();
        let mut at_once = echo();
        let masked = at_once.mask(whole.as_bytes());
        assert_eq!((masked.len(), at_once.found()), (whole.len(), 1), "{text}");
        assert!(left(&masked) <= around + rest, "{text}: {}", String::from_utf8_lossy(&masked));
        for cut in 0..=whole.len() {
            let mut echo = echo();
            let mut out = echo.pass(&whole.as_bytes()[..cut]);
            out.extend(echo.pass(&whole.as_bytes()[cut..]));
            out.extend(echo.end());
            assert_eq!(out, masked, "{text} cut at {cut}");
        }
        let mut byte_by_byte = echo();
        let mut out: Vec<u8> = whole.bytes().flat_map(|byte| byte_by_byte.pass(&[byte])).collect();
        out.extend(byte_by_byte.end());
        assert_eq!(out, masked, "{text} byte by byte");
    }
}

#[test]
fn what_is_not_the_key_passes_at_once_and_unchanged() {
    for text in [
        "",
        "data: {\"delta\":\"hello\"}\n\n",
        "sk-a/b+c\"d%e\\f_012345678X",
        "%%% \\u00 \\ % %4",
        "sk-",
        "\u{e9}",
    ] {
        let mut echo = echo();
        let mut out = echo.pass(text.as_bytes());
        let is_done = out.len();
        out.extend(echo.end());
        assert_eq!((out, echo.found()), (text.as_bytes().to_vec(), 0), "{text}");
        // An event is not held back because something could follow.
        assert!(!text.starts_with("data") || is_done == text.len(), "{text}");
    }
}

#[test]
fn a_key_that_is_cut_off_is_masked_as_far_as_it_goes() {
    for length in 0..KEY.len() {
        let text = &KEY.as_bytes()[..length];
        let masked = echo().mask(text);
        let expected = if length >= SHORTEST { vec![b'*'; length] } else { text.to_vec() };
        assert_eq!(masked, expected, "{length}");
    }
}

#[test]
fn keys_that_stand_side_by_side_are_all_masked() {
    let mut echo = echo();
    let masked = echo.mask(format!("{KEY}{KEY}sk-{KEY}").as_bytes());
    assert_eq!((left(&masked), echo.found()), (3, 3));
}

#[test]
fn what_is_too_short_is_not_looked_for() {
    let mut echo = Echo::of(&Secret::new(b"1234567".to_vec()));
    assert_eq!((echo.mask(b"tel 1234567"), echo.found()), (b"tel 1234567".to_vec(), 0));
}
