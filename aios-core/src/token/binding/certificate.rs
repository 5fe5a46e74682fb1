//! Whether a connection's certificate is the one that a token is bound to (RFC 8705 section 3).

use crate::crypto::{Digest, equal, sha256};
use crate::token::Error;

/// `der` is the leaf as the host's TLS verified it.
pub(super) fn is(der: &[u8], expected: &Digest) -> Result<(), Error> {
    if equal(&sha256(&[der]), expected) {
        Ok(())
    } else {
        Err(Error::pop_invalid("certificate", "the certificate that the token is bound to, in DER"))
    }
}
