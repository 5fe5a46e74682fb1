//! Port: small versioned rows, for wrapped keys and whatever else must be found again by name.

use crate::model::{Code, Refusal};
use crate::revocation;

/// A row as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Rises by one with each write; the first write gives 1.
    pub version: u64,
    /// The content.
    pub value: Vec<u8>,
}

/// Keeps rows by key. Each adapter runs the conformance suite in `testing`.
pub trait Rows: Send + Sync + std::fmt::Debug {
    /// The row of a key; none where there is none.
    ///
    /// # Errors
    /// The store cannot be read.
    fn get(&self, key: &str) -> Result<Option<Row>, StoreError>;

    /// Writes a row durably if its version is still `version` (0: if there is none), and says whether it did.
    ///
    /// # Errors
    /// The store cannot be written.
    fn put_if(&self, key: &str, version: u64, value: &[u8]) -> Result<bool, StoreError>;
}

/// Why a store did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else holds it at present.
    #[error("the store is busy: {0}")]
    Busy(String),
    /// Its content is damaged.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// It was written by a newer version.
    #[error("the store was written by a newer version")]
    Newer,
    /// It cannot be used at present: full, read-only, gone.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
}

impl From<StoreError> for revocation::Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(what) => Self::Busy(what),
            StoreError::Corrupt(what) => Self::Corrupt(what),
            StoreError::Newer => Self::Unavailable(error.to_string()),
            StoreError::Unavailable(what) => Self::Unavailable(what),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt(what) => Self::new(Code::StoreCorrupt).at(what),
            StoreError::Newer => Self::new(Code::StoreNewer),
            StoreError::Busy(what) | StoreError::Unavailable(what) => {
                Self::new(Code::StoreUnavailable).at(what)
            }
        }
    }
}
