//! Tenants' masters for their entities: random, one per tenant, wrapped by the root and kept beside what they protect.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::crypto::{self, RootKeyError, RootKeys};
use crate::engine::masters::{decode, encode, unusable};
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
        let missing = || Refusal::new(Code::KeyUnusable);
        let row = self.rows.get(&master_key(tenant))?.ok_or_else(missing)?;
        let wrapped = decode(&row.value).ok_or(Code::StoreCorrupt)?;
        let context = master_context(&self.deployment, tenant);
        let opened = self.root.unwrap(&context, &wrapped);
        let master = opened.map_err(|error| refused(error, &wrapped.kid))?;
        Ok(Arc::new(EntityKeys::derive(&master, tenant).map_err(|_| missing())?))
    }

    /// A tenant's keys; made where there are none. Only for a tenant of whom nothing was ever kept.
    pub(super) fn keys_or_make(&self, tenant: &TenantId) -> Result<Arc<EntityKeys>, Refusal> {
        if self.rows.get(&master_key(tenant))?.is_none() {
            let random = |_| Refusal::new(Code::StoreUnavailable).at("randomness");
            let fresh = Zeroizing::new(crypto::random::<32>().map_err(random)?);
            let master = Secret::new(fresh.to_vec());
            let context = master_context(&self.deployment, tenant);
            let wrapped = self.root.wrap(&context, &master).map_err(|error| refused(error, ""))?;
            // Another process may be first; what stands there then counts for both.
            self.rows.put_if(&master_key(tenant), 0, &encode(&wrapped))?;
        }
        self.keys(tenant)
    }

    /// The root key that wraps a tenant's master; none where there is no master.
    pub(super) fn root_key_of(&self, tenant: &TenantId) -> Result<Option<String>, Refusal> {
        let Some(row) = self.rows.get(&master_key(tenant))? else { return Ok(None) };
        Ok(Some(decode(&row.value).ok_or(Code::StoreCorrupt)?.kid))
    }

    /// Wraps a tenant's master under the current root key, unless somebody else does meanwhile; says whether it did.
    pub(super) fn rewrap(&self, tenant: &TenantId) -> Result<bool, Refusal> {
        let key = master_key(tenant);
        let Some(row) = self.rows.get(&key)? else { return Ok(false) };
        let wrapped = decode(&row.value).ok_or(Code::StoreCorrupt)?;
        let context = master_context(&self.deployment, tenant);
        let refuse = |error| refused(error, &wrapped.kid);
        let master = self.root.unwrap(&context, &wrapped).map_err(refuse)?;
        let anew = self.root.wrap(&context, &master).map_err(refuse)?;
        Ok(self.rows.put_if(&key, row.version, &encode(&anew))?)
    }
}

fn refused(error: RootKeyError, kid: &str) -> Refusal {
    match error {
        RootKeyError::Unavailable => Refusal::new(Code::StoreUnavailable).at("root keys"),
        RootKeyError::Unknown | RootKeyError::Unusable => unusable(kid),
    }
}
