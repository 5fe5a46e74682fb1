//! What a request says about resource and context, and what it can reach.

use serde_json::{Value, json};

use super::{check, check_request, data, load, user, word};
use crate::model::{Request, Resource};
use crate::policy::{Desk, Kept};

const SCHEMA: &str = r#"namespace Aios {
    entity Data in [Data] = { "tenant"?: String, "level"?: Long, "owner"?: User, "tags"?: Set<String>,
        "place"?: { "city"?: String }, "price"?: decimal, "open"?: Bool, "from"?: ipaddr, "at"?: datetime };
    action read appliesTo { principal: [User], resource: [Data], context:
        { "input"?: { "to"?: Set<String>, "n"?: Long }, "reason"?: String, "peer"?: User } };
}"#;
const PERMIT: &str = "permit(principal, action, resource);";

fn permissive() -> Desk {
    load(&[("schema.cedarschema", SCHEMA), ("a.cedar", PERMIT)])
}

fn with_attr(name: &str, value: Value) -> Resource {
    data("x").attr(name, value)
}

#[test]
fn attributes_become_cedar_values_or_are_refused_with_their_place() {
    let policies = permissive();
    let extension = |function, argument| json!({"__extn": {"fn": function, "arg": argument}});
    for (name, value, expected) in [
        ("level", json!(1), "allowed"),
        ("level", json!(null), "allowed"),
        ("nonsense", json!(null), "allowed"),
        ("level", json!(1.5), "policy.input resource"),
        ("level", json!(u64::MAX), "policy.input resource.attrs.level"),
        ("level", json!("1"), "policy.input resource"),
        ("nonsense", json!(1), "policy.input resource"),
        ("open", json!(true), "allowed"),
        ("tags", json!(["a", null, "b"]), "allowed"),
        ("tags", json!(["a", 0.55555]), "policy.input resource.attrs.tags[1]"),
        ("place", json!({"city": "Bonn"}), "allowed"),
        ("place", json!({"city": {"x": [1, 0.55555]}}), "policy.input resource.attrs.place.city.x[1]"),
        ("price", extension("decimal", "1.25"), "allowed"),
        ("price", extension("decimal", "1.23456"), "policy.input resource.attrs.price"),
        ("from", extension("ip", "10.0.0.1"), "allowed"),
        ("from", extension("unknown", "x"), "policy.input resource.attrs.from"),
        ("at", extension("datetime", "2026-01-01"), "allowed"),
        ("at", extension("duration", "1h"), "policy.input resource"),
        ("owner", json!({"__entity": {"type": "Aios::User", "id": "corp/1"}}), "allowed"),
        (
            "owner",
            json!({"__entity": {"type": "Aios::Usr", "id": "corp/1"}}),
            "policy.input resource.attrs.owner",
        ),
        ("owner", json!({"__entity": {"type": "Aios::User"}}), "policy.input resource.attrs.owner"),
        (
            "owner",
            json!({"__entity": {"type": "Aios::User", "id": "1"}, "x": 1}),
            "policy.input resource.attrs.owner",
        ),
        ("owner", json!({"__entity": {"type": "Aios::Tool", "id": "1"}}), "policy.input resource"),
        ("owner", json!({"__expr": "x"}), "policy.input resource.attrs.owner"),
        ("tenant", json!("acme"), "allowed"),
        ("tenant", json!("rival"), "policy.input resource.attrs.tenant"),
    ] {
        let answer = check(&policies, &user(&[]), "read", with_attr(name, value.clone()));
        assert_eq!(word(answer), expected, "{name} {value}");
    }
}

#[test]
fn context_and_input_fit_the_action_or_are_refused() {
    let policy = r#"permit(principal, action == Aios::Action::"read", resource)
        unless { context has reason && context.reason != "audit" }
        unless { context has input && context.input has to && context.input.to.contains("evil") };
        permit(principal, action == Aios::Action::"write", resource);"#;
    let policies = load(&[("schema.cedarschema", SCHEMA), ("a.cedar", policy)]);
    for (action, input, context, expected) in [
        ("read", json!({}), json!({}), "allowed"),
        ("read", json!({}), json!({"reason": "audit"}), "allowed"),
        ("read", json!({}), json!({"reason": "fun"}), "policy.denied"),
        ("read", json!({"to": ["a"]}), json!({}), "allowed"),
        ("read", json!({"to": ["evil"]}), json!({}), "policy.denied"),
        ("read", json!({"n": 0.5}), json!({}), "policy.input context"),
        ("read", json!({"n": 0.55555}), json!({}), "policy.input input.n"),
        ("read", json!({"m": 1}), json!({}), "policy.input context"),
        ("read", json!({}), json!({"other": 1}), "policy.input context"),
        ("read", json!({}), json!({"input": {}}), "policy.input context.input"),
        ("read", json!({}), json!({"usage": null}), "policy.input context.usage"),
        ("read", json!({}), json!({"now": 1}), "policy.input context.now"),
        ("read", json!({}), json!({"client": 1}), "policy.input context.client"),
        ("write", json!({"anything": [0.5]}), json!({}), "allowed"),
        ("write", json!({}), json!({"reason": "audit"}), "policy.input context"),
    ] {
        let principal = user(&[]);
        let mut request = Request::new(&principal, action, data("x"));
        request.input = input.as_object().cloned().unwrap();
        request.context = context.as_object().cloned().unwrap();
        assert_eq!(
            word(check_request(&policies, &principal, &request)),
            expected,
            "{action} {input} {context}"
        );
    }
}

#[test]
fn deep_and_huge_requests_are_refused_before_anything_recurses() {
    let policies = permissive();
    let principal = user(&[]);
    // Made anew for each place: cloning so deep a value would itself recurse.
    let deep = || (0..10_000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
    let huge = || json!("x".repeat(10 << 20));
    let makers: [&dyn Fn() -> Value; 2] = [&deep, &huge];
    for value in makers {
        let request = || Request::new(&principal, "read", data("x"));
        for (place, request) in [
            ("context", request().context("reason", value())),
            ("input", request().input("n", value())),
            ("resource.attrs", Request { resource: with_attr("level", value()), ..request() }),
        ] {
            let refusal = check_request(&policies, &principal, &request).unwrap_err();
            assert_eq!(refusal.code().as_str(), "policy.input");
            assert_eq!(refusal.detail().at.as_deref(), Some(place));
            assert!(refusal.detail().expected.as_deref().unwrap().contains("32 levels"), "{refusal}");
            let admitted =
                crate::model::Admitted::new(principal.clone(), "acme".parse().unwrap(), None, None, &request);
            assert!(matches!(
                policies.decide(&admitted, &Kept::default()),
                Err(crate::policy::Error::Input { .. })
            ));
        }
    }
}

fn entity(kind: &str, id: &str, attrs: &Value, parents: &[(&str, &str)]) -> Value {
    let parents: Vec<Value> = parents.iter().map(|(kind, id)| json!({"type": kind, "id": id})).collect();
    json!({"uid": {"type": kind, "id": id}, "attrs": attrs, "parents": parents})
}

#[test]
fn a_known_resource_is_what_the_files_say() {
    let known = json!([entity(
        "Aios::Data",
        "x",
        &json!({"level": 1, "price": {"__extn": {"fn": "decimal", "arg": "1.5"}}}),
        &[("Aios::Data", "folder")]
    )]);
    let policy = r#"permit(principal, action, resource is Aios::Data in Aios::Data::"folder")
        when { resource has level && resource.level == 1 && resource has tenant && resource.tenant == "acme" };"#;
    let policies = load(&[
        ("schema.cedarschema", SCHEMA),
        ("a.cedar", policy),
        ("tenants/acme/entities/a.json", &known.to_string()),
    ]);
    let x = || Resource::new("Aios::Data", "x");
    let price = |arg: &str| x().attr("price", json!({"__extn": {"fn": "decimal", "arg": arg}}));
    for (resource, expected) in [
        (x(), "allowed"),
        (data("x").attr("level", 1).parent("Aios::Data", "folder"), "allowed"),
        (price("1.5"), "allowed"),
        (price("1.6"), "policy.entity_conflict resource.attrs.price"),
        (x().attr("level", 2), "policy.entity_conflict resource.attrs.level"),
        (x().attr("open", true), "policy.entity_conflict resource.attrs.open"),
        (x().parent("Aios::Data", "other"), "policy.entity_conflict resource.parents[0]"),
        (x().parent("Aios::Dat", "folder"), "policy.input resource.parents[0].type"),
    ] {
        assert_eq!(word(check(&policies, &user(&[]), "read", resource.clone())), expected, "{resource:?}");
    }
}

#[test]
fn what_a_request_reaches_is_its_tenants_or_shared() {
    let schema = r#"namespace Aios {
        entity User in [Role, Group] = { "tenant": String, "issuer": String, "scopes": Set<String>, "boss"?: User, "limit"?: Long };
        entity Data in [Data] = { "tenant"?: String, "owner"?: User };
    }"#;
    let chain = json!([
        entity(
            "Aios::User",
            "corp/1",
            &json!({"tenant": "acme", "boss": {"__entity": {"type": "Aios::User", "id": "corp/2"}}}),
            &[]
        ),
        entity("Aios::User", "corp/2", &json!({"tenant": "acme", "limit": 5}), &[("Aios::Group", "corp/g")]),
        entity("Aios::Group", "corp/g", &json!({}), &[("Aios::Role", "lead")]),
        entity("Aios::User", "corp/limits", &json!({"tenant": "acme", "limit": 9}), &[]),
    ])
    .to_string();
    let policy = r#"permit(principal, action, resource is Aios::Data) when {
        resource has owner && resource.owner has boss && resource.owner.boss has limit && resource.owner.boss.limit == 5 &&
        resource.owner.boss in Aios::Role::"lead" && Aios::User::"corp/limits" has limit };"#;
    for (place, expected) in [("tenants/acme/entities/a.json", "allowed"), ("entities/a.json", "allowed")] {
        let policies = load(&[("schema.cedarschema", schema), ("a.cedar", policy), (place, &chain)]);
        let owned = data("x").attr("owner", json!({"__entity": {"type": "Aios::User", "id": "corp/1"}}));
        assert_eq!(word(check(&policies, &user(&[]), "read", owned)), expected, "{place}");
    }
    let rival = load(&[
        ("schema.cedarschema", schema),
        (
            "a.cedar",
            r#"permit(principal, action, resource)
        when { Aios::User::"corp/limits" has limit };"#,
        ),
        ("tenants/corp/rival/entities/a.json", &chain.replace("acme", "corp/rival")),
    ]);
    assert_eq!(word(check(&rival, &user(&[]), "read", data("x"))), "policy.denied");
}

#[test]
fn where_no_level_bounds_it_too_many_entities_are_refused() {
    let schema = r#"namespace Aios { entity Data in [Data] = { "tenant"?: String, "next"?: Data }; }"#;
    // A policy that looks into an entity of its own naming is valid at no level.
    let policy = r#"permit(principal, action, resource) unless { Aios::Data::"0" has next && false };"#;
    let linked = |count: usize| {
        let next =
            |n: usize| json!({"next": {"__entity": {"type": "Aios::Data", "id": (n + 1).to_string()}}});
        let one = |n: usize| {
            let attrs = if n + 1 < count { next(n) } else { json!({}) };
            entity("Aios::Data", &n.to_string(), &attrs, &[])
        };
        Value::Array((0..count).map(one).collect()).to_string()
    };
    for (count, expected) in [(255, "allowed"), (256, "policy.too_many_entities")] {
        let files = [("schema.cedarschema", schema), ("a.cedar", policy)];
        let files = [files[0], files[1], ("tenants/acme/entities/a.json", &linked(count))];
        assert_eq!(word(check(&load(&files), &user(&[]), "read", data("0"))), expected, "{count}");
    }
    let crowd = (0..257).fold(data("x"), |resource, n| resource.parent("Aios::Data", n.to_string()));
    assert_eq!(word(check(&permissive(), &user(&[]), "read", crowd)), "policy.too_many_entities");
}

#[test]
fn ancestors_are_as_many_as_there_are() {
    let folders = |count: usize| {
        let one = |n: usize| {
            let next = (n + 1).to_string();
            let parents = if n + 1 < count { vec![("Aios::Data", next.as_str())] } else { vec![] };
            entity("Aios::Data", &n.to_string(), &json!({}), &parents)
        };
        Value::Array((0..count).map(one).collect()).to_string()
    };
    let policy = r#"permit(principal, action, resource in Aios::Data::"999");"#;
    let policies = load(&[("a.cedar", policy), ("tenants/acme/entities/a.json", &folders(1_000))]);
    assert_eq!(word(check(&policies, &user(&[]), "read", data("0"))), "allowed");
    assert_eq!(word(check(&policies, &user(&[]), "read", data("1000"))), "policy.denied");
}

#[test]
fn a_hierarchy_closed_by_the_request_is_refused() {
    let child = json!([entity("Aios::Data", "child", &json!({}), &[("Aios::Data", "x")])]).to_string();
    let policies = load(&[("a.cedar", PERMIT), ("tenants/acme/entities/a.json", &child)]);
    let answer = check(&policies, &user(&[]), "read", data("x").parent("Aios::Data", "child"));
    assert_eq!(word(answer), "policy.input resource.parents");
}
