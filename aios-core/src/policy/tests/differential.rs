//! The index gives what Cedar gives over the whole set: decision, reasons, and errors with their policies.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use cedar_policy::{
    Authorizer, Context, Entities, EntityUid, PolicyId, PolicySet, Request, Response, Schema, SlotId,
};
use serde_json::{Value, json};

use super::random::{Random, seeds};
use crate::policy::bounds::Delegated;
use crate::policy::index::{Asked, Index, Lineage, take};
use crate::policy::levels::Need;
use crate::policy::tenants::unite;

const TYPES: [&str; 4] = ["A", "B", "N::C", "N::D"];
const GROUPS: usize = 3;
pub(super) const ACTIONS: usize = 8;
const IDS: usize = 5;

/// Policies, entities and perhaps a schema.
pub(super) struct World {
    pub(super) policies: PolicySet,
    pub(super) entities: Entities,
    schema: Option<Schema>,
}

#[test]
fn candidates_answer_as_the_whole_set() {
    let (mut cases, mut allowed, mut failed, mut narrower) = (0_u32, 0_u32, 0_u32, 0_u32);
    for seed in seeds(1_500) {
        let mut random = Random::new(seed);
        let world = world(&mut random);
        let index = Index::new(world.policies.clone(), |_| Need::default());
        let seen = index.seen();
        for _ in 0..24 {
            let [principal, resource] = [(); 2].map(|()| uid(&mut random));
            let action = action(random.below(ACTIONS + 1));
            let request = Request::new(principal, action, resource, Context::empty(), world.schema.as_ref());
            // The schema does not know the last action.
            let Ok(request) = request else { continue };
            let candidates = candidates(&index, &seen, &request, &world.entities);
            let ask = |policies| Authorizer::new().is_authorized(&request, policies, &world.entities);
            let whole = ask(&world.policies);
            assert_eq!(
                said(&ask(&candidates.set)),
                said(&whole),
                "world {seed}: {request}\n{}",
                world.policies
            );
            cases += 1;
            allowed += u32::from(said(&whole).0.ends_with("Allow"));
            failed += u32::from(!said(&whole).2.is_empty());
            narrower += u32::from(candidates.set.num_of_policies() < world.policies.num_of_policies());
        }
    }
    // Not all cases are of one kind.
    for kind in [allowed, failed, narrower] {
        assert!(kind > cases / 10 && kind < cases, "{cases} {allowed} {failed} {narrower}");
    }
}

#[test]
fn two_sets_asked_apart_answer_as_one() {
    let (mut cases, mut allowed, mut both) = (0_u32, 0_u32, 0_u32);
    for seed in seeds(1_500) {
        let mut random = Random::new(seed ^ 0xa1a);
        let world = world(&mut random);
        let mut parts = [PolicySet::new(), PolicySet::new()];
        for policy in world.policies.policies() {
            take(&mut parts[random.below(2)], &world.policies, policy.id()).unwrap();
        }
        let indexes = parts.map(|part| Index::new(part, |_| Need::default()));
        let seen = indexes.each_ref().map(Index::seen);
        for _ in 0..12 {
            let [principal, resource] = [(); 2].map(|()| uid(&mut random));
            let action = action(random.below(ACTIONS));
            let request = Request::new(principal, action, resource, Context::empty(), world.schema.as_ref());
            let request = request.unwrap();
            let ask =
                |policies: &PolicySet| Authorizer::new().is_authorized(&request, policies, &world.entities);
            let answer = |at: usize| ask(&candidates(&indexes[at], &seen[at], &request, &world.entities).set);
            let [platform, own] = [answer(0), answer(1)];
            let whole = said(&ask(&world.policies));
            assert_eq!(said(&unite(&platform, &own, Delegated::Yes)), whole, "world {seed}: {request}");
            // What is not delegated is what only the platform's permit, under what both forbid.
            let expected = if said(&platform).0 == "Allow" { whole.0.as_str() } else { "Deny" };
            assert_eq!(said(&unite(&platform, &own, Delegated::No)).0, expected, "world {seed}: {request}");
            cases += 1;
            allowed += u32::from(whole.0 == "Allow");
            both += u32::from(said(&platform).0 != said(&own).0);
        }
    }
    assert!(allowed > cases / 10 && both > cases / 10, "{cases} {allowed} {both}");
}

fn candidates(
    index: &Index,
    seen: &crate::policy::candidates::Seen,
    request: &Request,
    entities: &Entities,
) -> std::sync::Arc<crate::policy::candidates::Candidates> {
    let line = |uid: Option<&EntityUid>| {
        let uid = uid.unwrap().clone();
        let ancestors: Vec<EntityUid> = entities.ancestors(&uid).into_iter().flatten().cloned().collect();
        (uid, ancestors)
    };
    let lines = [line(request.principal()), line(request.action()), line(request.resource())];
    let [principal, action, resource] = lines.each_ref().map(|(uid, ancestors)| Lineage { uid, ancestors });
    index.candidates(seen, Asked { principal, action, resource }).unwrap()
}

/// Decision, reasons and errors of an answer.
pub(super) fn said(response: &Response) -> (String, BTreeSet<String>, BTreeSet<String>) {
    let diagnostics = response.diagnostics();
    let reasons = diagnostics.reason().map(ToString::to_string).collect();
    let errors = diagnostics.errors().map(ToString::to_string).collect();
    (format!("{:?}", response.decision()), reasons, errors)
}

pub(super) fn world(random: &mut Random) -> World {
    let schema = random.one_in(2).then(|| Schema::from_json_value(schema(random)).unwrap());
    let mut base: Vec<Value> = Vec::new();
    for rank in 0..TYPES.len() * IDS {
        // Some entities are known by name only.
        if !random.one_in(5) {
            base.push(entity(random, rank));
        }
    }
    if schema.is_none() {
        base.extend((0..ACTIONS).map(|number| action_entity(random, number)));
    }
    let entities = Entities::from_json_value(base.into(), schema.as_ref()).unwrap();
    World { policies: policies(random), entities, schema }
}

fn schema(random: &mut Random) -> Value {
    let attributes = json!({"n": {"type": "Long", "required": false}, "e": {"type": "Entity", "name": "A", "required": false}});
    let shape = json!({"type": "Record", "attributes": attributes});
    let kind = json!({"memberOfTypes": TYPES, "shape": shape});
    let applies = json!({"principalTypes": TYPES, "resourceTypes": TYPES});
    let mut actions = serde_json::Map::new();
    for number in 0..ACTIONS {
        let groups: Vec<Value> =
            groups(random, number).map(|group| json!({"id": format!("a{group}")})).collect();
        actions.insert(format!("a{number}"), json!({"memberOf": groups, "appliesTo": applies}));
    }
    json!({
        "": {"entityTypes": {"A": kind, "B": kind}, "actions": actions},
        "N": {"entityTypes": {"C": kind, "D": kind}, "actions": {}},
    })
}

/// The first actions are groups, of which later ones are in those before.
fn groups(random: &mut Random, number: usize) -> impl Iterator<Item = usize> {
    (0..GROUPS.min(number)).filter(|_| random.one_in(2)).collect::<Vec<_>>().into_iter()
}

fn action_entity(random: &mut Random, number: usize) -> Value {
    let parents: Vec<Value> =
        groups(random, number).map(|group| json!({"type": "Action", "id": format!("a{group}")})).collect();
    json!({"uid": {"type": "Action", "id": format!("a{number}")}, "attrs": {}, "parents": parents})
}

fn named(rank: usize) -> Value {
    json!({"type": TYPES[rank / IDS], "id": format!("e{}", rank % IDS)})
}

fn entity(random: &mut Random, rank: usize) -> Value {
    let above = rank + 1..TYPES.len() * IDS;
    let parents: Vec<Value> = above.filter(|_| random.one_in(9)).map(named).collect();
    let mut attrs = serde_json::Map::new();
    if random.one_in(2) {
        attrs.insert("n".to_owned(), json!(random.below(3)));
    }
    if random.one_in(2) {
        attrs.insert(
            "e".to_owned(),
            json!({"__entity": {"type": "A", "id": format!("e{}", random.below(IDS))}}),
        );
    }
    json!({"uid": named(rank), "attrs": attrs, "parents": parents})
}

pub(super) fn uid(random: &mut Random) -> EntityUid {
    // One id more than there are entities.
    spelled(random, IDS + 1).parse().unwrap()
}

fn spelled(random: &mut Random, ids: usize) -> String {
    format!("{}::\"e{}\"", random.pick(&TYPES), random.below(ids))
}

pub(super) fn action(number: usize) -> EntityUid {
    format!("Action::\"a{number}\"").parse().unwrap()
}

fn policies(random: &mut Random) -> PolicySet {
    let count = 1 + random.below(24);
    let mut text = String::new();
    for number in 0..count {
        let (principal, resource) = (scope(random, "principal"), scope(random, "resource"));
        let (effect, action, condition) =
            (random.pick(&["permit", "permit", "forbid"]), actions(random), condition(random));
        writeln!(text, "@id(\"p{number}\") {effect}({principal}, {action}, {resource}) {condition};")
            .unwrap();
    }
    let mut set: PolicySet = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let templates: Vec<(PolicyId, Vec<SlotId>)> = set
        .templates()
        .map(|template| (template.id().clone(), template.slots().cloned().collect()))
        .collect();
    for (template, slots) in templates {
        for link in 0..random.below(4) {
            let values: HashMap<SlotId, EntityUid> =
                slots.iter().map(|slot| (slot.clone(), spelled(random, IDS).parse().unwrap())).collect();
            set.link(template.clone(), PolicyId::new(format!("{template}/{link}")), values).unwrap();
        }
    }
    set
}

fn scope(random: &mut Random, place: &str) -> String {
    let kind = random.pick(&TYPES);
    let uid = if random.one_in(6) { format!("?{place}") } else { spelled(random, IDS) };
    match random.below(7) {
        0 | 1 => place.to_owned(),
        2 => format!("{place} == {uid}"),
        3 | 4 => format!("{place} in {uid}"),
        5 => format!("{place} is {kind}"),
        _ => format!("{place} is {kind} in {uid}"),
    }
}

fn actions(random: &mut Random) -> String {
    match random.below(5) {
        0 => "action".to_owned(),
        1 => format!("action == {}", action(random.below(ACTIONS))),
        2 => format!("action in {}", action(random.below(GROUPS))),
        _ => {
            let listed: Vec<String> =
                (0..random.below(4)).map(|_| action(random.below(ACTIONS)).to_string()).collect();
            format!("action in [{}]", listed.join(", "))
        }
    }
}

fn condition(random: &mut Random) -> String {
    let who = random.pick(&["principal", "resource"]);
    match random.below(9) {
        0..=2 => String::new(),
        3 => format!("when {{ {who}.n > 0 }}"),
        4 => format!("unless {{ {who} has n && {who}.n == 1 }}"),
        5 => format!("when {{ {who}.n + 9223372036854775806 > 0 }}"),
        6 => format!("when {{ {who} in {} }}", spelled(random, IDS)),
        7 => format!("when {{ {who} has e && {who}.e in resource }}"),
        _ => format!("unless {{ {who}.e == principal }}"),
    }
}
