//! An intent on its way: from the decision to the permit.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};

use serde_json::Map;

use super::calls::Use;
use super::journal::Journal;
use super::live::Live;
use super::permit::{Open, Permit};
use super::revocations::{self, Standing};
use crate::audit::{Entry, Kind, Owner};
use crate::model::permit::{Grant, RecordId};
use crate::model::{Proof, Refusal, Wait};
use crate::revocation::Error;

/// A decided call whose intent is not durable yet.
#[derive(Debug)]
pub(super) struct Intent {
    record: (Owner, Entry),
    grant: Grant,
    call: Option<Reservation>,
    standing: Standing,
    live: Arc<Live>,
}

/// A reserved call id; freed when dropped, unless a permit took it over.
#[derive(Debug)]
pub(super) struct Reservation {
    live: Arc<Live>,
    used: Option<Use>,
}

/// A durable intent that owes an outcome. Dropped before a permit takes it over, its outcome is `abandoned`: so an
/// intent whose caller went away, at whatever moment, is not left dangling.
#[derive(Debug)]
pub(super) struct Durable {
    owner: Owner,
    place: Option<RecordId>,
    journal: Weak<Journal>,
}

impl Intent {
    pub(super) fn new(
        record: (Owner, Entry),
        grant: Grant,
        call: Option<Reservation>,
        standing: Standing,
        live: Arc<Live>,
    ) -> Self {
        Self { record, grant, call, standing, live }
    }

    /// Whether the caller was revoked while the intent became durable.
    pub(super) fn still_stands(&self, wait: Wait) -> Result<(), Refusal> {
        let facts = self.grant.principal.view();
        let now = self.live.revocations.standing(facts, Some(&self.grant.action), wait);
        match (self.standing, now.map_err(revocations::at_once)?) {
            // The record does not say so.
            (Standing::Current, Standing::Graced(_)) => Err(Error::Unavailable("it went away".into()).into()),
            (Standing::Current | Standing::Graced(_), Standing::Current)
            | (Standing::Graced(_), Standing::Graced(_)) => Ok(()),
        }
    }

    /// What is to be recorded, and in whose chain.
    pub(super) fn take_record(&mut self) -> (Owner, Entry) {
        let (owner, entry) = &mut self.record;
        let empty = Entry { kind: Kind::Intent, body: Vec::new(), disclosures: Vec::new() };
        (owner.clone(), std::mem::replace(entry, empty))
    }

    /// The permit, now that the intent is durable.
    pub(super) fn granted(mut self: Box<Self>, durable: Durable) -> Permit {
        let (owner, place) = durable.taken_over();
        let proof = Proof::new(self.grant.clone(), place, self.live.process());
        let call = self.call.as_mut().and_then(|reservation| reservation.used.take());
        let open = Arc::new(Open {
            proof,
            owner,
            live: Arc::clone(&self.live),
            call: call.clone(),
            completed: AtomicBool::new(false),
            revoked: AtomicBool::new(false),
        });
        if let Some(used) = &call {
            self.live.calls.settle(used, Arc::downgrade(&open));
        }
        Permit(open)
    }
}

impl Reservation {
    pub(super) fn new(live: Arc<Live>, used: Use) -> Self {
        Self { live, used: Some(used) }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // In a forked child the parent's lock may be held for ever.
        if let Some(used) = self.used.take()
            && self.live.is_here()
        {
            self.live.calls.free(&used);
        }
    }
}

impl Durable {
    pub(super) fn new(owner: Owner, place: RecordId, journal: Weak<Journal>) -> Self {
        Self { owner, place: Some(place), journal }
    }

    fn taken_over(mut self) -> (Owner, RecordId) {
        let nowhere = RecordId { chain: [0; 16], seq: 0, mac: [0; 32] };
        (self.owner.clone(), self.place.take().unwrap_or(nowhere))
    }
}

impl Drop for Durable {
    fn drop(&mut self) {
        if let (Some(place), Some(journal)) = (self.place.take(), self.journal.upgrade()) {
            journal.abandoned(&self.owner, &place);
        }
    }
}

impl Journal {
    /// Records that nobody took up an intent.
    pub(super) fn abandoned(&self, owner: &Owner, intent: &RecordId) {
        if let Ok(entry) = self.scribe().outcome(owner, intent, "abandoned", &Map::new()) {
            // Refused only behind a closed engine or in a forked child, where nothing can be recorded.
            let _ = self.must(owner.clone(), entry);
        }
    }
}
