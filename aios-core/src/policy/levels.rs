//! How far from a request the evaluation of a policy can look: Cedar's levels of dereference (RFC 76).

use std::collections::{BTreeSet, HashMap};

use cedar_policy::{
    EntityUid, Policy, PolicyId, PolicySet, Schema, ValidationError, ValidationMode, ValidationResult,
    Validator,
};

use super::candidates::Unfit;
use super::index::{take, take_template};

/// The highest level that is told from reaching anything.
const MAX_LEVEL: u32 = 8;

/// Which entities the evaluation of policies can look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// What the request names, and what attributes and tags lead to in less than so many steps.
    Level(u32),
    /// Also these, and what anything leads to in any number of steps.
    Anything(Vec<EntityUid>),
}

impl Default for Need {
    fn default() -> Self {
        Self::Level(1)
    }
}

impl Need {
    /// What both need.
    pub(super) fn with(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Level(one), Self::Level(other)) => Self::Level(one.max(*other)),
            (Self::Anything(named), Self::Level(_)) => Self::Anything(named),
            (Self::Level(_), Self::Anything(named)) => Self::Anything(named.clone()),
            (Self::Anything(mut named), Self::Anything(others)) => {
                named.extend_from_slice(others);
                named.sort_unstable();
                named.dedup();
                Self::Anything(named)
            }
        }
    }
}

/// At which level policies were validated.
#[derive(Debug, Default)]
pub(super) struct Levels(HashMap<PolicyId, Level>);

#[derive(Debug, Clone, Copy)]
enum Level {
    /// At this one, and at none below.
    At(u32),
    /// At none: it looks into an entity that it names itself, or very far.
    Never,
}

impl Levels {
    /// Takes over what was found of others.
    pub(super) fn extend(&mut self, others: &Self) {
        self.0.extend(others.0.iter().map(|(id, level)| (id.clone(), *level)));
    }

    /// What a policy of those that were validated needs.
    pub(super) fn need(&self, policy: &Policy) -> Need {
        match self.0.get(policy.template_id().unwrap_or(policy.id())) {
            None => Need::default(),
            Some(Level::At(level)) => Need::Level(*level),
            Some(Level::Never) => {
                let mut named = policy.entity_literals();
                named.sort_unstable();
                named.dedup();
                Need::Anything(named)
            }
        }
    }
}

/// Validates strictly. Gives what validation found, violations of level 1 included, and the levels.
pub(super) fn validate(set: &PolicySet, schema: &Schema) -> Result<(Vec<ValidationResult>, Levels), Unfit> {
    let validator = Validator::new(schema.clone());
    // Finding the level costs as much again, and what has no condition looks no further than level 1.
    let (plain, conditional) = split(set)?;
    let shallow = validator.validate(&plain, ValidationMode::Strict);
    let result = validator.validate_with_level(&conditional, ValidationMode::Strict, 1);
    let mut levels = HashMap::new();
    let mut deep = beyond(&result);
    for id in too_deep(&validator, set, &deep, MAX_LEVEL) {
        deep.remove(&id);
        levels.insert(id, Level::Never);
    }
    for level in 2..=MAX_LEVEL {
        let deeper = too_deep(&validator, set, &deep, level);
        levels.extend(deep.difference(&deeper).map(|id| (id.clone(), Level::At(level))));
        deep = deeper;
    }
    Ok((vec![shallow, result], Levels(levels)))
}

/// The policies without conditions, and those with conditions; templates are with the latter.
fn split(set: &PolicySet) -> Result<(PolicySet, PolicySet), Unfit> {
    let (mut plain, mut conditional) = (PolicySet::new(), PolicySet::new());
    for policy in set.policies() {
        let is_plain = policy.is_static() && !policy.has_non_scope_constraint();
        take(if is_plain { &mut plain } else { &mut conditional }, set, policy.id())?;
    }
    for template in set.templates() {
        take_template(&mut conditional, set, template.id())?;
    }
    Ok((plain, conditional))
}

/// Whether an error says only that a policy looks further than the level it was validated at.
pub(super) fn is_of_level(error: &ValidationError) -> bool {
    matches!(error, ValidationError::EntityDerefLevelViolation(_))
}

fn beyond(result: &ValidationResult) -> BTreeSet<PolicyId> {
    result
        .validation_errors()
        .filter(|error| is_of_level(error))
        .map(|error| error.policy_id().clone())
        .collect()
}

/// Those of some policies that look further than a level.
fn too_deep(
    validator: &Validator,
    set: &PolicySet,
    ids: &BTreeSet<PolicyId>,
    level: u32,
) -> BTreeSet<PolicyId> {
    if ids.is_empty() {
        return BTreeSet::new();
    }
    let mut some = PolicySet::new();
    if ids.iter().any(|id| take(&mut some, set, id).is_err()) {
        // Cannot be; reaching anything is always enough.
        return ids.clone();
    }
    beyond(&validator.validate_with_level(&some, ValidationMode::Strict, level))
}
