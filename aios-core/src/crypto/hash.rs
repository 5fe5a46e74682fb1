//! SHA-256, HMAC-SHA256 and the length-prefixed framing of what they cover.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A SHA-256 hash or an HMAC-SHA256 tag.
pub type Digest = [u8; 32];

/// A key for HMAC-SHA256 (RFC 2104); wiped when dropped, never printed.
///
/// In a box, because a value that moves leaves its bytes behind where it was.
pub struct MacKey(Box<Zeroizing<[u8; 32]>>);

impl MacKey {
    /// A key from a slice that must be 32 bytes long.
    ///
    /// # Errors
    /// Any other length.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, super::Error> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| super::Error)?;
        Ok(Self::of(bytes))
    }

    fn of(bytes: &[u8; 32]) -> Self {
        let mut key = Box::new(Zeroizing::new([0; 32]));
        key.copy_from_slice(bytes);
        Self(key)
    }

    /// The key derived from this one for a purpose: `HMAC(key, message)`.
    #[must_use]
    pub fn derive(&self, message: &[u8]) -> Self {
        Self::of(&Zeroizing::new(mac(self, &[message])))
    }
}

impl std::fmt::Debug for MacKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("MacKey")
    }
}

/// HMAC-SHA256 over the parts, one after the other. Use [`frame`] where parts could run into one another.
#[must_use]
pub fn mac(key: &MacKey, parts: &[&[u8]]) -> Digest {
    // A 32-byte key is always of acceptable length: HMAC takes any.
    let Ok(mut state) = Hmac::<Sha256>::new_from_slice(key.0.as_slice()) else { return [0; 32] };
    for part in parts {
        state.update(part);
    }
    state.finalize().into_bytes().into()
}

/// SHA-256 over the parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Digest {
    use sha2::Digest as _;
    let mut state = Sha256::new();
    for part in parts {
        state.update(part);
    }
    state.finalize().into()
}

/// Compares in constant time; the lengths are public.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Joins parts so that no two lists of parts give the same bytes: each is preceded by its length as 8 bytes,
/// big endian.
#[must_use]
pub fn frame(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        out.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}
