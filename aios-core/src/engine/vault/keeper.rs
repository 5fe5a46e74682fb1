//! Where secrets are kept: one row for each, one for its tenant, in the engine's store.
//!
//! A secret's row is written first and its tenant's after it, which then says how often the first was written at least.
//! So whoever reads the tenant's row before the secret's knows that nothing older may stand there, also after a crash
//! between the two.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::tenants::Tenants;
use crate::crypto::RootKeys;
use crate::engine::live::PlannedUptime;
use crate::model::{Code, Deadline, Refusal, TenantId};
use crate::store::{Row, Rows};
use crate::vault::{Error, Kept, Register, SecretPath, TenantKeys, WrappingKey, row};

/// Reads and writes the vault's rows. Decides nothing.
#[derive(Debug)]
pub(in crate::engine) struct Keeper {
    pub(super) rows: Arc<dyn Rows>,
    pub(super) tenants: Tenants,
    /// How often each row was written, as far as this process has seen: less is an older state, put back.
    seen: Mutex<HashMap<String, u64>>,
}

/// A tenant's part of the vault, as it was read.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) keys: Arc<TenantKeys>,
    /// Those of masters that secrets are leaving.
    pub(super) leaving: Vec<Arc<TenantKeys>>,
    pub(super) register: Register,
    pub(super) revision: u64,
}

impl Opened {
    /// What may have wrapped a secret's data key.
    pub(super) fn wrapping(&self) -> Vec<&WrappingKey> {
        [&self.keys].into_iter().chain(&self.leaving).map(|keys| keys.wrapping()).collect()
    }
}

/// Of which rows a tenant's row says how often they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Floors {
    Secrets,
    Uses,
}

impl Floors {
    fn of(self, register: &mut Register) -> &mut BTreeMap<String, u64> {
        match self {
            Self::Secrets => &mut register.floors,
            Self::Uses => &mut register.uses,
        }
    }
}

/// A secret as it was read, and how often its row was written; 0 where there is none yet.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) kept: Kept,
    pub(super) revision: u64,
    /// The id of the master that the row was written under.
    pub(super) under: String,
}

impl Keeper {
    pub(in crate::engine) fn new(
        deployment: String,
        rows: Arc<dyn Rows>,
        root: Arc<dyn RootKeys>,
        uptime: PlannedUptime,
    ) -> Self {
        Self { rows, tenants: Tenants::new(deployment, root, uptime), seen: Mutex::default() }
    }

    /// Forgets the tenants' keys, in a child process that inherited them.
    pub(in crate::engine) fn forget_keys(&self) {
        self.tenants.forget_keys();
    }

    /// A tenant's part; none where it never had a secret.
    pub(super) fn open(&self, tenant: &TenantId) -> Result<Option<Opened>, Refusal> {
        let key = row::tenant_key(tenant);
        let Some(found) = self.row(&key, 0)? else { return Ok(None) };
        let register = Register::peek(&found.value).inspect_err(|error| {
            self.tenants.forget(tenant);
            if *error == Error::Offboarded {
                // Nobody can verify it, and whoever saw it takes no masters of before.
                self.note(key.clone(), found.version);
            }
        })?;
        let keys = self.tenants.keys(tenant, &register.current()?)?;
        Register::verify(&keys, found.version, &found.value)?;
        let leaving = register.leaving()?;
        let leaving = leaving.iter().map(|master| self.tenants.keys(tenant, master));
        let leaving = leaving.collect::<Result<_, _>>()?;
        self.note(key, found.version);
        Ok(Some(Opened { keys, leaving, register, revision: found.version }))
    }

    /// The keys of the tenant's master of that id, the current one or one that came before.
    pub(super) fn keys_named(
        &self,
        tenant: &TenantId,
        kid: &str,
    ) -> Result<Option<Arc<TenantKeys>>, Refusal> {
        let Some(opened) = self.open(tenant)? else { return Ok(None) };
        match opened.register.master(kid)? {
            Some(master) => self.tenants.keys(tenant, &master).map(Some),
            None => Ok(None),
        }
    }

    /// A tenant's part, to write in; made when first asked for.
    pub(super) fn open_or_make(&self, tenant: &TenantId) -> Result<Opened, Refusal> {
        if let Some(opened) = self.open(tenant)? {
            return Ok(opened);
        }
        let (kid, master, keys) = self.tenants.make(tenant)?;
        let register = Register::new(kid, &master);
        // Another process may be first; what stands there then counts for both.
        self.rows.put_if(&row::tenant_key(tenant), 0, &register.write(&keys, 1))?;
        self.open(tenant)?.ok_or_else(|| Error::RolledBack.into())
    }

    /// A secret as it stands now; none where there was never one of that name.
    pub(super) fn find(&self, opened: &Opened, path: &SecretPath) -> Result<Option<Found>, Refusal> {
        let floor = opened.register.floors.get(&path.local()).copied();
        let key = row::secret_key(path);
        let found = self.row(&key, floor.unwrap_or(0))?;
        let (Some(_), Some(found)) = (floor, found.as_ref()) else {
            return match found {
                Some(_)
                    if self
                        .open(path.tenant())?
                        .is_some_and(|now| now.register.floors.contains_key(&path.local())) =>
                {
                    // Somebody put it since the tenant's row was read.
                    Err(Error::Conflict.into())
                }
                // A row of which its tenant's says nothing was brought from elsewhere, or its tenant's is an older one.
                Some(_) => Err(Error::RolledBack.into()),
                None => Ok(None),
            };
        };
        let read = |keys: &Arc<TenantKeys>| row::read_secret(keys, path, found.version, &found.value).ok();
        let every = [&opened.keys].into_iter().chain(&opened.leaving);
        let Some((keys, kept)) = every.into_iter().find_map(|keys| Some((keys, read(keys)?))) else {
            let is_stale = |now: Opened| now.register.kid() != opened.register.kid();
            // The tenant has another master since its row was read.
            let is_stale = self.open(path.tenant())?.is_some_and(is_stale);
            return Err(if is_stale { Error::Conflict } else { Error::Undecryptable }.into());
        };
        self.note(key, found.version);
        let under = keys.wrapping().kid().to_owned();
        Ok(Some(Found { kept, revision: found.version, under }))
    }

    /// A secret with its tenant's part; none where there was never one of that name.
    pub(super) fn locate(&self, path: &SecretPath) -> Result<Option<(Opened, Found)>, Refusal> {
        let look = || -> Result<Option<(Opened, Found)>, Refusal> {
            let Some(opened) = self.open(path.tenant())? else { return Ok(None) };
            Ok(self.find(&opened, path)?.map(|found| (opened, found)))
        };
        match look() {
            Err(refusal) if refusal.code() == Code::VaultConflict => look(),
            found => found,
        }
    }

    /// Writes a secret that was found at that revision, and gives the new one.
    ///
    /// An error may have kept it all the same.
    pub(super) fn keep(
        &self,
        path: &SecretPath,
        opened: Opened,
        found: &Found,
        by: Deadline,
    ) -> Result<u64, Refusal> {
        let revision = found.revision + 1;
        let keys = Arc::clone(&opened.keys);
        if found.revision == 0 {
            self.raise(path, opened, (Floors::Secrets, 0), by)?;
        }
        let content = row::write_secret(&keys, path, revision, &found.kept);
        if !self.rows.put_if(&row::secret_key(path), found.revision, &content)? {
            return Err(Error::Conflict.into());
        }
        self.note(row::secret_key(path), revision);
        let opened = self.open(path.tenant())?.ok_or(Error::RolledBack)?;
        self.raise(path, opened, (Floors::Secrets, revision), by)?;
        Ok(revision)
    }

    /// Says in the tenant's row that another was written so often at least.
    pub(super) fn raise(
        &self,
        path: &SecretPath,
        mut opened: Opened,
        (which, floor): (Floors, u64),
        by: Deadline,
    ) -> Result<(), Refusal> {
        let (key, kid) = (row::tenant_key(path.tenant()), opened.register.kid().to_owned());
        loop {
            let floors = which.of(&mut opened.register);
            if floors.get(&path.local()).is_some_and(|known| *known >= floor) {
                return Ok(());
            }
            floors.insert(path.local(), floor);
            if floors.len() > row::MOST_SECRETS {
                let rule = "one of at most 4096 secrets of its tenant";
                return Err(Error::Invalid { at: "reference", rule }.into());
            }
            let next = opened.revision + 1;
            if self.rows.put_if(&key, opened.revision, &opened.register.write(&opened.keys, next))? {
                self.note(key, next);
                return Ok(());
            }
            // Somebody else changed another secret of the tenant meanwhile.
            if by.has_passed() {
                return Err(Refusal::new(Code::StoreUnavailable).at("others write to this tenant's secrets"));
            }
            opened = self.open(path.tenant())?.ok_or(Error::RolledBack)?;
            if floor == 0 && opened.register.kid() != kid {
                // What is about to be written is under a master that nobody moves it away from.
                return Err(Error::Conflict.into());
            }
        }
    }

    /// A row that was written so often at least, and no less often than this process has seen.
    pub(super) fn row(&self, key: &str, floor: u64) -> Result<Option<Row>, Refusal> {
        // What was seen before the row is read was in the store before.
        let floor = floor.max(self.seen().get(key).copied().unwrap_or(0));
        let found = self.rows.get(key)?;
        if found.as_ref().map_or(0, |row| row.version) < floor {
            return Err(Error::RolledBack.into());
        }
        Ok(found)
    }

    /// INVARIANT: called only with what was verified, or written here, or cannot be followed by anything.
    pub(super) fn note(&self, key: String, revision: u64) {
        let mut seen = self.seen();
        let known = seen.entry(key).or_default();
        *known = revision.max(*known);
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
