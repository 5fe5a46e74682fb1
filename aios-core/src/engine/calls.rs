//! Calls that have an open permit, by the id their caller gave them.
//!
//! While its permit is open, the same call gets the same permit; the same id for anything else is refused.

use std::collections::HashMap;
use std::ptr;
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
            let (same, permit) = match known.get(&key) {
                Some(found) => (found.binding == binding, found.permit.clone()),
                None => {
                    known.insert(key.clone(), Known { binding, permit: None });
                    return Ok(Claim::Reserved(key));
                }
            };
            let Some(permit) = permit else {
                if !same {
                    return Err(Refusal::new(Code::PolicyCallReused));
                }
                known = self.wait(known, wait)?;
                continue;
            };
            // Without the lock: where it is the last one, dropping it frees the id, which takes the lock.
            drop(known);
            match permit.upgrade().map(Permit).filter(|permit| permit.still_open().is_ok()) {
                Some(open) if same => return Ok(Claim::Open(open)),
                Some(_) => return Err(Refusal::new(Code::PolicyCallReused)),
                None => self.free(&key, permit.as_ptr()),
            }
            known = self.lock();
        }
    }

    /// Says which permit a reserved id stands for.
    pub(super) fn settle(&self, key: &Key, permit: Weak<Open>) {
        if let Some(known) = self.lock().get_mut(key) {
            known.permit = Some(permit);
        }
        self.changed.notify_all();
    }

    /// Frees an id whose permit ended, unless it stands for a later permit by now.
    pub(super) fn free(&self, key: &Key, ended: *const Open) {
        self.remove(key, |known| known.permit.as_ref().is_some_and(|permit| ptr::eq(permit.as_ptr(), ended)));
    }

    /// Frees a reserved id: its intent failed.
    pub(super) fn release(&self, key: &Key) {
        self.remove(key, |known| known.permit.is_none());
    }

    fn remove(&self, key: &Key, which: impl FnOnce(&Known) -> bool) {
        let mut known = self.lock();
        if known.get(key).is_some_and(which) {
            known.remove(key);
        }
        drop(known);
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
