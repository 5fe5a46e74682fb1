//! What a token says it is bound to (`cnf`, RFC 7800).

use crate::crypto::Digest;
use crate::token::Error;
use crate::token::claims::Claims;
use crate::token::compact::decode;

/// All that a token is bound to; each of it has to be shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::token) struct Confirmation {
    /// Thumbprint of a key (`jkt`).
    pub(super) key: Option<Digest>,
    /// Hash of a certificate (`x5t#S256`).
    pub(super) certificate: Option<Digest>,
}

impl Confirmation {
    /// # Errors
    /// [`Error::PopRequired`] for anything that is not understood: a token bound somehow is no bearer token.
    pub(in crate::token) fn of(claims: &Claims<'_>) -> Result<Self, Error> {
        const UNKNOWN: Error = Error::PopRequired { at: "cnf" };
        let Some(bound) = claims.object("cnf", "cnf.").map_err(|_| UNKNOWN)? else {
            return Ok(Self::default());
        };
        let mut confirmation = Self::default();
        for name in bound.names() {
            let text = bound.text(name).ok().flatten().ok_or(UNKNOWN)?;
            let hash = decode(text).ok().and_then(|bytes| Digest::try_from(bytes).ok()).ok_or(UNKNOWN)?;
            match name {
                "jkt" => confirmation.key = Some(hash),
                "x5t#S256" => confirmation.certificate = Some(hash),
                _ => return Err(UNKNOWN),
            }
        }
        if confirmation == Self::default() { Err(UNKNOWN) } else { Ok(confirmation) }
    }
}
