//! Whose standing is asked for, and what was found.

use crate::model::permit::Grant;
use crate::model::{Facts, Refusal, TenantId};
use crate::revocation::Error;

/// Under what a caller was found not to be revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Within the bound.
    Current,
    /// By what was read so many seconds ago, as the store cannot be read and the action has a grace.
    Graced(u64),
}

impl Standing {
    /// Whether what was found first still says enough, now that this was found.
    pub(super) fn holds(self, now: Self) -> Result<(), Refusal> {
        match (self, now) {
            // The record does not say so.
            (Self::Current, Self::Graced(_)) => Err(Error::Unavailable("it went away".into()).into()),
            (Self::Current | Self::Graced(_), Self::Current) | (Self::Graced(_), Self::Graced(_)) => Ok(()),
        }
    }
}

/// Whose standing is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whom<'f> {
    pub(super) facts: &'f Facts,
    /// The other tenant that they reach into, which can throw them out as well.
    pub(super) visits: Option<&'f TenantId>,
}

impl<'f> Whom<'f> {
    /// Whoever a permit was given to.
    pub(super) fn of(grant: &'f Grant) -> Self {
        Self { facts: grant.principal.view(), visits: grant.visits.as_ref() }
    }

    /// Somebody who reaches into another tenant.
    pub(super) fn visiting(facts: &'f Facts, tenant: &'f TenantId) -> Self {
        Self { facts, visits: Some(tenant) }
    }
}

impl<'f> From<&'f Facts> for Whom<'f> {
    fn from(facts: &'f Facts) -> Self {
        Self { facts, visits: None }
    }
}
