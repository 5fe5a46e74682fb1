//! Grants across tenants against the schema: things and actions that policies know, that tenants may decide about, and
//! that are not of administration.

use cedar_policy::EntityUid;

use super::source::Problem;
use super::vocabulary::{Action, Type};
use super::{Error, Policies};
use crate::model::{Crossing, TenantId};

/// Actions of ours by which power is given, taken or shown. What stands in them is of their kind.
const OF_POWER: [&str; 8] =
    ["administer", "approve", "delegate", "offboard", "reveal", "revoke", "secret_admin", "use"];
/// Types of ours whose things are a tenant's keys, records and boundaries.
const OF_TENANTS: [&str; 10] = [
    "Aios::Audit",
    "Aios::Domain",
    "Aios::Entities",
    "Aios::Group",
    "Aios::Policies",
    "Aios::Revocation",
    "Aios::Role",
    "Aios::Secret",
    "Aios::Tenant",
    "Aios::Vault",
];

impl Policies {
    /// The grants with every spelling of their actions.
    ///
    /// # Errors
    /// All mistakes at once, in the configuration's order. `strict` are actions before which revocations are always read.
    pub fn crossings(&self, wanted: &[Crossing], strict: &[String]) -> Result<Vec<Crossing>, Vec<Problem>> {
        let strict: Vec<&EntityUid> = strict
            .iter()
            .filter_map(|name| self.vocabulary.action(name).ok())
            .map(|action| &action.uid)
            .collect();
        let (mut problems, mut found) = (Vec::new(), Vec::<Crossing>::new());
        for (index, crossing) in wanted.iter().enumerate() {
            let mut told = |at: &str, message: String| {
                problems.push(Problem::new(format!("cross_tenant[{index}]{at}"), None, message));
            };
            self.check(crossing, &strict, &mut told);
            let spelled = crossing.actions.iter().flat_map(|name| self.vocabulary.spellings(name)).collect();
            let crossing = Crossing { actions: spelled, ..crossing.clone() };
            if let Some(before) = found.iter().find(|before| overlap(before, &crossing)) {
                told("", format!("grants what {} grants, to the same principal", before.name));
            }
            found.push(crossing);
        }
        if problems.is_empty() { Ok(found) } else { Err(problems) }
    }

    /// Whether a tenant has policies of its own in the files.
    #[must_use]
    pub fn has_layer(&self, tenant: &TenantId) -> bool {
        self.tenants.layers.contains_key(tenant)
    }

    fn check(&self, crossing: &Crossing, strict: &[&EntityUid], told: &mut dyn FnMut(&str, String)) {
        let types: Vec<(String, Option<&Type>)> = crossing
            .resource_types
            .iter()
            .enumerate()
            .map(|(place, name)| (format!(".resource_types[{place}]"), self.vocabulary.find(name)))
            .collect();
        let mut actions = Vec::new();
        for (place, name) in crossing.actions.iter().enumerate() {
            let at = format!(".actions[{place}]");
            match self.grantable(name, strict) {
                Ok(action) => actions.push((at, action)),
                Err(message) => told(&at, message),
            }
        }
        for ((at, kind), name) in types.iter().zip(&crossing.resource_types) {
            if let Err(message) = self.may_cross(*kind, name) {
                told(at, message);
            }
        }
        let known: Vec<&Type> = types.iter().filter_map(|(_, kind)| *kind).collect();
        for (at, action) in &actions {
            if !known.is_empty() && !known.iter().any(|kind| self.vocabulary.applies(action, kind)) {
                told(at, "applies to no type of resource_types".to_owned());
            }
        }
        for (at, kind) in &types {
            let is_moot =
                |kind: &&Type| !actions.iter().any(|(_, action)| self.vocabulary.applies(action, kind));
            if !actions.is_empty() && kind.as_ref().is_some_and(is_moot) {
                told(at, "none of actions applies to it".to_owned());
            }
        }
    }

    fn grantable(&self, name: &str, strict: &[&EntityUid]) -> Result<&Action, String> {
        let vocabulary = &self.vocabulary;
        let action = match vocabulary.action(name) {
            Ok(action) => action,
            Err(Error::UnknownAction { candidates }) if !candidates.is_empty() => {
                return Err(format!("could be {}: say which", candidates.join(" or ")));
            }
            Err(_) => return Err("is no action of the schema".to_owned()),
        };
        let is_of_power = |uid: &EntityUid| {
            uid.type_name().to_string() == "Aios::Action" && OF_POWER.contains(&uid.id().unescaped())
        };
        if action.lineage().line().any(is_of_power) {
            return Err(format!("gives power, as {} do, which no grant lets cross", OF_POWER.join(", ")));
        }
        if vocabulary.lineages().any(|other| other.ancestors.contains(&action.uid)) {
            return Err("is a group of actions; name each action".to_owned());
        }
        if action.lineage().line().any(|uid| strict.contains(&uid)) {
            return Err("is an action of [revocation] strict, which no grant lets cross".to_owned());
        }
        if !self.tenants.bounds.has_action(&action.uid) {
            return Err("is not in [policy] delegable.actions, so no tenant's own policies could permit it"
                .to_owned());
        }
        Ok(action)
    }

    fn may_cross(&self, kind: Option<&Type>, name: &str) -> Result<(), String> {
        let kind = kind.ok_or("is no type of the schema")?;
        if OF_TENANTS.contains(&name) {
            return Err("is a tenant's own, which no grant lets cross".to_owned());
        }
        if self.vocabulary.is_shared(name) {
            return Err("is shared, and what is nobody's needs no grant".to_owned());
        }
        if !self.tenants.bounds.has_resource(&kind.name) {
            return Err(
                "is not in [policy] delegable.resources, so no tenant's own policies could permit it"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

/// Whether one principal could do one thing by both.
fn overlap(one: &Crossing, other: &Crossing) -> bool {
    let share = |one: &[String], other: &[String]| one.iter().any(|name| other.contains(name));
    one.from == other.from
        && one.to == other.to
        && one.principals.iter().any(|party| other.principals.contains(party))
        && share(&one.resource_types, &other.resource_types)
        && share(&one.actions, &other.actions)
}
