//! What the tenants of a request keep: the caller's and, where it reaches into another, that one's.

use std::sync::Arc;

use super::state::State;
use crate::engine::Engine;
use crate::engine::live::Live;
use crate::model::{Principal, Refusal, Request, TenantId, Wait};
use crate::policy::Keeps;

/// The states by which a request is decided.
#[derive(Debug)]
pub(in crate::engine) struct KeptOfBoth {
    own: Arc<State>,
    visited: Option<Arc<State>>,
}

impl Engine {
    /// What the caller's tenant keeps, and the one that the request names where a grant leads this caller there.
    pub(in crate::engine) fn kept(
        &self,
        live: &Live,
        principal: &Principal,
        request: &Request,
        wait: Wait,
    ) -> Result<KeptOfBoth, Refusal> {
        let Some(tenant) = &principal.view().tenant_id else {
            return Ok(KeptOfBoth { own: Arc::default(), visited: None });
        };
        let named = request.resource.tenant.as_deref().and_then(|named| named.parse::<TenantId>().ok());
        let tenants = named.map(|named| (tenant.clone(), named));
        let visited = tenants.filter(|tenants| self.crossings.find(principal, tenants, request).is_some());
        let ready = |tenant: &TenantId| {
            let state = live.entities.of(tenant, wait)?;
            live.read_layer((tenant, &state), wait)?;
            Ok::<_, Refusal>(state)
        };
        let visited = visited.map(|(_, visited)| ready(&visited)).transpose()?;
        Ok(KeptOfBoth { own: ready(tenant)?, visited })
    }
}

impl KeptOfBoth {
    pub(in crate::engine) fn keeps(&self) -> Keeps<'_> {
        Keeps { own: &self.own.kept, visited: self.visited.as_deref().map(|state| &state.kept) }
    }

    /// The caller's and the other's; 0 where nothing was ever kept.
    pub(in crate::engine) fn versions(&self) -> [u64; 2] {
        [self.own.kept.version(), self.visited.as_ref().map_or(0, |state| state.kept.version())]
    }
}
