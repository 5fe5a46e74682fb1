//! One write of a tenant's shelf: looked at against what stands there, and done only where that still does.

use std::sync::{Arc, PoisonError};

use super::keeper::Keeper;
use super::orders::Change;
use super::state::State;
use crate::engine::live::Live;
use crate::entities::{EntityKeys, Error, Row, Written, shelf};
use crate::model::{Code, Deadline, Refusal, TenantId, Wait};
use crate::policy::Policies;

/// Most entities of one tenant.
const MAX_ENTITIES: usize = 1_000_000;

/// Names and contents of rows.
pub(in crate::engine) type Rows = Vec<(String, Vec<u8>)>;

/// Makes the changes, all or none, and gives the version that the tenant's entities have then.
pub(super) fn write(
    live: &Live,
    tenant: &TenantId,
    changes: &[Change],
    by: Deadline,
) -> Result<u64, Refusal> {
    let policies = live.desk.policies();
    for (index, change) in changes.iter().enumerate() {
        if let Change::Put { entity, .. } = change {
            let admitted = policies.admit(tenant, entity).map_err(Refusal::from);
            admitted.map_err(|refusal| placed(refusal, index, changes.len()))?;
        }
    }
    live.entities.write(tenant, by, |state, keys| {
        let (next, rows) = changed(state, keys, changes)?;
        settle(policies, tenant, (&next, changes))?;
        Ok((next, rows))
    })
}

impl Keeper {
    /// Writes what `change` makes of the state that stands in the store, the head last; asks it anew where another process
    /// was first. Gives the version that all the tenant keeps has then.
    pub(in crate::engine) fn write(
        &self,
        tenant: &TenantId,
        by: Deadline,
        change: impl Fn(&State, &Arc<EntityKeys>) -> Result<(State, Rows), Refusal>,
    ) -> Result<u64, Refusal> {
        let slot = self.slot(tenant);
        let _writing = slot.writing.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let state = self.fresh(tenant, Wait::Until(by))?;
            let keys = match &state.keys {
                Some(keys) => Arc::clone(keys),
                None => self.masters.keys_or_make(tenant)?,
            };
            let (next, rows) = change(&state, &keys)?;
            let rows: Vec<(&str, &[u8])> =
                rows.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
            let version = next.kept.version();
            if self.shelves.put_all(&shelf(tenant), version - 1, &rows)? {
                slot.publish(next);
                return Ok(version);
            }
            if by.has_passed() {
                return Err(Refusal::new(Code::StoreUnavailable).at("others write to what this tenant keeps"));
            }
        }
    }
}

/// The state after the changes, and the rows that lead to it, the head last.
fn changed(state: &State, keys: &Arc<EntityKeys>, changes: &[Change]) -> Result<(State, Rows), Refusal> {
    let version = state.kept.version() + 1;
    let mut next = state.clone();
    let mut rows = Vec::with_capacity(changes.len() + 1);
    for (index, change) in changes.iter().enumerate() {
        let at = state.kept.get(change.uid()).map_or(0, |known| known.version);
        let refuse = |error: Error| placed(error.into(), index, changes.len());
        if change.expect().is_some_and(|expected| expected != at) {
            return Err(refuse(Error::Conflict));
        }
        let entity = match change {
            Change::Put { entity, .. } => {
                Some(Written { uid: entity.uid.clone(), parents: entity.parents.len(), text: entity.text() })
            }
            Change::Delete { .. } if at == 0 => return Err(refuse(Error::NotFound)),
            Change::Delete { .. } => None,
        };
        let (name, value, row) = Row::write(keys, version, change.uid(), entity);
        next.apply(version, row);
        rows.push((name, value));
    }
    if next.kept.len() > MAX_ENTITIES {
        let expected = format!("one of at most {MAX_ENTITIES} entities of its tenant");
        return Err(Refusal::new(Code::PolicyInput).at("entity").expected(expected));
    }
    rows.push(next.seal(keys, version));
    Ok((next, rows))
}

/// Whether what was put stands well among all that there would be.
fn settle(
    policies: &Policies,
    tenant: &TenantId,
    (next, changes): (&State, &[Change]),
) -> Result<(), Refusal> {
    for (index, change) in changes.iter().enumerate() {
        if let Change::Put { entity, .. } = change {
            let settled = policies.settles(tenant, &next.kept, &entity.uid).map_err(Refusal::from);
            settled.map_err(|refusal| placed(refusal, index, changes.len()))?;
        }
    }
    Ok(())
}

/// Says which of several changes a refusal is about.
fn placed(refusal: Refusal, index: usize, of: usize) -> Refusal {
    if of == 1 {
        return refusal;
    }
    let at = match refusal.detail().at.as_deref() {
        Some(at) => format!("changes[{index}].{at}"),
        None => format!("changes[{index}]"),
    };
    refusal.at(at)
}
