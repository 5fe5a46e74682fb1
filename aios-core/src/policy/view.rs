//! What one tenant's requests can reach: what the files say and, where they say nothing, what the store keeps.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Deref;

use cedar_policy::{Entity, EntityUid};

use super::Error;
use super::base::{Layer, Static, Tenant};
use super::kept::Kept;
use super::layer::expression;
use super::value::Pairs;
use super::vocabulary::Vocabulary;
use crate::model::{EntityRef, TenantId};

/// Most ancestors of an entity of the store.
const MAX_ANCESTORS: usize = 1024;

/// What one tenant's requests can reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'b> {
    pub(super) tenant: Option<&'b Tenant>,
    pub(super) shared: &'b Layer,
    pub(super) above_groups: &'b HashSet<EntityUid>,
    pub(super) store: Option<Store<'b>>,
}

/// What the store keeps of the tenant's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Store<'b> {
    pub(super) kept: &'b Kept,
    pub(super) vocabulary: &'b Vocabulary,
    pub(super) tenant: &'b TenantId,
}

/// A step of a walk upwards; whatever was entered and not left is below where it stands.
enum Step {
    Enter(EntityUid),
    Leave(EntityUid),
}

/// An entity with all its ancestors.
#[derive(Debug)]
pub(super) enum Known<'b> {
    Loaded(&'b Static),
    /// The store says something of it, or of what it stands in.
    Joined(Box<Static>),
}

impl Deref for Known<'_> {
    type Target = Static;

    fn deref(&self) -> &Static {
        match self {
            Self::Loaded(known) => known,
            Self::Joined(known) => known,
        }
    }
}

impl<'b> Known<'b> {
    /// The entity: the files' own, where the store says nothing of it.
    pub(super) fn into_entity(self) -> Cow<'b, Entity> {
        match self {
            Self::Loaded(known) => Cow::Borrowed(&known.entity),
            Self::Joined(known) => Cow::Owned(known.entity),
        }
    }
}

impl<'b> View<'b> {
    /// An entity of the tenant's own files, else of the shared base, else of the store.
    ///
    /// # Errors
    /// What the store keeps does not fit the schema or the files, or stands in too much.
    pub(super) fn get(&self, uid: &EntityUid) -> Result<Option<Known<'b>>, Error> {
        let loaded = self.loaded(uid);
        let Some(store) = &self.store else { return Ok(loaded.map(Known::Loaded)) };
        if let Some(known) = loaded {
            let is_kept = |uid: &EntityUid| self.loaded(uid).is_none() && store.kept.contains(uid);
            if !known.ancestors.iter().any(is_kept) {
                return Ok(Some(Known::Loaded(known)));
            }
            let ancestors = self.above(store, uid, &known.ancestors)?;
            return joined(uid, &known.entity, ancestors, &known.refs).map(Some);
        }
        let Some(written) = store.kept.written(uid, (store.vocabulary, store.tenant))? else {
            return Ok(None);
        };
        let ancestors = self.above(store, uid, &written.parents)?;
        if ancestors.len() == written.parents.len() {
            let (entity, refs) = (written.entity.clone(), written.refs.clone());
            return Ok(Some(Known::Joined(Box::new(Static { entity, ancestors, refs }))));
        }
        joined(uid, &written.entity, ancestors, &written.refs).map(Some)
    }

    fn loaded(&self, uid: &EntityUid) -> Option<&'b Static> {
        let tenant = self.tenant.and_then(|tenant| tenant.own.get(uid).or_else(|| tenant.shifted.get(uid)));
        tenant.or_else(|| self.shared.get(uid))
    }

    /// Everything that something stands in whose parents these are.
    fn above(
        &self,
        store: &Store<'_>,
        uid: &EntityUid,
        parents: &[EntityUid],
    ) -> Result<Vec<EntityUid>, Error> {
        let (mut seen, mut open) = (HashSet::new(), HashSet::from([uid.clone()]));
        let mut steps: Vec<Step> = parents.iter().cloned().map(Step::Enter).collect();
        while let Some(step) = steps.pop() {
            let next = match step {
                Step::Enter(next) => next,
                Step::Leave(done) => {
                    open.remove(&done);
                    continue;
                }
            };
            if open.contains(&next) {
                return Err(unfit(uid, "a hierarchy in which nothing is its own ancestor"));
            }
            if !seen.insert(next.clone()) {
                continue;
            }
            if seen.len() > MAX_ANCESTORS {
                return Err(Error::TooManyEntities);
            }
            open.insert(next.clone());
            steps.push(Step::Leave(next.clone()));
            if let Some(known) = self.loaded(&next) {
                steps.extend(known.ancestors.iter().cloned().map(Step::Enter));
            } else if let Some(written) = store.kept.written(&next, (store.vocabulary, store.tenant))? {
                steps.extend(written.parents.iter().cloned().map(Step::Enter));
            }
        }
        // Roles come of tokens and of the files: whoever keeps entities must not be able to give them.
        let role = store.vocabulary.role.as_ref();
        let is_given = |above: &EntityUid| {
            role.is_some_and(|role| role.is(above.type_name()))
                && self.loaded(uid).is_none_or(|known| !known.ancestors.contains(above))
        };
        if seen.iter().any(is_given) {
            return Err(unfit(uid, "nothing that stands in a role: roles come of tokens and of the files"));
        }
        Ok(seen.into_iter().collect())
    }

    /// Whether a group may stand in it.
    pub(super) fn is_above_groups(&self, uid: &EntityUid) -> bool {
        let is_of_files = self.tenant.is_some_and(|tenant| tenant.above_groups.contains(uid))
            || self.above_groups.contains(uid);
        is_of_files
            || self.store.is_some_and(|Store { kept, vocabulary, .. }| {
                let is_role = vocabulary.role.as_ref().is_some_and(|role| role.is(uid.type_name()));
                !is_role && vocabulary.group_types.as_ref().is_some_and(|types| kept.may_place_groups(types))
            })
    }

    /// Whether there is nothing to reach.
    pub(super) fn is_empty(&self) -> bool {
        self.store.is_none()
            && self.shared.is_empty()
            && self.tenant.is_none_or(|tenant| tenant.own.is_empty())
    }
}

/// An entity with other ancestors than it came with.
fn joined<'b>(
    uid: &EntityUid,
    entity: &Entity,
    ancestors: Vec<EntityUid>,
    refs: &[EntityUid],
) -> Result<Known<'b>, Error> {
    let parts = spell(entity.attrs()).zip(spell(entity.tags()));
    let made = parts.and_then(|(attrs, tags)| {
        Entity::new_with_tags(uid.clone(), attrs, ancestors.iter().cloned(), tags).ok()
    });
    let entity = made.ok_or_else(|| unfit(uid, "values that Cedar accepts"))?;
    Ok(Known::Joined(Box::new(Static { entity, ancestors, refs: refs.to_vec() })))
}

/// Attributes or tags as expressions that give them again; none where Cedar cannot spell one.
pub(super) fn spell<'e, E>(
    values: impl Iterator<Item = (&'e str, Result<cedar_policy::EvalResult, E>)>,
) -> Option<Pairs> {
    values.map(|(name, value)| Some((name.to_owned(), expression(&value.ok()?)?))).collect()
}

fn unfit(uid: &EntityUid, problem: &str) -> Error {
    let entity = EntityRef::new(uid.type_name().to_string(), uid.id().unescaped());
    Error::Unfit { entity, problem: problem.to_owned() }
}
