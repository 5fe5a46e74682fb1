//! What tenants' own policies may not say, and how they are named.

use super::layers::{READ, delegating, layered, of, said};
use super::{check, data, source, user, word};
use crate::model::Resource;
use crate::policy::{Desk, Policies, Problem, Source};

#[test]
fn what_a_layer_may_not_say_is_named_with_its_file_and_line() {
    let (file, rival) = (
        "tenants/acme/a.cedar",
        r#"[{"uid": {"type": "Aios::Data", "id": "plan"}, "attrs": {}, "parents": []}]"#,
    );
    for (policy, part) in [
        ("permit(principal, action, resource is Aios::Data);", "delegable.actions"),
        (
            r#"permit(principal, action == Aios::Action::"export", resource is Aios::Data);"#,
            "delegable.actions",
        ),
        (
            r#"permit(principal, action in [Aios::Action::"read", Aios::Action::"export"], resource is Aios::Data);"#,
            "delegable.actions",
        ),
        (r#"permit(principal, action == Aios::Action::"read", resource);"#, "delegable.resources"),
        (
            r#"permit(principal, action == Aios::Action::"read", resource in Aios::Data::"d");"#,
            "delegable.resources",
        ),
        (
            r#"permit(principal, action == Aios::Action::"read", resource is Aios::Memory);"#,
            "delegable.resources",
        ),
        (
            r#"permit(principal, action == Aios::Action::"read", resource == Aios::Memory::"m");"#,
            "delegable.resources",
        ),
        (r#"forbid(principal, action, resource == Aios::Data::"plan");"#, "neither the tenant's nor shared"),
        (
            r#"forbid(principal, action, resource) when { resource in [Aios::Data::"plan"] };"#,
            "neither the tenant's nor shared",
        ),
        ("forbid(principal, action, resource) when { principal.shoe_size == 9 };", "shoe_size"),
        ("@id(\"a\nb\") forbid(principal, action, resource);", "control character"),
        ("forbid(", ""),
    ] {
        let text = format!("forbid(principal, action, resource);\n{policy}");
        let files = [(file, text.as_str()), ("tenants/rival/entities/a.json", rival)];
        let found = refused(&delegating(&["read"], &["Aios::Data"], &files));
        let fits = |problem: &Problem| problem.file == file && problem.message.contains(part);
        assert!(found.iter().all(fits) && !found.is_empty(), "{policy}: {found:#?}");
        let shown = found.iter().map(ToString::to_string).collect::<String>();
        assert!(part.is_empty() || shown.starts_with("tenants/acme/a.cedar:2: "), "{shown}");
        assert!(!shown.contains("rival"), "{shown}");
    }
}

fn refused(source: &Source) -> Vec<Problem> {
    Policies::load(source).expect_err("loads")
}

#[test]
fn nothing_is_delegated_unless_told_and_only_what_there_is() {
    let permit = format!("permit(principal, {READ}, resource is Aios::Data);");
    let files = [("tenants/acme/a.cedar", permit.as_str())];
    assert!(refused(&source(&files))[0].message.contains("delegable.actions"));
    let found = refused(&delegating(&["fly"], &["Aios::Wing"], &[]));
    let files: Vec<&str> = found.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(files, ["[policy] delegable.actions", "[policy] delegable.resources"]);
}

#[test]
fn a_delegated_group_of_actions_stands_for_all_in_it() {
    let schema = r"namespace Aios {
        action looking;
        action peek, stare in [looking] appliesTo { principal: [User], resource: [Data] };
        action touch appliesTo { principal: [User], resource: [Data] };
    }";
    let permit = |action: &str| {
        format!("permit(principal, action in Aios::Action::\"{action}\", resource is Aios::Data);")
    };
    let load = |delegated: &str, action: &str| {
        let permit = permit(action);
        let files = [("schema.cedarschema", schema), ("tenants/acme/a.cedar", permit.as_str())];
        Policies::load(&delegating(&[delegated], &["Aios::Data"], &files))
    };
    for (delegated, action, loads) in [
        ("looking", "looking", true),
        ("looking", "peek", true),
        ("looking", "touch", false),
        ("peek", "peek", true),
        ("peek", "looking", false),
        ("peek", "stare", false),
    ] {
        assert_eq!(load(delegated, action).is_ok(), loads, "{delegated} {action}");
    }
    let desk = Desk::new(load("looking", "looking").unwrap().into());
    assert_eq!(word(check(&desk, &user(&[]), "peek", data("x"))), "allowed");
}

#[test]
fn no_id_can_be_taken_for_anothers() {
    let stop = |id: &str| format!("@id(\"{id}\") forbid(principal, action, resource);");
    let found = refused(&source(&[("a.cedar", &stop("tenants/acme:x"))]));
    assert!(found[0].to_string().starts_with("a.cedar:1: an @id begins like"), "{found:?}");
    // Tenant `a` cannot spell an id of tenant `a/b`.
    let files =
        [("tenants/a/x.cedar", stop("b:x")), ("tenants/a/b/x.cedar", stop("x")), ("x.cedar", stop("x"))];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    let desk = layered(&files);
    for (tenant, expected) in [("a", "tenants/a:b:x x"), ("a/b", "tenants/a/b:x x"), ("c", "x")] {
        let resource = Resource::new("Aios::Data", "x").tenant(tenant);
        assert_eq!(said(&desk, &of(tenant), "read", resource), format!("policy.denied {expected}"));
    }
}

#[test]
fn policies_among_entities_are_nobodys() {
    for file in [
        "tenants/acme/entities/a.cedar",
        "tenants/entities/a.cedar",
        "tenants/a.cedar",
        "tenants/a/b/c/a.cedar",
    ] {
        let found = refused(&source(&[(file, "forbid(principal, action, resource);")]));
        assert_eq!(found[0].file, file);
    }
}
