//! What is not known refuses.

use serde_json::json;

use super::{check, data, facts, load, user, word};
use crate::model::{Facts, Principal};

const PERMIT: &str = "@id(\"all\") permit(principal, action, resource);";

fn overflowing(roles: &[&str]) -> Principal {
    let roles = roles.iter().map(ToString::to_string).collect();
    Principal::new(Facts { groups_complete: false, roles, ..facts() })
}

#[test]
fn a_policy_that_looks_at_groups_fails_where_groups_are_missing() {
    let group = json!([{"uid": {"type": "Aios::Group", "id": "corp/g"}, "attrs": {}, "parents": [{"type": "Aios::Role", "id": "lead"}]}]);
    let (group, incomplete) = (group.to_string(), "policy.groups_incomplete");
    for (policy, expected) in [
        (r#"forbid(principal in Aios::Group::"corp/x", action, resource);"#, incomplete),
        (
            r#"forbid(principal is Aios::User in Aios::Group::"corp/x", action == Aios::Action::"read", resource);"#,
            incomplete,
        ),
        (
            r#"permit(principal in Aios::Group::"corp/x", action in [Aios::Action::"read"], resource);"#,
            incomplete,
        ),
        (
            r#"forbid(principal, action, resource) when { principal in [Aios::Group::"corp/x", Aios::Group::"corp/y"] };"#,
            incomplete,
        ),
        // A role in which a group stands may be held by a group that is missing.
        (r#"forbid(principal in Aios::Role::"lead", action, resource);"#, incomplete),
        (r#"forbid(principal, action, resource) when { principal in Aios::Role::"lead" };"#, incomplete),
        (r#"forbid(principal in Aios::Role::"other", action, resource);"#, "allowed"),
        // Another action's.
        (
            r#"forbid(principal in Aios::Group::"corp/x", action == Aios::Action::"write", resource);"#,
            "allowed",
        ),
        (
            r#"forbid(principal, action == Aios::Action::"read", resource) when { principal.tenant == "is in" };"#,
            "allowed",
        ),
    ] {
        let policy = format!("{PERMIT} @id(\"no\") {policy}");
        let files = [("a.cedar", policy.as_str()), ("tenants/acme/entities/a.json", group.as_str())];
        let policies = load(&files);
        let answer = check(&policies, &overflowing(&[]), "read", data("x"));
        if let Err(refusal) = &answer {
            assert_eq!(refusal.detail().errors[0].policy, "no", "{policy}");
            assert!(refusal.detail().errors[0].message.contains("groups"), "{policy}");
        }
        assert_eq!(word(answer), expected, "{policy}");
        // Nobody is asked for groups that the token holds.
        let known = word(check(&policies, &user(&[]), "read", data("x")));
        assert_eq!(known, "allowed", "{policy}");
    }
}

#[test]
fn a_policy_that_compares_with_what_the_request_tells_may_look_at_groups() {
    let schema =
        r#"namespace Aios { entity Data in [Data] = { "tenant"?: String, "blocked"?: Set<Group> }; }"#;
    let policy = r#"@id("no") forbid(principal, action, resource is Aios::Data)
        when { resource has blocked && principal in resource.blocked };"#;
    let files = [("schema.cedarschema", schema), ("a.cedar", PERMIT), ("b.cedar", policy)];
    let policies = load(&files);
    assert_eq!(word(check(&policies, &overflowing(&[]), "read", data("x"))), "policy.groups_incomplete");
    assert_eq!(word(check(&policies, &user(&[]), "read", data("x"))), "allowed");
}

#[test]
fn another_tenants_groups_stand_for_nothing_here() {
    let group = r#"[{"uid": {"type": "Aios::Group", "id": "corp/g"}, "attrs": {}, "parents": [{"type": "Aios::Role", "id": "lead"}]}]"#;
    let policy = format!("{PERMIT} @id(\"no\") forbid(principal in Aios::Role::\"lead\", action, resource);");
    let policies = load(&[("a.cedar", policy.as_str()), ("tenants/rival/entities/a.json", group)]);
    assert_eq!(word(check(&policies, &overflowing(&[]), "read", data("x"))), "allowed");
}

#[test]
fn fractions_are_decimals_within_their_range() {
    let schema = r#"namespace Aios { entity Data in [Data] = { "tenant"?: String, "price"?: decimal }; }"#;
    let policies = load(&[
        ("schema.cedarschema", schema),
        (
            "a.cedar",
            r#"permit(principal, action, resource is Aios::Data) when { resource has price && resource.price == decimal("1.5") };"#,
        ),
    ]);
    let refused = "policy.input resource.attrs.price";
    for (price, expected) in [
        (json!(1.5), "allowed"),
        (json!(1.5001), "policy.denied"),
        (json!(-0.0001), "policy.denied"),
        (json!(1.0), "policy.denied"),
        (json!(1e3), "policy.denied"),
        (json!(12_345_678_901.234_5), "policy.denied"),
        (json!(922_337_203_685_477.0), "policy.denied"),
        (json!(0.00001), refused),
        (json!(1.23456), refused),
        (json!(922_337_203_685_478.0), refused),
        (json!(-922_337_203_685_478.0), refused),
        (json!(123_456_789_012.123_45), refused),
        (json!(922_337_203_685_477.6), refused),
        (json!(1e15), refused),
        (json!(1e300), refused),
        (json!(u64::MAX), refused),
        (json!(1), "policy.input resource"),
    ] {
        let answer = check(&policies, &user(&[]), "read", data("x").attr("price", price.clone()));
        assert_eq!(word(answer), expected, "{price}");
    }
}

#[test]
fn a_request_cannot_place_the_caller_by_placing_a_role() {
    let schema = "namespace Aios { action assign appliesTo { principal: [User], resource: [Role] }; }";
    let policy = r#"permit(principal in Aios::Role::"admin", action, resource);"#;
    let files = [("schema.cedarschema", schema), ("a.cedar", policy)];
    let role = || crate::model::Resource::new("Aios::Role", "clerk").tenant("acme");
    for (roles, resource, expected) in [
        (&["admin"][..], role(), "allowed"),
        (&["clerk"], role(), "policy.denied"),
        (&["clerk"], role().parent("Aios::Role", "admin"), "policy.input resource.parents"),
        (&["other"], role().parent("Aios::Role", "admin"), "policy.denied"),
    ] {
        assert_eq!(word(check(&load(&files), &user(roles), "assign", resource)), expected, "{roles:?}");
    }
}

#[test]
fn the_errors_of_subject_and_actor_are_united() {
    let policy = r#"@id("s") forbid(principal is Aios::User, action, resource) when { 9223372036854775807 + 1 > 0 };
        @id("a") forbid(principal is Aios::Agent, action, resource) when { 9223372036854775807 + 1 > 0 };"#;
    let refusal =
        check(&load(&[("a.cedar", policy)]), &super::with_actor(&[], "bot"), "read", data("x")).unwrap_err();
    let failed: Vec<&str> = refusal.detail().errors.iter().map(|fault| fault.policy.as_str()).collect();
    assert_eq!(failed, ["a", "s"]);
}

#[test]
fn reasons_are_those_of_the_answers_that_decided() {
    let policy = r#"@id("yes") permit(principal is Aios::User, action, resource);
        @id("no") forbid(principal is Aios::Agent, action, resource);"#;
    let refusal =
        check(&load(&[("a.cedar", policy)]), &super::with_actor(&[], "bot"), "read", data("x")).unwrap_err();
    assert_eq!(refusal.detail().policies, ["no"]);
}

#[test]
fn policies_that_every_request_evaluates_are_counted_and_warned_of() {
    let one = |number| {
        format!(
            "@id(\"p{number}\") permit(principal is Aios::User, action in [Aios::Action::\"read\", Aios::Action::\"list\"], resource is Aios::Data);\n"
        )
    };
    let scoped = r#"permit(principal in Aios::Role::"x", action, resource); permit(principal, action, resource == Aios::Data::"y");"#;
    for (count, warned) in [(100, 0), (101, 2)] {
        let text: String = (0..count).map(one).chain([scoped.to_owned()]).collect();
        let report = load(&[("a.cedar", &text)]).policies().report();
        assert_eq!(report.policies, count + 2);
        let of = |name: &str| report.unscoped.iter().find(|of| of.action == name).unwrap().policies;
        assert_eq!(of(r#"Aios::Action::"read""#), count);
        assert_eq!(of(r#"Aios::Action::"write""#), 0);
        assert_eq!(report.warnings.len(), warned);
    }
}
