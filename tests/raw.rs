//! The raw engine while it is reloaded, and the part of docs/policy.md that is about it.

use std::sync::atomic::{AtomicBool, Ordering};

use aios_core::raw::{Policies, Question, Texts};
use aios_core::{Code, EntityRef};
use serde_json::{Map, Value};

use crate::policy_guide::blocks;

/// Texts that permit under a name, of which policy and entities must both be there.
fn texts(name: &str) -> Texts {
    let policies = format!(r#"@id("{name}") permit (principal in Team::"{name}", action, resource);"#);
    let entities = format!(
        r#"[{{"uid": {{"type": "User", "id": "ada"}}, "attrs": {{}}, "parents": [{{"type": "Team", "id": "{name}"}}]}}]"#
    );
    Texts { policies, schema: None, entities: Some(entities) }
}

fn question() -> Question {
    Question {
        principal: EntityRef::new("User", "ada"),
        action: EntityRef::new("Action", "read"),
        resource: EntityRef::new("Doc", "7"),
        context: Map::new(),
    }
}

#[test]
fn readers_see_the_old_policies_or_the_new_and_no_mixture() {
    let texts = ["even", "odd"].map(texts);
    let policies = Policies::load(&texts[1]).unwrap();
    let digests = texts.each_ref().map(|texts| Policies::load(texts).unwrap().summary().digest);
    let over = AtomicBool::new(false);
    let last = std::thread::scope(|scope| {
        let read = || {
            let (mut generation, mut seen) = (1, 0_u32);
            while !over.load(Ordering::Acquire) {
                let decision = policies.decide(&question());
                assert!(decision.generation >= generation, "{decision:?} after {generation}");
                generation = decision.generation;
                let side = usize::try_from(generation % 2).unwrap();
                assert_eq!(decision.policies, [["even"], ["odd"]][side], "{decision:?}");
                assert!(decision.allowed && decision.digest == digests[side], "{decision:?}");
                seen += 1;
            }
            assert!(seen > 0);
        };
        (0..3).for_each(|_| drop(scope.spawn(read)));
        let bad = Texts { policies: "permit (".to_owned(), ..Texts::default() };
        for generation in 2..=300_u64 {
            assert_eq!(policies.reload(&bad).unwrap_err().code(), Code::ConfigInvalid);
            let side = usize::try_from(generation % 2).unwrap();
            assert_eq!(policies.reload(&texts[side]).unwrap().generation, generation);
        }
        over.store(true, Ordering::Release);
        policies.summary().generation
    });
    assert_eq!(last, 300);
}

#[test]
fn each_of_many_reloads_has_a_generation_of_its_own() {
    let policies = Policies::load(&texts("first")).unwrap();
    let mut given: Vec<u64> = std::thread::scope(|scope| {
        let reload =
            || (0..25).map(|_| policies.reload(&texts("next")).unwrap().generation).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(reload)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    given.sort_unstable();
    assert_eq!(given, (2..=101).collect::<Vec<_>>());
}

#[test]
fn a_digest_tells_which_part_a_text_stands_in() {
    let texts = |schema: Option<&str>, entities: Option<&str>| {
        let [schema, entities] = [schema, entities].map(|text| text.map(str::to_owned));
        Policies::load(&Texts { policies: String::new(), schema, entities }).unwrap().summary().digest
    };
    let digests =
        [texts(None, None), texts(Some(""), None), texts(None, Some("[]")), texts(Some(""), Some("[]"))];
    let mut different = digests.to_vec();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), digests.len(), "{digests:?}");
}

#[test]
fn the_policy_guide_says_what_the_raw_engine_answers() {
    let page = blocks();
    let block = |place: &str| {
        let mut found =
            page.iter().filter(|(fence, _)| fence.split_once(' ').is_some_and(|(_, at)| at == place));
        found.next().unwrap_or_else(|| panic!("the page has no {place}")).1.clone()
    };
    let texts = Texts {
        policies: block("raw/policies.cedar"),
        schema: Some(block("raw/schema.cedarschema")),
        entities: Some(block("raw/entities.json")),
    };
    let policies = Policies::load(&texts).unwrap();
    let asked = block("raw/questions.jsonl");
    assert!(asked.lines().count() >= 4, "{asked}");
    for line in asked.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let entity = |name: &str| serde_json::from_value::<EntityRef>(line[name].clone()).unwrap();
        let context = line.get("context").and_then(Value::as_object).cloned().unwrap_or_default();
        let [principal, action, resource] = ["principal", "action", "resource"].map(entity);
        let decision = policies.decide(&Question { principal, action, resource, context });
        let answer = &line["answer"];
        assert_eq!(decision.allowed, answer["allowed"], "{line}: {decision:?}");
        assert_eq!(decision.code.map(Code::as_str), answer["code"].as_str(), "{line}: {decision:?}");
        assert_eq!(decision.policies, strings(&answer["policies"]), "{line}: {decision:?}");
    }
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
