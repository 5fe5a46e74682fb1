//! Templates of policy folders, and what fills them.

use super::layers::{READ, delegating, layered, of, said};
use super::{data, problems, user};
use crate::model::Resource;
use crate::policy::Policies;

const SHARE: &str = r#"@id("share") permit(principal == ?principal, action == Aios::Action::"read", resource in ?resource);
@id("team") permit(principal in ?principal, action == Aios::Action::"read", resource is Aios::Data);
@id("bar") forbid(principal == ?principal, action, resource);
@id("plain") permit(principal in Aios::Role::"boss", action, resource);"#;

fn link(template: &str, id: &str, principal: &str, resource: Option<&str>) -> String {
    let (kind, name) = principal.rsplit_once("::").unwrap();
    let resource = resource
        .map_or(String::new(), |id| format!(r#", "resource": {{"type": "Aios::Data", "id": "{id}"}}"#));
    format!(
        r#"{{"template": "{template}", "id": "{id}", "principal": {{"type": "{kind}", "id": "{name}"}}{resource}}}"#
    )
}

fn links(all: &[String]) -> String {
    format!("[\n{}\n]", all.join(",\n"))
}

fn three() -> [String; 3] {
    [
        link("share", "ours", "Aios::User::corp/42", Some("x")),
        link("team", "analysts", "Aios::Role::analyst", None),
        link("bar", "out", "Aios::User::corp/13", None),
    ]
}

#[test]
fn a_link_decides_like_a_policy_with_its_slots_written_out_under_an_id_of_its_own() {
    let all = links(&three());
    let platform = layered(&[("a.cedar", SHARE), ("links.json", &all)]);
    assert_eq!(said(&platform, &user(&[]), "read", data("x")), "ours");
    assert_eq!(said(&platform, &user(&[]), "read", data("y")), "policy.denied");
    assert_eq!(said(&platform, &user(&["analyst"]), "read", data("x")), "analysts ours");
    assert_eq!(said(&platform, &user(&["boss"]), "write", data("x")), "plain");
    // No template decides by itself, and none is filed where every request would find it.
    let report = platform.policies().report();
    let unscoped: usize = report.unscoped.iter().map(|unscoped| unscoped.policies).sum();
    assert_eq!((report.policies, unscoped), (4, 0));
}

#[test]
fn a_tenants_links_are_its_own_within_what_is_delegated() {
    let own = SHARE
        .lines()
        .take(3)
        .collect::<Vec<_>>()
        .join("\n")
        .replace("resource in ?resource", "resource == ?resource");
    let all = links(&three());
    let desk = layered(&[("tenants/acme/own.cedar", &own), ("tenants/acme/links.json", &all)]);
    assert_eq!(said(&desk, &user(&[]), "read", data("x")), "tenants/acme:ours");
    assert_eq!(said(&desk, &user(&["analyst"]), "read", data("y")), "tenants/acme:analysts");
    let theirs = Resource::new("Aios::Data", "x").tenant("rival");
    assert_eq!(said(&desk, &of("rival"), "read", theirs), "policy.denied");
    let entities = r#"[{"uid": {"type": "Aios::Data", "id": "plan"}, "attrs": {}, "parents": []}]"#;
    let slot = "permit(principal, action == Aios::Action::\"read\", resource == ?resource);";
    let model = r#"{"template": "t", "id": "a", "resource": {"type": "Aios::Model", "id": "m"}}"#;
    let plan = r#"{"template": "t", "id": "a", "resource": {"type": "Aios::Data", "id": "plan"}}"#;
    for (text, link, expected) in [
        (slot, model, "permits more than is delegated"),
        (slot, plan, "neither the tenant's nor shared"),
        (
            "permit(principal == ?principal, action, resource is Aios::Data);",
            &link("t", "a", "Aios::User::corp/42", None),
            "permits more than is delegated",
        ),
        (slot, &plan.replace("\"a\"", &format!("\"{}\"", "a".repeat(129))), "more than 128 bytes"),
        (
            slot,
            &plan.replace("\"plan\"", "\"free\"").replace("\"t\"", "\"platforms\""),
            "no template of this folder has the @id platforms",
        ),
    ] {
        let own = format!("@id(\"t\") {text}");
        let platform = "@id(\"platforms\") permit(principal, action, resource == ?resource);";
        let linked =
            r#"[{"template": "platforms", "id": "p", "resource": {"type": "Aios::Data", "id": "p"}}]"#;
        let all = format!("[\n\n{link}]");
        let files = [
            ("a.cedar", platform),
            ("links.json", linked),
            ("tenants/acme/own.cedar", &own),
            ("tenants/acme/links.json", &all),
            ("tenants/rival/entities/a.json", entities),
        ];
        let problems = Policies::load(&delegating(&["read"], &["Aios::Data"], &files)).unwrap_err();
        let told = problems.iter().find(|problem| problem.message.contains(expected));
        let told = told.unwrap_or_else(|| panic!("{expected}: {problems:?}"));
        assert_eq!((told.file.as_str(), told.line), ("tenants/acme/links.json", Some(3)), "{expected}");
    }
}

#[test]
fn every_mistake_is_told_with_its_file_and_line() {
    let good = three();
    let with = |bad: &str| links(&[good[0].clone(), good[1].clone(), good[2].clone(), bad.to_owned()]);
    let principal = r#""principal": {"type": "Aios::User", "id": "corp/1"}"#;
    let table = [
        (
            format!(r#"{{"template": "nothing", "id": "a", {principal}}}"#),
            "no template of this folder has the @id nothing",
        ),
        (
            format!(r#"{{"template": "plain", "id": "a", {principal}}}"#),
            "no template of this folder has the @id plain",
        ),
        (format!(r#"{{"template": "share", "id": "a", {principal}}}"#), "?resource"),
        (link("bar", "a", "Aios::User::corp/1", Some("x")), "?resource"),
        (link("bar", "", "Aios::User::corp/1", None), "the id of a link is empty"),
        (link("bar", "ours", "Aios::User::corp/1", None), "the @id ours already stands at links.json:2"),
        (link("bar", "plain", "Aios::User::corp/1", None), "the @id plain already stands at a.cedar:4"),
        (link("bar", "share", "Aios::User::corp/1", None), "the @id share already stands at a.cedar:1"),
        (link("bar", "tenants/acme:a", "Aios::User::corp/1", None), "begins like those of tenants' own"),
        (link("bar", "a", "Aios::Usr::corp/1", None), "Aios::Usr"),
        (link("bar", "a", "no type::corp/1", None), "is no entity type"),
        (r#"{"template": "bar", "id": "a", "why": 1}"#.to_owned(), "unknown field"),
        (r#"{"template": "bar"}"#.to_owned(), "missing field"),
    ];
    for (bad, expected) in table {
        let found = problems(&[("a.cedar", SHARE), ("links.json", &with(&bad))]);
        let told = found.iter().find(|problem| problem.message.contains(expected));
        let told = told.unwrap_or_else(|| panic!("{expected}: {found:?}"));
        assert_eq!((told.file.as_str(), told.line), ("links.json", Some(5)), "{expected}: {found:?}");
    }
    let found = problems(&[("a.cedar", &format!("\n{SHARE}")), ("links.json", &links(&good[..2]))]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].to_string(), "a.cedar:4: holds a template that no links.json links");
    let nameless = format!("permit(principal == ?principal, {READ}, resource);");
    assert!(problems(&[("a.cedar", &nameless)])[0].message.contains("template without an @id"));
    for text in ["{}", "[", "[[\"bar\", \"a\"]]"] {
        let found = problems(&[("a.cedar", SHARE), ("links.json", text)]);
        assert!(found.iter().any(|problem| problem.file == "links.json"), "{text}: {found:?}");
    }
    let elsewhere = problems(&[("more/links.json", "[]")]);
    assert!(elsewhere[0].message.contains("nothing is read from a file of this name"), "{elsewhere:?}");
}
