//! Tenants' masters for their entities: random, one per tenant, wrapped by the root and kept beside what they protect.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::crypto::{self, RootKeyError, RootKeys};
use crate::engine::masters::{decode, encode};
use crate::entities::{EntityKeys, master_context, master_key};
use crate::model::{Code, Refusal, Secret, TenantId};
use crate::store::Rows;

/// Finds or makes masters.
#[derive(Debug)]
pub(in crate::engine) struct Masters {
    deployment: String,
    rows: Arc<dyn Rows>,
    root: Arc<dyn RootKeys>,
}

impl Masters {
    pub(in crate::engine) fn new(deployment: String, rows: Arc<dyn Rows>, root: Arc<dyn RootKeys>) -> Self {
        Self { deployment, rows, root }
    }

    /// A tenant's keys; its master must be there.
    pub(super) fn keys(&self, tenant: &TenantId) -> Result<Arc<EntityKeys>, Refusal> {
        let unusable = || Refusal::new(Code::KeyUnusable);
        let row = self.rows.get(&master_key(tenant))?.ok_or_else(unusable)?;
        let wrapped = decode(&row.value).ok_or(Code::StoreCorrupt)?;
        let master =
            self.root.unwrap(&master_context(&self.deployment, tenant), &wrapped).map_err(refused)?;
        Ok(Arc::new(EntityKeys::derive(&master, tenant).map_err(|_| unusable())?))
    }

    /// A tenant's keys; made where there are none. Only for a tenant of whom nothing was ever kept.
    pub(super) fn keys_or_make(&self, tenant: &TenantId) -> Result<Arc<EntityKeys>, Refusal> {
        if self.rows.get(&master_key(tenant))?.is_none() {
            let random = |_| Refusal::new(Code::StoreUnavailable).at("randomness");
            let fresh = Zeroizing::new(crypto::random::<32>().map_err(random)?);
            let master = Secret::new(fresh.to_vec());
            let context = master_context(&self.deployment, tenant);
            let wrapped = self.root.wrap(&context, &master).map_err(refused)?;
            // Another process may be first; what stands there then counts for both.
            self.rows.put_if(&master_key(tenant), 0, &encode(&wrapped))?;
        }
        self.keys(tenant)
    }
}

fn refused(error: RootKeyError) -> Refusal {
    match error {
        RootKeyError::Unavailable => Refusal::new(Code::StoreUnavailable).at("root keys"),
        RootKeyError::Unusable => Refusal::new(Code::KeyUnusable),
    }
}
