//! Static entities: one shared base and one layer for each tenant, checked when they are loaded.

use std::collections::{HashMap, HashSet};

use cedar_policy::{Entities, Entity, EntityUid, EvalResult, RestrictedExpression, Schema};
use serde_json::{Map, Value};

use super::source::{Files, Problem};
use super::vocabulary::{Fact, Vocabulary};
use crate::model::{Ownership, TenantId};

/// All static entities.
#[derive(Debug, Default)]
pub(super) struct Base {
    shared: Layer,
    tenants: HashMap<TenantId, Layer>,
    /// What any tenant's layer knows.
    owned: HashSet<EntityUid>,
}

type Layer = HashMap<EntityUid, Static>;

/// An entity from a file.
#[derive(Debug)]
pub(super) struct Static {
    pub(super) entity: Entity,
    /// Its parents, and the entities that its attributes and tags name.
    pub(super) refs: Vec<EntityUid>,
    pub(super) parents: Vec<EntityUid>,
}

/// What one tenant's requests can reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'b> {
    own: Option<&'b Layer>,
    shared: &'b Layer,
}

impl<'b> View<'b> {
    /// An entity of the tenant's own, else of the shared base.
    pub(super) fn get(&self, uid: &EntityUid) -> Option<&'b Static> {
        self.own.and_then(|own| own.get(uid)).or_else(|| self.shared.get(uid))
    }

    /// Whether there is nothing to reach.
    pub(super) fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.own.is_none_or(HashMap::is_empty)
    }
}

impl Base {
    pub(super) fn view(&self, tenant: &TenantId) -> View<'_> {
        View { own: self.tenants.get(tenant), shared: &self.shared }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.owned.is_empty()
    }

    pub(super) fn ownership(&self, tenant: &TenantId, uid: &EntityUid) -> Ownership {
        if self.tenants.get(tenant).is_some_and(|own| own.contains_key(uid)) {
            return Ownership::Own;
        }
        if self.shared.contains_key(uid) {
            return Ownership::Shared;
        }
        if self.owned.contains(uid) { Ownership::Foreign } else { Ownership::Unknown }
    }

    /// Reads all entity files, each entity checked against the schema by itself and each layer as a whole.
    pub(super) fn load(files: &Files<'_>, vocabulary: &Vocabulary, problems: &mut Vec<Problem>) -> Self {
        let shared = read_layer(&files.shared, vocabulary, None, problems);
        let mut base = Self { shared, ..Self::default() };
        whole(&base.view_of(None), base.shared.keys(), &vocabulary.schema, "entities", problems);
        for (tenant, files) in &files.tenants {
            let layer = read_layer(files, vocabulary, Some(tenant), problems);
            let view = base.view_of(Some(&layer));
            whole(&view, layer.keys(), &vocabulary.schema, &format!("tenants/{tenant}/entities"), problems);
            base.owned.extend(layer.keys().cloned());
            base.tenants.insert(tenant.clone(), layer);
        }
        base
    }

    fn view_of<'b>(&'b self, own: Option<&'b Layer>) -> View<'b> {
        View { own, shared: &self.shared }
    }
}

/// Checks what a layer reaches as one hierarchy: no entity may be its own ancestor.
fn whole<'u>(
    view: &View<'_>,
    layer: impl Iterator<Item = &'u EntityUid>,
    schema: &Schema,
    file: &str,
    problems: &mut Vec<Problem>,
) {
    let mut queue: Vec<EntityUid> = layer.cloned().collect();
    let (mut seen, mut entities) = (HashSet::new(), Vec::new());
    while let Some(uid) = queue.pop() {
        let Some(found) = view.get(&uid) else { continue };
        if seen.insert(uid) {
            entities.push(found.entity.clone());
            queue.extend(found.refs.iter().cloned());
        }
    }
    if let Err(error) = Entities::from_entities(entities, Some(schema)) {
        problems.push(Problem::new(file, None, error.to_string()));
    }
}

fn read_layer(
    files: &[(&str, &str)],
    vocabulary: &Vocabulary,
    tenant: Option<&TenantId>,
    problems: &mut Vec<Problem>,
) -> Layer {
    let mut layer = Layer::new();
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
            match read(entity, vocabulary, tenant) {
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

fn read(mut json: Value, vocabulary: &Vocabulary, tenant: Option<&TenantId>) -> Result<Static, String> {
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
    let entity = Entity::from_json_value(json, Some(&vocabulary.schema)).map_err(|error| explain(&error))?;
    let parents: Vec<EntityUid> = entity.clone().into_inner().2.into_iter().collect();
    let mut refs = parents.clone();
    for (_, value) in entity.attrs().chain(entity.tags()) {
        references(&value.map_err(|error| error.to_string())?, &mut refs);
    }
    Ok(Static { entity, refs, parents })
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

fn references(value: &EvalResult, found: &mut Vec<EntityUid>) {
    match value {
        EvalResult::EntityUid(uid) => found.push(uid.clone()),
        EvalResult::Set(items) => items.iter().for_each(|item| references(item, found)),
        EvalResult::Record(members) => members.iter().for_each(|(_, member)| references(member, found)),
        EvalResult::Bool(_) | EvalResult::Long(_) | EvalResult::String(_) | EvalResult::ExtensionValue(_) => {
        }
    }
}

/// Cedar's message with its causes.
fn explain(error: &dyn std::error::Error) -> String {
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
