//! Why the vault refuses.

use crate::model::{Code, Refusal, Timestamp};

/// A refusal of the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The caller's: the secret is not at the version that the reference names.
    #[error("the secret has changed")]
    Conflict,
    /// The caller's: this version, or the secret, may be used no longer, or not yet.
    #[error("the secret may not be used")]
    Ended,
    /// The caller's: something about the secret goes against a rule.
    #[error("{at} {rule}")]
    Invalid {
        /// The member of the request.
        at: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The caller's: the secret may not go where the request goes.
    #[error("the secret may not be sent there")]
    NotAdmitted {
        /// The member of the request.
        at: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The caller's: there is no such secret or version.
    #[error("no such secret")]
    NotFound,
    /// The operator's: the tenant's secrets were destroyed for good.
    #[error("the tenant's secrets were destroyed")]
    Offboarded,
    /// The caller's: the value is older than its schedule allows.
    #[error("the secret is overdue")]
    Overdue,
    /// The caller's: the secret was used as often as its terms allow in a span.
    #[error("the secret was used too often")]
    RateReached {
        /// From when on there is room.
        until: Timestamp,
    },
    /// Whoever wrote the store: an older state was put in the place of a newer one.
    #[error("an older state of the secret was put back")]
    RolledBack,
    /// The system's: no randomness.
    #[error("the operating system gives no randomness")]
    Unavailable,
    /// Whoever wrote the store, or the operator's keys. Deliberately without a reason.
    #[error("the secret cannot be decrypted")]
    Undecryptable,
    /// The caller's: the version was used as often as its terms ever allow.
    #[error("the version is used up")]
    UsedUp,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::Conflict => Code::VaultConflict,
            Error::Ended => Code::VaultEnded,
            Error::Invalid { at, rule } => return Self::new(Code::PolicyInput).at(at).expected(rule),
            Error::NotAdmitted { at, rule } => {
                return Self::new(Code::VaultNotAdmitted).at(at).expected(rule);
            }
            Error::NotFound => Code::VaultNotFound,
            Error::Offboarded => Code::VaultOffboarded,
            Error::Overdue => Code::VaultOverdue,
            Error::RateReached { until } => {
                return Self::new(Code::LimitRate).at("limits.uses").retry_at(until);
            }
            Error::RolledBack => Code::VaultRolledBack,
            Error::Unavailable => return Self::new(Code::StoreUnavailable).at("randomness"),
            Error::Undecryptable => Code::VaultUndecryptable,
            Error::UsedUp => return Self::new(Code::LimitUsedUp).at("limits.total"),
        };
        Self::new(code)
    }
}
