//! Why a store of revocations did not answer.

use crate::model::{Code, Refusal};

/// What a store of revocations can answer instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The store's neighbours': somebody else holds it at present.
    #[error("the store is busy: {0}")]
    Busy(String),
    /// Whoever wrote the store: its content is damaged.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The operator's: it cannot be used at present: full, read-only, gone.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
    /// The caller's: the answer needs waiting, and the caller may not wait.
    #[error("the answer would need waiting")]
    WouldWait,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::WouldWait => return Code::WouldWait.into(),
            Error::Busy(_) | Error::Unavailable(_) => Code::StoreUnavailable,
            Error::Corrupt(_) => Code::StoreCorrupt,
        };
        Self::new(code).at("revocations").hint(format!("{error}; {}", code.remedy()))
    }
}
