//! `check_10` and `authorize_memory`.

use std::fs;
use std::hint::black_box;

use aios_core::{Aios, Permit, Request};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request as Question,
    RestrictedExpression as Value, Schema,
};

use crate::measure::{Measured, Result, processor_seconds, ratio};
use crate::world::{World, inputs, request};

const PAIRS: usize = 41;
pub(crate) const ROUNDS: usize = 500;

/// `check` beside what one writes oneself around Cedar.
pub(crate) fn check_10() -> Result<Measured> {
    let (aios, asked) = ready()?;
    let cedar = Cedar::ready(&asked)?;
    // Both sides must have done the same work.
    let (ours, theirs) = (aios.check(&asked)?, cedar.ask()?);
    if !ours.allowed || ours.policies.len() != theirs {
        return Err(format!("{ours:?}, but Cedar names {theirs} policies").into());
    }
    ratio(
        PAIRS,
        || checks(&aios, &asked),
        || processor_seconds(|| (0..ROUNDS).try_for_each(|_| cedar.ask().map(drop))),
    )
}

/// `authorize` into memory beside `check`. Outcomes are not part of it, as nobody waits for them.
pub(crate) fn authorize_memory() -> Result<Measured> {
    let (aios, asked) = ready()?;
    let authorize = || {
        let mut permits: Vec<Permit> = Vec::with_capacity(ROUNDS);
        processor_seconds(|| {
            for _ in 0..ROUNDS {
                permits.push(aios.authorize(black_box(&asked))?);
            }
            Ok(())
        })
    };
    ratio(PAIRS, authorize, || checks(&aios, &asked))
}

fn ready() -> Result<(Aios, Request)> {
    let world = World::new()?;
    let aios = world.in_memory()?;
    let token = world.tokens(1).pop().ok_or("no token")?;
    let asked = request(&aios, &token)?;
    Ok((aios, asked))
}

pub(crate) fn checks(aios: &Aios, asked: &Request) -> Result<f64> {
    processor_seconds(|| {
        for _ in 0..ROUNDS {
            black_box(aios.check(black_box(asked))?);
        }
        Ok(())
    })
}

/// The same question to bare Cedar: policies and schema parsed once, entities made once and cloned for each question.
struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    schema: Schema,
    entities: Vec<Entity>,
    principal: EntityUid,
    action: EntityUid,
    resource: EntityUid,
}

impl Cedar {
    fn ready(asked: &Request) -> Result<Self> {
        let folder = inputs().join("policies");
        let schema = fs::read_to_string(folder.join("schema.cedarschema"))?;
        let who = match &asked.who {
            aios_core::model::Who::Principal(principal) => principal.view(),
            aios_core::model::Who::Credential(_) => return Err("not verified yet".into()),
        };
        let text = |text: &str| Value::new_string(text.to_owned());
        let mut entities = Vec::new();
        for role in &who.roles {
            entities.push(Entity::new_no_attrs(uid("Aios::Role", role)?, [].into()));
        }
        let attributes = [
            ("tenant", text("acme")),
            ("issuer", text("corp")),
            ("client", text(who.client_id.as_deref().ok_or("no client")?)),
            ("scopes", Value::new_set(who.scopes.iter().map(|scope| text(scope)))),
            ("acr", text(who.acr.as_deref().ok_or("no acr")?)),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
        let principal = uid("Aios::User", &format!("corp/{}", who.subject))?;
        let roles = entities.iter().map(Entity::uid).collect();
        entities.push(Entity::new(principal.clone(), attributes.into(), roles)?);
        let resource = uid(&asked.resource.kind, &asked.resource.id)?;
        let attributes = [("tenant".to_owned(), text("acme"))];
        entities.push(Entity::new(resource.clone(), attributes.into(), [].into())?);
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: fs::read_to_string(folder.join("crm.cedar"))?.parse()?,
            schema: Schema::from_cedarschema_str(&schema)?.0,
            entities,
            principal,
            action: uid("Aios::Action", &asked.action)?,
            resource,
        })
    }

    /// How many policies permit it.
    fn ask(&self) -> Result<usize> {
        let (principal, action, resource) =
            (self.principal.clone(), self.action.clone(), self.resource.clone());
        let question = Question::new(principal, action, resource, Context::empty(), Some(&self.schema))?;
        let entities = Entities::from_entities(self.entities.iter().cloned(), Some(&self.schema))?;
        let answer = self.authorizer.is_authorized(&question, &self.policies, &entities);
        match answer.decision() {
            Decision::Allow => Ok(answer.diagnostics().reason().count()),
            Decision::Deny => Err("Cedar denies".into()),
        }
    }
}

fn uid(kind: &str, id: &str) -> Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id(kind.parse()?, cedar_policy::EntityId::new(id)))
}
