//! Payloads: bytes that a step of a pipeline leaves for another, sealed and opened part by part under the tenant's key.
//!
//! Sealing takes the action `write` on the entity whose content the bytes are, opening `read`: the same policy decides as
//! for the entity itself. The intent is durable before the first byte is worked on, the outcome says how many there were.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::{Live, Outcome, Vault};
use crate::engine::Permit;
use crate::model::{Code, EntityRef, Refusal, Request, Resource, TenantId, Wait, Who};
use crate::vault::{Error, PayloadOf, PayloadOpening, PayloadSealing};

/// What is asked for a payload.
#[derive(Clone, Debug)]
pub struct PayloadOrder {
    /// The entity whose content it is.
    pub resource: Resource,
    /// As in [`Request`].
    pub context: Map<String, Value>,
    /// As in [`Request`].
    pub trace: Option<String>,
}

/// A payload that is being sealed or opened. Dropped before its end, it is recorded as abandoned.
#[derive(Debug)]
pub struct Payload {
    permit: Permit,
    /// While it is open.
    work: Mutex<Option<Work>>,
    /// Set where somebody went away without an answer: what they did not get is missing.
    is_over: AtomicBool,
}

#[derive(Debug)]
struct Work {
    direction: Direction,
    bytes: u64,
}

#[derive(Debug)]
enum Direction {
    /// What it begins with, until the first part is asked for.
    Sealing(Vec<u8>, Box<PayloadSealing>),
    Opening(TenantId, Box<PayloadOpening>),
}

impl Vault {
    /// Begins to seal a payload under the key of the tenant of who asks. Policy must permit `write` on its entity.
    ///
    /// # Errors
    /// As [`crate::Aios::authorize`]; `vault.*`, `store.*` where the tenant's key is not to be had.
    pub fn encrypt(&self, who: impl Into<Who>, order: PayloadOrder) -> Result<Payload, Refusal> {
        self.begin(who.into(), order, ("encrypt", "write"), |of| {
            let keys = self.0.0.live()?.vault.open_or_make(&of.tenant)?.keys;
            let (sealing, head) = PayloadSealing::begin(&keys, of)?;
            Ok(Direction::Sealing(head, Box::new(sealing)))
        })
    }

    /// Begins to open a payload of the tenant of who asks. Policy must permit `read` on its entity.
    ///
    /// # Errors
    /// As [`crate::Aios::authorize`].
    pub fn decrypt(&self, who: impl Into<Who>, order: PayloadOrder) -> Result<Payload, Refusal> {
        self.begin(who.into(), order, ("decrypt", "read"), |of| {
            Ok(Direction::Opening(of.tenant.clone(), Box::new(PayloadOpening::begin(of.clone()))))
        })
    }

    fn begin(
        &self,
        who: Who,
        order: PayloadOrder,
        (operation, action): (&str, &str),
        work: impl FnOnce(&PayloadOf) -> Result<Direction, Refusal>,
    ) -> Result<Payload, Refusal> {
        let engine = &self.0.0;
        let live = engine.live()?;
        let by = live.deadline();
        let PayloadOrder { resource, context, trace } = order;
        let mut request = Request::new(who, action, resource);
        request.context = context;
        request.trace = trace;
        let says = Map::from_iter([("payload".to_owned(), json!({"operation": operation}))]);
        let permit = engine.authorize(&live, &request, &says, by)?;
        let begun = place(&permit).and_then(|of| work(&of));
        match begun {
            Ok(direction) => {
                let work = Mutex::new(Some(Work { direction, bytes: 0 }));
                Ok(Payload { permit, work, is_over: AtomicBool::new(false) })
            }
            Err(refusal) => {
                permit.complete(&failed(&refusal))?;
                Err(refusal)
            }
        }
    }
}

impl Payload {
    /// Works on more bytes, and gives those that are ready. Opened ones are what was sealed as far as they go, and may be
    /// a beginning: that they are all, [`Payload::finish`] says.
    ///
    /// # Errors
    /// As [`Permit::still_open`]; `vault.undecryptable`: it is no payload of this entity and tenant, or its master is gone;
    /// `policy.input`: it is above 64 GiB; `store.*`. What is refused once is over.
    pub fn update(&self, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        let mut held = self.held()?;
        let Some(work) = held.as_mut() else { return Err(Code::AuditPermitEnded.into()) };
        let done =
            self.permit.open_within(self.patience()).and_then(|()| work.update(&self.permit.0.live, bytes));
        done.map_err(|refusal| self.end(&mut held, refusal))
    }

    /// Ends it, and gives what is left. Its outcome is recorded.
    ///
    /// # Errors
    /// As [`Payload::update`]; then nothing that came before may be taken for the whole.
    pub fn finish(&self) -> Result<Vec<u8>, Refusal> {
        let mut held = self.held()?;
        if let Err(refusal) = self.permit.open_within(self.patience()) {
            return Err(self.end(&mut held, refusal));
        }
        let work = held.take().ok_or(Code::AuditPermitEnded)?;
        let bytes = work.bytes;
        match work.finish() {
            Ok(rest) => {
                self.permit.complete(&Outcome::ok().with("bytes", bytes))?;
                Ok(rest)
            }
            Err(error) => Err(self.end(&mut held, error.into())),
        }
    }

    /// [`Payload::update`], awaited. Dropped before it is done, the part is worked on and lost: nothing more comes of the rest.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn update_async(self: &Arc<Self>, bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
        self.aside(move |payload| payload.update(&bytes)).await
    }

    /// [`Payload::finish`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn finish_async(self: &Arc<Self>) -> Result<Vec<u8>, Refusal> {
        self.aside(Self::finish).await
    }

    async fn aside(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<Vec<u8>, Refusal> + Send + 'static,
    ) -> Result<Vec<u8>, Refusal> {
        let payload = Arc::clone(self);
        let mut waiting = Waiting { payload: self, is_answered: false };
        let answer = self.permit.0.live.home.engine()?.aside(move |_| work(&payload)).await?;
        waiting.is_answered = true;
        Ok(answer)
    }

    /// Nothing more comes of it.
    fn abandon(&self) {
        self.is_over.store(true, Ordering::Release);
        // Where it has an outcome, that stays.
        let _ = self.permit.complete(&failed(&Code::AuditPermitEnded.into()));
    }

    fn patience(&self) -> Wait {
        Wait::Until(self.permit.0.live.deadline())
    }

    /// What was wrong is recorded, and nothing more comes of it.
    fn end(&self, held: &mut Option<Work>, refusal: Refusal) -> Refusal {
        held.take();
        // An ended permit has its outcome already.
        let _ = self.permit.complete(&failed(&refusal));
        refusal
    }

    /// Somebody else who works on it at this moment makes nonsense of its order.
    fn held(&self) -> Result<MutexGuard<'_, Option<Work>>, Refusal> {
        use std::sync::TryLockError::{Poisoned, WouldBlock};
        if self.is_over.load(Ordering::Acquire) {
            return Err(Code::AuditPermitEnded.into());
        }
        match self.work.try_lock() {
            Ok(held) => Ok(held),
            Err(Poisoned(held)) => Ok(PoisonError::into_inner(held)),
            Err(WouldBlock) => {
                self.abandon();
                Err(Refusal::new(Code::PolicyInput).at("payload").expected("one part after the other"))
            }
        }
    }
}

/// Somebody who awaits a part. Whoever stops waiting, or is refused, has a hole.
struct Waiting<'p> {
    payload: &'p Payload,
    is_answered: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.payload.abandon();
        }
    }
}

impl Work {
    fn update(&mut self, live: &Live, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        let out = match &mut self.direction {
            Direction::Sealing(head, sealing) => {
                let mut out = std::mem::take(head);
                out.append(&mut sealing.update(bytes)?);
                out
            }
            Direction::Opening(tenant, opening) => {
                opening.update(|kid| live.vault.keys_named(tenant, kid), bytes)?
            }
        };
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(out)
    }

    fn finish(self) -> Result<Vec<u8>, Error> {
        match self.direction {
            Direction::Sealing(mut head, sealing) => {
                head.append(&mut sealing.finish()?);
                Ok(head)
            }
            Direction::Opening(_, opening) => opening.finish(),
        }
    }
}

/// Under whose key it is: the caller's tenant's, and no other one's, whatever policy permits.
fn place(permit: &Permit) -> Result<PayloadOf, Refusal> {
    let grant = permit.view();
    let Some(tenant) = grant.principal.view().tenant_id.clone() else {
        return Err(Refusal::new(Code::TenantMissing).at("principal"));
    };
    if grant.visits.is_some() {
        return Err(Refusal::new(Code::TenantMismatch).at("resource.tenant"));
    }
    let EntityRef { kind, id } = &grant.resource;
    Ok(PayloadOf { tenant, entity: EntityRef::new(kind, id) })
}

fn failed(refusal: &Refusal) -> Outcome {
    Outcome::failed().with("code", refusal.code().as_str())
}
