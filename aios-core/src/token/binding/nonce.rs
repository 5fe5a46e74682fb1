//! Nonces of this process (RFC 9449 section 8): nothing is stored, for a nonce is a hash of the time under a random key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::crypto::{Digest, MacKey, equal, mac};
use crate::model::Timestamp;

/// The nonces that hold at present. They are made when they are asked for, as most tokens are bound to nothing.
#[derive(Debug, Clone, Copy)]
pub struct Nonces<'k> {
    key: &'k MacKey,
    window: i64,
}

/// For how long one nonce is given out. It holds for as long again.
const WINDOW_SECONDS: i64 = 300;

impl<'k> Nonces<'k> {
    /// The nonces of a moment under a key of this process.
    #[must_use]
    pub fn at(key: &'k MacKey, now: Timestamp) -> Self {
        Self { key, window: now.seconds().div_euclid(WINDOW_SECONDS) }
    }

    /// The one to give out.
    #[must_use]
    pub fn fresh(&self) -> String {
        self.of(self.window)
    }

    pub(super) fn hold(&self, nonce: &str) -> bool {
        let holding = [self.window, self.window.saturating_sub(1)];
        holding.iter().any(|window| equal(self.of(*window).as_bytes(), nonce.as_bytes()))
    }

    fn of(&self, window: i64) -> String {
        let hash: Digest = mac(self.key, &[b"aios dpop nonce v1", &window.to_be_bytes()]);
        URL_SAFE_NO_PAD.encode(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_holds_while_it_is_given_out_and_as_long_again_and_under_its_key_only() {
        let key = |byte| MacKey::from_slice(&[byte; 32]).unwrap();
        let ours = key(1);
        let at = |seconds| Nonces::at(&ours, Timestamp::from_seconds(seconds));
        let given = at(1_800_000_000).fresh();
        for (seconds, holds) in [(-1, false), (0, true), (299, true), (300, true), (599, true), (600, false)]
        {
            assert_eq!(at(1_800_000_000 + seconds).hold(&given), holds, "{seconds}");
        }
        assert_ne!(at(1_800_000_300).fresh(), given);
        assert!(!Nonces::at(&key(2), Timestamp::from_seconds(1_800_000_000)).hold(&given));
        assert!(!at(1_800_000_000).hold("") && !at(1_800_000_000).hold(given.split_at(1).1));
    }
}
