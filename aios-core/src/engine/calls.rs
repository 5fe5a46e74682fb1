//! Calls that have an open permit, by the id their caller gave them.
//!
//! While its permit is open, the same call gets the same permit; the same id for anything else is refused.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, Weak};

use super::permit::{Open, Permit};
use crate::crypto::{Digest, frame, sha256};
use crate::model::json::canonical_members;
use crate::model::{Admitted, Code, Refusal, TenantId, Wait};

/// Calls of this process that have a permit, or are about to.
#[derive(Debug, Default)]
pub(super) struct Calls {
    table: Mutex<Table>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Table {
    known: HashMap<Key, Known>,
    /// Tells one use of an id from the next: a late end of the last must not touch it.
    uses: u64,
}

/// A tenant and its caller's id of a call.
pub(super) type Key = (TenantId, String);

/// One use of a call id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use {
    key: Key,
    number: u64,
}

#[derive(Debug)]
struct Known {
    number: u64,
    binding: Digest,
    /// None while the intent is on its way.
    permit: Option<Weak<Open>>,
}

/// What a call id stands for.
#[derive(Debug)]
pub(super) enum Claim {
    /// The same call, and its permit is open.
    Open(Permit),
    /// Nothing yet; it is now reserved for this call.
    Reserved(Use),
}

impl Calls {
    /// Claims a call id; waits for a twin whose intent is on its way.
    pub(super) fn claim(&self, key: &Key, binding: Digest, wait: Wait) -> Result<Claim, Refusal> {
        let mut table = self.lock();
        loop {
            table.uses += 1;
            let number = table.uses;
            let known = match table.known.entry(key.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert(Known { number, binding, permit: None });
                    return Ok(Claim::Reserved(Use { key: key.clone(), number }));
                }
                Entry::Occupied(entry) => entry.into_mut(),
            };
            let (same, used) = (known.binding == binding, known.number);
            match known.permit.clone() {
                None if same => table = self.wait(table, wait)?,
                None => return Err(Refusal::new(Code::PolicyCallReused)),
                Some(permit) => {
                    // Dropping a permit takes this lock, so none may be dropped while it is held.
                    drop(table);
                    match open(&permit, wait)? {
                        Some(permit) if same => return Ok(Claim::Open(permit)),
                        Some(_) => return Err(Refusal::new(Code::PolicyCallReused)),
                        None => self.free(&Use { key: key.clone(), number: used }),
                    }
                    table = self.lock();
                }
            }
        }
    }

    /// Says which permit a reserved id stands for.
    pub(super) fn settle(&self, used: &Use, permit: Weak<Open>) {
        let mut table = self.lock();
        if let Some(known) = table.known.get_mut(&used.key).filter(|known| known.number == used.number) {
            known.permit = Some(permit);
        }
        drop(table);
        self.changed.notify_all();
    }

    /// Ends one use of an id: its permit ended, or its intent failed.
    pub(super) fn free(&self, used: &Use) {
        let mut table = self.lock();
        if table.known.get(&used.key).is_some_and(|known| known.number == used.number) {
            table.known.remove(&used.key);
        }
        drop(table);
        self.changed.notify_all();
    }

    fn wait<'a>(&self, table: MutexGuard<'a, Table>, wait: Wait) -> Result<MutexGuard<'a, Table>, Refusal> {
        let Wait::Until(deadline) = wait else { return Err(Refusal::new(Code::WouldWait)) };
        if deadline.has_passed() {
            return Err(Refusal::new(Code::AuditUnavailable).at("deadline"));
        }
        let left = deadline.remaining();
        Ok(self.changed.wait_timeout(table, left).unwrap_or_else(PoisonError::into_inner).0)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The permit, if it is still open. Where that cannot be known, it may be, and there must not be a second.
fn open(permit: &Weak<Open>, wait: Wait) -> Result<Option<Permit>, Refusal> {
    let Some(permit) = permit.upgrade().map(Permit) else { return Ok(None) };
    match permit.open_within(wait) {
        Ok(()) => Ok(Some(permit)),
        Err(refusal) if refusal.is_denial() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Everything that makes a call this call.
pub(super) fn binding(admitted: &Admitted<'_>) -> Digest {
    let (facts, request) = (admitted.principal().view(), admitted.request());
    let actor = admitted.principal().actor();
    let mut rest = Vec::new();
    for members in [&request.resource.attrs, &request.input, &request.context] {
        canonical_members(members, &mut rest);
    }
    for parent in &request.resource.parents {
        rest.extend(frame(&[parent.kind.as_bytes(), parent.id.as_bytes()]));
    }
    sha256(&[&frame(&[
        facts.issuer.as_str().as_bytes(),
        facts.kind.as_str().as_bytes(),
        facts.subject.as_bytes(),
        facts.client_id.as_deref().unwrap_or_default().as_bytes(),
        actor.map_or("", |actor| actor.issuer.as_str()).as_bytes(),
        actor.map_or("", |actor| actor.kind.as_str()).as_bytes(),
        actor.map_or("", |actor| &actor.id).as_bytes(),
        request.action.as_bytes(),
        request.resource.kind.as_bytes(),
        request.resource.id.as_bytes(),
        admitted.resource_tenant().map_or("", TenantId::as_str).as_bytes(),
        &rest,
    ])])
}
