//! What waits to be recorded, in order, with how much of it is whose.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::json;

use super::batch::{Care, Item, Leftover, Losses};
use super::scribe::Scribe;
use crate::audit::{Kind, Owner};

/// Most items taken from the queue into one commit.
const BATCH: usize = 512;

/// Items before they are committed.
#[derive(Debug, Default)]
pub(super) struct Queue {
    items: VecDeque<Item>,
    /// What failed before and must not be lost: carried by the owner's next commit, so that one owner's trouble does
    /// not stand in another's way.
    parked: BTreeMap<Owner, Vec<Item>>,
    waiting: HashMap<Owner, usize>,
    lost: BTreeMap<Owner, Losses>,
    /// Items ever queued; numbers them.
    numbered: u64,
    /// The lowest number in the commit under way.
    in_flight: Option<u64>,
    pub(super) leading: bool,
    pub(super) committer: Committer,
    pub(super) closed: bool,
}

/// The thread that commits what no caller's thread does.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Committer {
    #[default]
    Absent,
    Resting,
    Called,
}

impl Queue {
    pub(super) fn push(&mut self, mut item: Item) {
        self.numbered += 1;
        item.number = self.numbered;
        self.count(&item);
        self.items.push_back(item);
    }

    fn count(&mut self, item: &Item) {
        for owner in item.owners() {
            *self.waiting.entry(owner.clone()).or_default() += 1;
        }
    }

    /// Counts refusals that could not be recorded.
    pub(super) fn lose(&mut self, owner: Owner, count: u64) {
        self.numbered += 1;
        let number = self.numbered;
        self.lose_again(owner, Losses { count, number });
    }

    fn lose_again(&mut self, owner: Owner, losses: Losses) {
        let lost = self.lost.entry(owner).or_insert(Losses { count: 0, number: losses.number });
        lost.count = lost.count.saturating_add(losses.count);
        lost.number = lost.number.min(losses.number);
    }

    /// How much of an owner's waits, what failed before included.
    pub(super) fn waiting(&self, owner: &Owner) -> usize {
        self.waiting.get(owner).copied().unwrap_or(0) + self.parked.get(owner).map_or(0, Vec::len)
    }

    /// The number up to which items were queued.
    pub(super) fn last_number(&self) -> u64 {
        self.numbered
    }

    /// Whether everything up to a number is durable or was answered, counts of lost refusals included. What is lost
    /// later is not waited for: one owner's flood would hold up everybody.
    pub(super) fn is_settled(&self, number: u64) -> bool {
        let open = self.items.iter().chain(self.parked.values().flatten()).map(|item| item.number);
        let lost = self.lost.values().map(|losses| losses.number);
        open.chain(lost).chain(self.in_flight).all(|open| open > number)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.parked.is_empty() && self.lost.is_empty()
    }

    /// Whether anything waits that did not fail before.
    pub(super) fn has_fresh(&self) -> bool {
        !self.items.is_empty()
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }

    /// Puts what failed before back in front, to be tried again.
    pub(super) fn unpark(&mut self) {
        let parked: Vec<Item> = std::mem::take(&mut self.parked).into_values().flatten().collect();
        for item in parked.into_iter().rev() {
            self.count(&item);
            self.items.push_front(item);
        }
    }

    /// Takes what the next commit holds.
    pub(super) fn take_batch(&mut self, scribe: &Scribe) -> Vec<Item> {
        let mut batch: Vec<Item> = Vec::new();
        for (owner, losses) in std::mem::take(&mut self.lost) {
            let members = json!({"event": "refusals.lost", "count": losses.count});
            match scribe.told(&owner, Kind::Event, members) {
                Ok(entry) => {
                    let lost = Item::new(owner, entry, Care::Lost(losses.count));
                    batch.push(Item { number: losses.number, ..lost });
                }
                Err(_) => self.lose_again(owner, losses),
            }
        }
        for item in self.items.drain(..self.items.len().min(BATCH)) {
            // First what failed before: an owner gets no new permit while an old outcome is not durable.
            for owner in item.owners() {
                batch.append(&mut self.parked.remove(owner).unwrap_or_default());
                if let Some(count) = self.waiting.get_mut(owner) {
                    *count = count.saturating_sub(1);
                }
            }
            batch.push(item);
        }
        self.waiting.retain(|_, count| *count > 0);
        self.in_flight = batch.iter().map(|item| item.number).min();
        batch
    }

    /// Takes back what a batch left over.
    pub(super) fn settle(&mut self, leftover: Leftover) {
        self.in_flight = None;
        for item in leftover.retry {
            self.parked.entry(item.owner.clone()).or_default().push(item);
        }
        leftover.lost.into_iter().for_each(|(owner, losses)| self.lose_again(owner, losses));
    }
}
