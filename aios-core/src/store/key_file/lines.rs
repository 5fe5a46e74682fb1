//! The lines of a root key file, and what is no key: `kid = <base64 of 32 random bytes>`.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::KeyFileError;
use crate::model::Secret;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;
/// Of 32 random bytes, fewer different ones come once in 10^14 keys.
const FEWEST_DIFFERENT: usize = 12;

/// A key of the file.
#[derive(Debug)]
pub(super) struct RootKey {
    pub(super) kid: String,
    pub(super) key: Secret,
}

/// Every key, in the file's order.
pub(super) fn parse(text: &[u8]) -> Result<Vec<RootKey>, KeyFileError> {
    let mut keys: Vec<RootKey> = Vec::new();
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let refuse = |problem| KeyFileError::Line { line: index + 1, problem };
        let Some(root) = parse_line(line).map_err(refuse)? else { continue };
        if keys.iter().any(|known| known.kid == root.kid) {
            return Err(refuse("names a key id twice"));
        }
        keys.push(root);
    }
    if keys.is_empty() { Err(KeyFileError::Empty) } else { Ok(keys) }
}

/// The key of a line; none where it is empty or a comment.
pub(super) fn parse_line(line: &[u8]) -> Result<Option<RootKey>, &'static str> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    let equals = line.iter().position(|byte| *byte == b'=').ok_or("is not `kid = base64`")?;
    let (kid, rest) = line.split_at(equals);
    let kid = str::from_utf8(kid.trim_ascii()).map_err(|_| "has an unreadable key id")?;
    let kid_is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if kid.is_empty() || kid.len() > 64 || !kid.bytes().all(kid_is_plain) {
        return Err("has a key id that is not 1 to 64 characters of A-Z a-z 0-9 . _ -");
    }
    let encoded = rest.get(1..).unwrap_or_default().trim_ascii();
    // Room for one byte more than a key, so that a long one is told from a broken one.
    let mut bytes = Zeroizing::new([0_u8; KEY_BYTES + 4]);
    let length = STANDARD.decode_slice(encoded, &mut *bytes).map_err(|error| match error {
        base64::DecodeSliceError::OutputSliceTooSmall => "holds more than 32 bytes",
        base64::DecodeSliceError::DecodeError(_) => "is not base64",
    })?;
    let key = bytes.get(..length).unwrap_or_default();
    if length != KEY_BYTES {
        return Err("does not hold exactly 32 bytes");
    }
    match weakness(key) {
        Some(weakness) => Err(weakness),
        None => Ok(Some(RootKey { kid: kid.to_owned(), key: Secret::new(key.to_vec()) })),
    }
}

/// Why nobody can have drawn these bytes at random. It finds what people write by hand; nothing finds a bad generator.
fn weakness(key: &[u8]) -> Option<&'static str> {
    let steps: BTreeSet<u8> =
        key.iter().zip(key.iter().skip(1)).map(|(one, next)| next.wrapping_sub(*one)).collect();
    let (first, second) = key.split_at(key.len() / 2);
    let different: BTreeSet<&u8> = key.iter().collect();
    match () {
        () if different.len() == 1 => Some("holds one byte over and over"),
        () if steps.len() == 1 => Some("holds bytes that follow one another"),
        () if first == second => Some("holds the same 16 bytes twice"),
        () if different.len() < FEWEST_DIFFERENT => Some("holds too few different bytes to be random"),
        () if key.iter().all(|byte| matches!(byte, b' '..=b'~')) => Some("holds text, not random bytes"),
        () => None,
    }
}
