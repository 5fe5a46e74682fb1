//! Why a connection failed, out of what the layers below say.

use std::error::Error as StdError;
use std::io;

use rustls::{CertificateError, Error as TlsError};

use super::clients::Route;
use crate::net::Error;

impl Error {
    /// What stood in the way.
    pub(super) fn of(error: &reqwest::Error, route: Route) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(known) = known(inner) {
                return known;
            }
            cause = inner.source();
        }
        match route {
            Route::Direct => Self::Connect,
            Route::Proxied => Self::Proxied,
        }
    }
}

/// Our resolver's own refusal, or what TLS says; both may be wrapped in an error of input and output.
fn known(error: &(dyn StdError + 'static)) -> Option<Error> {
    if let Some(ours) = error.downcast_ref::<Error>() {
        return Some(*ours);
    }
    if let Some(tls) = error.downcast_ref::<TlsError>() {
        return Some(refused(tls));
    }
    known(error.downcast_ref::<io::Error>()?.get_ref()?)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "another crate's enum: every other way is no TLS")]
fn refused(error: &TlsError) -> Error {
    match error {
        TlsError::InvalidCertificate(reason) => Error::Certificate(distrusted(reason)),
        _ => Error::Tls,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "another crate's enum: every other way is not valid")]
fn distrusted(reason: &CertificateError) -> &'static str {
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "is not valid yet",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for another name"
        }
        CertificateError::UnknownIssuer => "is of an authority that is not trusted; see [net] ca_file",
        _ => "is not valid",
    }
}
