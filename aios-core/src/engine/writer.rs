//! The writing end of all chains of this process: turns a batch of items into one commit.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};

use serde_json::json;

use super::intent::Durable;
use super::journal::{Journal, Waiting};
use super::masters::Masters;
use super::scribe::Scribe;
use crate::audit::{
    Appended, Chain, ChainCommit, ChainId, Commit, Entry, Kind, Ledger, LedgerError, Owner, StoredRecord,
    append,
};
use crate::crypto;
use crate::model::hex::hex;
use crate::model::permit::RecordId;
use crate::model::{Code, Refusal, Wait};

/// Something to be recorded, and who cares.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) owner: Owner,
    pub(super) entry: Entry,
    pub(super) care: Care,
    /// Its place in the queue.
    pub(super) number: u64,
}

impl Item {
    pub(super) fn new(owner: Owner, entry: Entry, care: Care) -> Self {
        Self { owner, entry, care, number: 0 }
    }
}

/// Who cares whether an item becomes durable.
#[derive(Debug)]
pub(super) enum Care {
    /// A task waits for an intent; if it fails, it never happened.
    Awaited(Waiting),
    /// A thread waits for an intent, and can lead.
    Intent(Waiting),
    /// Nobody waits: so many refusals were lost. Counted again where this is lost too.
    Lost(u64),
    /// Nobody waits, but it must not be lost: kept and carried by the next commit.
    Must,
    /// Nobody: it says something about the commit that it fails with.
    Nobody,
    /// Nobody waits; counted where it is lost.
    Refusal,
}

/// What is left after a batch.
#[derive(Debug, Default)]
pub(super) struct Leftover {
    /// Answers for whoever waits, to be given once the next commit can begin.
    pub(super) answers: Vec<(Waiting, Result<Durable, Refusal>)>,
    /// Items that must be tried again.
    pub(super) retry: Vec<Item>,
    /// Owners and how many of their refusals were lost.
    pub(super) lost: Vec<(Owner, Losses)>,
    /// Whether anything was not made durable.
    pub(super) failed: bool,
}

/// Refusals of one owner that could not be recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Losses {
    pub(super) count: u64,
    /// Where the first of them stood among what was queued.
    pub(super) number: u64,
}

/// Chains by owner. Only whoever leads a commit touches it.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) chains: HashMap<Owner, Chain>,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) masters: Arc<Masters>,
    pub(super) scribe: Arc<Scribe>,
    /// Where an intent goes whose caller is gone.
    pub(super) journal: Weak<Journal>,
}

/// One owner's part of a batch.
#[derive(Debug)]
struct Part {
    chain: Chain,
    /// Records that come before the items': the open record of a new chain.
    preface: usize,
    entries: Vec<Entry>,
    cares: Vec<(Care, u64)>,
}

impl Writer {
    /// Makes a batch durable.
    pub(super) fn write(&mut self, batch: Vec<Item>, wait: Wait) -> Leftover {
        let mut leftover = Leftover::default();
        let parts = self.parts(batch, &mut leftover);
        let mut commit = Commit::default();
        let mut done = Vec::with_capacity(parts.len());
        for (owner, part) in parts {
            match append(&part.chain, &part.entries) {
                Ok(mut appended) => {
                    commit.chains.push(chain_commit(&part, &mut appended));
                    done.push((owner, part, appended));
                }
                Err(error) => self.give_up(&owner, part, &error.into(), &mut leftover),
            }
        }
        if commit.chains.is_empty() {
            return leftover;
        }
        // An adapter that panics has failed like any other; nothing of the batch may be lost with it.
        let committed = catch_unwind(AssertUnwindSafe(|| self.ledger.commit(&commit, wait)))
            .unwrap_or_else(|_| Err(LedgerError::Unavailable("the ledger panicked".into())));
        match committed {
            Ok(()) => {
                for (owner, part, appended) in done {
                    self.acknowledge(owner, part, appended, &mut leftover);
                }
            }
            Err(error) => {
                let refusal = refusal(error);
                for (owner, part, _) in done {
                    self.give_up(&owner, part, &refusal, &mut leftover);
                }
            }
        }
        leftover
    }

    /// Ends every open chain with a close record.
    pub(super) fn closing(&self) -> Result<Vec<Item>, Refusal> {
        let close = |owner: &Owner| {
            let entry = self.scribe.told(owner, Kind::Close, json!({}))?;
            Ok(Item::new(owner.clone(), entry, Care::Must))
        };
        self.chains.keys().map(close).collect()
    }

    fn parts(&mut self, batch: Vec<Item>, leftover: &mut Leftover) -> BTreeMap<Owner, Part> {
        let mut parts = BTreeMap::new();
        for item in batch {
            if let Err(refusal) = self.part(&mut parts, &item.owner) {
                refuse(item, &refusal, leftover);
            } else if let Some(part) = parts.get_mut(&item.owner) {
                part.entries.push(item.entry);
                part.cares.push((item.care, item.number));
            }
        }
        parts
    }

    /// The owner's part; opens a chain, and tells the system chain of it, where there is none.
    fn part(&mut self, parts: &mut BTreeMap<Owner, Part>, owner: &Owner) -> Result<(), Refusal> {
        if parts.contains_key(owner) {
            return Ok(());
        }
        let part = if let Some(chain) = self.chains.remove(owner) {
            Part { chain, preface: 0, entries: Vec::new(), cares: Vec::new() }
        } else {
            let part = self.open(owner)?;
            if *owner != Owner::System {
                self.announce(parts, &part.chain)?;
            }
            part
        };
        parts.insert(owner.clone(), part);
        Ok(())
    }

    fn open(&self, owner: &Owner) -> Result<Part, Refusal> {
        let incarnation =
            crypto::random().map_err(|_| Refusal::new(Code::AuditUnavailable).at("randomness"))?;
        let id = ChainId { deployment: self.scribe.deployment.clone(), owner: owner.clone(), incarnation };
        let chain = Chain::open(id, &self.masters.writing(owner)?);
        Ok(Part { chain, preface: 1, entries: vec![self.scribe.open(owner)?], cares: Vec::new() })
    }

    /// A chain that vanishes as a whole is found because the system chain names it.
    fn announce(&mut self, parts: &mut BTreeMap<Owner, Part>, chain: &Chain) -> Result<(), Refusal> {
        self.part(parts, &Owner::System)?;
        let members = json!({
            "event": "chain.open",
            "of": chain.id().owner.as_str(),
            "chain": hex(&chain.id().incarnation),
        });
        let entry = self.scribe.told(&Owner::System, Kind::System, members)?;
        if let Some(system) = parts.get_mut(&Owner::System) {
            system.entries.push(entry);
            system.cares.push((Care::Nobody, 0));
        }
        Ok(())
    }

    fn acknowledge(&mut self, owner: Owner, part: Part, appended: Appended, leftover: &mut Leftover) {
        let chain = appended.next.id().incarnation;
        let places = appended.places.into_iter().skip(part.preface);
        for ((care, _), (seq, mac)) in part.cares.into_iter().zip(places) {
            if let Care::Intent(waiting) | Care::Awaited(waiting) = care {
                let place = RecordId { chain, seq, mac };
                let durable = Durable::new(owner.clone(), place, Weak::clone(&self.journal));
                leftover.answers.push((waiting, Ok(durable)));
            }
        }
        // Dropping the old chain wipes its key: the commit's MACs can no longer be made.
        let closed = part.entries.last().is_some_and(|entry| entry.kind == Kind::Close);
        if !closed {
            self.chains.insert(owner, appended.next);
        }
    }

    /// The commit may or may not have happened, so its chains end here.
    fn give_up(&mut self, owner: &Owner, part: Part, refusal: &Refusal, leftover: &mut Leftover) {
        self.chains.remove(owner);
        for (entry, (care, number)) in part.entries.into_iter().skip(part.preface).zip(part.cares) {
            refuse(Item { owner: owner.clone(), entry, care, number }, refusal, leftover);
        }
    }
}

/// Refuses a batch whose turn did not come. No chain was touched.
pub(super) fn refuse_all(batch: Vec<Item>, refusal: &Refusal) -> Leftover {
    let mut leftover = Leftover::default();
    for item in batch {
        refuse(item, refusal, &mut leftover);
    }
    leftover
}

fn refuse(item: Item, refusal: &Refusal, leftover: &mut Leftover) {
    leftover.failed = true;
    match item.care {
        Care::Intent(waiting) | Care::Awaited(waiting) => {
            leftover.answers.push((waiting, Err(refusal.clone())));
        }
        // A chain that could not be closed has ended all the same.
        Care::Must if item.entry.kind == Kind::Close => {}
        Care::Must => leftover.retry.push(item),
        Care::Nobody => {}
        Care::Lost(count) => leftover.lost.push((item.owner, Losses { count, number: item.number })),
        Care::Refusal => leftover.lost.push((item.owner, Losses { count: 1, number: item.number })),
    }
}

fn chain_commit(part: &Part, appended: &mut Appended) -> ChainCommit {
    let frames = std::mem::take(&mut appended.frames).into_iter();
    let places = appended.places.iter().map(|(seq, _)| *seq);
    let entries = part.entries.iter().map(|entry| entry.disclosures.clone());
    let records = frames.zip(places).zip(entries);
    let records =
        records.map(|((frame, seq), disclosures)| StoredRecord { seq, frame, disclosures }).collect();
    ChainCommit { id: part.chain.id().clone(), records, head: appended.head.clone() }
}

/// What a ledger's answer means to whoever waits.
pub(super) fn refusal(error: LedgerError) -> Refusal {
    match error {
        LedgerError::Conflict => Refusal::new(Code::AuditUnavailable).at("another writer took this place"),
        LedgerError::Corrupt(what) => Refusal::new(Code::StoreCorrupt).at(what),
        LedgerError::Newer => Refusal::new(Code::StoreNewer),
        LedgerError::Unavailable(what) => Refusal::new(Code::AuditUnavailable).at(what),
        LedgerError::WouldWait => Refusal::new(Code::WouldWait),
    }
}
