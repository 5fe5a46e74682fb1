//! A batch on its way into one commit: what is to be recorded, by owners, and who cares.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::intent::Durable;
use super::journal::Waiting;
use crate::audit::{Appended, Chain, ChainCommit, Entry, Kind, Owner, StoredRecord};
use crate::model::Refusal;
use crate::model::permit::RecordId;

/// Something to be recorded, and who cares.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) owner: Owner,
    pub(super) entry: Entry,
    /// What another owner's chain says of it, in the same commit or not at all.
    pub(super) twin: Option<Box<(Owner, Entry)>>,
    pub(super) care: Care,
    /// Its place in the queue.
    pub(super) number: u64,
}

impl Item {
    pub(super) fn new(owner: Owner, entry: Entry, care: Care) -> Self {
        Self { owner, entry, twin: None, care, number: 0 }
    }

    /// Everybody in whose chain it will stand.
    pub(super) fn owners(&self) -> impl Iterator<Item = &Owner> {
        std::iter::once(&self.owner).chain(self.twin.as_deref().map(|(owner, _)| owner))
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
    /// Whoever cares for the record of this number, which is another chain's.
    Twin,
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

/// A batch by owners.
pub(super) type Parts = BTreeMap<Owner, Part>;
/// Where the twins of a commit's records stand, by number.
pub(super) type Twins = HashMap<u64, (Owner, RecordId)>;

/// One owner's part of a batch.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) chain: Chain,
    /// Records that come before the items': the open record of a new chain.
    pub(super) preface: usize,
    pub(super) entries: Vec<Entry>,
    pub(super) cares: Vec<(Care, u64)>,
}

impl Part {
    /// Where the items' records stand.
    pub(super) fn places(&self, appended: &Appended) -> Vec<RecordId> {
        let chain = appended.next.id().incarnation;
        let places = appended.places.iter().skip(self.preface);
        places.map(|(seq, mac)| RecordId { chain, seq: *seq, mac: *mac }).collect()
    }

    /// The items in it. What nobody asked for has no number.
    pub(super) fn numbers(&self) -> HashSet<u64> {
        self.cares.iter().map(|(_, number)| *number).filter(|number| *number > 0).collect()
    }

    pub(super) fn has_any(&self, numbers: &HashSet<u64>) -> bool {
        self.cares.iter().any(|(_, number)| numbers.contains(number))
    }

    /// Takes records out whose twins cannot be.
    pub(super) fn strike(
        &mut self,
        owner: &Owner,
        numbers: &HashSet<u64>,
        refusal: &Refusal,
        leftover: &mut Leftover,
    ) {
        if !self.has_any(numbers) {
            return;
        }
        let entries = self.entries.split_off(self.preface.min(self.entries.len()));
        for (entry, (care, number)) in entries.into_iter().zip(std::mem::take(&mut self.cares)) {
            if numbers.contains(&number) {
                refuse(Item { number, ..Item::new(owner.clone(), entry, care) }, refusal, leftover);
            } else {
                self.entries.push(entry);
                self.cares.push((care, number));
            }
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

pub(super) fn refuse(item: Item, refusal: &Refusal, leftover: &mut Leftover) {
    leftover.failed = true;
    match item.care {
        Care::Intent(waiting) | Care::Awaited(waiting) => {
            leftover.answers.push((waiting, Err(refusal.clone())));
        }
        // A chain that could not be closed has ended all the same.
        Care::Must if item.entry.kind == Kind::Close => {}
        Care::Must => leftover.retry.push(item),
        Care::Nobody | Care::Twin => {}
        Care::Lost(count) => leftover.lost.push((item.owner, Losses { count, number: item.number })),
        Care::Refusal => leftover.lost.push((item.owner, Losses { count: 1, number: item.number })),
    }
}

pub(super) fn twins(done: &[(Owner, Part, Appended)]) -> Twins {
    let mut twins = Twins::new();
    for (owner, part, appended) in done {
        for ((care, number), place) in part.cares.iter().zip(part.places(appended)) {
            if matches!(care, Care::Twin) {
                twins.insert(*number, (owner.clone(), place));
            }
        }
    }
    twins
}

pub(super) fn chain_commit(part: &Part, appended: &mut Appended) -> ChainCommit {
    let frames = std::mem::take(&mut appended.frames).into_iter();
    let places = appended.places.iter().map(|(seq, _)| *seq);
    let entries = part.entries.iter().map(|entry| entry.disclosures.clone());
    let records = frames.zip(places).zip(entries);
    let records =
        records.map(|((frame, seq), disclosures)| StoredRecord { seq, frame, disclosures }).collect();
    ChainCommit { id: part.chain.id().clone(), records, head: appended.head.clone() }
}
