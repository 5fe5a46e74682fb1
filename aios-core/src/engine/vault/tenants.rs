//! Tenants' keys: each master is unwrapped once for a while, by one caller at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::crypto::{self, RootKeyError, RootKeys, Wrapped};
use crate::engine::live::PlannedUptime;
use crate::engine::masters::unusable;
use crate::model::hex::hex;
use crate::model::{Code, Refusal, Secret, TenantId};
use crate::vault::{Error, HeldMaster, TenantKeys, master_context};

/// How long keys are used before their master is unwrapped anew, so that a root that was taken away is missed.
const FOR: Duration = Duration::from_secs(300);
/// How often what is too old is wiped.
const EVERY: Duration = Duration::from_secs(60);
/// Most masters whose keys are held.
const MOST: usize = 1024;

/// Unwraps masters and makes them. What fails is not remembered.
#[derive(Debug)]
pub(super) struct Tenants {
    deployment: String,
    root: Arc<dyn RootKeys>,
    uptime: PlannedUptime,
    held: Mutex<HashMap<Key, Slot>>,
    /// When what was too old was last wiped.
    swept: Mutex<Duration>,
}

/// A tenant and the id of a master.
type Key = (TenantId, String);
type Slot = Arc<Mutex<Option<Held>>>;

/// Keys, and the wrapped master that they came from.
#[derive(Debug)]
struct Held {
    keys: Arc<TenantKeys>,
    wrapped: Wrapped,
    since: Duration,
}

impl Tenants {
    pub(super) fn new(deployment: String, root: Arc<dyn RootKeys>, uptime: PlannedUptime) -> Self {
        Self { deployment, root, uptime, held: Mutex::default(), swept: Mutex::default() }
    }

    /// The keys of a master in a register that was read just now: where another stands there, or none, what was held is of no
    /// use.
    pub(super) fn keys(&self, tenant: &TenantId, master: &HeldMaster) -> Result<Arc<TenantKeys>, Refusal> {
        let HeldMaster { kid, wrapped } = master;
        let now = (self.uptime.0)();
        self.sweep(now);
        let slot = self.slot(tenant, kid);
        // Whoever comes meanwhile waits for the one unwrapping.
        let mut held = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let is_this = |held: &&Held| held.wrapped == *wrapped && now.saturating_sub(held.since) < FOR;
        if let Some(held) = held.as_ref().filter(is_this) {
            return Ok(Arc::clone(&held.keys));
        }
        *held = None;
        let opened = self.unwrap(tenant, master)?;
        let keys = Arc::new(TenantKeys::derive(&opened, tenant, kid).map_err(|_| Error::Undecryptable)?);
        *held = Some(Held { keys: Arc::clone(&keys), wrapped: wrapped.clone(), since: now });
        Ok(keys)
    }

    /// A new master, its id and its keys.
    pub(super) fn make(&self, tenant: &TenantId) -> Result<(String, Wrapped, TenantKeys), Refusal> {
        let random = |_| Refusal::from(Error::Unavailable);
        let fresh = Zeroizing::new(crypto::random::<32>().map_err(random)?);
        let master = Secret::new(fresh.to_vec());
        let kid = format!("m-{}", hex(&crypto::random::<8>().map_err(random)?));
        let wrapped = self.wrap(tenant, &kid, &master)?;
        let keys = TenantKeys::derive(&master, tenant, &kid).map_err(|_| Error::Undecryptable)?;
        Ok((kid, wrapped, keys))
    }

    /// The same master under the current root key.
    pub(super) fn rewrapped(&self, tenant: &TenantId, master: &HeldMaster) -> Result<Wrapped, Refusal> {
        self.wrap(tenant, &master.kid, &self.unwrap(tenant, master)?)
    }

    /// Wipes keys that nobody asked for in time, every minute in which somebody asks for any.
    fn sweep(&self, now: Duration) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(*swept) < EVERY {
            return;
        }
        *swept = now;
        let is_young = |held: &Held| now.saturating_sub(held.since) < FOR;
        // A slot that is locked is in use.
        self.held().retain(|_, slot| slot.try_lock().map_or(true, |held| held.as_ref().is_none_or(is_young)));
    }

    /// Forgets a tenant's keys.
    pub(super) fn forget(&self, tenant: &TenantId) {
        self.held().retain(|(of, _), _| of != tenant);
    }

    /// How many masters' keys are held.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.held().len()
    }

    /// Forgets what is held, where no vanished thread holds a lock.
    pub(super) fn forget_keys(&self) {
        if let Ok(mut held) = self.held.try_lock() {
            held.clear();
        }
    }

    fn unwrap(&self, tenant: &TenantId, HeldMaster { kid, wrapped }: &HeldMaster) -> Result<Secret, Refusal> {
        let context = master_context(&self.deployment, tenant, kid);
        self.root.unwrap(&context, wrapped).map_err(|error| refused(error, &wrapped.kid))
    }

    fn wrap(&self, tenant: &TenantId, kid: &str, master: &Secret) -> Result<Wrapped, Refusal> {
        let context = master_context(&self.deployment, tenant, kid);
        self.root.wrap(&context, master).map_err(|error| refused(error, ""))
    }

    fn slot(&self, tenant: &TenantId, kid: &str) -> Slot {
        let (mut held, key) = (self.held(), (tenant.clone(), kid.to_owned()));
        if held.len() >= MOST && !held.contains_key(&key) {
            // Keys in use stay with who uses them; all others are wiped here.
            held.clear();
        }
        Arc::clone(held.entry(key).or_default())
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Key, Slot>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(error: RootKeyError, kid: &str) -> Refusal {
    match error {
        RootKeyError::Unavailable => Refusal::new(Code::StoreUnavailable).at("root keys"),
        RootKeyError::Unknown => unusable(kid),
        RootKeyError::Unusable => Error::Undecryptable.into(),
    }
}
