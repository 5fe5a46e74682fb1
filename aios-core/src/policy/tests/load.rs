//! What keeps a folder from being loaded, and how the user's schema meets ours.

use std::collections::BTreeMap;

use super::{check, data, desk, load, problems, source, user, word};
use crate::model::{Kind, Resource};
use crate::policy::Policies;

const PERMIT: &str = "permit(principal, action, resource);";

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn each_mistake_is_named_with_its_file_and_line() {
    let twice =
        "@id(\"a\")\npermit(principal, action, resource);\n@id(\"a\")\nforbid(principal, action, resource);";
    let unknown = "permit(principal, action, resource)\nwhen {\n  principal.shoe_size == 9 };";
    let never = r#"forbid(principal, action == Aios::Action::"invoke", resource is Aios::Data);"#;
    for (files, file, line, part) in [
        (vec![("a.cedar", "permit(principal, action, resource);\npermit(")], "a.cedar", None, ""),
        (vec![("a.cedar", "permit(principal, action, resource);\n\nperm(p);")], "a.cedar", Some(3), ""),
        (vec![("a.cedar", twice)], "a.cedar", Some(3), "already stands at a.cedar:1"),
        (
            vec![
                ("a.cedar", "@id(\"x\") permit(principal, action, resource);"),
                ("b.cedar", "\n@id(\"x\") forbid(principal, action, resource);"),
            ],
            "b.cedar",
            Some(2),
            "a.cedar:1",
        ),
        (vec![("a.cedar", "@id(\"\") permit(principal, action, resource);")], "a.cedar", Some(1), "empty"),
        (
            vec![("a.cedar", "\n@id(\"x\") @advice(\"y\") permit(principal, action, resource);")],
            "a.cedar",
            Some(2),
            "@advice",
        ),
        (
            vec![("a.cedar", "permit(principal == ?principal, action, resource);")],
            "a.cedar",
            Some(1),
            "template",
        ),
        (vec![("a.cedar", unknown)], "a.cedar", Some(3), "shoe_size"),
        (
            vec![("a.cedar", "permit(principal is Aios::Usr, action, resource);")],
            "a.cedar",
            Some(1),
            "Aios::Usr",
        ),
        (
            vec![("a.cedar", r#"permit(principal, action == Aios::Action::"raed", resource);"#)],
            "a.cedar",
            Some(1),
            "raed",
        ),
        (vec![("a.cedar", never)], "a.cedar", Some(1), ""),
        (
            vec![("a.cedar", "forbid(principal, action, resource) when { resource has colour };")],
            "a.cedar",
            Some(1),
            "",
        ),
        (
            vec![(
                "a.cedar",
                "\npermit(principal, action, resource) when { principal.tenant == \"\u{430}cme\" };",
            )],
            "a.cedar",
            Some(2),
            "script",
        ),
        (
            vec![("a.cedar", "\n// \u{202e}esrever\npermit(principal, action, resource);")],
            "a.cedar",
            Some(2),
            "direction",
        ),
        (vec![("schema.cedarschema", "namespace A {\n entty X; }")], "schema.cedarschema", Some(2), "entty"),
        (vec![("schema.cedarschema", "namespace A { entity X in [Y]; }")], "schema.cedarschema", None, "Y"),
        (vec![("schema.json", "{")], "schema.json", None, ""),
        (
            vec![("schema.cedarschema", "namespace A { external entity X; }")],
            "schema.cedarschema",
            None,
            "external",
        ),
        (vec![("notes.txt", "")], "notes.txt", None, "nothing is read"),
        (vec![("sub/a.cedar", PERMIT)], "sub/a.cedar", None, "nothing is read"),
        (vec![("tenants/a/b/c/entities/x.json", "[]")], "tenants/a/b/c/entities/x.json", None, "tenant id"),
        (vec![("tenants/../entities/x.json", "[]")], "tenants/../entities/x.json", None, "tenant id"),
    ] {
        let found = problems(&files);
        let fits = |p: &crate::policy::Problem| {
            p.file == file && (line.is_none() || p.line == line) && p.message.contains(part)
        };
        assert!(found.iter().any(fits), "{files:?}: {found:#?}");
    }
}

#[test]
fn each_wrong_entity_is_a_problem() {
    let role = r#"{"uid": {"type": "Aios::Role", "id": "a"}, "attrs": {}, "parents": []}"#;
    let cycle = r#"[{"uid": {"type": "Aios::Role", "id": "a"}, "attrs": {}, "parents": [{"type": "Aios::Role", "id": "b"}]},
                    {"uid": {"type": "Aios::Role", "id": "b"}, "attrs": {}, "parents": [{"type": "Aios::Role", "id": "a"}]}]"#;
    let shared_loop = r#"[{"uid": {"type": "Aios::Role", "id": "a"}, "attrs": {}, "parents": [{"type": "Aios::Role", "id": "b"}]}]"#;
    let own_loop = r#"[{"uid": {"type": "Aios::Role", "id": "b"}, "attrs": {}, "parents": [{"type": "Aios::Role", "id": "a"}]}]"#;
    let (once, array) = ("tenants/acme/entities/a.json", |one: &str| format!("[{one}]"));
    for files in [
        vec![(once, "{}".to_owned())],
        vec![(once, "[{}]".to_owned())],
        vec![(once, array(&role.replace("Aios::Role", "Aios::Rule")))],
        vec![(once, array(&role.replace(r#""attrs": {}"#, r#""attrs": {"x": 1}"#)))],
        vec![(once, array(&role.replace(r#""attrs": {}"#, r#""attrs": {"x": 1, "x": 1}"#)))],
        vec![(once, format!("[{role}, {role}]"))],
        vec![(once, array(role)), ("tenants/acme/entities/b.json", array(role))],
        vec![(once, cycle.to_owned())],
        vec![("entities/a.json", shared_loop.to_owned()), (once, own_loop.to_owned())],
        vec![(
            once,
            array(
                r#"{"uid": {"type": "Aios::Data", "id": "a"}, "attrs": {"tenant": "rival"}, "parents": []}"#,
            ),
        )],
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        assert!(!problems(&files).is_empty(), "{files:?}");
    }
}

#[test]
fn all_problems_come_at_once() {
    let found =
        problems(&[("a.cedar", "perm"), ("b.cedar", "forbi"), ("x.txt", ""), ("entities/a.json", "{")]);
    let files: Vec<&str> = found.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(files, ["a.cedar", "b.cedar", "entities/a.json", "x.txt"]);
}

#[test]
fn readme_and_hidden_files_are_left_alone() {
    load(&[
        ("README.md", "x"),
        (".git/config", "x"),
        ("entities/.DS_Store", "x"),
        ("entities/README.md", "x"),
    ]);
    load(&[]);
}

#[test]
fn a_policy_without_id_is_named_by_its_place() {
    let policies = load(&[("a.cedar", &format!("@id(\"first\") {PERMIT}\n{PERMIT}"))]);
    let verdict = check(&policies, &user(&[]), "read", data("x")).unwrap();
    assert_eq!(verdict.policies, ["a.cedar#2", "first"]);
}

#[test]
fn the_users_declarations_take_the_place_of_ours() {
    let schema = r#"namespace Aios {
        entity Data in [Data] = { tenant: String, level: Long };
        action read appliesTo { principal: [User], resource: [Data], context: { "why"?: String } };
    }"#;
    let policy = "permit(principal, action, resource is Aios::Data) when { resource.level < 3 };";
    let policies = load(&[("schema.cedarschema", schema), ("a.cedar", policy)]);
    for (action, level, expected) in
        [("read", 1, "allowed"), ("read", 3, "policy.denied"), ("write", 1, "allowed")]
    {
        assert_eq!(word(check(&policies, &user(&[]), action, data("x").attr("level", level))), expected);
    }
    assert_eq!(word(check(&policies, &user(&[]), "read", data("x"))), "policy.input resource");
}

#[test]
fn schema_json_and_cedar_schema_are_merged() {
    let json = r#"{"Acme": {"entityTypes": {"Doc": {"shape": {"type": "Record", "attributes": {"tenant": {"type": "String"}}}}}, "actions": {}}}"#;
    let cedar = r#"namespace Acme { action "view" appliesTo { principal: [Aios::User], resource: [Doc] }; }"#;
    let policy =
        "permit(principal, action, resource is Acme::Doc) when { resource.tenant == principal.tenant };";
    let policies = load(&[("schema.json", json), ("schema.cedarschema", cedar), ("a.cedar", policy)]);
    let doc = Resource::new("Acme::Doc", "x").tenant("acme");
    assert_eq!(word(check(&policies, &user(&[]), "view", doc)), "allowed");
    let twice = problems(&[("schema.json", json), ("schema.cedarschema", "namespace Acme { entity Doc; }")]);
    assert!(twice[0].message.contains("Doc"), "{twice:?}");
}

#[test]
fn types_in_no_namespace_make_ours_give_way() {
    let schema = r#"
        entity Role, User in [Role] = { "tenant": String };
        entity Data;
        action read, view appliesTo { principal: [User], resource: [Data] };"#;
    let files = [("schema.cedarschema", schema), ("a.cedar", PERMIT)];
    let found = problems(&files);
    assert!(found.iter().any(|problem| problem.file == "[policy] types"), "{found:?}");
    let types = BTreeMap::from([(Kind::User, "User".to_owned())]);
    let policies = desk(&crate::policy::Source { user_types: types, ..source(&files) });
    for (action, kind, expected) in [
        ("read", "Data", "allowed"),
        ("view", "Data", "allowed"),
        ("write", "Aios::Tool", "allowed"),
        ("read", "Aios::Data", "policy.input resource.type"),
        ("write", "Data", "policy.input resource.type"),
    ] {
        let answer = check(&policies, &user(&["x"]), action, Resource::new(kind, "x").tenant("acme"));
        assert_eq!(word(answer), expected, "{action} {kind}");
    }
}

#[test]
fn configured_types_must_exist() {
    let user_types = BTreeMap::from([(Kind::User, "Acme::Person".to_owned())]);
    let shared = vec!["Acme::Tool".to_owned()];
    let found = Policies::load(&crate::policy::Source { user_types, shared, ..source(&[]) }).unwrap_err();
    let files: Vec<&str> = found.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(files, ["[policy] shared", "[policy] types"]);
}

#[test]
fn a_users_type_named_like_a_primitive_changes_none_of_ours() {
    let policies =
        load(&[("schema.cedarschema", "namespace Aios { entity String, Long; }"), ("a.cedar", PERMIT)]);
    assert_eq!(word(check(&policies, &user(&[]), "read", data("x"))), "allowed");
}
