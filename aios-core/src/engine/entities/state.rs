//! One state of what a tenant keeps, and how rows of its shelf lead from one to the next.

use std::sync::Arc;

use crate::crypto::Digest;
use crate::entities::{EntityKeys, Error, HEAD, POLICIES, PolicyRow, Row, Sum, Written};
use crate::policy::{Kept, KeptEntity, KeptPolicies};
use crate::store::Item;

/// A state that was verified, or is being put together. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct State {
    pub(in crate::engine) kept: Kept,
    pub(super) sum: Sum,
    /// The shelf's head as it stands there.
    pub(super) head: Vec<u8>,
    /// None where nothing was ever kept.
    pub(super) keys: Option<Arc<EntityKeys>>,
}

/// Rows on their way into a state.
#[derive(Debug)]
pub(super) struct Builder {
    state: State,
    /// Where reading goes on.
    pub(super) last: (u64, String),
}

impl Builder {
    pub(super) fn new(state: State, last: (u64, String)) -> Self {
        Self { state, last }
    }

    /// Takes the next rows of the shelf.
    pub(super) fn take(&mut self, keys: &EntityKeys, page: Vec<Item>) -> Result<(), Error> {
        for Item { version, name, value } in page {
            match name.as_str() {
                HEAD => self.state.head = value,
                POLICIES => self.state.lay(version, PolicyRow::read(keys, version, &value)?),
                _ => self.state.apply(version, Row::read(keys, version, &name, &value)?),
            }
            self.last = (version, name);
        }
        Ok(())
    }

    /// The state, where its rows are those that its head speaks of, and no earlier one than `floor`.
    pub(super) fn finish(self, keys: &Arc<EntityKeys>, floor: u64) -> Result<State, Error> {
        let Self { mut state, last: (version, name) } = self;
        if name != HEAD {
            return Err(Error::Damaged);
        }
        state.sum.verify(keys, (version, state.kept.rows()), &state.head)?;
        if version < floor {
            return Err(Error::RolledBack);
        }
        state.kept.advance(version);
        state.keys = Some(Arc::clone(keys));
        Ok(state)
    }
}

impl State {
    /// Takes the row of the policies.
    pub(in crate::engine) fn lay(&mut self, version: u64, PolicyRow { texts, stamp }: PolicyRow) {
        self.sum.toggle(&stamp);
        if let Some(before) = self.kept.lay(KeptPolicies::new(texts, (version, stamp))) {
            self.sum.toggle(&before);
        }
    }

    /// Ends a write: gives the head of what was taken.
    pub(in crate::engine) fn seal(&mut self, keys: &Arc<EntityKeys>, version: u64) -> (String, Vec<u8>) {
        self.keys = Some(Arc::clone(keys));
        self.kept.advance(version);
        self.head = self.sum.head(keys, version, self.kept.rows());
        (HEAD.to_owned(), self.head.clone())
    }

    /// Takes one row of an entity.
    pub(super) fn apply(&mut self, version: u64, row: Row) {
        let Row { name, entity, stamp } = row;
        let before: Option<Digest> = match entity {
            Some(Written { uid, parents, text }) => {
                self.sum.toggle(&stamp);
                self.kept.insert(KeptEntity::new(uid, (version, name, stamp), text.into(), parents))
            }
            None => self.kept.remove(&name),
        };
        if let Some(before) = before {
            self.sum.toggle(&before);
        }
    }
}
