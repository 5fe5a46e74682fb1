//! Which types and actions the merged schema knows, ready for lookup by name.

use std::collections::{BTreeMap, HashMap, HashSet};

use cedar_policy::entities_errors::EntitiesError;
use cedar_policy::{Entities, EntityId, EntityTypeName, EntityUid, Schema};

use super::Error;
use super::declared::{Declared, Shape};
use super::index::Lineage;
use super::layer::Principal;
use super::schema::{Merged, NAMESPACE, default_type};
use super::source::{Problem, Source};
use super::value::Names;
use crate::model::{EntityRef, Kind};

/// The merged schema, its types and its actions.
#[derive(Debug)]
pub(super) struct Vocabulary {
    pub(super) schema: Schema,
    types: HashMap<String, Type>,
    kinds: [Type; 4],
    pub(super) role: Option<Parent>,
    pub(super) group: Option<Parent>,
    pub(super) group_types: Option<GroupTypes>,
    named: HashMap<String, Named>,
    /// The entities of all actions.
    pub(super) actions: Entities,
    shared: HashSet<String>,
}

/// An entity type.
#[derive(Debug, Clone)]
pub(super) struct Type {
    pub(super) name: EntityTypeName,
    /// The facts about a principal that the type declares.
    pub(super) facts: Vec<Fact>,
    /// Whether the type may have roles and groups as parents.
    ancestors: HashSet<EntityTypeName>,
}

impl Type {
    pub(super) fn uid(&self, id: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(self.name.clone(), EntityId::new(id))
    }

    pub(super) fn states(&self, fact: Fact) -> bool {
        self.facts.contains(&fact)
    }
}

/// A type of parents that tokens name: roles, groups.
#[derive(Debug)]
pub(super) struct Parent {
    name: EntityTypeName,
    choices: Option<Vec<String>>,
}

impl Parent {
    pub(super) fn is(&self, kind: &EntityTypeName) -> bool {
        self.name == *kind
    }

    /// The parent of a principal's type; none where the schema does not allow it.
    pub(super) fn of(&self, child: &Type, id: &str) -> Option<EntityUid> {
        let listed = self.choices.as_ref().is_none_or(|choices| choices.iter().any(|choice| choice == id));
        (listed && child.ancestors.contains(&self.name))
            .then(|| EntityUid::from_type_name_and_id(self.name.clone(), EntityId::new(id)))
    }
}

/// The type of groups, and those of what groups can stand in.
#[derive(Debug)]
pub(super) struct GroupTypes {
    pub(super) group: EntityTypeName,
    pub(super) above: HashSet<EntityTypeName>,
}

/// What AIOS knows about a principal or, for the tenant, about a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    Acr,
    AuthTime,
    Client,
    Issuer,
    Scopes,
    Tenant,
}

impl Fact {
    const ALL: [(Self, Shape); 6] = [
        (Self::Acr, Shape::Text),
        (Self::AuthTime, Shape::Whole),
        (Self::Client, Shape::Text),
        (Self::Issuer, Shape::Text),
        (Self::Scopes, Shape::TextSet),
        (Self::Tenant, Shape::Text),
    ];

    /// The attribute's name.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Acr => "acr",
            Self::AuthTime => "auth_time",
            Self::Client => "client",
            Self::Issuer => "issuer",
            Self::Scopes => "scopes",
            Self::Tenant => "tenant",
        }
    }
}

/// An action of the schema.
#[derive(Debug, Clone)]
pub(super) struct Action {
    pub(super) uid: EntityUid,
    /// The groups it is in.
    ancestors: Vec<EntityUid>,
    /// Its own entity; what a request adds comes on top.
    pub(super) entities: Entities,
    /// Whether its context declares `input`.
    pub(super) takes_input: bool,
}

impl Action {
    pub(super) fn lineage(&self) -> Lineage<'_> {
        Lineage { uid: &self.uid, ancestors: &self.ancestors }
    }
}

#[derive(Debug)]
enum Named {
    One(Action),
    Several(Vec<String>),
}

impl Vocabulary {
    pub(super) fn new(merged: Merged, source: &Source, problems: &mut Vec<Problem>) -> Option<Self> {
        let Merged { schema, declared } = merged;
        let types: HashMap<String, Type> = schema
            .entity_types()
            .map(|name| (name.to_string(), describe(name, &schema, &declared)))
            .collect();
        for name in source.shared.iter().filter(|name| !types.contains_key(*name)) {
            problems.push(Problem::new("[policy] shared", None, format!("the schema has no type {name}")));
        }
        let kinds = [Kind::Agent, Kind::App, Kind::Service, Kind::User]
            .map(|kind| kind_type(kind, &source.user_types, &types, problems));
        let [Some(agent), Some(app), Some(service), Some(user)] = kinds else { return None };
        let named = schema.action_entities().map_err(Box::new).and_then(|actions| {
            let named = name_actions(&schema, &declared, &actions)?;
            Ok((named, actions))
        });
        let (named, actions) =
            named.map_err(|error| problems.push(Problem::new("schema", None, error.to_string()))).ok()?;
        let parent = |name: &str| {
            let found = types.get(name)?;
            Some(Parent { name: found.name.clone(), choices: declared.choices(name) })
        };
        let (role, group) = (parent("Aios::Role"), parent("Aios::Group"));
        let group_types = types
            .get("Aios::Group")
            .map(|group| GroupTypes { group: group.name.clone(), above: group.ancestors.clone() });
        let shared = source.shared.iter().cloned().collect();
        let kinds = [agent, app, service, user];
        Some(Self { schema, types, kinds, role, group, group_types, named, actions, shared })
    }

    /// The type that stands for a kind of principal.
    pub(super) fn kind(&self, kind: Kind) -> &Type {
        let [agent, app, service, user] = &self.kinds;
        match kind {
            Kind::Agent => agent,
            Kind::App => app,
            Kind::Service => service,
            Kind::User => user,
        }
    }

    /// Whether a type stands for a kind of principal.
    pub(super) fn is_principal(&self, name: &EntityTypeName) -> Principal {
        if self.kinds.iter().any(|kind| kind.name == *name) { Principal::Yes } else { Principal::No }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// The uid a reference stands for; none where the schema does not know the type.
    pub(super) fn uid(&self, entity: &EntityRef) -> Option<EntityUid> {
        Some(self.find(&entity.kind)?.uid(&entity.id))
    }

    /// Every name that stands for the action which this name stands for.
    pub(super) fn spellings(&self, name: &str) -> Vec<String> {
        let Ok(meant) = self.action(name) else { return Vec::new() };
        let is_meant = |named: &Named| matches!(named, Named::One(action) if action.uid == meant.uid);
        self.named.iter().filter(|(_, named)| is_meant(named)).map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn is_shared(&self, name: &str) -> bool {
        self.shared.contains(name)
    }

    /// Every action with the groups it is in.
    pub(super) fn lineages(&self) -> impl Iterator<Item = Lineage<'_>> {
        self.named.iter().filter_map(|(name, named)| match named {
            Named::One(action) if action.uid.to_string() == *name => Some(action.lineage()),
            Named::One(_) | Named::Several(_) => None,
        })
    }

    /// Whether an action is one on things of a type.
    pub(super) fn applies(&self, action: &Action, kind: &Type) -> bool {
        let types = self.schema.resources_for_action(&action.uid);
        types.is_some_and(|mut types| types.any(|name| *name == kind.name))
    }

    /// The action that a name stands for.
    pub(super) fn action(&self, name: &str) -> Result<&Action, Error> {
        match self.named.get(name) {
            Some(Named::One(action)) => Ok(action),
            Some(Named::Several(candidates)) => Err(Error::UnknownAction { candidates: candidates.clone() }),
            None => Err(Error::UnknownAction { candidates: Vec::new() }),
        }
    }
}

impl Names for Vocabulary {
    fn uid(&self, kind: &str, id: &str) -> Result<EntityUid, &'static str> {
        Ok(self.find(kind).ok_or("an entity type of the schema")?.uid(id))
    }
}

fn describe(name: &EntityTypeName, schema: &Schema, declared: &Declared) -> Type {
    let attributes = declared.attributes(&name.to_string());
    let facts = Fact::ALL.into_iter().filter(|(fact, shape)| attributes.get(fact.as_str()) == Some(shape));
    let ancestors = schema.ancestors(name).into_iter().flatten().cloned().collect();
    Type { name: name.clone(), facts: facts.map(|(fact, _)| fact).collect(), ancestors }
}

fn kind_type(
    kind: Kind,
    user_types: &BTreeMap<Kind, String>,
    types: &HashMap<String, Type>,
    problems: &mut Vec<Problem>,
) -> Option<Type> {
    let name = user_types.get(&kind).map_or(default_type(kind), String::as_str);
    let found = types.get(name).cloned();
    if found.is_none() {
        let message =
            format!("the schema has no type {name}: say which type of it stands for {}", kind.as_str());
        problems.push(Problem::new("[policy] types", None, message));
    }
    found
}

/// Files each action under its full name and under its id: ours first, else the one that has it.
fn name_actions(
    schema: &Schema,
    declared: &Declared,
    entities: &Entities,
) -> Result<HashMap<String, Named>, Box<EntitiesError>> {
    let mut by_id: HashMap<String, Vec<Action>> = HashMap::new();
    for uid in schema.actions() {
        let (namespace, id) = (uid.type_name().namespace(), uid.id().unescaped());
        let takes_input = declared.context_has(&namespace, id, "input");
        let ancestors = entities.ancestors(uid).into_iter().flatten().cloned().collect();
        let own = Entities::from_entities(entities.get(uid).cloned(), None)?;
        let action = Action { uid: uid.clone(), ancestors, entities: own, takes_input };
        by_id.entry(id.to_owned()).or_default().push(action);
    }
    let mut names = HashMap::new();
    let mut full_names = HashMap::new();
    for (id, actions) in by_id {
        full_names.extend(actions.iter().map(|action| (action.uid.to_string(), Named::One(action.clone()))));
        names.insert(id, choose(&actions));
    }
    // A full name is never hidden by an action whose id looks like one.
    names.extend(full_names);
    Ok(names)
}

fn choose(actions: &[Action]) -> Named {
    let ours = actions.iter().find(|action| action.uid.type_name().namespace() == NAMESPACE);
    match (ours, actions) {
        (Some(only), _) | (None, [only]) => Named::One(only.clone()),
        (None, several) => {
            let mut candidates: Vec<String> = several.iter().map(|action| action.uid.to_string()).collect();
            candidates.sort_unstable();
            Named::Several(candidates)
        }
    }
}
