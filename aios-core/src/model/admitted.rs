//! Proof that a request stays within its principal's tenant, or that a grant lets it reach into one other.

use std::sync::Arc;

use super::{Crossing, Principal, Request, TenantId};

/// A request that passed the tenant guard. Only `tenant.rs` can make one.
#[derive(Debug, Clone)]
pub struct Admitted<'r> {
    principal: Principal,
    tenant: TenantId,
    resource_tenant: Option<TenantId>,
    crossing: Option<Arc<Crossing>>,
    request: &'r Request,
}

impl<'r> Admitted<'r> {
    // INVARIANT: called only from `tenant.rs` (tests/architecture.rs).
    pub(crate) fn new(
        principal: Principal,
        tenant: TenantId,
        resource_tenant: Option<TenantId>,
        crossing: Option<Arc<Crossing>>,
        request: &'r Request,
    ) -> Self {
        Self { principal, tenant, resource_tenant, crossing, request }
    }

    /// The verified caller.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The tenant in which the request happens.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The resource's tenant; none for a shared resource.
    #[must_use]
    pub fn resource_tenant(&self) -> Option<&TenantId> {
        self.resource_tenant.as_ref()
    }

    /// The grant by which it reaches into the resource's tenant; none where that is the principal's own, or nobody's.
    #[must_use]
    pub fn crossing(&self) -> Option<&Arc<Crossing>> {
        self.crossing.as_ref()
    }

    /// The request. Its `who` is answered by [`Admitted::principal`].
    #[must_use]
    pub fn request(&self) -> &'r Request {
        self.request
    }
}
