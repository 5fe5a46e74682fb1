//! Where an engine keeps what outlives a call: one store, seen by its ports.

use std::sync::Arc;

use super::live::Plan;
use crate::audit::Ledger;
use crate::model::{Code, Refusal};
use crate::revocation;
use crate::store::memory::Memory;
use crate::store::sqlite::Sqlite;
use crate::store::{Rows, Shelves, StoreError};

#[derive(Debug)]
pub(super) enum Store {
    Memory(Arc<Memory>),
    Sqlite(Arc<Sqlite>),
}

impl Store {
    pub(super) fn open(plan: &Plan, memory: Memory) -> Result<Self, StoreError> {
        match &plan.store {
            None => Ok(Self::Memory(Arc::new(memory))),
            Some(path) => Ok(Self::Sqlite(Arc::new(Sqlite::open(path, plan.audit.deadline)?))),
        }
    }

    pub(super) fn rows(&self) -> Arc<dyn Rows> {
        match self {
            Self::Memory(store) => Arc::<Memory>::clone(store),
            Self::Sqlite(store) => Arc::<Sqlite>::clone(store),
        }
    }

    pub(super) fn shelves(&self) -> Arc<dyn Shelves> {
        match self {
            Self::Memory(store) => Arc::<Memory>::clone(store),
            Self::Sqlite(store) => Arc::<Sqlite>::clone(store),
        }
    }

    pub(super) fn revocations(&self) -> Arc<dyn revocation::Revocations> {
        match self {
            Self::Memory(store) => Arc::<Memory>::clone(store),
            Self::Sqlite(store) => Arc::<Sqlite>::clone(store),
        }
    }

    pub(super) fn ledger(&self) -> Arc<dyn Ledger> {
        match self {
            Self::Memory(store) => Arc::<Memory>::clone(store),
            Self::Sqlite(store) => Arc::<Sqlite>::clone(store),
        }
    }
}

/// A store belongs to production engines or to test engines, whoever came first.
pub(super) fn claim_mode(rows: &dyn Rows, mode: &str) -> Result<(), Refusal> {
    const KEY: &str = "engine/clock";
    rows.put_if(KEY, 0, mode.as_bytes())?;
    match rows.get(KEY)? {
        Some(row) if row.value == mode.as_bytes() => Ok(()),
        Some(_) | None => Err(Refusal::new(Code::StoreWrongMode)),
    }
}
