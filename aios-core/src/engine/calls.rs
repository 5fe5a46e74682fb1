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
    known: Mutex<HashMap<Key, Known>>,
    changed: Condvar,
}

/// A tenant and its caller's id of a call.
pub(super) type Key = (TenantId, String);

#[derive(Debug)]
struct Known {
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
    Reserved(Key),
}

impl Calls {
    /// Claims a call id; waits for a twin whose intent is on its way.
    pub(super) fn claim(&self, key: Key, binding: Digest, wait: Wait) -> Result<Claim, Refusal> {
        let mut known = self.lock();
        loop {
            let entry = match known.entry(key.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert(Known { binding, permit: None });
                    return Ok(Claim::Reserved(key));
                }
                Entry::Occupied(entry) => entry,
            };
            let same = entry.get().binding == binding;
            match entry.get().permit.as_ref().map(Weak::upgrade) {
                Some(None) => drop(entry.remove()),
                _ if !same => return Err(Refusal::new(Code::PolicyCallReused)),
                Some(Some(open)) => return Ok(Claim::Open(Permit(open))),
                None => known = self.wait(known, wait)?,
            }
        }
    }

    /// Says which permit a reserved id stands for.
    pub(super) fn settle(&self, key: &Key, permit: Weak<Open>) {
        if let Some(known) = self.lock().get_mut(key) {
            known.permit = Some(permit);
        }
        self.changed.notify_all();
    }

    /// Frees an id: its permit ended, or its intent failed.
    pub(super) fn free(&self, key: &Key) {
        self.lock().remove(key);
        self.changed.notify_all();
    }

    fn wait<'a>(
        &self,
        known: MutexGuard<'a, HashMap<Key, Known>>,
        wait: Wait,
    ) -> Result<MutexGuard<'a, HashMap<Key, Known>>, Refusal> {
        let Wait::Until(deadline) = wait else { return Err(Refusal::new(Code::WouldWait)) };
        if deadline.has_passed() {
            return Err(Refusal::new(Code::AuditUnavailable).at("deadline"));
        }
        let left = deadline.remaining();
        Ok(self.changed.wait_timeout(known, left).unwrap_or_else(PoisonError::into_inner).0)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
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
        actor.map_or("", |actor| actor.kind.as_str()).as_bytes(),
        actor.map_or("", |actor| &actor.id).as_bytes(),
        request.action.as_bytes(),
        request.resource.kind.as_bytes(),
        request.resource.id.as_bytes(),
        &rest,
    ])])
}
