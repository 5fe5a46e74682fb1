//! The entities made for one request, and where they and the static ones stand in the hierarchy.

use std::collections::HashSet;

use cedar_policy::{Entity, EntityUid};

use super::Error;
use super::value::Pairs;
use super::view::View;

/// An entity made for one request.
#[derive(Debug)]
pub(super) struct Draft {
    /// Where the request says it.
    pub(super) place: &'static str,
    pub(super) uid: EntityUid,
    pub(super) attrs: Pairs,
    pub(super) tags: Pairs,
    pub(super) parents: Vec<EntityUid>,
    /// The entities to which its attributes and tags lead.
    pub(super) refs: Vec<EntityUid>,
}

impl Draft {
    /// The entity, with all its ancestors.
    pub(super) fn finish(self, ancestors: &[EntityUid]) -> Result<Entity, Error> {
        let expected = "the attributes that the schema declares for its type, as values that Cedar accepts";
        Entity::new_with_tags(self.uid, self.attrs, ancestors.iter().cloned(), self.tags)
            .map_err(|_| Error::input(self.place, expected))
    }
}

/// All ancestors of an entity, made or static. What is known by name only has none.
///
/// # Errors
/// It would be its own ancestor, or what the store keeps of it does not fit.
pub(super) fn ancestors(uid: &EntityUid, drafts: &[Draft], view: View<'_>) -> Result<Vec<EntityUid>, Error> {
    let draft = |uid: &EntityUid| drafts.iter().find(|draft| draft.uid == *uid);
    let mut seen: HashSet<EntityUid> = HashSet::new();
    let mut queue = vec![uid.clone()];
    while let Some(uid) = queue.pop() {
        if let Some(draft) = draft(&uid) {
            let new = draft.parents.iter().filter(|parent| seen.insert((*parent).clone()));
            queue.extend(new.cloned());
        } else if let Some(known) = view.get(&uid)? {
            // Those of a static entity are all there already, but for what this request says of one of them.
            let new = known.ancestors.iter().filter(|ancestor| seen.insert((*ancestor).clone()));
            queue.extend(new.filter(|ancestor| draft(ancestor).is_some()).cloned());
        }
    }
    if seen.contains(uid) {
        return Err(Error::input("resource.parents", "a hierarchy in which nothing is its own ancestor"));
    }
    Ok(seen.into_iter().collect())
}
