//! From where a request is seen. Across tenants each tenant's policies see what is theirs, and of the other only who asks,
//! what for, and what the request says.

use std::collections::HashSet;

use cedar_policy::{Entity, EntityUid, EvalResult};

use super::base::Base;
use super::kept::Keeps;
use super::layer::Principal;
use super::view::View;
use super::vocabulary::Vocabulary;
use super::{Error, Policies};
use crate::model::{Admitted, Crossing};

/// What is known of a request, and to whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standpoint<'p> {
    pub(super) guise: Guise,
    /// What is known where those who ask belong.
    pub(super) who: View<'p>,
    /// What is known where the resource belongs.
    pub(super) what: View<'p>,
    sides: Sides<'p>,
}

/// How those who ask appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guise {
    /// With the roles and groups of their tokens, and nothing that any file says of them.
    Claiming,
    /// With what their tenant's files say, and the roles and groups of their tokens.
    Known,
    /// By name: with what was verified of them, but for roles and groups, which mean something at home only.
    Stranger,
}

/// Of how many tenants it is.
#[derive(Debug, Clone, Copy)]
enum Sides<'p> {
    /// Of both, for the platform.
    Both { base: &'p Base, crossing: &'p Crossing, kept: Keeps<'p> },
    /// Of one of two.
    One,
    /// There is one only.
    Within,
}

impl<'p> Standpoint<'p> {
    /// Everybody's view of a request within a tenant.
    pub(super) fn within(policies: &'p Policies, admitted: &'p Admitted<'_>, kept: Keeps<'p>) -> Self {
        let view = policies.view(admitted.tenant(), Some(kept.own));
        Self { guise: Guise::Known, who: view, what: view, sides: Sides::Within }
    }

    /// The principal's tenant's view of a request across.
    pub(super) fn home(policies: &'p Policies, crossing: &'p Crossing, kept: Keeps<'p>) -> Self {
        let view = policies.view(&crossing.from, Some(kept.own));
        Self { guise: Guise::Known, who: view, what: view, sides: Sides::One }
    }

    /// The resource's tenant's view, to which those who ask appear so.
    pub(super) fn owner(
        policies: &'p Policies,
        crossing: &'p Crossing,
        (kept, guise): (Keeps<'p>, Guise),
    ) -> Self {
        let view = policies.view(&crossing.to, kept.visited);
        Self { guise, who: view, what: view, sides: Sides::One }
    }

    /// The platform's view: of each what its own tenant knows.
    pub(super) fn platform(policies: &'p Policies, crossing: &'p Crossing, kept: Keeps<'p>) -> Self {
        let who = policies.view(&crossing.from, Some(kept.own));
        let what = policies.view(&crossing.to, kept.visited);
        Self { guise: Guise::Known, who, what, sides: Sides::Both { base: &policies.base, crossing, kept } }
    }

    /// Whether the entities made for the request are all that the schema says of them: what one of two tenants sees of
    /// the other's is less, and the platform's view was compared before.
    pub(super) fn is_complete(&self) -> bool {
        match self.sides {
            Sides::Both { .. } | Sides::Within => true,
            Sides::One => false,
        }
    }

    /// Whether those who ask are looked at by other files than the resource.
    pub(super) fn is_of_both(&self) -> bool {
        match self.sides {
            Sides::Both { .. } => true,
            Sides::One | Sides::Within => false,
        }
    }

    /// Refuses where both sides use the name of something that is one tenant's own: Cedar would take what they mean for one
    /// thing. Ids of principals are their issuers', and the same everywhere; what a tenant keeps of one counts for those alone
    /// who ask.
    pub(super) fn apart(
        &self,
        (askers, resource): (&[Entity], &[Entity]),
        asks: &dyn Fn(&EntityUid) -> bool,
        vocabulary: &Vocabulary,
    ) -> Result<(), Error> {
        let Sides::Both { base, crossing, kept } = self.sides else { return Ok(()) };
        let (askers, resource) = (names(askers), names(resource));
        let is_owned = |uid: &&EntityUid| {
            let is_of_files = vocabulary.is_principal(uid.type_name()) == Principal::No
                && base.is_own_of_either((&crossing.from, &crossing.to), uid);
            is_of_files || (kept.contains(uid) && !asks(uid))
        };
        match askers.intersection(&resource).find(is_owned) {
            Some(_) => Err(Error::Conflict { at: "resource".to_owned() }),
            None => Ok(()),
        }
    }
}

/// Everything that entities name: themselves, what they stand in, what their attributes and tags say.
fn names(entities: &[Entity]) -> HashSet<EntityUid> {
    let mut found = HashSet::new();
    for entity in entities {
        found.insert(entity.uid());
        found.extend(entity.clone().into_inner().2);
        for (_, value) in entity.attrs().chain(entity.tags()) {
            // What has no value makes whatever looks at it fail.
            if let Ok(value) = value {
                named(&value, &mut found);
            }
        }
    }
    found
}

fn named(value: &EvalResult, found: &mut HashSet<EntityUid>) {
    match value {
        EvalResult::EntityUid(uid) => drop(found.insert(uid.clone())),
        EvalResult::Record(members) => members.iter().for_each(|(_, member)| named(member, found)),
        EvalResult::Set(items) => items.iter().for_each(|item| named(item, found)),
        EvalResult::Bool(_) | EvalResult::ExtensionValue(_) | EvalResult::Long(_) | EvalResult::String(_) => {
        }
    }
}
