//! A new master for a tenant: its secrets are moved under it, one after another, and no value is decrypted.

use serde_json::{Map, Value, json};

use super::keeper::Keeper;
use super::masters::Looked;
use super::{Fault, Live, Vault, review};
use crate::model::{Deadline, Refusal, TenantId, Who};
use crate::vault::{Error, SecretPath};

/// How long a writer may be under way that read which master is current: nobody waits for the store that long.
pub(super) const UNDER_WAY_SECONDS: i64 = 300;

/// What the record calls it.
pub(super) const OPERATION: &str = "rewrap";
/// Most bytes of what the record says of rows that were written: what would not fit is left to the next call.
const MOST_SAID: usize = 12 * 1024;

/// How far the secrets of a tenant are under its new master.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The id of the current master; none where the tenant never had a secret.
    pub master: Option<String>,
    /// Secrets that this call moved.
    pub moved: usize,
    /// Secrets that are still to be moved.
    pub left: usize,
    /// Whether no secret is under another master, and none can be any more.
    pub is_finished: bool,
    /// Secrets that cannot be moved.
    pub faults: Vec<Fault>,
}

impl Vault {
    /// Gives the tenant of who asks a new master and moves its secrets under it, so many at most: rows are written and data keys
    /// wrapped anew, and what is sealed stays as it is, byte for byte. Cut short at any moment, the next call goes on; call it
    /// until it says that it is finished, which is five minutes after it began at the earliest. Secrets can be used and changed
    /// meanwhile.
    ///
    /// # Errors
    /// As [`super::Aios::authorize`]; `store.*`; `policy.input` where the master changed 16 times before.
    pub fn rewrap(&self, who: impl Into<Who>, most: usize) -> Result<Moved, Refusal> {
        self.survey(&who.into(), OPERATION, |live, tenant| {
            let (moved, wrote) = move_secrets(live, tenant, most)?;
            let data = [
                ("master", json!(moved.master)),
                ("moved", json!(moved.moved)),
                ("left", json!(moved.left)),
                ("faults", json!(moved.faults.len())),
                ("revisions", wrote.revisions.into()),
                ("counts", wrote.counts.into()),
            ];
            Ok((moved, Map::from_iter(data.map(|(name, value)| (name.to_owned(), value)))))
        })
    }
}

/// How often rows were written once this call had moved them, by which verification finds older ones.
#[derive(Debug, Default)]
struct Wrote {
    revisions: Map<String, Value>,
    counts: Map<String, Value>,
    bytes: usize,
}

impl Wrote {
    fn note(&mut self, local: &str, (revision, counted): (Option<u64>, Option<u64>)) {
        for (known, times) in [(&mut self.revisions, revision), (&mut self.counts, counted)] {
            if let Some(times) = times {
                known.insert(local.to_owned(), times.into());
                // The name, and at most so many other characters.
                self.bytes += local.len() + 24;
            }
        }
    }
}

fn move_secrets(live: &Live, tenant: &TenantId, most: usize) -> Result<(Moved, Wrote), Refusal> {
    let (now, by) = (live.scribe.clock.now(), live.deadline());
    let mut moved = Moved { master: None, moved: 0, left: 0, is_finished: true, faults: Vec::new() };
    let mut wrote = Wrote::default();
    let Some(mut opened) = live.vault.open(tenant)? else { return Ok((moved, wrote)) };
    if opened.leaving.is_empty() {
        // Where somebody else is first, the master is theirs, and the secrets are moved together.
        live.vault.succeed(&opened, now)?;
        opened = live.vault.open(tenant)?.ok_or(Error::RolledBack)?;
    }
    let looked = Looked::at(&opened.register);
    for local in opened.register.floors.keys() {
        let path = SecretPath::from_local(tenant.clone(), local).map_err(|_| Error::Undecryptable)?;
        let may = if moved.moved < most && wrote.bytes < MOST_SAID { May::Move(by) } else { May::Look };
        match one(live, &path, may) {
            Ok(Place::There) => {}
            Ok(Place::Moved(revision, counted)) => {
                moved.moved += 1;
                wrote.note(local, (revision, counted));
            }
            Ok(Place::Left) => moved.left += 1,
            Err(refusal) => moved.faults.push(review::fault(Some(path.at(None)), refusal)?),
        }
    }
    let is_still = looked.since.unwrap_or(now).plus_seconds(UNDER_WAY_SECONDS) <= now;
    moved.is_finished =
        moved.left == 0 && moved.faults.is_empty() && is_still && live.vault.settle(tenant, &looked)?;
    moved.master = Some(opened.register.kid().to_owned());
    Ok((moved, wrote))
}

#[derive(Clone, Copy)]
enum May {
    Move(Deadline),
    Look,
}

enum Place {
    There,
    /// How often its row and that of its uses were written then, where they were.
    Moved(Option<u64>, Option<u64>),
    Left,
}

fn one(live: &Live, path: &SecretPath, may: May) -> Result<Place, Refusal> {
    let Some((opened, found)) = live.vault.locate(path)? else { return Ok(Place::There) };
    let is_count_behind = live.vault.is_count_behind(&opened, path)?;
    let is_behind = Keeper::is_behind(&opened, &found)?;
    if !is_behind && !is_count_behind {
        return Ok(Place::There);
    }
    let May::Move(by) = may else { return Ok(Place::Left) };
    let both = || -> Result<Place, Refusal> {
        let counted = if is_count_behind { live.vault.move_counts(path, by)? } else { None };
        let moved = || live.vault.move_over(path, opened, found, by);
        Ok(Place::Moved(is_behind.then(moved).transpose()?, counted))
    };
    match both() {
        Ok(place) => Ok(place),
        // Somebody changed it meanwhile.
        Err(refusal) if refusal.code() == crate::model::Code::VaultConflict => Ok(Place::Left),
        Err(refusal) => Err(refusal),
    }
}
