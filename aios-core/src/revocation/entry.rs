//! One revocation as it is stored.

use super::Mark;
use crate::model::{TenantId, Timestamp};

/// What is said of whom in one tenant. Entries count in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The tenant. An entry reaches nobody outside it.
    pub tenant: TenantId,
    /// Who is meant.
    pub mark: Mark,
    /// What is said of them.
    pub verdict: Verdict,
    /// When it can be forgotten, as every token that it concerns has ended by then. None: never.
    pub until: Option<Timestamp>,
}

/// What a revocation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are out.
    All,
    /// Their tokens are out that were issued before a time, or do not say when.
    Before(Timestamp),
    /// What was said before does not hold any more.
    Lifted,
}
