//! HMAC-SHA256 as a signature: whoever can verify can sign.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::super::Error;

/// A secret shared with an issuer, for `HS256` (RFC 7518 section 3.2); wiped when dropped, never printed.
pub(super) struct SharedSecret(Zeroizing<Vec<u8>>);

/// Shorter ones can be found by trying (RFC 7518 section 3.2).
const SHORTEST: usize = 32;
/// Longer ones gain nothing: HMAC would hash them first.
const LONGEST: usize = 1024;

impl SharedSecret {
    /// # Errors
    /// Shorter than 32 bytes or longer than 1024.
    pub(super) fn new(bytes: Vec<u8>) -> Result<Self, Error> {
        let bytes = Zeroizing::new(bytes);
        if (SHORTEST..=LONGEST).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(Error) }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        self.0.ct_eq(&other.0).into()
    }

    /// Compares in constant time.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let mut state = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|_| Error)?;
        state.update(message);
        state.verify_slice(signature).map_err(|_| Error)
    }
}

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SharedSecret")
    }
}

impl Clone for SharedSecret {
    fn clone(&self) -> Self {
        Self(Zeroizing::new(self.0.to_vec()))
    }
}
