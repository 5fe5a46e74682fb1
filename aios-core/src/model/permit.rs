//! Proof that a call was allowed and that its intent is durable.

use super::{EntityRef, Principal, TenantId, Timestamp};

/// Where a record stands, and the MAC that makes that place unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordId {
    /// The chain's incarnation.
    pub chain: [u8; 16],
    /// The record's place in it, from 0.
    pub seq: u64,
    /// The record's MAC.
    pub mac: [u8; 32],
}

/// What a permit allows: one principal, one action, one resource, until a time.
///
/// Only `engine/` can make one, from an acknowledged intent:
///
/// ```compile_fail
/// let forged = aios_core::Proof::new(todo!(), todo!(), todo!());
/// ```
#[derive(Debug)]
pub struct Proof {
    grant: Grant,
    intent: RecordId,
    process: u32,
}

/// What was allowed.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The permit's id, a `UUIDv7`; also the id of its intent record.
    pub id: String,
    /// The verified caller.
    pub principal: Principal,
    /// The action, as the request named it.
    pub action: String,
    /// The resource.
    pub resource: EntityRef,
    /// The resource's tenant, where that is another than the principal's.
    pub visits: Option<TenantId>,
    /// When the permit ends.
    pub expires_at: Timestamp,
}

impl Proof {
    // INVARIANT: called only from `engine/` (tests/architecture.rs).
    pub(crate) fn new(grant: Grant, intent: RecordId, process: u32) -> Self {
        Self { grant, intent, process }
    }

    /// What was allowed.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Where the intent stands in the audit trail.
    #[must_use]
    pub fn intent(&self) -> &RecordId {
        &self.intent
    }

    /// The process that was given the permit.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.process
    }
}
