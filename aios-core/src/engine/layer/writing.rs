//! One write of a tenant's policies: all that there would be is read and held against schema, settings and files first.

use std::sync::Arc;

use super::orders::{MAX_BYTES, MAX_POLICIES, NamedPolicy, PolicyChanges};
use crate::engine::entities::{Rows, State};
use crate::engine::live::Live;
use crate::entities::{EntityKeys, POLICIES, PolicyRow};
use crate::model::{Code, Deadline, Refusal, TenantId, Wait};

/// Makes the changes, all or none, and gives the revision that the tenant's policies have then.
pub(super) fn write(
    (live, by): (&Live, Deadline),
    tenant: &TenantId,
    changes: &PolicyChanges,
    expect: Option<u64>,
) -> Result<u64, Refusal> {
    live.entities.write(tenant, by, |state, keys| {
        let (next, rows) = changed(state, keys, (changes, expect))?;
        live.read_layer((tenant, &next), Wait::Until(by))?;
        live.desk.policies().read_layer(tenant, &next.kept)?;
        Ok((next, rows))
    })
}

/// The state after the changes, and the rows that lead to it, the head last.
fn changed(
    state: &State,
    keys: &Arc<EntityKeys>,
    (changes, expect): (&PolicyChanges, Option<u64>),
) -> Result<(State, Rows), Refusal> {
    let at = state.kept.policies().map_or(0, |known| known.version);
    if expect.is_some_and(|expected| expected != at) {
        return Err(Refusal::new(Code::PolicyConflict));
    }
    let mut texts = state.kept.policies().map(|known| known.texts.clone()).unwrap_or_default();
    for (index, name) in changes.remove.iter().enumerate() {
        let missing = || Refusal::new(Code::PolicyNotFound).at(format!("remove[{index}]"));
        texts.remove(name).ok_or_else(missing)?;
    }
    texts.extend(changes.put.iter().map(|NamedPolicy { name, text }| (name.clone(), text.clone())));
    let bytes: usize = texts.iter().map(|(name, text)| name.len() + text.len()).sum();
    if texts.len() > MAX_POLICIES || bytes > MAX_BYTES {
        let expected = format!("at most {MAX_POLICIES} policies and {MAX_BYTES} bytes of one tenant");
        return Err(Refusal::new(Code::PolicyInput).at("put").expected(expected));
    }
    let (mut next, version) = (state.clone(), state.kept.version() + 1);
    let (value, row) = PolicyRow::write(keys, version, texts);
    next.lay(version, row);
    let head = next.seal(keys, version);
    Ok((next, vec![(POLICIES.to_owned(), value), head]))
}
