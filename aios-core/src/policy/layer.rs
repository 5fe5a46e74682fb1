//! Entity files: what they say, each entity checked against the schema by itself.

use std::collections::HashMap;

use cedar_policy::{Entities, Entity, EntityUid, EvalResult, RestrictedExpression, Schema};
use serde_json::{Map, Value};

use super::source::Problem;
use super::vocabulary::{Fact, Vocabulary};
use crate::model::TenantId;

/// The entities of some files.
pub(super) type Files = HashMap<EntityUid, Written>;

/// An entity as a file says it.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) entity: Entity,
    pub(super) parents: Vec<EntityUid>,
    /// The entities to which its attributes and tags lead.
    pub(super) refs: Vec<EntityUid>,
}

/// Reads files; `read_one` checks each entity.
pub(super) fn read(
    files: &[(&str, &str)],
    read_one: impl Fn(Value) -> Result<Written, String>,
    problems: &mut Vec<Problem>,
) -> Files {
    let mut layer = Files::new();
    for (file, text) in files {
        // Without the schema: finds what a parsed value no longer shows, such as a member named twice.
        if let Err(error) = Entities::from_json_str(text, None) {
            problems.push(Problem::new(*file, None, explain(&error)));
            continue;
        }
        let Ok(Value::Array(entities)) = serde_json::from_str(text) else {
            problems.push(Problem::new(*file, None, "is not a JSON array of entities"));
            continue;
        };
        for entity in entities {
            match read_one(entity) {
                Ok(entity) if layer.contains_key(&entity.entity.uid()) => {
                    let message = format!("the entity {} stands twice", entity.entity.uid());
                    problems.push(Problem::new(*file, None, message));
                }
                Ok(entity) => {
                    layer.insert(entity.entity.uid(), entity);
                }
                Err(message) => problems.push(Problem::new(*file, None, message)),
            }
        }
    }
    layer
}

/// Checks an entity of a policy folder, and adds what its file need not say.
pub(super) fn read_one(
    mut json: Value,
    vocabulary: &Vocabulary,
    tenant: Option<&TenantId>,
) -> Result<Written, String> {
    let uid = json.get("uid").cloned().ok_or("an entity has no uid")?;
    let uid = EntityUid::from_json(uid).map_err(|error| explain(&error))?;
    let name = uid.type_name().to_string();
    let Some(kind) = vocabulary.find(&name) else {
        return Err(format!("the schema has no type {name} of entities"));
    };
    if let Some(json) = json.as_object_mut() {
        let attributes = json.entry("attrs").or_insert_with(|| Value::Object(Map::new()));
        for (fact, value) in known(&uid, vocabulary.is_principal(&kind.name), tenant) {
            let Some(attributes) = attributes.as_object_mut().filter(|_| kind.states(fact)) else { continue };
            let stated = attributes.get(fact.as_str());
            if fact == Fact::Tenant && stated.is_some_and(|stated| *stated != value) {
                return Err(format!("{uid} names another tenant than its folder"));
            }
            if stated.is_none() {
                attributes.insert(fact.as_str().to_owned(), value);
            }
        }
    }
    written(json, Some(&vocabulary.schema))
}

/// An entity as it stands, checked against a schema where there is one.
pub(super) fn written(json: Value, schema: Option<&Schema>) -> Result<Written, String> {
    let entity = Entity::from_json_value(json, schema).map_err(|error| explain(&error))?;
    let parents: Vec<EntityUid> = entity.clone().into_inner().2.into_iter().collect();
    let mut refs = Vec::new();
    for (_, value) in entity.attrs().chain(entity.tags()) {
        references(&value.map_err(|error| error.to_string())?, &mut refs);
    }
    Ok(Written { entity, parents, refs })
}

/// What a file need not say: the tenant its folder names, the issuer its id names, and no scopes without a token.
fn known(uid: &EntityUid, principal: Principal, tenant: Option<&TenantId>) -> Vec<(Fact, Value)> {
    let mut known = Vec::new();
    if let Some(tenant) = tenant {
        known.push((Fact::Tenant, Value::from(tenant.as_str())));
    }
    if let (Principal::Yes, Some((issuer, _))) = (principal, uid.id().unescaped().split_once('/')) {
        known.push((Fact::Issuer, Value::from(issuer)));
        known.push((Fact::Scopes, Value::Array(Vec::new())));
    }
    known
}

/// Whether a type stands for a kind of principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Principal {
    No,
    Yes,
}

/// What a policy can look into from here. Not what stands in sets: no operator of Cedar takes an element out of one.
fn references(value: &EvalResult, found: &mut Vec<EntityUid>) {
    match value {
        EvalResult::EntityUid(uid) => found.push(uid.clone()),
        EvalResult::Record(members) => members.iter().for_each(|(_, member)| references(member, found)),
        EvalResult::Bool(_)
        | EvalResult::ExtensionValue(_)
        | EvalResult::Long(_)
        | EvalResult::Set(_)
        | EvalResult::String(_) => {}
    }
}

/// Cedar's message with its causes.
pub(super) fn explain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = inner.source();
    }
    message
}

/// A value as the expression that gives it again; none where Cedar cannot spell it.
pub(super) fn expression(value: &EvalResult) -> Option<RestrictedExpression> {
    Some(match value {
        EvalResult::Bool(value) => RestrictedExpression::new_bool(*value),
        EvalResult::Long(value) => RestrictedExpression::new_long(*value),
        EvalResult::String(value) => RestrictedExpression::new_string(value.clone()),
        EvalResult::EntityUid(uid) => RestrictedExpression::new_entity_uid(uid.clone()),
        EvalResult::Set(items) => {
            RestrictedExpression::new_set(items.iter().map(expression).collect::<Option<Vec<_>>>()?)
        }
        EvalResult::Record(members) => {
            let member = |(name, value): (&String, &EvalResult)| Some((name.clone(), expression(value)?));
            RestrictedExpression::new_record(members.iter().map(member).collect::<Option<Vec<_>>>()?).ok()?
        }
        EvalResult::ExtensionValue(text) => text.parse().ok()?,
    })
}
