//! The writing end of all chains of this process: turns a batch of items into one commit.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};

use serde_json::json;

use super::batch::{Care, Item, Leftover, Part, Parts, Twins, chain_commit, refuse, twins};
use super::intent::{Durable, Places};
use super::journal::Journal;
use super::masters::Masters;
use super::scribe::Scribe;
use crate::audit::{Appended, Chain, ChainId, Commit, Kind, Ledger, LedgerError, Owner, append};
use crate::crypto;
use crate::model::hex::hex;
use crate::model::{Code, Refusal, Wait};

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

impl Writer {
    /// Makes a batch durable.
    pub(super) fn write(&mut self, batch: Vec<Item>, wait: Wait) -> Leftover {
        let mut leftover = Leftover::default();
        let parts = self.parts(batch, &mut leftover);
        let mut done = self.append_all(parts, &mut leftover);
        let chains = done.iter_mut().map(|(_, part, appended)| chain_commit(part, appended)).collect();
        let commit = Commit { chains };
        if commit.chains.is_empty() {
            return leftover;
        }
        // An adapter that panics has failed like any other; nothing of the batch may be lost with it.
        let committed = catch_unwind(AssertUnwindSafe(|| self.ledger.commit(&commit, wait)))
            .unwrap_or_else(|_| Err(LedgerError::Unavailable("the ledger panicked".into())));
        match committed {
            Ok(()) => {
                let mut twins = twins(&done);
                for (owner, part, appended) in done {
                    self.acknowledge(owner, (part, appended), &mut twins, &mut leftover);
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

    fn parts(&mut self, batch: Vec<Item>, leftover: &mut Leftover) -> Parts {
        let mut parts = Parts::new();
        for mut item in batch {
            // All of them before anything is said in any.
            let ready = item.owners().try_for_each(|owner| self.part(&mut parts, owner));
            if let Err(refusal) = ready {
                refuse(item, &refusal, leftover);
                continue;
            }
            let twin = item.twin.take().map(|twin| (*twin, Care::Twin));
            let first = ((item.owner, item.entry), item.care);
            for ((owner, entry), care) in std::iter::once(first).chain(twin) {
                if let Some(part) = parts.get_mut(&owner) {
                    part.entries.push(entry);
                    part.cares.push((care, item.number));
                }
            }
        }
        parts
    }

    /// Appends each part to its chain. What cannot be appended takes its twins in other chains along, which are then
    /// appended without them.
    fn append_all(&mut self, mut parts: Parts, leftover: &mut Leftover) -> Vec<(Owner, Part, Appended)> {
        let mut done = Vec::with_capacity(parts.len());
        while let Some((owner, part)) = parts.pop_first() {
            // Whoever was to write here was refused.
            if part.entries.is_empty() {
                self.chains.insert(owner, part.chain);
                continue;
            }
            match append(&part.chain, &part.entries) {
                Ok(appended) => done.push((owner, part, appended)),
                Err(error) => {
                    let refusal = error.into();
                    let numbers = part.numbers();
                    self.give_up(&owner, part, &refusal, leftover);
                    let (hit, sound): (Vec<_>, Vec<_>) =
                        done.into_iter().partition(|(_, part, _)| part.has_any(&numbers));
                    done = sound;
                    parts.extend(hit.into_iter().map(|(owner, part, _)| (owner, part)));
                    for (owner, part) in &mut parts {
                        part.strike(owner, &numbers, &refusal, leftover);
                    }
                }
            }
        }
        done
    }

    /// The owner's part; opens a chain, and tells the system chain of it, where there is none.
    fn part(&mut self, parts: &mut Parts, owner: &Owner) -> Result<(), Refusal> {
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
    fn announce(&mut self, parts: &mut Parts, chain: &Chain) -> Result<(), Refusal> {
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

    fn acknowledge(
        &mut self,
        owner: Owner,
        (part, appended): (Part, Appended),
        twins: &mut Twins,
        leftover: &mut Leftover,
    ) {
        let places = part.places(&appended);
        for ((care, number), place) in part.cares.into_iter().zip(places) {
            if let Care::Intent(waiting) | Care::Awaited(waiting) = care {
                let places = Places { owner: owner.clone(), place, twin: twins.remove(&number) };
                leftover.answers.push((waiting, Ok(Durable::new(places, Weak::clone(&self.journal)))));
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
            refuse(Item { number, ..Item::new(owner.clone(), entry, care) }, refusal, leftover);
        }
    }
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

#[cfg(test)]
mod tests;
