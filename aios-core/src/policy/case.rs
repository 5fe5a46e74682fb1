//! One request as Cedar sees it: who, what, on which thing, and the few entities that can matter.

use std::collections::HashSet;

use cedar_policy::{Context, Entities, Entity, EntityUid};
use serde_json::{Map, Value};

use super::base::{Static, View};
use super::value::{Converter, Pairs};
use super::vocabulary::{Action, Fact, Type};
use super::{Error, Policies, subject};
use crate::model::{Admitted, Request, json};

/// Most entities that one decision looks at.
pub(super) const MAX_ENTITIES: usize = 256;
/// Members of the context that only AIOS sets.
const RESERVED: [&str; 4] = ["client", "input", "now", "usage"];

/// A request ready to be asked.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) principal: EntityUid,
    pub(super) actor: Option<EntityUid>,
    pub(super) action: EntityUid,
    pub(super) resource: EntityUid,
    pub(super) context: Context,
    pub(super) entities: Entities,
}

impl Case {
    pub(super) fn new(policies: &Policies, admitted: &Admitted<'_>) -> Result<Self, Error> {
        let request = admitted.request();
        bounded(request)?;
        let vocabulary = &policies.vocabulary;
        let action = vocabulary.action(&request.action)?;
        let view = policies.base.view(admitted.tenant());
        let mut gathering = Gathering::new(policies, admitted, view);
        let principal = gathering.add(subject::principal(vocabulary, admitted, view)?);
        let mut actor = None;
        if let Some(current) = admitted.principal().actor() {
            let made = subject::actor(vocabulary, admitted, current, view)?;
            // Whoever acts for itself is asked once.
            if made.0 != principal {
                actor = Some(gathering.add(made));
            }
        }
        let resource = gathering.resource()?;
        let context = gathering.context(action)?;
        let entities = gathering.finish()?;
        Ok(Self { principal, actor, action: action.uid.clone(), resource, context, entities })
    }
}

fn bounded(request: &Request) -> Result<(), Error> {
    let parts = [
        ("input", &request.input),
        ("context", &request.context),
        ("resource.attrs", &request.resource.attrs),
    ];
    for (place, members) in parts {
        json::bound(members).map_err(|json::TooLarge| {
            Error::input(place, format!("at most {} levels and {} bytes", json::MAX_DEPTH, json::MAX_SIZE))
        })?;
    }
    Ok(())
}

struct Gathering<'p, 'r> {
    policies: &'p Policies,
    admitted: &'p Admitted<'r>,
    view: View<'p>,
    converter: Converter<'p>,
    made: Vec<(EntityUid, Entity)>,
    /// Uids still to be looked up among the static entities.
    queue: Vec<EntityUid>,
}

impl<'p, 'r> Gathering<'p, 'r> {
    fn new(policies: &'p Policies, admitted: &'p Admitted<'r>, view: View<'p>) -> Self {
        let converter = Converter::new(&policies.vocabulary);
        Self { policies, admitted, view, converter, made: Vec::with_capacity(3), queue: Vec::new() }
    }

    fn add(&mut self, (uid, entity, refs): (EntityUid, Entity, Vec<EntityUid>)) -> EntityUid {
        self.made.push((uid.clone(), entity));
        self.queue.extend(refs);
        uid
    }

    fn resource(&mut self) -> Result<EntityUid, Error> {
        let resource = &self.admitted.request().resource;
        let kind = self.policies.vocabulary.find(&resource.kind);
        let kind = kind.ok_or_else(|| Error::input("resource.type", "an entity type of the schema"))?;
        if resource.parents.len() > MAX_ENTITIES {
            return Err(Error::TooManyEntities);
        }
        let uid = kind.uid(&resource.id);
        let attrs = self.converter.members("resource.attrs", &resource.attrs)?;
        let mut parents = Vec::with_capacity(resource.parents.len());
        for (index, parent) in resource.parents.iter().enumerate() {
            let parent = self.policies.vocabulary.uid(parent);
            let expected =
                || Error::input(format!("resource.parents[{index}].type"), "an entity type of the schema");
            parents.push(parent.ok_or_else(expected)?);
        }
        if self.made.iter().any(|(made, _)| *made == uid) {
            return own_entity(&attrs, &parents).map(|()| uid);
        }
        if let Some(known) = self.view.get(&uid) {
            agrees(known, attrs, &parents)?;
            self.queue.push(uid.clone());
            return Ok(uid);
        }
        self.unknown_resource(kind, uid, attrs, parents)
    }

    fn unknown_resource(
        &mut self,
        kind: &Type,
        uid: EntityUid,
        mut attrs: Pairs,
        parents: Vec<EntityUid>,
    ) -> Result<EntityUid, Error> {
        if kind.states(Fact::Tenant) {
            let tenant = self.admitted.resource_tenant().map(|tenant| tenant.as_str().to_owned());
            let stated =
                self.admitted.request().resource.attrs.get("tenant").filter(|stated| !stated.is_null());
            if stated.is_some_and(|stated| stated.as_str() != tenant.as_deref()) {
                return Err(Error::input("resource.attrs.tenant", "the resource's tenant, or nothing"));
            }
            attrs.retain(|(name, _)| name != "tenant");
            let tenant = tenant.map(cedar_policy::RestrictedExpression::new_string);
            attrs.extend(tenant.map(|tenant| ("tenant".to_owned(), tenant)));
        }
        let refs = parents.clone();
        let entity = Entity::new_with_tags(uid.clone(), attrs, parents, [])
            .map_err(|_| Error::input("resource.attrs", "values that Cedar accepts"))?;
        Ok(self.add((uid, entity, refs)))
    }

    fn context(&mut self, action: &Action) -> Result<Context, Error> {
        let request = self.admitted.request();
        if let Some(name) = RESERVED.into_iter().find(|name| request.context.contains_key(*name)) {
            return Err(Error::input(format!("context.{name}"), "nothing: AIOS sets it"));
        }
        let mut pairs = self.converter.members("context", &request.context)?;
        if action.takes_input {
            pairs.push(("input".to_owned(), self.input(&request.input)?));
        }
        if pairs.is_empty() {
            return Ok(Context::empty());
        }
        Context::from_pairs(pairs).map_err(|_| Error::input("context", "values that Cedar accepts"))
    }

    fn input(&mut self, input: &Map<String, Value>) -> Result<cedar_policy::RestrictedExpression, Error> {
        let pairs = self.converter.members("input", input)?;
        cedar_policy::RestrictedExpression::new_record(pairs)
            .map_err(|_| Error::input("input", "each member once"))
    }

    /// Everything that those made so far, the context and the policies can reach among the static entities.
    fn finish(mut self) -> Result<Entities, Error> {
        let mut entities: Vec<Entity> = Vec::with_capacity(self.made.len());
        if !self.view.is_empty() {
            self.queue.append(&mut self.converter.refs);
            self.queue.extend(self.policies.rules.literals.iter().cloned());
            let mut seen: HashSet<EntityUid> = self.made.iter().map(|(uid, _)| uid.clone()).collect();
            while let Some(uid) = self.queue.pop() {
                let Some(known) = self.view.get(&uid) else { continue };
                if !seen.insert(uid) {
                    continue;
                }
                if seen.len() > MAX_ENTITIES {
                    return Err(Error::TooManyEntities);
                }
                entities.push(known.entity.clone());
                self.queue.extend(known.refs.iter().cloned());
            }
        }
        let vocabulary = &self.policies.vocabulary;
        let all = entities.into_iter().chain(self.made.iter().map(|(_, entity)| entity.clone()));
        // Onto the actions, which Cedar would otherwise gather anew for each request.
        vocabulary.entities.clone().add_entities(all, Some(&vocabulary.schema)).map_err(|_| self.misfit())
    }

    /// Finds which of the entities made for this request does not fit.
    fn misfit(&self) -> Error {
        let places = ["principal", "actor", "resource"];
        let principals = 1 + usize::from(self.made.len() > 2);
        for (index, (uid, entity)) in self.made.iter().enumerate() {
            let fits =
                Entities::from_entities([entity.clone()], Some(&self.policies.vocabulary.schema)).is_ok();
            let place = if index < principals { places.get(index) } else { places.get(2) };
            if !fits {
                let expected =
                    format!("the attributes and parents that the schema declares for {}", uid.type_name());
                return Error::input(place.copied().unwrap_or("resource"), expected);
            }
        }
        Error::input("resource.parents", "a hierarchy in which nothing is its own ancestor")
    }
}

/// The caller itself is the resource: its entity is verified, and the request may add nothing.
fn own_entity(attrs: &Pairs, parents: &[EntityUid]) -> Result<(), Error> {
    if !attrs.is_empty() {
        return Err(Error::input("resource.attrs", "nothing: the resource is the caller itself"));
    }
    if !parents.is_empty() {
        return Err(Error::input("resource.parents", "nothing: the resource is the caller itself"));
    }
    Ok(())
}

/// A known resource: what the request says about it must be what the files say.
fn agrees(known: &Static, attrs: Pairs, parents: &[EntityUid]) -> Result<(), Error> {
    if let Some(index) = parents.iter().position(|parent| !known.parents.contains(parent)) {
        return Err(Error::input(
            format!("resource.parents[{index}]"),
            "a parent that the entity store knows",
        ));
    }
    let names: Vec<String> = attrs.iter().map(|(name, _)| name.clone()).collect();
    let given = Entity::new_with_tags(known.entity.uid(), attrs, [], [])
        .map_err(|_| Error::input("resource.attrs", "values that Cedar accepts"))?;
    let same = |name: &str| match (given.attr(name), known.entity.attr(name)) {
        (Some(Ok(given)), Some(Ok(known))) => given == known,
        _ => false,
    };
    match names.iter().find(|name| !same(name)) {
        Some(name) => {
            Err(Error::input(format!("resource.attrs.{name}"), "the value that the entity store knows"))
        }
        None => Ok(()),
    }
}
