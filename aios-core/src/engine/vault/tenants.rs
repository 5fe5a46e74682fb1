//! Tenants' keys: each master is unwrapped once for a while, by one caller at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::crypto::{self, RootKeyError, RootKeys, Wrapped};
use crate::engine::live::PlannedUptime;
use crate::model::hex::hex;
use crate::model::{Code, Refusal, Secret, TenantId};
use crate::vault::{Error, Register, TenantKeys, master_context};

/// How long keys are used before their master is unwrapped anew, so that a root that was taken away is missed.
const FOR: Duration = Duration::from_secs(300);
/// Most tenants whose keys are held.
const MOST: usize = 1024;

/// Unwraps masters and makes them. What fails is not remembered.
#[derive(Debug)]
pub(super) struct Tenants {
    deployment: String,
    root: Arc<dyn RootKeys>,
    uptime: PlannedUptime,
    held: Mutex<HashMap<TenantId, Slot>>,
}

type Slot = Arc<Mutex<Option<Held>>>;

/// Keys, and the wrapped master that they came from.
#[derive(Debug)]
struct Held {
    keys: Arc<TenantKeys>,
    kid: String,
    wrapped: Wrapped,
    since: Duration,
}

impl Tenants {
    pub(super) fn new(deployment: String, root: Arc<dyn RootKeys>, uptime: PlannedUptime) -> Self {
        Self { deployment, root, uptime, held: Mutex::default() }
    }

    /// The keys of the master in a register that was read just now: where another stands there, or none, what was held
    /// is of no use.
    pub(super) fn keys(&self, tenant: &TenantId, register: &Register) -> Result<Arc<TenantKeys>, Refusal> {
        let slot = self.slot(tenant);
        // Whoever comes meanwhile waits for the one unwrapping.
        let mut held = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let wrapped = register.master()?;
        let now = (self.uptime.0)();
        let is_this = |held: &&Held| {
            held.kid == register.kid() && held.wrapped == wrapped && now.saturating_sub(held.since) < FOR
        };
        if let Some(held) = held.as_ref().filter(is_this) {
            return Ok(Arc::clone(&held.keys));
        }
        *held = None;
        let context = master_context(&self.deployment, tenant, register.kid());
        let master = self.root.unwrap(&context, &wrapped).map_err(refused)?;
        let keys =
            Arc::new(TenantKeys::derive(&master, tenant, register.kid()).map_err(|_| Error::Undecryptable)?);
        let kid = register.kid().to_owned();
        *held = Some(Held { keys: Arc::clone(&keys), kid, wrapped, since: now });
        Ok(keys)
    }

    /// A new master for a tenant that has none.
    pub(super) fn make(&self, tenant: &TenantId) -> Result<(Register, TenantKeys), Refusal> {
        let random = |_| Refusal::from(Error::Unavailable);
        let fresh = Zeroizing::new(crypto::random::<32>().map_err(random)?);
        let master = Secret::new(fresh.to_vec());
        let kid = format!("m-{}", hex(&crypto::random::<8>().map_err(random)?));
        let wrapped =
            self.root.wrap(&master_context(&self.deployment, tenant, &kid), &master).map_err(refused)?;
        let keys = TenantKeys::derive(&master, tenant, &kid).map_err(|_| Error::Undecryptable)?;
        Ok((Register::new(kid, &wrapped), keys))
    }

    /// Forgets what is held, where no vanished thread holds a lock.
    pub(super) fn forget_keys(&self) {
        if let Ok(mut held) = self.held.try_lock() {
            held.clear();
        }
    }

    fn slot(&self, tenant: &TenantId) -> Slot {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MOST && !held.contains_key(tenant) {
            // Keys in use stay with who uses them; all others are wiped here.
            held.clear();
        }
        Arc::clone(held.entry(tenant.clone()).or_default())
    }
}

fn refused(error: RootKeyError) -> Refusal {
    match error {
        RootKeyError::Unavailable => Refusal::new(Code::StoreUnavailable).at("root keys"),
        RootKeyError::Unusable => Error::Undecryptable.into(),
    }
}
