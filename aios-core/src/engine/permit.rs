//! An open permit: the caller may act, and owes an outcome.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

use super::calls::Use;
use super::intent::Places;
use super::live::Live;
use super::revocations;
use super::standing::Whom;
use crate::model::json;
use crate::model::permit::Grant;
use crate::model::{Code, Proof, Refusal, Wait};

/// Largest data of an outcome, in bytes of JSON.
const MAX_DATA: usize = 16 * 1024;

/// Leave to make one call. Complete it when the call is over; dropped without that, its outcome is `abandoned`.
///
/// Clones are the same permit.
#[must_use = "a permit that is dropped is recorded as abandoned"]
#[derive(Clone, Debug)]
pub struct Permit(pub(super) Arc<Open>);

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    status: &'static str,
    data: Map<String, Value>,
}

impl Outcome {
    /// The call was made and succeeded.
    #[must_use]
    pub fn ok() -> Self {
        Self { status: "ok", data: Map::new() }
    }

    /// The same, with these facts.
    pub(super) fn saying(data: Map<String, Value>) -> Self {
        Self { status: "ok", data }
    }

    /// The call was made or tried and failed.
    #[must_use]
    pub fn failed() -> Self {
        Self { status: "failed", data: Map::new() }
    }

    /// Adds a fact to the record, 16 KiB in all. It is stored as it is: no secrets.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.data.insert(name.into(), value.into());
        self
    }
}

impl Permit {
    /// What is allowed, to whom and until when.
    #[must_use]
    pub fn view(&self) -> &Grant {
        self.0.proof.grant()
    }

    /// The proof that the intent is durable, which rooms below the engine ask for.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.0.proof
    }

    /// Whether the call may still be made. Waits for nobody.
    ///
    /// # Errors
    /// `audit.permit_ended`: completed, past its time or its caller's token's, in another process than the one it
    /// was given to, or behind a closed engine. `token.revoked`: the caller is; it stays so for this permit.
    /// `store.unavailable`: whether the caller is cannot be read.
    pub fn still_open(&self) -> Result<(), Refusal> {
        self.open_within(Wait::Never).map_err(revocations::at_once)
    }

    /// As [`Permit::still_open`], for whoever may wait.
    pub(super) fn open_within(&self, wait: Wait) -> Result<(), Refusal> {
        let open = &self.0;
        let ended = open.completed.load(Ordering::Acquire)
            || open.live.scribe.clock.now() >= self.view().expires_at
            || !open.live.is_open();
        if ended {
            return Err(Refusal::new(Code::AuditPermitEnded));
        }
        if open.revoked.load(Ordering::Acquire) {
            return Err(Refusal::new(Code::TokenRevoked));
        }
        let grant = self.view();
        let standing = open.live.revocations.standing(Whom::of(grant), Some(&grant.action), wait);
        standing.map(drop).inspect_err(|refusal| {
            // For good: its call id is free for another permit from now on.
            if refusal.code() == Code::TokenRevoked {
                open.revoked.store(true, Ordering::Release);
            }
        })
    }

    /// Records how the call ended. Does not wait; the record cannot be lost while the process lives.
    ///
    /// # Errors
    /// `audit.completed` the second time; `policy.input` for more than 16 KiB of data; `audit.permit_ended` in another
    /// process; `engine.closed`.
    pub fn complete(&self, outcome: &Outcome) -> Result<(), Refusal> {
        if !self.0.live.is_here() {
            return Err(Refusal::new(Code::AuditPermitEnded));
        }
        let mut spelled = Vec::new();
        let bounded =
            json::bound(&outcome.data).map(|()| json::canonical_members(&outcome.data, &mut spelled));
        if bounded.is_err() || spelled.len() > MAX_DATA {
            return Err(Refusal::new(Code::PolicyInput).at("outcome").expected("at most 16 KiB of data"));
        }
        if self.0.completed.swap(true, Ordering::AcqRel) {
            return Err(Refusal::new(Code::AuditCompleted));
        }
        self.0.end(outcome)
    }
}

/// What all clones of a permit share.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) proof: Proof,
    pub(super) places: Places,
    pub(super) live: Arc<Live>,
    pub(super) call: Option<Use>,
    pub(super) completed: AtomicBool,
    /// Whether its caller was once seen to be revoked.
    pub(super) revoked: AtomicBool,
}

impl Open {
    fn end(&self, outcome: &Outcome) -> Result<(), Refusal> {
        if let Some(call) = &self.call {
            self.live.calls.free(call);
        }
        self.live.journal.end(&self.places, outcome.status, &outcome.data)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // In a forked child the permit is the parent's to complete, and the parent's locks may be held for ever.
        if !self.completed.load(Ordering::Acquire) && self.live.is_here() {
            // Refused only where the engine is closed: nothing can be recorded any more.
            let _ = self.end(&Outcome { status: "abandoned", data: Map::new() });
        }
    }
}
