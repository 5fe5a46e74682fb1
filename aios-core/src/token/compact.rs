//! The three parts of a signed token (RFC 7515 section 7.1), decoded.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::{DecodeError, Engine as _};

use super::{Error, Limits};

/// A token taken apart; nothing in it is verified.
#[derive(Debug)]
pub(super) struct Compact<'t> {
    pub(super) header: Vec<u8>,
    pub(super) payload: Vec<u8>,
    /// What the signature covers.
    pub(super) signed: &'t str,
    signature: &'t str,
}

impl<'t> Compact<'t> {
    /// Takes a token apart. Stray characters, padding and loose bits at the end of a part are refused.
    pub(super) fn split(token: &'t str, limits: &Limits) -> Result<Self, Error> {
        if token.len() > limits.max_token_bytes {
            return Err(Error::TooLarge { limit: "max_token_bytes" });
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Error::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(Error::Malformed)?;
        if payload.contains('.') {
            return Err(of_many_parts(token));
        }
        Ok(Self { header: decode(header)?, payload: decode(payload)?, signed, signature })
    }

    /// The signature's bytes. Asked for after the header, since a token that is unsigned on purpose says so in `alg`.
    pub(super) fn signature(&self) -> Result<Vec<u8>, Error> {
        if self.signature.is_empty() {
            return Err(Error::Malformed);
        }
        URL_SAFE_NO_PAD.decode(self.signature).map_err(|error| match error {
            // Clean characters, loose bits at the end: cut off or tampered with.
            DecodeError::InvalidLastSymbol(..) => Error::BadSignature,
            DecodeError::InvalidByte(..) | DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => {
                Error::Malformed
            }
        })
    }
}

/// Five parts are an encrypted token; any other count is none at all.
fn of_many_parts(token: &str) -> Error {
    let is_part = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let is_encrypted = token.split('.').count() == 5 && token.split('.').all(is_part);
    if is_encrypted { Error::EncryptedUnsupported } else { Error::Malformed }
}

pub(super) fn decode(part: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Error::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { max_token_bytes: 64, max_header_bytes: 64, max_actor_depth: 8 };

    fn split(token: &str) -> Result<(), Error> {
        Compact::split(token, &LIMITS)?.signature().map(drop)
    }

    #[test]
    fn what_is_not_three_clean_parts_is_refused() {
        assert_eq!(split("YQ.Yg.Yw"), Ok(()));
        for token in [
            "",
            ".",
            "YQ",
            "YQ.Yg",
            "YQ.Yg.",
            "YQ.Yg.Yw.ZA",
            "YQ.Yg.Yw.ZA.ZQ.Zg",
            " YQ.Yg.Yw",
            "YQ.Yg.Yw\n",
            "YQ==.Yg.Yw",
            "YQ.Yg.Yw==",
            "YR.Yg.Yw",
            "YQ.Yh.Yw",
            "YQ.Y g.Yw",
            "YQ.Y+.Yw",
            "YQ.Yg.Y",
            "{YQ.Yg.Yw.ZA.ZQ",
            "YQ.Yg.\u{430}",
        ] {
            assert_eq!(split(token), Err(Error::Malformed), "{token:?}");
        }
        assert_eq!(split("YQ.Yg.Yx"), Err(Error::BadSignature));
        assert_eq!(split("YQ....ZQ"), Err(Error::EncryptedUnsupported));
        assert_eq!(split(&"x".repeat(65)), Err(Error::TooLarge { limit: "max_token_bytes" }));
    }
}
