//! Why what stands in the store is not believed.

use crate::model::{Code, Refusal};

/// What is wrong with the rows of a tenant's entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The caller's: the entity is not at the version that was expected.
    #[error("the entity has changed")]
    Conflict,
    /// Whoever wrote the store. Deliberately without a reason.
    #[error("a row is not what was written there")]
    Damaged,
    /// The caller's: no such entity is kept.
    #[error("no such entity")]
    NotFound,
    /// Whoever wrote the store: an older state was put in the place of a newer one.
    #[error("an older state was put back")]
    RolledBack,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(match error {
            Error::Conflict => Code::EntitiesConflict,
            Error::Damaged => Code::EntitiesDamaged,
            Error::NotFound => Code::EntitiesNotFound,
            Error::RolledBack => Code::EntitiesRolledBack,
        })
    }
}
