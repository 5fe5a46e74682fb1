//! Why bytes could not be appended or understood.

use crate::model::{Code, Refusal};

/// A fault of the audit room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing was given to append; a bug of the engine.
    #[error("a commit needs at least one record")]
    Empty,
    /// A counter reached its end; the chain must be closed and a new one opened.
    #[error("the chain is full")]
    Full,
    /// A body exceeds the limit; the caller's request was too large to record.
    #[error("the record's body exceeds 1 MiB")]
    TooLarge,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Empty => Self::new(Code::Internal),
            Error::Full => Self::new(Code::AuditUnavailable).hint(error.to_string()),
            Error::TooLarge => Self::new(Code::PolicyInput).expected("a record of at most 1 MiB"),
        }
    }
}
