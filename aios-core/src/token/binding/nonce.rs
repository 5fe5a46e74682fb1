//! Nonces of this process (RFC 9449 section 8): nothing is stored, for a nonce is a hash of the time under a random key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::crypto::{Digest, MacKey, equal, mac};
use crate::model::Timestamp;

/// The nonces that hold at present.
#[derive(Debug, Clone)]
pub struct Nonces {
    /// Given out now, and the one given out before.
    holding: [String; 2],
}

/// For how long one nonce is given out. It holds for as long again.
const WINDOW_SECONDS: i64 = 300;

impl Nonces {
    /// The nonces of a moment under a key of this process.
    #[must_use]
    pub fn at(key: &MacKey, now: Timestamp) -> Self {
        let window = now.seconds().div_euclid(WINDOW_SECONDS);
        let nonce = |window: i64| {
            let hash: Digest = mac(key, &[b"aios dpop nonce v1", &window.to_be_bytes()]);
            URL_SAFE_NO_PAD.encode(hash)
        };
        Self { holding: [nonce(window), nonce(window.saturating_sub(1))] }
    }

    /// The one to give out.
    #[must_use]
    pub fn fresh(&self) -> &str {
        let [fresh, _] = &self.holding;
        fresh
    }

    pub(super) fn hold(&self, nonce: &str) -> bool {
        self.holding.iter().any(|holding| equal(holding.as_bytes(), nonce.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_holds_while_it_is_given_out_and_as_long_again_and_under_its_key_only() {
        let key = |byte| MacKey::from_slice(&[byte; 32]).unwrap();
        let at = |seconds| Nonces::at(&key(1), Timestamp::from_seconds(seconds));
        let given = at(1_800_000_000).fresh().to_owned();
        for (seconds, holds) in [(-1, false), (0, true), (299, true), (300, true), (599, true), (600, false)]
        {
            assert_eq!(at(1_800_000_000 + seconds).hold(&given), holds, "{seconds}");
        }
        assert_ne!(at(1_800_000_300).fresh(), given);
        assert!(!Nonces::at(&key(2), Timestamp::from_seconds(1_800_000_000)).hold(&given));
        assert!(!at(1_800_000_000).hold("") && !at(1_800_000_000).hold(given.split_at(1).1));
    }
}
