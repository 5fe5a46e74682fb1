//! Port: where records are kept.

use super::{ChainId, Head, Owner};
use crate::model::Wait;

/// Keeps records so that what was acknowledged is still there after power is lost.
///
/// An adapter stores bytes; it never looks into them. Each runs the conformance suite in `testing`.
pub trait Ledger: Send + Sync + std::fmt::Debug {
    /// Stores all of a commit or none of it; on return it is durable.
    ///
    /// # Errors
    /// [`LedgerError::WouldWait`] before anything was done, where `wait` forbids waiting; any other error may or may
    /// not have stored the commit.
    fn commit(&self, commit: &Commit, wait: Wait) -> Result<(), LedgerError>;

    /// Every chain of an owner, or of everybody, in a stable order.
    ///
    /// # Errors
    /// The store cannot be read.
    fn chains(&self, owner: Option<&Owner>) -> Result<Vec<StoredChain>, LedgerError>;

    /// Records of a chain from a sequence number on, at most so many, in order, whatever their numbers.
    ///
    /// # Errors
    /// The store cannot be read.
    fn records(&self, chain: [u8; 16], from: u64, most: usize) -> Result<Vec<StoredRecord>, LedgerError>;

    /// Waits until this ledger can commit without waiting for other writers, so that what is queued meanwhile comes
    /// along. Only a help: a commit takes its turn itself where it has none.
    ///
    /// # Errors
    /// [`LedgerError::WouldWait`] where commits wait for a device and `wait` forbids waiting;
    /// [`LedgerError::Unavailable`] where the turn did not come in time.
    fn turn(&self, wait: Wait) -> Result<Turn, LedgerError>;
}

/// A turn to commit; given back when dropped.
pub struct Turn(Option<Box<dyn Send>>);

impl Turn {
    /// Where there is nobody to wait for.
    #[must_use]
    pub fn free() -> Self {
        Self(None)
    }

    /// One that ends when `held` is dropped.
    #[must_use]
    pub fn held(held: impl Send + 'static) -> Self {
        Self(Some(Box::new(held)))
    }
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(if self.0.is_some() { "Turn(held)" } else { "Turn(free)" })
    }
}

/// What is stored at once, across chains.
#[derive(Debug, Default)]
pub struct Commit {
    /// One element per chain.
    pub chains: Vec<ChainCommit>,
}

/// One chain's part of a commit.
#[derive(Debug)]
pub struct ChainCommit {
    /// The chain. An adapter registers it with its first record, of sequence number 0.
    pub id: ChainId,
    /// The records, in order.
    pub records: Vec<StoredRecord>,
    /// The head after them, replacing the one before.
    pub head: Head,
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its place in the chain.
    pub seq: u64,
    /// `header || body || mac`.
    pub frame: Vec<u8>,
    /// Its disclosures that were not erased.
    pub disclosures: Vec<String>,
}

/// A chain as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredChain {
    /// Its identity.
    pub id: ChainId,
    /// Its head; none where somebody took it away.
    pub head: Option<Head>,
}

/// What a ledger can answer instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Another record stands in this place.
    #[error("another record stands in this place")]
    Conflict,
    /// The store's content is damaged.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The store was written by a newer version.
    #[error("the store was written by a newer version")]
    Newer,
    /// Nothing can be stored or read at present: disk full, locked, read-only, gone.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
    /// It would wait, and may not.
    #[error("the store would wait")]
    WouldWait,
}
