//! What waits to be recorded, in order, with how much of it is whose.

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, json};

use super::scribe::Scribe;
use super::writer::{Care, Item, Leftover};
use crate::audit::{Kind, Owner};

/// Most items in one commit.
const BATCH: usize = 512;

/// Items before they are committed.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) items: VecDeque<Item>,
    waiting: HashMap<Owner, usize>,
    lost: HashMap<Owner, u64>,
    /// Items ever queued, and those of them that were committed or refused.
    pub(super) pushed: u64,
    pub(super) settled: u64,
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
    /// Takes what the next commit holds.
    pub(super) fn take_batch(&mut self, scribe: &Scribe) -> Vec<Item> {
        // In front, because nothing may follow a close record.
        for (owner, count) in std::mem::take(&mut self.lost) {
            match scribe.told(&owner, Kind::Event, json!({"event": "refusals.lost", "count": count})) {
                Ok(entry) => {
                    self.pushed += 1;
                    self.push_front(Item { owner, entry, care: Care::Must });
                }
                Err(_) => drop(self.lost.insert(owner, count)),
            }
        }
        let size = self.items.len().min(BATCH);
        let batch: Vec<Item> = self.items.drain(..size).collect();
        for item in &batch {
            if let Some(count) = self.waiting.get_mut(&item.owner) {
                *count = count.saturating_sub(1);
            }
        }
        self.waiting.retain(|_, count| *count > 0);
        batch
    }

    /// Takes back what a batch of some size left over.
    pub(super) fn settle(&mut self, size: usize, leftover: Leftover, scribe: &Scribe) {
        let settled = size.saturating_sub(leftover.retry.len());
        self.settled = self.settled.saturating_add(u64::try_from(settled).unwrap_or(u64::MAX));
        leftover.retry.into_iter().rev().for_each(|item| self.push_front(item));
        leftover.lost.into_iter().for_each(|owner| self.lose(owner));
        for (owner, intent) in leftover.orphans {
            if let Ok(entry) = scribe.outcome(&owner, &intent, "abandoned", &Map::new()) {
                self.push(Item { owner, entry, care: Care::Must });
            }
        }
    }

    pub(super) fn push(&mut self, item: Item) {
        self.pushed += 1;
        *self.waiting.entry(item.owner.clone()).or_default() += 1;
        self.items.push_back(item);
    }

    fn push_front(&mut self, item: Item) {
        *self.waiting.entry(item.owner.clone()).or_default() += 1;
        self.items.push_front(item);
    }

    pub(super) fn waiting(&self, owner: &Owner) -> usize {
        self.waiting.get(owner).copied().unwrap_or(0)
    }

    pub(super) fn lose(&mut self, owner: Owner) {
        *self.lost.entry(owner).or_default() += 1;
    }
}
