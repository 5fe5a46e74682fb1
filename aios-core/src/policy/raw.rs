//! The raw engine: policies asked about whoever and whatever the host names. It is not the gate: nobody is verified, no
//! tenant is held apart, nothing is recorded, and no permit comes of it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use cedar_policy::entities_errors::EntitiesError;
use cedar_policy::{
    Authorizer, Context, Entities, EntityId, EntityTypeName, EntityUid, Policy, Request,
    RequestValidationError, Response, Schema,
};
use serde_json::{Map, Value};

use super::base::Base;
use super::candidates::Seen;
use super::index::{Asked, Index, Lineage};
use super::levels::Need;
use super::reach::{self, Roots};
use super::value::{Converter, Names};
use super::view::View;
use super::{Error, Problem, Verdict, draft, layer, merge, misfit, rules, schema, tenants, unfit};
use crate::model::{EntityRef, json};

/// Policies, perhaps with a schema and static entities, as text.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// Policies in Cedar's own syntax.
    pub policies: String,
    /// A schema, in Cedar's own syntax or as JSON.
    pub schema: Option<String>,
    /// An array of entities in Cedar's JSON.
    pub entities: Option<String>,
}

/// What is asked. Whoever asks vouches for all of it.
#[derive(Debug, Clone)]
pub struct Question {
    /// Who acts.
    pub principal: EntityRef,
    /// What is done.
    pub action: EntityRef,
    /// What it is done to.
    pub resource: EntityRef,
    /// Further facts.
    pub context: Map<String, Value>,
}

/// Policies that were loaded, without what is remembered of asking them.
#[derive(Debug)]
pub struct Loaded {
    authorizer: Authorizer,
    base: Base,
    index: Index,
    terms: Terms,
}

/// Where decisions are taken.
#[derive(Debug)]
pub struct Desk {
    loaded: Arc<Loaded>,
    seen: Seen,
}

/// Which types and actions there are: those of the schema or, without one, any.
#[derive(Debug)]
struct Terms {
    schema: Option<Schema>,
    types: HashSet<EntityTypeName>,
    actions: Entities,
}

impl Loaded {
    /// Reads policies, schema and entities. With a schema all are validated strictly against it.
    ///
    /// # Errors
    /// All problems at once, sorted by part and line.
    pub fn load(texts: &Texts) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let terms = Terms::load(texts.schema.as_deref()).map_err(|problem| problems.push(problem));
        let terms = terms.unwrap_or_default();
        let rules = rules::load(
            &[("policies", &texts.policies)],
            &tenants::platform(),
            terms.schema.as_ref(),
            &mut problems,
        );
        let text = texts.entities.as_deref().map(|text| ("entities", text));
        let written = layer::read(text.as_slice(), |json| terms.entity(json), &mut problems);
        let base = Base::of(&written, &mut problems);
        if !problems.is_empty() {
            problems.sort();
            return Err(problems);
        }
        let need = |policy: &Policy| match terms.schema {
            Some(_) => rules.levels.need(policy),
            None => unvalidated(policy),
        };
        let index = Index::new(rules.set, need);
        Ok(Self { authorizer: Authorizer::new(), base, index, terms })
    }

    /// How many policies there are.
    #[must_use]
    pub fn policies(&self) -> usize {
        self.index.len()
    }

    /// How many static entities there are.
    #[must_use]
    pub fn entities(&self) -> usize {
        self.base.len()
    }
}

/// What was never validated may look anywhere, unless it has no condition.
fn unvalidated(policy: &Policy) -> Need {
    if policy.has_non_scope_constraint() { Need::Anything(policy.entity_literals()) } else { Need::default() }
}

impl Desk {
    /// A desk that remembers nothing yet.
    #[must_use]
    pub fn new(loaded: Arc<Loaded>) -> Self {
        let seen = loaded.index.seen();
        Self { loaded, seen }
    }

    /// The policies that decide here.
    #[must_use]
    pub fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }

    /// Asks the policies.
    ///
    /// # Errors
    /// One must permit, none forbid, and none fail. See [`Error`].
    pub fn decide(&self, question: &Question) -> Result<Verdict, Error> {
        merge(&[self.ask(question)?])
    }

    /// Cedar's answer.
    pub(super) fn ask(&self, question: &Question) -> Result<Response, Error> {
        let Loaded { authorizer, base, index, terms } = &*self.loaded;
        json::bound(&question.context).map_err(|json::TooLarge| {
            let expected = format!("at most {} levels and {} bytes", json::MAX_DEPTH, json::MAX_SIZE);
            Error::input("context", expected)
        })?;
        let uid = |place: &str, entity: &EntityRef| {
            let named = terms.uid(&entity.kind, &entity.id);
            named.map_err(|expected| Error::input(format!("{place}.type"), expected))
        };
        let action = terms.action(&question.action)?;
        let principal = uid("principal", &question.principal)?;
        let resource = uid("resource", &question.resource)?;
        let mut converter = Converter::new(terms);
        let pairs = converter.members("context", &question.context)?;
        let context = Context::from_pairs(pairs);
        let context = context.map_err(|_| Error::input("context", "values that Cedar accepts"))?;
        let view = base.shared();
        let uids = [&principal, &action, &resource];
        let [above_principal, above_action, above_resource] = [
            draft::ancestors(&principal, &[], view)?,
            terms.above_action(&action, view)?,
            draft::ancestors(&resource, &[], view)?,
        ];
        let asked = Asked {
            principal: Lineage { uid: &principal, ancestors: &above_principal },
            action: Lineage { uid: &action, ancestors: &above_action },
            resource: Lineage { uid: &resource, ancestors: &above_resource },
        };
        let candidates = index.candidates(&self.seen, asked).map_err(unfit)?;
        let named: Vec<EntityUid> = uids.into_iter().cloned().chain(converter.refs).collect();
        let entities = terms.entities(&named, view, &candidates.need)?;
        let request = Request::new(principal, action, resource, context, terms.schema.as_ref());
        let request = request.map_err(|error| misfits(&error))?;
        Ok(authorizer.is_authorized(&request, &candidates.set, &entities))
    }
}

fn misfits(error: &RequestValidationError) -> Error {
    let of_context =
        matches!(error, RequestValidationError::InvalidContext(_) | RequestValidationError::TypeOfContext(_));
    if of_context {
        return Error::input("context", "the context that the schema declares for the action");
    }
    misfit(error, "principal.type")
}

impl Default for Terms {
    fn default() -> Self {
        Self { schema: None, types: HashSet::new(), actions: Entities::empty() }
    }
}

impl Terms {
    fn load(text: Option<&str>) -> Result<Self, Problem> {
        let Some(text) = text else { return Ok(Self::default()) };
        // No schema in Cedar's own syntax begins with a brace, and every one in JSON does.
        let file = if text.trim_start().starts_with('{') { "schema.json" } else { "schema.cedarschema" };
        let schema = schema::alone(file, text)?;
        let types = schema.entity_types().cloned().collect();
        let wrong = |error: EntitiesError| Problem::new(file, None, error.to_string());
        let actions = schema.action_entities().map_err(wrong)?;
        Ok(Self { schema: Some(schema), types, actions })
    }

    fn entity(&self, json: Value) -> Result<layer::Written, String> {
        let written = layer::written(json, self.schema.as_ref())?;
        let uid = written.entity.uid();
        if self.schema.is_some() && !self.types.contains(uid.type_name()) {
            return Err(format!("the schema has no type {} of entities", uid.type_name()));
        }
        Ok(written)
    }

    fn action(&self, action: &EntityRef) -> Result<EntityUid, Error> {
        let unknown = || Error::UnknownAction { candidates: Vec::new() };
        let kind: EntityTypeName = action.kind.parse().map_err(|_| unknown())?;
        let uid = EntityUid::from_type_name_and_id(kind, EntityId::new(&action.id));
        let known = self.schema.is_none() || self.actions.get(&uid).is_some();
        if known { Ok(uid) } else { Err(unknown()) }
    }

    /// The groups that an action is in: the schema says it or, without one, the static entities.
    fn above_action(&self, action: &EntityUid, view: View<'_>) -> Result<Vec<EntityUid>, Error> {
        match self.schema {
            Some(_) => Ok(self.actions.ancestors(action).into_iter().flatten().cloned().collect()),
            None => draft::ancestors(action, &[], view),
        }
    }

    /// The entities at which policies of this need can look.
    fn entities(&self, named: &[EntityUid], view: View<'_>, need: &Need) -> Result<Entities, Error> {
        let found = reach::reach(Roots { drafts: &[], followed: &[], named }, view, &self.actions, need)?;
        let own = named.iter().filter_map(|uid| self.actions.get(uid));
        // Each was compared with the schema when it was loaded.
        Entities::from_entities(own.cloned().chain(found.into_iter().map(Cow::into_owned)), None)
            .map_err(|_| Error::input("context", "entities that stand once"))
    }
}

impl Names for Terms {
    fn uid(&self, kind: &str, id: &str) -> Result<EntityUid, &'static str> {
        let name: EntityTypeName = kind.parse().map_err(|_| "the name of an entity type")?;
        if self.schema.is_some() && !self.types.contains(&name) {
            return Err("an entity type of the schema");
        }
        Ok(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
    }
}
