//! What comes back of a request that carried a secret.

use std::sync::{Mutex, PoisonError};

use super::Outcome;
use super::places::Place;
use crate::engine::Permit;
use crate::model::{Code, Refusal};
use crate::net::{self, Answered};
use crate::vault::{Age, SecretRef, Version};

/// A request under way, and what owes its outcome.
#[derive(Debug)]
pub(super) struct Errand {
    pub(super) hop: Permit,
    pub(super) used: Used,
    pub(super) place: Place,
}

/// What the record says of the secret that went along.
#[derive(Debug)]
pub(super) struct Used {
    pub(super) reference: SecretRef,
    pub(super) version: Version,
    pub(super) age: Age,
    pub(super) fingerprint: String,
    /// How often the row of its uses was then written, where they are counted.
    pub(super) counted: Option<u64>,
}

/// An answer, without the secret in it. Its body comes part by part; dropping it ends the connection.
#[derive(Debug)]
pub struct Answer {
    reference: SecretRef,
    answered: Answered,
    place: Mutex<Option<Place>>,
    process: u32,
}

impl Errand {
    /// Records what came, once its head is there.
    pub(super) fn ended(self, came: Result<Answered, net::Error>) -> Result<Answer, Refusal> {
        let came = came.map_err(refusal);
        let outcome = match &came {
            Ok(answered) => {
                let outcome = Outcome::ok().with("status", answered.status);
                if is_rejection(answered) { outcome.with("credential", "rejected") } else { outcome }
            }
            Err(refusal) => Outcome::failed().with("code", refusal.code().as_str()),
        };
        let recorded = self.recorded(outcome);
        let answered = came.and_then(|answered| recorded.map(|()| answered))?;
        let place = Mutex::new(Some(self.place));
        Ok(Answer { reference: self.used.reference, answered, place, process: std::process::id() })
    }

    /// Records that the body of the request did not come to its end.
    pub(super) fn broken_off(self) {
        // What cannot be recorded now is `abandoned`.
        let _ = self.recorded(Outcome::failed().with("body", "broken_off"));
    }

    fn recorded(&self, outcome: Outcome) -> Result<(), Refusal> {
        let Used { reference, version, age, fingerprint, counted } = &self.used;
        let outcome = if *age == Age::Overdue { outcome.with("overdue", true) } else { outcome };
        let outcome = outcome
            .with("reference", reference.to_string())
            .with("version", version.number())
            .with("fingerprint", fingerprint.as_str());
        self.hop.complete(&with_count(outcome, *counted))
    }
}

impl Answer {
    /// The status, three digits.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.answered.status
    }

    /// Names in lower case and values.
    #[must_use]
    pub fn headers(&self) -> &[(String, Vec<u8>)] {
        &self.answered.headers
    }

    /// The version that went along.
    #[must_use]
    pub fn reference(&self) -> &SecretRef {
        &self.reference
    }

    /// Whether the server says that the credential is not good, or not for this (401 and 403).
    #[must_use]
    pub fn is_rejection(&self) -> bool {
        is_rejection(&self.answered)
    }

    /// The next part of the body; none at its end. Never call it on a thread that runs tasks.
    ///
    /// # Errors
    /// `vault.upstream`: the body broke off, came too slowly or is too large. `audit.permit_ended`: in another process.
    pub fn next(&self) -> Result<Option<Vec<u8>>, Refusal> {
        self.here()?;
        self.over(self.answered.next_blocking())
    }

    /// [`Answer::next`], awaited. Dropped before it is done, no part is lost.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn next_async(&self) -> Result<Option<Vec<u8>>, Refusal> {
        self.here()?;
        self.over(self.answered.next().await)
    }

    /// Ends the connection, where nobody reads the body at this moment.
    pub fn end(&self) {
        if self.here().is_ok() {
            self.answered.end();
            self.free();
        }
    }

    fn over(&self, part: Result<Option<Vec<u8>>, net::Error>) -> Result<Option<Vec<u8>>, Refusal> {
        if !matches!(part, Ok(Some(_))) {
            self.free();
        }
        part.map_err(refusal)
    }

    /// Whoever is next need not wait until this is dropped.
    fn free(&self) {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// A forked child has inherited the answer and nobody who brings its body.
    fn here(&self) -> Result<(), Refusal> {
        if self.process == std::process::id() { Ok(()) } else { Err(Refusal::new(Code::AuditPermitEnded)) }
    }
}

/// By what verification finds that counted uses were put back.
pub(super) fn with_count(outcome: Outcome, counted: Option<u64>) -> Outcome {
    match counted {
        Some(counted) => outcome.with("counted", counted),
        None => outcome,
    }
}

fn is_rejection(answered: &Answered) -> bool {
    matches!(answered.status, 401 | 403)
}

/// What is out of reach is the request's affair, everything else the server's.
pub(super) fn refusal(error: net::Error) -> Refusal {
    use net::Error::{AddressNotAllowed, NotRegistered, Url};
    if matches!(error, AddressNotAllowed | NotRegistered | Url(_)) {
        let expected = "https, at a public address or at a host of [vault] private_hosts";
        return Refusal::new(Code::VaultNotAdmitted).at("url").expected(expected);
    }
    Refusal::new(Code::VaultUpstream).hint(error.to_string())
}
