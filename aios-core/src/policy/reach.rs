//! The static entities that the evaluation of policies can look at.

use std::borrow::Cow;
use std::collections::HashSet;

use cedar_policy::{Entities, Entity, EntityUid};

use super::Error;
use super::draft::Draft;
use super::levels::Need;
use super::view::View;

/// Most entities that one decision looks at, where no level bounds it.
pub(super) const MAX_ENTITIES: usize = 256;

/// Entities as the files have them, or made for one request with what the store says.
pub(super) type Found<'p> = Vec<Cow<'p, Entity>>;

/// What a request names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Roots<'r> {
    pub(super) drafts: &'r [Draft],
    /// Those of the drafts whose attributes and tags are followed.
    pub(super) followed: &'r [Draft],
    /// A static resource, and the entities named in the context.
    pub(super) named: &'r [EntityUid],
}

/// The static entities and the actions that policies of this need can look at, in so many steps; the drafts aside.
///
/// # Errors
/// They are too many, where no level bounds them.
pub(super) fn reach<'p>(
    roots: Roots<'_>,
    view: View<'p>,
    actions: &'p Entities,
    need: &Need,
) -> Result<Found<'p>, Error> {
    let (literals, steps, most) = match need {
        Need::Level(level) => (&[][..], *level, usize::MAX),
        Need::Anything(named) => (named.as_slice(), u32::MAX, MAX_ENTITIES),
    };
    let actions = literals.iter().filter_map(|uid| actions.get(uid));
    let mut found: Found<'p> = actions.map(Cow::Borrowed).collect();
    if view.is_empty() {
        return Ok(found);
    }
    let mut seen: HashSet<EntityUid> = roots.drafts.iter().map(|draft| draft.uid.clone()).collect();
    let mut now: Vec<EntityUid> = roots.named.iter().chain(literals).cloned().collect();
    let mut next: Vec<EntityUid> = roots.followed.iter().flat_map(|draft| &draft.refs).cloned().collect();
    for _ in 0..steps {
        for uid in now {
            if seen.contains(&uid) {
                continue;
            }
            let Some(known) = view.get(&uid)? else { continue };
            seen.insert(uid);
            if seen.len() > most {
                return Err(Error::TooManyEntities);
            }
            next.extend_from_slice(&known.refs);
            found.push(known.into_entity());
        }
        if next.is_empty() {
            break;
        }
        now = std::mem::take(&mut next);
    }
    Ok(found)
}
