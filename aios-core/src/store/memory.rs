//! Everything in this process's memory: for tests, demos and whoever wants no file. Gone when the process ends.

mod shelves;
mod spent;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use self::spent::SpentIds;
use super::{Item, Row, Rows, Shelves, StoreError};
use crate::audit::{Commit, Head, Ledger, LedgerError, Owner, StoredChain, StoredRecord, Turn};
use crate::crypto::{self, RootKeyError, RootKeys, Wrapped};
use crate::model::{Secret, Timestamp, Wait};
use crate::revocation::{self, PAGE, Revocations, SingleUse, Spent};

/// A store in memory.
#[derive(Debug, Default)]
pub struct Memory {
    ledger: Mutex<BTreeMap<[u8; 16], Kept>>,
    rows: Mutex<BTreeMap<String, Row>>,
    shelves: Mutex<shelves::Kept>,
    revocations: Mutex<Vec<revocation::Entry>>,
    spent: Mutex<SpentIds>,
}

#[derive(Debug)]
struct Kept {
    id: crate::audit::ChainId,
    head: Head,
    records: Vec<StoredRecord>,
}

impl Memory {
    /// What a forked child of the process takes over: its shelves, with the rows that their keys are in. Where a thread that
    /// vanished was writing them, nobody knows them any more, and no shelf can be read.
    #[must_use]
    pub fn inherited(&self) -> Self {
        let fresh = Self::default();
        let taken = self.shelves.try_lock().ok().zip(self.rows.try_lock().ok());
        let shelves = match taken {
            Some((shelves, rows)) => {
                let is_theirs = |(key, _): &(&String, &Row)| key.starts_with("entities/");
                let theirs = rows.iter().filter(is_theirs).map(|(key, row)| (key.clone(), row.clone()));
                fresh.rows.lock().unwrap_or_else(PoisonError::into_inner).extend(theirs);
                shelves.clone()
            }
            None => shelves::Kept::lost(),
        };
        *fresh.shelves.lock().unwrap_or_else(PoisonError::into_inner) = shelves;
        fresh
    }
}

impl Ledger for Memory {
    fn commit(&self, commit: &Commit, _wait: Wait) -> Result<(), LedgerError> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |chain: &crate::audit::ChainCommit| {
            let next = ledger.get(&chain.id.incarnation).map_or(0, |kept| kept.head.count);
            chain.records.first().is_some_and(|record| record.seq == next)
        };
        if !commit.chains.iter().all(fits) {
            return Err(LedgerError::Conflict);
        }
        for chain in &commit.chains {
            let kept = ledger.entry(chain.id.incarnation).or_insert_with(|| Kept {
                id: chain.id.clone(),
                head: chain.head.clone(),
                records: Vec::new(),
            });
            kept.records.extend_from_slice(&chain.records);
            kept.head = chain.head.clone();
        }
        Ok(())
    }

    fn chains(&self, owner: Option<&Owner>) -> Result<Vec<StoredChain>, LedgerError> {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |kept: &&Kept| owner.is_none_or(|owner| kept.id.owner == *owner);
        let stored = |kept: &Kept| StoredChain { id: kept.id.clone(), head: Some(kept.head.clone()) };
        Ok(ledger.values().filter(wanted).map(stored).collect())
    }

    fn records(&self, chain: [u8; 16], from: u64, most: usize) -> Result<Vec<StoredRecord>, LedgerError> {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let records = ledger.get(&chain).map(|kept| kept.records.as_slice()).unwrap_or_default();
        Ok(records.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)).take(most).cloned().collect())
    }

    fn turn(&self, _wait: Wait) -> Result<Turn, LedgerError> {
        Ok(Turn::free())
    }
}

impl Rows for Memory {
    fn get(&self, key: &str) -> Result<Option<Row>, StoreError> {
        Ok(self.rows.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    fn put_if(&self, key: &str, version: u64, value: &[u8]) -> Result<bool, StoreError> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = rows.get(key).map_or(0, |row| row.version) == version;
        if fits {
            rows.insert(key.to_owned(), Row { version: version + 1, value: value.to_vec() });
        }
        Ok(fits)
    }
}

impl Shelves for Memory {
    fn put_all(&self, place: &str, version: u64, rows: &[(&str, &[u8])]) -> Result<bool, StoreError> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner).put_all(place, version, rows)
    }

    fn since(&self, place: &str, version: u64, name: &str) -> Result<Vec<Item>, StoreError> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner).since(place, version, name)
    }
}

impl Revocations for Memory {
    fn add(&self, entry: &revocation::Entry) -> Result<u64, revocation::Error> {
        let mut entries = self.revocations.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(entry.clone());
        Ok(u64::try_from(entries.len()).unwrap_or(u64::MAX))
    }

    fn since(&self, after: u64) -> Result<Vec<(u64, revocation::Entry)>, revocation::Error> {
        let entries = self.revocations.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered = (1..).zip(entries.iter().cloned());
        Ok(numbered.skip(usize::try_from(after).unwrap_or(usize::MAX)).take(PAGE).collect())
    }

    fn spend(&self, id: &SingleUse, now: Timestamp, _wait: Wait) -> Result<Spent, revocation::Error> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner).spend(id, now)
    }
}

/// A root key that lives and dies with the process; only for a store that does too.
#[derive(Debug)]
pub struct ProcessRoot(Secret);

impl ProcessRoot {
    const KID: &str = "process";

    /// A fresh key.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn make() -> Result<Self, crypto::Error> {
        crypto::random::<32>().map(|key| Self(Secret::new(Zeroizing::new(key).to_vec())))
    }
}

impl RootKeys for ProcessRoot {
    fn wrap(&self, context: &[u8], key: &Secret) -> Result<Wrapped, RootKeyError> {
        let bytes = crypto::seal(&self.0, context, key.expose()).map_err(|_| RootKeyError::Unavailable)?;
        Ok(Wrapped { kid: Self::KID.to_owned(), bytes })
    }

    fn unwrap(&self, context: &[u8], wrapped: &Wrapped) -> Result<Secret, RootKeyError> {
        crypto::open(&self.0, context, &wrapped.bytes).map_err(|_| RootKeyError::Unusable)
    }

    fn current(&self) -> Result<String, RootKeyError> {
        Ok(Self::KID.to_owned())
    }
}
