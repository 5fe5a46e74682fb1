//! The runner itself: what is wrong in a file, or in the product, must not pass.

use serde_json::{Value, json};

use super::format::File;
use super::run::{Form, file, merge};

/// A file of two rules that hold.
fn sound() -> Value {
    json!({
        "about": "a sample",
        "now": 1_800_000_000,
        "issuers": {"corp": "https://corp.example/"},
        "files": {"policies/README.md": "none"},
        "configuration": {
            "deployment": "vectors", "audience": ["api://aios"],
            "issuer": [{"name": "corp", "iss": "https://corp.example/", "jwks": {"$keys": "corp"}, "tenant": "acme"}],
            "policy": {"dir": "policies"}, "store": {"url": "memory:"},
        },
        "tokens": {"ada": {"issuer": "corp", "claims": {"sub": "ada", "aud": "api://aios", "exp": 1_800_000_600}}},
        "rules": [
            {"rule": "a caller is seen", "steps": [
                {"on": "engine", "do": "authenticate", "with": {"credential": {"$token": "ada"}}, "as": "ada"},
                {"on": "ada", "do": "view", "with": {}, "answer": {"subject": "ada", "actors": [], "acr": null}},
                {"at": 1_800_000_900},
                {"on": "engine", "do": "authenticate", "with": {"credential": {"$token": "ada"}},
                 "refusal": {"code": "token.expired", "hint": {"$contains": "fresh"}}},
            ]},
            {"rule": "an opening is refused", "changes": {"audience": []},
             "opening": {"refusal": {"code": "config.invalid"}}},
        ],
    })
}

/// How a sample ends with a member replaced, or taken out by a null.
fn ending(pointer: &str, value: Value) -> Result<(), String> {
    let mut sample = sound();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = sample.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} is not in the sample"));
    match parent.as_array_mut() {
        Some(items) => items[name.parse::<usize>().unwrap()] = value,
        None => merge(parent, &json!({name: value})),
    }
    file(&File::read(&sample.to_string())?, Form::Awaiting)
}

#[test]
fn a_sound_file_passes() {
    assert_eq!(ending("/about", json!("the same")), Ok(()));
}

#[test]
fn a_wrong_expectation_fails() {
    for (pointer, value, said) in [
        ("/rules/0/steps/1/answer/subject", json!("bob"), ".subject is \"ada\""),
        ("/rules/0/steps/1/answer/actors", json!(["x"]), ".actors is []"),
        ("/rules/0/steps/1/answer/colour", json!("blue"), ".colour is not there"),
        ("/rules/0/steps/1/answer/groups_complete", json!("true"), ".groups_complete is true"),
        ("/rules/0/steps/1", json!({"on": "ada", "do": "view", "with": {}, "as": "x"}), "gives data"),
        ("/rules/0/steps/3/refusal/code", json!("token.malformed"), "refusal.code is"),
        ("/rules/0/steps/3/refusal/hint", json!({"$contains": "stale"}), "refusal.hint is"),
        ("/rules/0/steps/2", json!({"at": 1_800_000_001}), "succeeds"),
        ("/rules/0/steps/0/refusal", json!({"code": "token.expired"}), "at most one of"),
        ("/rules/0/changes", json!({"audience": ["api://other"]}), "token.wrong_audience"),
        ("/rules/0/changes", json!({"audience": []}), "the opening: config.invalid"),
        ("/rules/1/opening/refusal/code", json!("store.corrupt"), "the opening: refusal.code is"),
        ("/rules/1/changes", json!({"audience": ["api://other"]}), "the opening: succeeds"),
    ] {
        let ended = ending(pointer, value.clone()).unwrap_err();
        assert!(ended.contains(said), "{pointer} {value}: {ended}");
    }
}

#[test]
fn a_member_or_a_name_that_nobody_knows_fails() {
    for pointer in ["/colour", "/tokens/ada/colour", "/rules/0/colour", "/rules/1/opening/colour"] {
        let ended = ending(pointer, json!("blue")).unwrap_err();
        assert!(ended.contains("unknown field `colour`"), "{pointer}: {ended}");
    }
    for (pointer, value, said) in [
        ("/rules/0/steps/0/colour", json!("blue"), "did not match"),
        ("/rules/0/steps/2/on", json!("engine"), "did not match"),
        ("/rules/0/steps/3/on", json!("somebody"), "nothing is called somebody"),
        ("/rules/0/steps/3/do", json!("fly"), "policy.input"),
        ("/rules/0/steps/0/with", json!({"credential": {"$token": "eve"}}), "nothing is known by $token"),
        ("/rules/0/steps/0/with", json!({"credential": {"$token": "ada", "x": 1}}), "nothing is known"),
        ("/configuration/issuer/0/jwks", json!({"$keys": "other"}), "nothing is known by $keys"),
        ("/tokens/ada/issuer", json!("other"), "no issuer other"),
        ("/tokens/eve", json!({"issuer": "corp", "claims": {}}), "the token eve is shown by no rule"),
    ] {
        let ended = ending(pointer, value.clone()).unwrap_err();
        assert!(ended.contains(said), "{pointer} {value}: {ended}");
    }
}

#[test]
fn a_rule_that_expects_nothing_fails() {
    for (pointer, value) in [
        ("/rules/0/steps", json!([])),
        ("/rules/0/steps", json!([{"at": 1_800_000_900}])),
        ("/rules/0/steps", json!([{"on": "engine", "do": "flush", "with": {}}])),
        ("/rules/0/opening", json!({"refusal": {}})),
        ("/rules/1/opening", Value::Null),
        ("/rules/1/rule", json!("a caller is seen")),
    ] {
        let ended = ending(pointer, value.clone()).unwrap_err();
        assert!(ended.contains("expects nothing, or stands twice"), "{pointer} {value}: {ended}");
    }
    assert!(ending("/rules", json!([])).unwrap_err().contains("no rules"));
}
