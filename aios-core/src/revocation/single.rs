//! Ids that may be used once.

use crate::crypto::Digest;
use crate::model::Timestamp;

/// An id that may be used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SingleUse {
    /// A hash, so that the store holds no ids.
    pub id: Digest,
    /// When it can be forgotten, as nobody takes it from then on.
    pub until: Timestamp,
}

/// Whether an id was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// It was: this use does not count.
    Before,
    /// It was not: this use is the one.
    First,
}
