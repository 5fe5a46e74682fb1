//! The raw engine answers what Cedar answers over all policies and entities; then any error refuses.

use std::fmt::Write as _;

use cedar_policy::{
    Authorizer, Context, Entities, EntityUid, PolicyId, PolicySet, Request, Response, Schema,
};
use serde_json::{Map, Value, json};

use super::conditions;
use super::differential::{self, ACTIONS, said};
use super::random::{Random, seeds};
use super::whole::{self, escaped};
use crate::model::EntityRef;
use crate::policy::raw::{Desk, Loaded, Question, Texts};
use crate::policy::{Error, Problem};

fn load(policies: &str, schema: Option<&str>, entities: Option<&str>) -> Result<Desk, Vec<Problem>> {
    let [schema, entities] = [schema, entities].map(|text| text.map(str::to_owned));
    Loaded::load(&Texts { policies: policies.to_owned(), schema, entities })
        .map(|loaded| Desk::new(loaded.into()))
}

fn question(uids: [&EntityUid; 3], context: &Value) -> Question {
    let entity = |uid: &EntityUid| EntityRef::new(uid.type_name().to_string(), uid.id().unescaped());
    let [principal, action, resource] = uids.map(entity);
    Question { principal, action, resource, context: context.as_object().unwrap().clone() }
}

fn uid(text: &str) -> EntityUid {
    text.parse().unwrap()
}

/// Cases of which some are allowed and some fail.
#[derive(Debug, Default)]
struct Tally {
    cases: u32,
    allowed: u32,
    failed: u32,
}

impl Tally {
    fn compare(&mut self, desk: &Desk, question: &Question, whole: &Response, world: &str) {
        let given =
            said(&desk.ask(question).unwrap_or_else(|error| panic!("{world}: {error}: {question:?}")));
        assert_eq!(given, said(whole), "{world}: {question:?}");
        let failed = whole.diagnostics().errors().next().is_some();
        let permits = given.0.ends_with("Allow");
        assert_eq!(desk.decide(question).is_ok(), permits && !failed, "{world}: {question:?}");
        self.cases += 1;
        self.allowed += u32::from(permits);
        self.failed += u32::from(failed);
    }

    fn is_mixed(&self) -> bool {
        [self.allowed, self.failed].iter().all(|kind| *kind > self.cases / 100 && *kind < self.cases)
    }
}

#[test]
fn without_a_schema_the_answer_is_cedars_over_everything() {
    let mut tally = Tally::default();
    for seed in seeds(400) {
        let mut random = Random::new(seed ^ 0x0007_a3e5);
        let world = differential::world(&mut random);
        let (mut text, mut set) = (String::new(), PolicySet::new());
        for policy in world.policies.policies().filter(|policy| policy.is_static()) {
            writeln!(text, "{}", policy.to_cedar().unwrap()).unwrap();
            set.add(policy.new_id(PolicyId::new(policy.annotation("id").unwrap()))).unwrap();
        }
        let entities = world.entities.to_json_value().unwrap().to_string();
        let desk = load(&text, None, Some(&entities)).unwrap_or_else(|problems| panic!("{problems:#?}"));
        for _ in 0..24 {
            let [principal, resource] = [(); 2].map(|()| differential::uid(&mut random));
            let action = differential::action(random.below(ACTIONS + 1));
            let question = question([&principal, &action, &resource], &json!({}));
            let request = Request::new(principal, action, resource, Context::empty(), None).unwrap();
            let whole = Authorizer::new().is_authorized(&request, &set, &world.entities);
            tally.compare(&desk, &question, &whole, &format!("world {seed}\n{text}"));
        }
    }
    assert!(tally.is_mixed(), "{tally:?}");
}

#[test]
fn with_a_schema_the_answer_is_cedars_over_everything() {
    let roles = "{ entity Role in [Role]; entity Group in [Role];";
    let text = whole::SCHEMA.replacen('{', roles, 1);
    let (schema, _) = Schema::from_cedarschema_str(&text).unwrap();
    let mut tally = Tally::default();
    for seed in seeds(150) {
        let mut random = Random::new(seed ^ 0x000b_1a5e);
        let [mut written, own, _] = whole::layers(&mut random);
        written.extend(own);
        let entities = Value::Array(written.values().cloned().collect()).to_string();
        let (desk, policies) = loop {
            let policies = conditions::policies(&mut random);
            match load(&policies, Some(&text), Some(&entities)) {
                Ok(desk) => break (desk, policies),
                // A scope and a condition may exclude each other.
                Err(found) => {
                    assert!(found.iter().all(|found| found.message.contains("impossible")), "{found:#?}");
                }
            }
        };
        let mut set = PolicySet::new();
        for policy in policies.parse::<PolicySet>().unwrap().policies() {
            set.add(policy.new_id(PolicyId::new(policy.annotation("id").unwrap()))).unwrap();
        }
        let known = Entities::from_json_str(&entities, Some(&schema)).unwrap();
        for _ in 0..30 {
            let principal = uid(&format!("Aios::User::\"corp/u{}\"", random.below(5)));
            let resource = uid(&format!("Aios::Data::\"d{}\"", random.below(10)));
            let (action, context) = (uid("Aios::Action::\"read\""), context(&mut random));
            let question = question([&principal, &action, &resource], &context);
            let context = Context::from_json_value(context, Some((&schema, &action))).unwrap();
            let request = Request::new(principal, action, resource, context, Some(&schema)).unwrap();
            let whole = Authorizer::new().is_authorized(&request, &set, &known);
            tally.compare(&desk, &question, &whole, &format!("world {seed}\n{policies}"));
        }
    }
    assert!(tally.is_mixed(), "{tally:?}");
}

fn context(random: &mut Random) -> Value {
    let mut members = Map::new();
    for (name, kind, prefix) in [("peer", "Aios::User", "corp/u"), ("about", "Aios::Data", "d")] {
        if random.one_in(2) {
            members.insert(name.to_owned(), escaped(random, kind, prefix));
        }
    }
    members.into()
}

const SCHEMA: &str = r#"entity User; entity Doc in [Doc] = { "next"?: Doc };
    action read appliesTo { principal: User, resource: Doc, context: { "amount"?: decimal } };"#;

/// Principal, action, resource, context, and the place that does not fit.
const MISFITS: [(&str, &str, &str, &str, &str); 8] = [
    (r#"User::"a""#, r#"Action::"fly""#, r#"Doc::"1""#, "{}", "action"),
    (r#"User::"a""#, r#"Doc::"read""#, r#"Doc::"1""#, "{}", "action"),
    (r#"Robot::"a""#, r#"Action::"read""#, r#"Doc::"1""#, "{}", "principal.type"),
    (r#"Doc::"a""#, r#"Action::"read""#, r#"Doc::"1""#, "{}", "principal.type"),
    (r#"User::"a""#, r#"Action::"read""#, r#"User::"1""#, "{}", "resource.type"),
    (r#"User::"a""#, r#"Action::"read""#, r#"Doc::"1""#, r#"{"colour": 1}"#, "context"),
    (r#"User::"a""#, r#"Action::"read""#, r#"Doc::"1""#, r#"{"amount": 0.00001}"#, "context.amount"),
    (
        r#"User::"a""#,
        r#"Action::"read""#,
        r#"Doc::"1""#,
        r#"{"amount": {"__entity": {"type": "Robot", "id": "a"}}}"#,
        "context.amount",
    ),
];

#[test]
fn what_the_schema_does_not_know_is_refused_with_its_place() {
    let desk = load("permit (principal, action, resource);", Some(SCHEMA), None).unwrap();
    for (principal, action, resource, context, place) in MISFITS {
        let context: Value = serde_json::from_str(context).unwrap();
        let question = question([&uid(principal), &uid(action), &uid(resource)], &context);
        let refused = desk.decide(&question).unwrap_err();
        let unknown = Error::UnknownAction { candidates: Vec::new() };
        let here = matches!(&refused, Error::Input { at, .. } if at == place);
        assert!(here || place == "action" && refused == unknown, "{refused:?}: {question:?}");
    }
    let fits = question(
        [&uid(r#"User::"a""#), &uid(r#"Action::"read""#), &uid(r#"Doc::"1""#)],
        &json!({"amount": 1.5}),
    );
    assert!(desk.decide(&fits).is_ok());
    let names = ["not a type", "a::\"b\"", ""];
    let desk = load("permit (principal, action, resource);", None, None).unwrap();
    for name in names {
        let question = Question { resource: EntityRef::new(name, "x"), ..fits.clone() };
        let refused = desk.decide(&question).unwrap_err();
        assert!(matches!(&refused, Error::Input { at, .. } if at == "resource.type"), "{name}: {refused:?}");
    }
}

#[test]
fn a_policy_that_may_look_anywhere_sees_at_most_so_many_entities() {
    let chain = |length: usize| {
        let doc = |number: usize| json!({"type": "Doc", "id": number.to_string()});
        let entity = |number: usize| json!({"uid": doc(number), "attrs": {"next": {"__entity": doc(number + 1)}}, "parents": []});
        Value::Array((0..length).map(entity).collect()).to_string()
    };
    let policy = "permit (principal, action, resource) when { resource.next.next has next };";
    let asked = question([&uid(r#"User::"a""#), &uid(r#"Action::"read""#), &uid(r#"Doc::"0""#)], &json!({}));
    for (length, schema, fits) in [(256, None, true), (257, None, false), (257, Some(SCHEMA), true)] {
        let schema_policy = "permit (principal, action, resource) when { resource has next && resource.next has next && resource.next.next has next };";
        let policy = if schema.is_some() { schema_policy } else { policy };
        let desk = load(policy, schema, Some(&chain(length))).unwrap();
        let answer = desk.decide(&asked);
        assert_eq!(answer.is_ok(), fits, "{length}: {answer:?}");
        assert!(fits || answer == Err(Error::TooManyEntities), "{answer:?}");
    }
    // Where no condition looks anywhere, nothing is gathered that is not named.
    let plain = load("permit (principal, action, resource);", None, Some(&chain(500))).unwrap();
    assert!(plain.decide(&asked).is_ok());
}

/// Policies, schema, entities, and a part of what is said of them.
const PROBLEMS: [(&str, Option<&str>, Option<&str>, &str); 9] = [
    ("permit (principal, action, resource)", None, None, "policies"),
    ("permit (principal == ?principal, action, resource);", None, None, "template"),
    ("permit (principal, action, resource) when { resource.price > 1 };", Some(SCHEMA), None, "price"),
    ("", Some("entity User in [Nothing];"), None, "Nothing"),
    ("", Some("{\"\": "), None, "schema.json"),
    ("", None, Some("{}"), "entities"),
    (
        "",
        Some(SCHEMA),
        Some(r#"[{"uid": {"type": "Robot", "id": "a"}, "attrs": {}, "parents": []}]"#),
        "Robot",
    ),
    (
        "",
        Some(SCHEMA),
        Some(r#"[{"uid": {"type": "Action", "id": "read"}, "attrs": {}, "parents": []}]"#),
        "Action",
    ),
    (
        "",
        None,
        Some(
            r#"[{"uid": {"type": "A", "id": "a"}, "attrs": {}, "parents": [{"type": "A", "id": "b"}]},
                {"uid": {"type": "A", "id": "b"}, "attrs": {}, "parents": [{"type": "A", "id": "a"}]}]"#,
        ),
        "cycle",
    ),
];

#[test]
fn what_cannot_be_loaded_is_said() {
    for (policies, schema, entities, expected) in PROBLEMS {
        let found = load(policies, schema, entities).map(|_| ()).unwrap_err();
        assert!(found.iter().any(|found| found.to_string().contains(expected)), "{expected}: {found:#?}");
    }
}
