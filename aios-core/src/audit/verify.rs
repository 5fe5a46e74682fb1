//! Walking a chain: each record in its place, made with its key, and the head behind the last.

use super::chain::{Head, Master, next_key, record_key, record_mac};
use super::record::{Kind, VERSION, parse};
use super::{ChainId, Owner};
use crate::crypto::{Digest, MacKey, equal};

/// How far a verification reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something is wrong.
    None,
    /// All records are in order and the heads fit: nothing was cut off since the heads were written.
    Head,
}

/// What is wrong with the first bad record or head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A record stands behind the head.
    BeyondHead,
    /// A close record does not end its commit.
    Closing,
    /// Epoch or commit counter does not follow.
    Counter,
    /// A disclosure belongs to no digest of its record.
    Disclosure,
    /// Too short, too long, or unknown flags.
    Frame,
    /// The head does not name the last record.
    Head,
    /// The head's tag was not made with the chain's next key.
    HeadTag,
    /// The record was changed, or made with another key.
    Mac,
    /// The chain has records but no head.
    MissingHead,
    /// The system chain tells of this chain, and it is gone.
    MissingChain,
    /// `prev` is not the MAC of the record before.
    Link,
    /// The first record is not an open record, or another one is.
    Opening,
    /// It belongs to another chain.
    Scope,
    /// Not the next sequence number: a record is missing, doubled or moved.
    Sequence,
    /// The system chain does not tell of this chain.
    Unannounced,
    /// A format version that this code does not know.
    Version,
}

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Whose chain.
    pub owner: Owner,
    /// The chain's incarnation.
    pub chain: [u8; 16],
    /// The place where a good record was expected.
    pub seq: u64,
    /// What is wrong.
    pub fault: Fault,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let chain = u128::from_be_bytes(self.chain);
        write!(out, "record {} of chain {chain:032x}: {:?}", self.seq, self.fault)
    }
}

/// Walks one chain in constant memory.
#[derive(Debug)]
pub struct Verifier<'m> {
    master: &'m Master,
    id: ChainId,
    epoch: u64,
    commit: u64,
    seq: u64,
    prev: Digest,
    key: MacKey,
    record_key: MacKey,
    after: After,
}

/// What the last record allows to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// Nothing came yet: an open record of commit 0.
    Nothing,
    /// More of the same commit.
    Record,
    /// The next commit.
    Commit,
    /// The next epoch.
    Close,
}

impl<'m> Verifier<'m> {
    /// Starts at the chain's genesis.
    #[must_use]
    pub fn new(master: &'m Master, id: ChainId) -> Self {
        let key = master.epoch_key(&id, 0);
        let (prev, record_key) = (id.genesis(), record_key(&key));
        Self { master, id, epoch: 0, commit: 0, seq: 0, prev, key, record_key, after: After::Nothing }
    }

    /// Takes the next record.
    ///
    /// # Errors
    /// It is not the chain's next record. The verifier is of no use afterwards.
    pub fn push(&mut self, frame: &[u8]) -> Result<(), Violation> {
        self.check(frame).map_err(|fault| self.violation(fault))
    }

    /// Checks the head behind the last record.
    ///
    /// # Errors
    /// It does not fit.
    pub fn finish(&self, head: &Head) -> Result<(), Violation> {
        let fault = |fault| Err(self.violation(fault));
        let next_key = next_key(&self.key);
        let expected = Head {
            count: self.seq,
            last: self.prev,
            epoch: self.epoch,
            commit: self.commit + 1,
            ..head.clone()
        };
        if head.chain != self.id.incarnation || *head != expected || self.after == After::Record {
            return fault(Fault::Head);
        }
        if !equal(&expected.tagged(&next_key).tag, &head.tag) {
            return fault(Fault::HeadTag);
        }
        Ok(())
    }

    /// Records taken so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.seq
    }

    /// A violation at the place where the next record would stand.
    #[must_use]
    pub fn violation(&self, fault: Fault) -> Violation {
        Violation { owner: self.id.owner.clone(), chain: self.id.incarnation, seq: self.seq, fault }
    }

    fn check(&mut self, frame: &[u8]) -> Result<(), Fault> {
        let parts = parse(frame).ok_or(Fault::Frame)?;
        let header = &parts.header;
        if header.version != VERSION {
            return Err(Fault::Version);
        }
        if header.chain != self.id.incarnation {
            return Err(Fault::Scope);
        }
        if header.seq != self.seq {
            return Err(Fault::Sequence);
        }
        if header.prev != self.prev {
            return Err(Fault::Link);
        }
        if (header.kind == Kind::Open) != (header.seq == 0) {
            return Err(Fault::Opening);
        }
        if header.kind == Kind::Close && !header.ends_commit {
            return Err(Fault::Closing);
        }
        self.advance(header.epoch, header.commit)?;
        if !equal(&record_mac(&self.record_key, parts.header_bytes, parts.body), parts.mac) {
            return Err(Fault::Mac);
        }
        self.seq = self.seq.checked_add(1).ok_or(Fault::Sequence)?;
        self.prev = *parts.mac;
        self.after = match (header.kind, header.ends_commit) {
            (Kind::Close, true) => After::Close,
            (_, true) => After::Commit,
            (_, false) => After::Record,
        };
        Ok(())
    }

    /// Moves the key to the record's commit, which must be the one that the last record allows.
    fn advance(&mut self, epoch: u64, commit: u64) -> Result<(), Fault> {
        let allowed = match self.after {
            After::Nothing | After::Record => (self.epoch, self.commit),
            After::Commit => (self.epoch, self.commit.checked_add(1).ok_or(Fault::Counter)?),
            After::Close => (self.epoch.checked_add(1).ok_or(Fault::Counter)?, 0),
        };
        if (epoch, commit) != allowed {
            return Err(Fault::Counter);
        }
        match self.after {
            After::Nothing | After::Record => return Ok(()),
            After::Commit => self.key = next_key(&self.key),
            After::Close => self.key = self.master.epoch_key(&self.id, epoch),
        }
        (self.epoch, self.commit) = allowed;
        self.record_key = record_key(&self.key);
        Ok(())
    }
}
