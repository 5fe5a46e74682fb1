//! Uses of a secret that its terms limit: counted in the store, before anything is decrypted, by all processes together.
//!
//! A row of its own for each such secret, under its tenant's tag, whose writes the tenant's row counts as it does those of
//! secrets: an older state is found, and a lost row is none. Of two who count at once, one counts again.

use std::sync::Arc;

use super::keeper::{Floors, Keeper, Opened};
use crate::model::{Code, Deadline, Refusal, Timestamp};
use crate::store::Row;
use crate::vault::{Counts, Error, Kept, Limits, SecretPath, TenantKeys, Version, row};

/// A use that is limited.
#[derive(Clone, Copy, Debug)]
pub(super) struct LimitedUse<'a> {
    pub(super) limits: &'a Limits,
    pub(super) kept: &'a Kept,
    pub(super) version: Version,
    pub(super) now: Timestamp,
}

impl Keeper {
    /// Counts a use, where the limits allow one more, and says how often the row of uses has now been written.
    pub(super) fn count(
        &self,
        path: &SecretPath,
        asked: LimitedUse<'_>,
        by: Deadline,
    ) -> Result<u64, Refusal> {
        let LimitedUse { limits, kept, version, now } = asked;
        loop {
            let opened = self.open(path.tenant())?.ok_or(Error::RolledBack)?;
            let (mut counts, found) = self.counts(&opened, path)?;
            counts.count(limits, (kept, version), now)?;
            let next = found + 1;
            let content = row::write_counts(&opened.keys, path, next, &counts);
            if self.rows.put_if(&row::uses_key(path), found, &content)? {
                self.note(row::uses_key(path), next);
                let opened = self.open(path.tenant())?.ok_or(Error::RolledBack)?;
                self.raise(path, opened, (Floors::Uses, next), by)?;
                return Ok(next);
            }
            if by.has_passed() {
                return Err(Refusal::new(Code::StoreUnavailable).at("others use this secret"));
            }
        }
    }

    /// What was counted so far, and how often its row was written; 0 where nothing ever was.
    pub(super) fn counts(&self, opened: &Opened, path: &SecretPath) -> Result<(Counts, u64), Refusal> {
        let Some((found, counts, _)) = self.counted(opened, path)? else { return Ok((Counts::default(), 0)) };
        Ok((counts, found.version))
    }

    /// Whether the row of uses is under another master than the current one.
    pub(super) fn is_count_behind(&self, opened: &Opened, path: &SecretPath) -> Result<bool, Refusal> {
        let counted = self.counted(opened, path)?;
        Ok(counted.is_some_and(|(_, _, keys)| keys.wrapping().kid() != opened.register.kid()))
    }

    /// Writes the row of uses anew under the current master, unless somebody counts meanwhile, and says how often it was
    /// written then; none where there is none.
    pub(super) fn move_counts(&self, path: &SecretPath, by: Deadline) -> Result<Option<u64>, Refusal> {
        let opened = self.open(path.tenant())?.ok_or(Error::RolledBack)?;
        let Some((found, counts, _)) = self.counted(&opened, path)? else { return Ok(None) };
        let next = found.version + 1;
        let content = row::write_counts(&opened.keys, path, next, &counts);
        if !self.rows.put_if(&row::uses_key(path), found.version, &content)? {
            return Err(Error::Conflict.into());
        }
        self.note(row::uses_key(path), next);
        self.raise(path, opened, (Floors::Uses, next), by)?;
        Ok(Some(next))
    }

    fn counted(
        &self,
        opened: &Opened,
        path: &SecretPath,
    ) -> Result<Option<(Row, Counts, Arc<TenantKeys>)>, Refusal> {
        let floor = opened.register.uses.get(&path.local()).copied().unwrap_or(0);
        let key = row::uses_key(path);
        let Some(found) = self.row(&key, floor)? else { return Ok(None) };
        let read = |keys: &Arc<TenantKeys>| row::read_counts(keys, path, found.version, &found.value).ok();
        let every = [&opened.keys].into_iter().chain(&opened.leaving);
        let (keys, counts) =
            every.into_iter().find_map(|keys| Some((keys, read(keys)?))).ok_or(Error::Undecryptable)?;
        self.note(key, found.version);
        Ok(Some((found, counts, Arc::clone(keys))))
    }
}
