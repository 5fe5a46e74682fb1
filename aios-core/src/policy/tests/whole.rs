//! A decision on the few entities that a request can reach is the decision on all of them.

use std::collections::BTreeMap;

use cedar_policy::{Authorizer, Entities, Entity, PolicySet, Request as Question, Response};
use serde_json::{Map, Value, json};

use super::conditions::policies;
use super::differential::said;
use super::random::{Random, seeds};
use super::{facts, source, try_admit_with};
use crate::model::{Actor, EntityRef, Facts, Kind, Principal, Request, Resource};
use crate::policy::case::Case;
use crate::policy::standpoint::Standpoint;
use crate::policy::{Delegable, Desk, Kept, KeptEntity, Policies, Problem, Source};

pub(super) const SCHEMA: &str = r#"namespace Aios {
    entity User, Agent in [Role, Group] = { "tenant": String, "issuer": String, "scopes": Set<String>,
        "boss"?: User, "limit"?: Long, "docs"?: Set<Data> } tags User;
    entity Data in [Data] = { "tenant"?: String, "owner"?: User, "next"?: Data, "level"?: Long,
        "place"?: { "keeper"?: User } } tags Data;
    action readers;
    action read in [readers] appliesTo { principal: [User, Agent], resource: [Data],
        context: { "peer"?: User, "about"?: Data, "many"?: Set<Data> } };
}"#;

/// What the files say that count for acme.
pub(super) type Written = BTreeMap<String, Value>;

#[test]
fn a_decision_on_what_is_reached_is_the_decision_on_the_whole_base() {
    let (mut cases, mut allowed, mut failed) = (0_u32, 0_u32, 0_u32);
    for seed in seeds(300) {
        let mut random = Random::new(seed ^ 0x5eed);
        let (desk, kept, written) = world(&mut random);
        for _ in 0..30 {
            let principal = principal(&mut random);
            let request = request(&mut random, &principal, &written);
            let Ok(admitted) = try_admit_with((&desk, &kept), &principal, &request) else { continue };
            let at = Standpoint::within(desk.policies(), &admitted, (&kept).into());
            let case = Case::new(desk.policies(), &admitted, at).unwrap();
            let expected: Vec<_> = whole(&desk, &case, &written).iter().map(said).collect();
            let answers =
                desk.ask(&admitted, (&kept).into()).unwrap_or_else(|error| panic!("world {seed}: {error}"));
            let given: Vec<_> = answers.iter().map(said).collect();
            assert_eq!(given, expected, "world {seed}: {request:?}\n{}", together(desk.policies()));
            cases += 1;
            allowed += u32::from(given.iter().all(|said| said.0.ends_with("Allow")));
            failed += u32::from(given.iter().any(|said| !said.2.is_empty()));
        }
    }
    for kind in [allowed, failed] {
        assert!(kind > cases / 50 && kind < cases, "{cases} {allowed} {failed}");
    }
}

/// Cedar's answers over all policies and all entities.
fn whole(desk: &Desk, case: &Case<'_>, written: &Written) -> Vec<Response> {
    let policies = desk.policies();
    let all = together(policies);
    let schema = Some(&policies.vocabulary.schema);
    let made = case.drafts.iter().map(|draft| {
        let (attrs, tags) = (draft.attrs.clone(), draft.tags.clone());
        Entity::new_with_tags(draft.uid.clone(), attrs, draft.parents.clone(), tags).unwrap()
    });
    let known = written.values().map(|json| Entity::from_json_value(json.clone(), schema).unwrap());
    let known = known.filter(|entity| case.drafts.iter().all(|draft| draft.uid != entity.uid()));
    let entities = Entities::from_entities(known.chain(made), schema).unwrap();
    let ask = |uid: &cedar_policy::EntityUid| {
        let (action, resource) = (case.action.uid.clone(), case.resource.uid.clone());
        let question = Question::new(uid.clone(), action, resource, case.context.clone(), schema).unwrap();
        Authorizer::new().is_authorized(&question, &all, &entities)
    };
    case.askers.iter().map(|asker| ask(&asker.uid)).collect()
}

/// The platform's policies and acme's own.
fn together(policies: &Policies) -> PolicySet {
    let mut all = policies.index.all().clone();
    let own = policies.tenants.layers.values().flat_map(|layer| layer.index.all().policies());
    for policy in own {
        all.add(policy.clone()).unwrap();
    }
    all
}

/// What acme could say of its own, in policies that tell of which type the resource is.
fn own(random: &mut Random) -> String {
    let typed = policies(random).replace("resource is Aios::Data in", "resource in");
    let typed = typed.replace(", resource)", ", resource is Aios::Data)");
    typed.replace(", resource in", ", resource is Aios::Data in")
}

/// Entities of the shared base, of acme and of rival.
pub(super) fn layers(random: &mut Random) -> [Written; 3] {
    let mut layers: [Written; 3] = Default::default();
    for number in 0..3 {
        place(
            random,
            &mut layers,
            ("Aios::Role", format!("r{number}")),
            json!({}),
            &above("Aios::Role", "r", number),
        );
    }
    for number in 0..2 {
        let parents = if random.one_in(2) { vec![reference("Aios::Role", "r2")] } else { Vec::new() };
        place(random, &mut layers, ("Aios::Group", format!("corp/g{number}")), json!({}), &parents);
    }
    for number in 0..6 {
        let kind = if number < 4 { "Aios::User" } else { "Aios::Agent" };
        let mut parents = vec![reference("Aios::Role", &format!("r{}", random.below(3)))];
        parents.extend(
            random.one_in(3).then(|| reference("Aios::Group", &format!("corp/g{}", random.below(2)))),
        );
        let attrs = caller(random);
        place(random, &mut layers, (kind, format!("corp/u{number}")), attrs, &parents);
    }
    for number in 0..8 {
        let mut parents = above("Aios::Data", "d", number);
        parents.retain(|_| random.one_in(2));
        let attrs = data(random);
        place(random, &mut layers, ("Aios::Data", format!("d{number}")), attrs, &parents);
    }
    layers
}

fn world(random: &mut Random) -> (Desk, Kept, Written) {
    let mut layers = layers(random);
    let (kept, stored) = keep(random, &mut layers);
    let texts = layers.each_ref().map(|layer| Value::Array(layer.values().cloned().collect()).to_string());
    let desk = loop {
        let (policies, own) = (policies(random), own(random));
        let files = [
            ("schema.cedarschema", SCHEMA),
            ("a.cedar", policies.as_str()),
            ("tenants/acme/a.cedar", own.as_str()),
            ("entities/a.json", texts[0].as_str()),
            ("tenants/acme/entities/a.json", texts[1].as_str()),
            ("tenants/rival/entities/a.json", texts[2].as_str()),
        ];
        let delegable = Delegable { actions: vec!["readers".into()], resources: vec!["Aios::Data".into()] };
        match Policies::load(&Source { delegable, ..source(&files) }) {
            Ok(policies) => break Desk::new(policies.into()),
            // A scope and a condition may exclude each other, and some things are rival's alone.
            Err(problems) => {
                let is_chance = |problem: &Problem| {
                    ["impossible", "neither the tenant's"].iter().any(|part| problem.message.contains(part))
                };
                assert!(problems.iter().all(is_chance), "{problems:#?}");
            }
        }
    };
    let [mut written, own, _] = layers;
    written.extend(own);
    written.extend(stored);
    (desk, kept, written)
}

/// Moves some of acme's own from the files into the store. Whatever gives roles stays: nobody keeps those.
fn keep(random: &mut Random, layers: &mut [Written; 3]) -> (Kept, Written) {
    let (mut kept, mut stored) = (Kept::default(), Written::new());
    let own: Vec<(String, Value)> = layers[1].iter().map(|(uid, json)| (uid.clone(), json.clone())).collect();
    for (uid, mut json) in own {
        let kind = json["uid"]["type"].as_str().unwrap().to_owned();
        if matches!(kind.as_str(), "Aios::Role" | "Aios::Group") || random.one_in(2) {
            continue;
        }
        if kind != "Aios::Data" {
            json["parents"] = json!([]);
        }
        for layer in &mut *layers {
            layer.remove(&uid);
        }
        let parents = json["parents"].as_array().unwrap().len();
        let at = EntityRef::new(kind, json["uid"]["id"].as_str().unwrap());
        let name = crate::crypto::sha256(&[uid.as_bytes()]);
        kept.insert(KeptEntity::new(at, (1, name, [0; 32]), json.to_string().into(), parents));
        stored.insert(uid, json);
    }
    (kept, stored)
}

/// Puts an entity into the shared base, acme's layer, both or rival's, or nowhere.
fn place(
    random: &mut Random,
    layers: &mut [Written; 3],
    (kind, id): (&str, String),
    mut attrs: Value,
    parents: &[Value],
) {
    let tags = attrs.as_object_mut().and_then(|attrs| attrs.remove("#tags")).unwrap_or_else(|| json!({}));
    let uid = json!({"type": kind, "id": id});
    for (layer, tenant) in [(0, "acme"), (1, "acme"), (2, "rival")] {
        if random.one_in(2) {
            continue;
        }
        let (mut attrs, mut parents) = (attrs.clone(), parents.to_vec());
        if matches!(kind, "Aios::Agent" | "Aios::User") {
            attrs["tenant"] = tenant.into();
            (attrs["issuer"], attrs["scopes"]) = ("corp".into(), json!([]));
        } else if kind == "Aios::Data" && layer > 0 {
            attrs["tenant"] = tenant.into();
        }
        // The layers do not agree about who stands where.
        parents.retain(|_| !random.one_in(3));
        layers[layer]
            .insert(uid.to_string(), json!({"uid": uid, "attrs": attrs, "tags": tags, "parents": parents}));
    }
}

fn reference(kind: &str, id: &str) -> Value {
    json!({"type": kind, "id": id})
}

pub(super) fn escaped(random: &mut Random, kind: &str, prefix: &str) -> Value {
    // One more than there can be.
    json!({"__entity": reference(kind, &format!("{prefix}{}", random.below(if prefix == "d" { 9 } else { 5 })))})
}

fn above(kind: &str, prefix: &str, number: usize) -> Vec<Value> {
    (number + 1..number + 3).map(|above| reference(kind, &format!("{prefix}{above}"))).collect()
}

fn caller(random: &mut Random) -> Value {
    let mut attrs = json!({});
    if !random.one_in(3) {
        attrs["boss"] = escaped(random, "Aios::User", "corp/u");
    }
    if random.one_in(2) {
        attrs["limit"] = random.below(3).into();
    }
    if random.one_in(2) {
        attrs["docs"] = json!([escaped(random, "Aios::Data", "d"), escaped(random, "Aios::Data", "d")]);
    }
    attrs
}

fn data(random: &mut Random) -> Value {
    let mut attrs = json!({});
    if !random.one_in(3) {
        attrs["owner"] = escaped(random, "Aios::User", "corp/u");
    }
    if !random.one_in(3) {
        attrs["next"] = escaped(random, "Aios::Data", "d");
    }
    if random.one_in(2) {
        attrs["level"] = random.below(3).into();
    }
    if random.one_in(3) {
        attrs["place"] = json!({"keeper": escaped(random, "Aios::User", "corp/u")});
    }
    if !random.one_in(3) {
        attrs["#tags"] = json!({"t": escaped(random, "Aios::Data", "d")});
    }
    attrs
}

fn principal(random: &mut Random) -> Principal {
    let mut facts = Facts { subject: format!("u{}", random.below(5)), ..facts() };
    facts.roles.extend((0..3).filter(|_| random.one_in(3)).map(|number| format!("r{number}")));
    facts.groups.extend((0..2).filter(|_| random.one_in(3)).map(|number| format!("g{number}")));
    if random.one_in(3) {
        let id = format!("u{}", 4 + random.below(3));
        facts.actors.push(Actor { kind: Kind::Agent, issuer: "corp".parse().unwrap(), id });
    }
    Principal::new(facts)
}

fn request(random: &mut Random, principal: &Principal, written: &Written) -> Request {
    let number = random.below(10);
    let id = format!("d{number}");
    let mut resource = Resource::new("Aios::Data", &id);
    if !written.contains_key(&reference("Aios::Data", &id).to_string()) {
        resource = resource.tenant("acme");
        resource.attrs = said_of_data(random);
        for above in (number + 1..10).filter(|_| random.one_in(3)) {
            resource = resource.parent("Aios::Data", format!("d{above}"));
        }
    }
    let mut request = Request::new(principal, "read", resource);
    let mut name = |name: &str, value: Value| drop(request.context.insert(name.to_owned(), value));
    if random.one_in(2) {
        name("peer", escaped(random, "Aios::User", "corp/u"));
    }
    if random.one_in(2) {
        name("about", escaped(random, "Aios::Data", "d"));
    }
    if random.one_in(2) {
        name("many", json!([escaped(random, "Aios::Data", "d"), escaped(random, "Aios::Data", "d")]));
    }
    request
}

fn said_of_data(random: &mut Random) -> Map<String, Value> {
    let mut attrs = data(random);
    let attrs = attrs.as_object_mut().unwrap();
    attrs.remove("#tags");
    std::mem::take(attrs)
}
