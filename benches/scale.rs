//! `check_100k`, `check_unscoped`, and the curve beside bare Cedar: what a decision costs where there is much of everything.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;

use aios_core::{Aios, Request, Resource, config};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request as Question,
    RestrictedExpression as Value, Schema,
};
use serde_json::{Value as Json, json};

use crate::measure::{Measured, Result, processor_seconds, ratio, summary};
use crate::world::World;

const MUCH: usize = 100_000;
const PAIRS: usize = 21;
const ROUNDS: usize = 300;

/// A world of many policies and entities, of which ten policies are candidates: eight roles of the caller's, its own and
/// the folder of what it reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) policies: usize,
    pub(crate) entities: usize,
}

/// `check` among 100,000 policies and entities beside `check` with only the ten that matter.
pub(crate) fn check_100k() -> Result<Measured> {
    let (many, few) = (Gate::open(&much(MUCH, MUCH))?, Gate::open(&much(10, 10))?);
    for gate in [&many, &few] {
        gate.verified()?;
    }
    ratio(PAIRS, || gate_seconds(&many), || gate_seconds(&few))
}

/// `check` among 1,000 policies that name nobody and nothing, for each policy beside `check` with 100 of them. It says
/// that such policies cost in proportion, no more and no less.
pub(crate) fn check_unscoped() -> Result<Measured> {
    let (many, few) = (Gate::open(&unscoped(1_000))?, Gate::open(&unscoped(100))?);
    ratio(PAIRS, || Ok(gate_seconds(&many)? / 10.0), || gate_seconds(&few))
}

/// What a size costs: microseconds of a decision, seconds of loading, and megabytes that ours keeps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) aios: f64,
    pub(crate) cedar: f64,
    pub(crate) aios_load: f64,
    pub(crate) cedar_load: f64,
    pub(crate) megabytes: f64,
}

/// Measures a size.
pub(crate) fn point(size: Size) -> Result<Cost> {
    let Size { policies, entities } = size;
    let world = much(policies, entities);
    let before = resident()?;
    let mut opened = None;
    let opening = processor_seconds(|| {
        opened = Some(Gate::open(&world)?);
        Ok(())
    })?;
    let gate = opened.ok_or("not opened")?;
    gate.verified()?;
    let megabytes = resident()? - before;
    let mut made = None;
    let making = processor_seconds(|| {
        made = Some(Cedar::ready(&world)?);
        Ok(())
    })?;
    let cedar = made.ok_or("not made")?;
    // So few rounds that the slowest takes a second.
    let rounds = (200_000 / policies).clamp(2, 500);
    let ours = summary((0..7).map(|_| gate.seconds(rounds)).collect::<Result<_>>()?)?;
    let theirs = summary((0..7).map(|_| cedar.seconds(rounds)).collect::<Result<_>>()?)?;
    let (aios, cedar) = (ours.value * 1e6, theirs.value * 1e6);
    Ok(Cost { aios, cedar, aios_load: opening, cedar_load: making, megabytes })
}

/// Megabytes of this process that are in memory.
fn resident() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}

/// Policies, schema and entities as texts.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    pub(crate) policies: String,
    pub(crate) schema: String,
    pub(crate) entities: String,
}

/// Ten that are candidates, and others about roles, callers and folders that are not the request's.
pub(crate) fn much(policies: usize, entities: usize) -> Texts {
    let mut text = String::new();
    let read = r#"action == Aios::Action::"read", "#;
    for number in 0..policies {
        let (who, what) = match number {
            0..8 => (format!("principal in Aios::Role::\"r{number}\""), "resource is Aios::Data".to_owned()),
            8 => ("principal == Aios::User::\"corp/alice\"".to_owned(), "resource".to_owned()),
            9 => ("principal".to_owned(), "resource in Aios::Data::\"f0\"".to_owned()),
            _ if number % 3 == 0 => {
                (format!("principal in Aios::Role::\"r{number}\""), "resource".to_owned())
            }
            _ if number % 3 == 1 => {
                (format!("principal == Aios::User::\"corp/u{number}\""), "resource".to_owned())
            }
            _ => ("principal".to_owned(), format!("resource in Aios::Data::\"f{number}\"")),
        };
        let condition = r#"when { principal.scopes.contains("crm.read") }"#;
        let _ = writeln!(text, "@id(\"p{number}\") permit ({who}, {read}{what}) {condition};");
    }
    Texts { policies: text, schema: SCHEMA.to_owned(), entities: entities_text(entities) }
}

fn unscoped(policies: usize) -> Texts {
    let one = |number| {
        let condition = r#"principal.scopes.contains("crm.read")"#;
        format!("@id(\"p{number}\") permit (principal, action, resource) when {{ {condition} }};\n")
    };
    let policies = (0..policies).map(one).collect();
    Texts { policies, schema: SCHEMA.to_owned(), entities: entities_text(10) }
}

const SCHEMA: &str = r#"namespace Aios {
  entity Role in [Role];
  entity Group in [Group, Role];
  entity User, Agent in [Role, Group] = {
    "tenant": __cedar::String, "issuer": __cedar::String, "scopes": Set<__cedar::String>, "acr"?: __cedar::String,
  };
  entity Data in [Data] = { "tenant"?: __cedar::String };
  action read, list, write, export appliesTo { principal: [User, Agent], resource: [Data], context: {} };
}"#;

/// Documents in folders in workspaces.
fn entities_text(count: usize) -> String {
    let one = |number: usize| {
        let (id, parent) = match number % 10 {
            0 => (format!("f{number}"), format!("w{}", number / 1_000)),
            _ => (format!("d{number}"), format!("f{}", number / 10 * 10)),
        };
        let kind = "Aios::Data";
        json!({"uid": {"type": kind, "id": id}, "attrs": {"tenant": "acme"}, "parents": [{"type": kind, "id": parent}]})
    };
    Json::Array((0..count).map(one).collect()).to_string()
}

/// An engine of such a world, and what is asked of it.
pub(crate) struct Gate {
    aios: Aios,
    asked: Request,
}

impl Gate {
    pub(crate) fn open(texts: &Texts) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let policies = folder.path().join("policies");
        fs::create_dir_all(policies.join("tenants/acme/entities"))?;
        fs::write(policies.join("all.cedar"), &texts.policies)?;
        fs::write(policies.join("schema.cedarschema"), &texts.schema)?;
        fs::write(policies.join("tenants/acme/entities/all.json"), &texts.entities)?;
        let (settings, token) = World::with_roles(8)?;
        let aios = Aios::builder(config::from_value(settings, folder.path())?).build()?;
        let principal = aios.authenticate(&aios_core::Credential::Bearer(token))?;
        let asked = Request::new(&principal, "read", Resource::new("Aios::Data", "d1").tenant("acme"));
        Ok(Self { aios, asked })
    }

    /// All ten candidates permit, so that both sides do the same.
    fn verified(&self) -> Result<()> {
        let decision = self.aios.check(&self.asked)?;
        if decision.allowed && decision.policies.len() == 10 {
            Ok(())
        } else {
            Err(format!("{decision:?}").into())
        }
    }

    pub(crate) fn seconds(&self, rounds: usize) -> Result<f64> {
        let ask =
            || (0..rounds).try_for_each(|_| black_box(self.aios.check(black_box(&self.asked))).map(drop));
        Ok(processor_seconds(|| Ok(ask()?))? / f64::from(u32::try_from(rounds)?))
    }
}

fn gate_seconds(gate: &Gate) -> Result<f64> {
    gate.seconds(ROUNDS)
}

/// The same decision by bare Cedar: everything is parsed before, and the request's principal joins entities made for it.
struct Cedar {
    policies: PolicySet,
    schema: Schema,
    base: Entities,
    principal: Entity,
}

impl Cedar {
    fn ready(texts: &Texts) -> Result<Self> {
        let schema = Schema::from_cedarschema_str(&texts.schema)?.0;
        let base = Entities::from_json_str(&texts.entities, Some(&schema))?;
        let text = |text: &str| Value::new_string(text.to_owned());
        let attributes = [
            ("tenant", text("acme")),
            ("issuer", text("corp")),
            ("scopes", Value::new_set([text("crm.read")])),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value)).into();
        let roles =
            (0..8).map(|role| Ok(format!("Aios::Role::\"r{role}\"").parse()?)).collect::<Result<_>>()?;
        let principal = Entity::new("Aios::User::\"corp/alice\"".parse()?, attributes, roles)?;
        // As kind to Cedar as can be: the principal is known before, and nothing is made for a request.
        let base = base.add_entities([principal.clone()], Some(&schema))?;
        Ok(Self { policies: texts.policies.parse()?, schema, base, principal })
    }

    fn seconds(&self, rounds: usize) -> Result<f64> {
        let (action, resource): (EntityUid, EntityUid) =
            ("Aios::Action::\"read\"".parse()?, "Aios::Data::\"d1\"".parse()?);
        let ask = || -> Result<()> {
            for _ in 0..rounds {
                let (who, action, resource) = (self.principal.uid(), action.clone(), resource.clone());
                let question = Question::new(who, action, resource, Context::empty(), Some(&self.schema))?;
                let answer = Authorizer::new().is_authorized(&question, &self.policies, &self.base);
                if answer.decision() == Decision::Deny || answer.diagnostics().reason().count() != 10 {
                    return Err("Cedar decides otherwise".into());
                }
            }
            Ok(())
        };
        Ok(processor_seconds(ask)? / f64::from(u32::try_from(rounds)?))
    }
}
