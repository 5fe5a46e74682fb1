//! An intent on its way: from the decision to the permit.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};

use serde_json::{Map, Value};

use super::calls::Use;
use super::journal::{Journal, Records};
use super::live::Live;
use super::permit::{Open, Permit};
use super::revocations;
use super::standing::{Standing, Whom};
use crate::audit::Owner;
use crate::model::permit::{Grant, RecordId};
use crate::model::{Code, Proof, Refusal, Wait};

/// A decided call whose intent is not durable yet.
#[derive(Debug)]
pub(super) struct Intent {
    /// Until it was taken.
    records: Option<Records>,
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
    places: Option<Places>,
    journal: Weak<Journal>,
}

/// Where an intent stands.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) owner: Owner,
    pub(super) place: RecordId,
    /// In another owner's chain, across tenants.
    pub(super) twin: Option<(Owner, RecordId)>,
}

impl Intent {
    pub(super) fn new(
        records: Records,
        grant: Grant,
        call: Option<Reservation>,
        standing: Standing,
        live: Arc<Live>,
    ) -> Self {
        Self { records: Some(records), grant, call, standing, live }
    }

    /// Whether the caller was revoked while the intent became durable.
    pub(super) fn still_stands(&self, wait: Wait) -> Result<(), Refusal> {
        let now = self.live.revocations.standing(Whom::of(&self.grant), Some(&self.grant.action), wait);
        self.standing.holds(now.map_err(revocations::at_once)?)
    }

    /// What is to be recorded, and in whose chains; once.
    pub(super) fn take_records(&mut self) -> Result<Records, Refusal> {
        self.records.take().ok_or_else(|| Refusal::new(Code::Internal))
    }

    /// The permit, now that the intent is durable.
    pub(super) fn granted(mut self: Box<Self>, durable: Durable) -> Permit {
        let places = durable.taken_over();
        let proof = Proof::new(self.grant.clone(), places.place.clone(), self.live.process());
        let call = self.call.as_mut().and_then(|reservation| reservation.used.take());
        let open = Arc::new(Open {
            proof,
            places,
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
    pub(super) fn new(places: Places, journal: Weak<Journal>) -> Self {
        Self { places: Some(places), journal }
    }

    /// Whether it stands in two chains.
    #[cfg(test)]
    pub(super) fn is_twofold(&self) -> bool {
        self.places.as_ref().is_some_and(|places| places.twin.is_some())
    }

    fn taken_over(mut self) -> Places {
        let nowhere = RecordId { chain: [0; 16], seq: 0, mac: [0; 32] };
        let none = Places { owner: Owner::System, place: nowhere, twin: None };
        self.places.take().unwrap_or(none)
    }
}

impl Drop for Durable {
    fn drop(&mut self) {
        if let (Some(places), Some(journal)) = (self.places.take(), self.journal.upgrade()) {
            // Refused only behind a closed engine or in a forked child, where nothing can be recorded.
            let _ = journal.end(&places, "abandoned", &Map::new());
        }
    }
}

impl Journal {
    /// Records what became of an intent, wherever it stands. Another owner than the caller's hears how it ended, and
    /// nothing that the caller says of it.
    pub(super) fn end(
        &self,
        Places { owner, place, twin }: &Places,
        status: &str,
        data: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        let of = |owner: &Owner, place: &RecordId, data: &Map<String, Value>| {
            let entry = self.scribe().outcome(owner, place, status, data)?;
            Ok::<_, Refusal>((owner.clone(), entry))
        };
        let (first, nothing) = (of(owner, place, data)?, Map::new());
        let twin = twin.as_ref().map(|(owner, place)| of(owner, place, &nothing)).transpose()?;
        self.must(std::iter::once(first).chain(twin))
    }
}
