//! Who may do what, and that every error refuses.

use std::collections::BTreeMap;

use super::{admit, check, data, desk, facts, load, source, user, with_actor, word};
use crate::model::{Facts, Kind, Principal, Refusal, Request, Resource};
use crate::policy::{Kept, Source};

const ANALYST: &str =
    r#"@id("analyst") permit(principal in Aios::Role::"analyst", action, resource is Aios::Data);"#;
const OVERFLOW: &str = "9223372036854775807 + resource.level > 0";
const LEVELS: &str = r#"namespace Aios { entity Data in [Data] = { "tenant": String, "level": Long }; }"#;

#[test]
fn nothing_is_permitted_unless_a_policy_says_so() {
    let policies = load(&[
        ("a.cedar", ANALYST),
        ("b.cedar", r#"@id("no") forbid(principal, action == Aios::Action::"export", resource);"#),
    ]);
    let analyst = user(&["analyst"]);
    assert_eq!(check(&policies, &analyst, "read", data("x")).unwrap().policies, ["analyst"]);
    for (principal, action, expected) in
        [(user(&[]), "read", &[][..]), (user(&["Analyst"]), "read", &[]), (analyst, "export", &["no"])]
    {
        let refusal = check(&policies, &principal, action, data("x")).unwrap_err();
        assert_eq!(refusal.code().as_str(), "policy.denied");
        assert_eq!(refusal.detail().policies, expected);
    }
}

#[test]
fn an_erroring_policy_refuses_whatever_the_others_say() {
    for effect in ["permit", "forbid"] {
        let bad = format!(
            "@id(\"bad\") {effect}(principal, action, resource is Aios::Data) when {{ {OVERFLOW} }};"
        );
        let policies = load(&[("schema.cedarschema", LEVELS), ("a.cedar", ANALYST), ("b.cedar", &bad)]);
        let refusal = check(&policies, &user(&["analyst"]), "read", data("x").attr("level", 1)).unwrap_err();
        assert_eq!(refusal.code().as_str(), "policy.error", "{effect}");
        let [fault] = refusal.detail().errors.as_slice() else { panic!("{refusal}") };
        assert_eq!(fault.policy, "bad");
        assert!(fault.message.contains("overflow"), "{}", fault.message);
    }
}

#[test]
fn the_actor_must_be_permitted_too() {
    let agent = r#"@id("agent") permit(principal == Aios::Agent::"corp/bot", action == Aios::Action::"read", resource)
        when { principal.tenant == "acme" && principal.issuer == "corp" && principal.scopes.contains("crm.read") };"#;
    let policies = load(&[("a.cedar", ANALYST), ("b.cedar", agent)]);
    for (roles, actor, action, expected) in [
        (&["analyst"][..], "bot", "read", "allowed"),
        (&["analyst"], "bot", "write", "policy.denied"),
        (&["analyst"], "other", "read", "policy.denied"),
        (&[], "bot", "read", "policy.denied"),
    ] {
        let answer = check(&policies, &with_actor(roles, actor), action, data("x"));
        assert_eq!(word(answer), expected, "{roles:?} {actor} {action}");
    }
    let both = check(&policies, &with_actor(&["analyst"], "bot"), "read", data("x")).unwrap();
    assert_eq!(both.policies, ["agent", "analyst"]);
}

#[test]
fn the_actor_has_none_of_the_subjects_roles_and_its_own_from_the_files() {
    let bot = r#"[{"uid": {"type": "Aios::Agent", "id": "corp/bot"}, "attrs": {}, "parents": [{"type": "Aios::Role", "id": "analyst"}]}]"#;
    let without = load(&[("a.cedar", ANALYST)]);
    let with = load(&[("a.cedar", ANALYST), ("tenants/acme/entities/a.json", bot)]);
    let foreign = load(&[("a.cedar", ANALYST), ("tenants/rival/entities/a.json", bot)]);
    for (policies, expected) in [(without, "policy.denied"), (with, "allowed"), (foreign, "policy.denied")] {
        assert_eq!(word(check(&policies, &with_actor(&["analyst"], "bot"), "read", data("x"))), expected);
    }
}

#[test]
fn the_principals_facts_are_what_the_token_says() {
    let policy = r#"permit(principal == Aios::User::"corp/42", action, resource) when {
        principal.tenant == "acme" && principal.issuer == "corp" && principal.scopes == ["crm.read"] &&
        principal has client && principal.client == "web" && principal has auth_time && principal.auth_time == 1000 &&
        !(principal has acr) && principal in Aios::Group::"corp/g1" && !(principal in Aios::Group::"g1") &&
        resource is Aios::Data && resource has tenant && resource.tenant == "acme" };"#;
    let policies = load(&[("a.cedar", policy)]);
    let principal = Principal::new(Facts { groups: vec!["g1".to_owned()], ..facts() });
    assert_eq!(word(check(&policies, &principal, "read", data("x"))), "allowed");
    let app = Principal::new(Facts { kind: Kind::App, groups: vec!["g1".to_owned()], ..facts() });
    assert_eq!(word(check(&policies, &app, "read", data("x"))), "policy.denied");
}

#[test]
fn facts_go_only_where_the_users_type_declares_them() {
    let schema = r#"namespace Acme {
        type Names = { first: String };
        type Text = String;
        entity Person in [Aios::Role] = { "tenant": Text, "client"?: Names };
        entity Doc;
        action "read" appliesTo { principal: [Person], resource: [Doc] };
    }"#;
    let policy = r#"permit(principal in Aios::Role::"analyst", action, resource)
        when { principal.tenant == "acme" && !(principal has client) };"#;
    let user_types = BTreeMap::from([(Kind::User, "Acme::Person".to_owned())]);
    let files = [("schema.cedarschema", schema), ("a.cedar", policy)];
    // `client` is missing from the types of ours, so the policy says which it means.
    let files = [files[0], ("a.cedar", &policy.replace("principal in", "principal is Acme::Person in"))];
    let policies = desk(&Source { user_types, ..source(&files) });
    let principal = Principal::new(Facts { groups: vec!["g".into()], ..user(&["analyst"]).view().clone() });
    let doc = || Resource::new("Acme::Doc", "x").tenant("acme");
    assert_eq!(word(check(&policies, &principal, r#"Acme::Action::"read""#, doc())), "allowed");
    assert_eq!(word(check(&policies, &principal, "read", doc())), "policy.input resource.type");
    assert_eq!(word(check(&policies, &principal, "read", data("x"))), "allowed");
}

#[test]
fn a_static_principal_keeps_its_attributes_and_gains_the_tokens_parents() {
    let schema = r#"namespace Aios { entity User in [Role, Group] = {
        "tenant": String, "issuer": String, "scopes": Set<String>, "desk"?: Long } tags String; }"#;
    let entities = r#"[{"uid": {"type": "Aios::User", "id": "corp/42"}, "attrs": {"desk": 7}, "tags": {"t": "v"},
        "parents": [{"type": "Aios::Role", "id": "static"}]}]"#;
    let policy = r#"permit(principal is Aios::User, action, resource) when {
        principal has desk && principal.desk == 7 && principal.scopes.contains("crm.read") &&
        principal.hasTag("t") && principal.getTag("t") == "v" &&
        principal in Aios::Role::"static" && principal in Aios::Role::"token" };"#;
    for (place, expected) in
        [("tenants/acme/entities/a.json", "allowed"), ("tenants/rival/entities/a.json", "policy.denied")]
    {
        let policies = load(&[("schema.cedarschema", schema), (place, entities), ("a.cedar", policy)]);
        assert_eq!(word(check(&policies, &user(&["token"]), "read", data("x"))), expected, "{place}");
    }
}

#[test]
fn ids_that_look_alike_are_not_the_same() {
    let subjects = ["a", "a\"", "a\n", "a\0", "\u{430}", "a\\", "x\" || true || \"", "A", "a/b", "\\u{61}"];
    for permitted in subjects {
        let id = format!("corp/{permitted}").escape_debug().to_string().replace("\\'", "'");
        let policies = load(&[("entities/a.json", &roles_of(permitted)), ("a.cedar", ANALYST)]);
        for subject in subjects {
            let principal = Principal::new(Facts { subject: subject.to_owned(), ..facts() });
            let expected = if subject == permitted { "allowed" } else { "policy.denied" };
            assert_eq!(
                word(check(&policies, &principal, "read", data(subject))),
                expected,
                "{id:?} {subject:?}"
            );
        }
    }
    let policies = load(&[("a.cedar", ANALYST)]);
    for role in ["analyst\"", "analyst\n", "analyst\0", "\u{430}nalyst", "Aios::Role::\"analyst\""] {
        assert_eq!(word(check(&policies, &user(&[role]), "read", data("x"))), "policy.denied", "{role:?}");
    }
}

fn roles_of(subject: &str) -> String {
    serde_json::json!([{
        "uid": {"type": "Aios::User", "id": format!("corp/{subject}")},
        "attrs": {"tenant": "acme"},
        "parents": [{"type": "Aios::Role", "id": "analyst"}]
    }])
    .to_string()
}

#[test]
fn action_names_mean_ours_then_the_only_one() {
    let schema = r#"
        namespace One { entity Doc; action "sign", "send", "read" appliesTo { principal: [Aios::User], resource: [Doc] }; }
        namespace Two { action "send" appliesTo { principal: [Aios::User], resource: [One::Doc] }; }"#;
    let policies =
        load(&[("schema.cedarschema", schema), ("a.cedar", "permit(principal, action, resource);")]);
    let doc = || Resource::new("One::Doc", "x").tenant("acme");
    for (action, resource, expected) in [
        ("read", data("x"), "allowed"),
        ("read", doc(), "policy.input resource.type"),
        (r#"One::Action::"read""#, doc(), "allowed"),
        ("sign", doc(), "allowed"),
        ("send", doc(), "policy.unknown_action action"),
        (r#"Two::Action::"send""#, doc(), "allowed"),
        ("fly", doc(), "policy.unknown_action action"),
        ("", doc(), "policy.unknown_action action"),
        ("read\"", doc(), "policy.unknown_action action"),
        (r#"Aios::Action::"read" "#, data("x"), "policy.unknown_action action"),
    ] {
        assert_eq!(word(check(&policies, &user(&[]), action, resource)), expected, "{action}");
    }
    let refusal = check(&policies, &user(&[]), "send", doc()).unwrap_err();
    let hint = refusal.detail().hint.clone().unwrap();
    assert_eq!(hint, r#"say which one: One::Action::"send" or Two::Action::"send""#);
}

#[test]
fn a_callers_own_entity_takes_nothing_from_the_request() {
    let schema = "namespace Aios { action rename appliesTo { principal: [User], resource: [User] }; }";
    let policy =
        r#"permit(principal, action, resource is Aios::User) when { resource in Aios::Role::"admin" };"#;
    let policies = load(&[("schema.cedarschema", schema), ("a.cedar", policy)]);
    let me = || Resource::new("Aios::User", "corp/42").tenant("acme");
    for (roles, resource, expected) in [
        (&["admin"][..], me(), "allowed"),
        (&[], me(), "policy.denied"),
        (&[], me().parent("Aios::Role", "admin"), "policy.input resource.parents"),
        (&[], me().attr("issuer", "x"), "policy.input resource.attrs"),
    ] {
        assert_eq!(word(check(&policies, &user(roles), "rename", resource)), expected);
    }
}

#[test]
fn built_in_actions_apply_as_the_vocabulary_says() {
    let policies = load(&[("a.cedar", "permit(principal, action, resource);")]);
    let kinds = ["Aios::Tool", "Aios::Model", "Aios::Data", "Aios::Audit"];
    for (action, applies) in [
        ("read", [true, true, true, true]),
        ("list", [true, true, true, true]),
        ("administer", [true, true, true, true]),
        ("write", [true, true, true, false]),
        ("export", [false, true, true, true]),
        ("invoke", [true, true, false, false]),
    ] {
        for (kind, applies) in kinds.into_iter().zip(applies) {
            let answer = check(&policies, &user(&[]), action, Resource::new(kind, "x").tenant("acme"));
            let expected = if applies { "allowed" } else { "policy.input resource.type" };
            assert_eq!(word(answer), expected, "{action} {kind}");
        }
    }
}

#[test]
fn a_decision_is_taken_on_an_admitted_request() {
    let policies = load(&[("a.cedar", ANALYST)]);
    let principal = user(&["analyst"]);
    let request = Request::new(&principal, "read", data("x"));
    assert!(
        policies
            .decide(&admit(&policies, &principal, &request), &Kept::default())
            .map_err(Refusal::from)
            .is_ok()
    );
}

#[test]
fn a_file_cannot_say_what_only_a_token_says() {
    // The file remembers an `acr`, a scope and a client; the token at hand names neither.
    let policy = r#"@id("step-up") permit (principal, action, resource)
        when { principal has acr && principal.acr == "mfa" || principal.scopes.contains("all") };"#;
    let stale = r#"[{"uid": {"type": "Aios::User", "id": "corp/42"}, "parents": [],
        "attrs": {"acr": "mfa", "scopes": ["all"], "issuer": "corp", "tenant": "acme"}}]"#;
    let files = [("all.cedar", policy), ("tenants/acme/entities/users.json", stale)];
    assert_eq!(word(check(&load(&files), &user(&[]), "read", data("x"))), "policy.denied");
    let fresh = Principal::new(Facts { acr: Some("mfa".to_owned()), ..facts() });
    assert_eq!(word(check(&load(&files), &fresh, "read", data("x"))), "allowed");
}
