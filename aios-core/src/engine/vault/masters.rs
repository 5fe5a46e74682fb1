//! What becomes of a tenant's masters: wrapped anew by the root, followed by another one, or destroyed.

use super::keeper::{Found, Keeper, Opened};
use crate::model::{Deadline, Refusal, TenantId, Timestamp};
use crate::store::Row;
use crate::vault::{self, Error, HeldMaster, Register, SecretPath, Stage, from_text, row, to_text};

/// By which masters it was looked where secrets are: whoever begins another one meanwhile makes that worthless.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Looked {
    kid: String,
    pub(super) since: Option<Timestamp>,
}

impl Looked {
    pub(super) fn at(register: &Register) -> Self {
        Self { kid: register.kid().to_owned(), since: register.leaving_since() }
    }
}

impl Keeper {
    /// Which root keys wrap a tenant's masters, one for each master.
    pub(in crate::engine) fn root_keys_of(&self, tenant: &TenantId) -> Result<Vec<String>, Refusal> {
        let found = self.row(&row::tenant_key(tenant), 0)?;
        match found.map(|row| Register::peek(&row.value)) {
            Some(Ok(register)) => Ok(register.roots().map(str::to_owned).collect()),
            Some(Err(Error::Offboarded)) | None => Ok(Vec::new()),
            Some(Err(error)) => Err(error.into()),
        }
    }

    /// Wraps a tenant's masters under the current root key, unless somebody else changes its row meanwhile; says whether it
    /// did. No secret's row is touched.
    pub(in crate::engine) fn rewrap_masters(&self, tenant: &TenantId) -> Result<bool, Refusal> {
        let Some(opened) = self.open(tenant)? else { return Ok(false) };
        let anew = |master: &HeldMaster| self.tenants.rewrapped(tenant, master);
        let register = opened.register.clone().rewrapped(anew)?;
        self.replace(&opened, &register)
    }

    /// Begins a new master, which secrets are to be moved to; says whether nobody else changed the row meanwhile.
    pub(super) fn succeed(&self, opened: &Opened, now: Timestamp) -> Result<bool, Refusal> {
        let tenant = opened.keys.tenant();
        let (kid, master, keys) = self.tenants.make(tenant)?;
        let register = opened.register.clone().succeed(kid, &master, now)?;
        let (key, next) = (row::tenant_key(tenant), opened.revision + 1);
        Ok(self.rows.put_if(&key, opened.revision, &register.write(&keys, next))?)
    }

    /// Says that no secret is under a former master any more, where the masters still are those by which that was seen; says
    /// whether it does.
    pub(super) fn settle(&self, tenant: &TenantId, looked: &Looked) -> Result<bool, Refusal> {
        let opened = self.open(tenant)?.ok_or(Error::RolledBack)?;
        if Looked::at(&opened.register) != *looked {
            return Ok(false);
        }
        Ok(opened.leaving.is_empty() || self.replace(&opened, &opened.register.clone().settled())?)
    }

    /// Whether a secret, or a version of it, is still under another master than the current one.
    pub(super) fn is_behind(opened: &Opened, found: &Found) -> Result<bool, Error> {
        let is_behind = |envelope: &str| -> Result<bool, Error> {
            Ok(!vault::is_under(&from_text(envelope)?, opened.keys.wrapping())?)
        };
        let mut behind = found.under != opened.register.kid();
        for kept in found.kept.versions().iter().filter(|kept| kept.stage != Stage::Destroyed) {
            behind |= is_behind(&kept.envelope)?;
        }
        Ok(behind)
    }

    /// Moves a secret under the current master: its row, and each envelope's wrap. Bodies stay as they are.
    pub(super) fn move_over(
        &self,
        path: &SecretPath,
        opened: Opened,
        mut found: Found,
        by: Deadline,
    ) -> Result<u64, Refusal> {
        found.kept.exchange(|envelope| {
            let (from, to) = (opened.wrapping(), [opened.keys.wrapping()]);
            let moved = vault::rewrap(&from_text(envelope)?, &from, &to, path.tenant())?;
            Ok(to_text(&moved))
        })?;
        self.keep(path, opened, &found, by)
    }

    /// Destroys a tenant's masters for good; says whether there were any. What was held of them is wiped here.
    pub(super) fn destroy_masters(
        &self,
        tenant: &TenantId,
        now: Timestamp,
        by: Deadline,
    ) -> Result<bool, Refusal> {
        let key = row::tenant_key(tenant);
        loop {
            let found = self.rows.get(&key)?;
            let is_gone = |row: &Row| matches!(Register::peek(&row.value), Err(Error::Offboarded));
            if found.as_ref().is_some_and(is_gone) {
                self.tenants.forget(tenant);
                return Ok(false);
            }
            // A row that nobody can read is destroyed like any other; a tenant that never had a secret gets none either.
            let version = found.as_ref().map_or(0, |row| row.version);
            if self.rows.put_if(&key, version, &Register::tombstone(now))? {
                self.note(key, version + 1);
                self.tenants.forget(tenant);
                return Ok(found.is_some());
            }
            if by.has_passed() {
                return Err(Error::Conflict.into());
            }
        }
    }

    fn replace(&self, opened: &Opened, register: &Register) -> Result<bool, Refusal> {
        let (key, next) = (row::tenant_key(opened.keys.tenant()), opened.revision + 1);
        let is_done = self.rows.put_if(&key, opened.revision, &register.write(&opened.keys, next))?;
        if is_done {
            self.note(key, next);
        }
        Ok(is_done)
    }
}
