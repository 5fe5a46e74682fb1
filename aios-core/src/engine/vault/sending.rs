//! A request with a secret whose body comes in parts: decided and recorded before the first of them, and with an outcome however
//! it ends.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::answer::{Answer, Errand};
use super::using::{Order, SecretUse};
use crate::model::{Code, Refusal};
use crate::net::{self, Uploading};
use crate::vault::Outgoing;

/// Largest part of a body.
pub(super) const MOST_PART: usize = 1024 * 1024;
/// Largest body that comes in parts, as large as an answer may be.
const MOST_SENT: u64 = 1024 * 1024 * 1024;

/// A request that is to carry a secret, and whose body will come.
#[derive(Clone, Debug)]
pub struct Upload {
    /// What is asked of whom.
    pub outgoing: Outgoing,
    /// How many bytes the body will have, where that is known: then the server is told, and the body must be as long.
    pub length: Option<u64>,
    /// As in [`super::Fetch`]; counted anew with each part.
    pub patience: Option<Duration>,
}

/// A request whose body is under way. Dropped before its answer was asked for, it breaks off, and is recorded as abandoned.
#[derive(Debug)]
pub struct Sending {
    uploading: Uploading,
    errand: Mutex<Option<Errand>>,
    length: Option<u64>,
    sent: AtomicU64,
    process: u32,
}

impl SecretUse {
    /// As [`SecretUse::fetch`], for a body that comes in parts: nothing is sent before the record is durable, of the request's
    /// head neither.
    ///
    /// # Errors
    /// As [`SecretUse::fetch`], but of the server; `policy.input` for a body of more than 1 GiB.
    pub fn upload(&self, asked: Upload) -> Result<Sending, Refusal> {
        let length = asked.length;
        if length.is_some_and(|length| length > MOST_SENT) {
            return Err(wrong("length", "at most 1 GiB"));
        }
        let (outbox, content) = net::upload(length);
        let order = Order { outgoing: asked.outgoing, content, patience: asked.patience };
        let (carried, errand) = self.begin(order)?;
        let uploading = Uploading::of(outbox, carried);
        let (errand, sent) = (Mutex::new(Some(errand)), AtomicU64::new(0));
        Ok(Sending { uploading, errand, length, sent, process: std::process::id() })
    }

    /// [`SecretUse::upload`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn upload_async(&self, asked: Upload) -> Result<Sending, Refusal> {
        let this = self.clone();
        self.aios.aside(move |_| this.upload(asked)).await
    }
}

impl Sending {
    /// Sends the next part, 1 MiB at most, once the server has taken the one before. False: no more is wanted, because the answer
    /// has begun, or none will come: [`Sending::answer`] says which. Never call it on a thread that runs tasks.
    ///
    /// # Errors
    /// `policy.input`: the part or the body is too long, and the request has broken off; `audit.permit_ended`: it had before.
    pub fn part(&self, part: Vec<u8>) -> Result<bool, Refusal> {
        self.counted(&part)?;
        Ok(part.is_empty() || self.uploading.part_blocking(part))
    }

    /// [`Sending::part`], awaited. Dropped before it is done, the body lacks that part: [`Sending::end`] it.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn part_async(&self, part: Vec<u8>) -> Result<bool, Refusal> {
        self.counted(&part)?;
        Ok(part.is_empty() || self.uploading.part(part).await)
    }

    /// The body is complete: gives the answer as soon as it begins, and records it. Never call it on a thread that runs tasks.
    ///
    /// # Errors
    /// As [`SecretUse::fetch`]; `policy.input`: the body is shorter than was said, and the request has broken off;
    /// `audit.permit_ended`: it had before.
    pub fn answer(&self) -> Result<Answer, Refusal> {
        self.complete()?.ended(self.uploading.answer_blocking())
    }

    /// [`Sending::answer`], awaited. Dropped before it is done, the request may have gone out.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn answer_async(&self) -> Result<Answer, Refusal> {
        let errand = self.complete()?;
        errand.ended(self.uploading.answer().await)
    }

    /// Breaks the request off, and records that. Nothing happens where its answer was asked for.
    pub fn end(&self) {
        if self.process == std::process::id()
            && let Some(errand) = self.taken()
        {
            self.uploading.end();
            errand.broken_off();
        }
    }

    fn counted(&self, part: &[u8]) -> Result<(), Refusal> {
        self.here()?;
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        let sent = self.sent.fetch_add(length, Ordering::AcqRel).saturating_add(length);
        let rule = match self.length {
            _ if part.len() > MOST_PART => "parts of at most 1 MiB",
            Some(said) if sent > said => "a body as long as was said",
            None if sent > MOST_SENT => "a body of at most 1 GiB",
            Some(_) | None => return Ok(()),
        };
        self.end();
        Err(wrong("body", rule))
    }

    fn complete(&self) -> Result<Errand, Refusal> {
        self.here()?;
        let sent = self.sent.load(Ordering::Acquire);
        // A server that answers before it has everything wants no more.
        if self.length.is_some_and(|said| sent < said) && !self.uploading.is_answered() {
            self.end();
            return Err(wrong("body", "a body as long as was said"));
        }
        self.taken().ok_or(Refusal::new(Code::AuditPermitEnded))
    }

    fn here(&self) -> Result<(), Refusal> {
        let is_open = || self.errand.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if self.process == std::process::id() && is_open() {
            Ok(())
        } else {
            Err(Refusal::new(Code::AuditPermitEnded))
        }
    }

    fn taken(&self) -> Option<Errand> {
        self.errand.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn wrong(at: &'static str, rule: &'static str) -> Refusal {
    Refusal::new(Code::PolicyInput).at(at).expected(rule)
}
