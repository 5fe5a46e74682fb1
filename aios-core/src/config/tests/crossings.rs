//! `[[cross_tenant]]`: each mistake by its path.

use serde_json::{Value, json};

use super::*;
use crate::model::{Kind, Party, Timestamp};

fn grant() -> Value {
    json!({
        "name": "review", "from": "acme", "to": "globex",
        "principals": [{"kind": "user", "issuer": "corp", "id": "ada"}],
        "resource_types": ["Aios::Data"], "actions": ["read"], "expires": "2027-01-01T00:00:00Z",
    })
}

fn document(grants: &[Value]) -> Value {
    let mut document = minimal();
    document["issuer"][0] = json!({"name": "corp", "iss": "https://corp.example.com/", "discovery": true,
        "tenants": {"acme": "t-acme", "globex": "t-globex"}});
    document["client"] = json!([
        {"issuer": "corp", "id": "bot", "kind": "agent", "tenant": "initech"},
        {"issuer": "corp", "id": "ops", "kind": "service", "platform": true},
    ]);
    document["cross_tenant"] = json!(grants);
    document
}

#[test]
fn a_grant_is_read_as_it_is_written() {
    let folder = Folder::new();
    let settings = folder.settings(&document(&[grant()]));
    let [crossing] = settings.crossings.as_slice() else { panic!() };
    assert_eq!((crossing.from.as_str(), crossing.to.as_str()), ("acme", "globex"));
    let ada = Party { kind: Kind::User, issuer: "corp".parse().unwrap(), id: "ada".to_owned() };
    assert_eq!(crossing.principals, [ada]);
    assert_eq!(crossing.expires, Timestamp::from_seconds(1_798_761_600));
    // A client's tenant, the platform's, and one of which there are only files, are tenants too.
    let of_bot = json!([{"kind": "agent", "issuer": "corp", "id": "bot"}]);
    let of_ops = json!([{"kind": "service", "issuer": "corp", "id": "ops"}]);
    folder.write("policies/entities/acme.json", "[]");
    std::fs::create_dir_all(folder.0.join("policies/tenants/archive")).unwrap();
    folder.write("policies/tenants/archive/a.cedar", "forbid (principal, action, resource);");
    for (from, to, principals) in [("initech", "acme", of_bot), ("platform", "archive", of_ops)] {
        let mut grant = grant();
        (grant["from"], grant["to"], grant["principals"]) = (from.into(), to.into(), principals);
        assert_eq!(folder.settings(&document(&[grant])).crossings.len(), 1);
    }
}

#[test]
fn each_mistake_of_a_grant_is_named_by_its_path() {
    let folder = Folder::new();
    let ada = &grant()["principals"][0];
    let named = |kind: &str, issuer: &str, id: &str| json!([{"kind": kind, "issuer": issuer, "id": id}]);
    for (member, value, expected) in [
        ("name", json!(""), "cross_tenant[0].name: must be 1 to 64"),
        ("name", json!("Review"), "cross_tenant[0].name: must be 1 to 64"),
        ("name", json!("x".repeat(65)), "cross_tenant[0].name: must be 1 to 64"),
        ("from", json!("a b"), "cross_tenant[0].from: a tenant id is"),
        ("from", json!("nobody"), "cross_tenant[0].from: is a tenant that no [[issuer]]"),
        ("from", json!("platform"), "cross_tenant[0].principals[0].issuer: has nobody in"),
        ("from", json!("globex"), "cross_tenant[0].to: is the principals' own tenant"),
        ("to", json!("nobody"), "cross_tenant[0].to: is a tenant that no [[issuer]]"),
        ("to", json!(""), "cross_tenant[0].to: a tenant id is"),
        ("principals", json!([]), "cross_tenant[0].principals: is empty"),
        ("principals", json!([ada, ada]), "cross_tenant[0].principals[1]: stands there twice"),
        ("principals", named("user", "corp", " "), "cross_tenant[0].principals[0].id: is empty"),
        (
            "principals",
            named("user", "other", "ada"),
            "cross_tenant[0].principals[0].issuer: is the name of no",
        ),
        ("resource_types", json!([]), "cross_tenant[0].resource_types: is empty"),
        ("resource_types", json!([""]), "cross_tenant[0].resource_types[0]: is empty"),
        ("actions", json!([]), "cross_tenant[0].actions: is empty"),
        ("actions", json!(["read", "read"]), "cross_tenant[0].actions[1]: stands there twice"),
        ("expires", json!("2027-01-01"), "cross_tenant[0].expires: must be a time such as"),
        ("expires", json!("never"), "cross_tenant[0].expires: must be a time such as"),
        ("expires", json!("9999-01-01T00:00:00Z"), "cross_tenant[0].expires: must be a time such as"),
        // Of shape.
        ("principals", named("robot", "corp", "ada"), "cross_tenant[0].principals[0].kind: unknown variant"),
        ("principals", json!("*"), "cross_tenant[0].principals: invalid type"),
        ("resource_types", json!("Aios::Data"), "cross_tenant[0].resource_types: invalid type"),
        ("expires", json!(1_800_000_000), "cross_tenant[0].expires: invalid type"),
        ("roles", json!(["analyst"]), "cross_tenant[0].roles: unknown field"),
    ] {
        let mut grant = grant();
        grant[member] = value;
        let mistakes = folder.mistakes(&document(&[grant]));
        assert!(mistakes.iter().any(|mistake| mistake.contains(expected)), "{expected}: {mistakes:?}");
    }
    for member in ["name", "from", "to", "principals", "resource_types", "actions", "expires"] {
        let mut grant = grant();
        grant.as_object_mut().unwrap().remove(member);
        let mistakes = folder.mistakes(&document(&[grant]));
        let expected = format!("cross_tenant[0]: missing field `{member}`");
        assert!(mistakes.iter().any(|mistake| mistake.contains(&expected)), "{expected}: {mistakes:?}");
    }
    let twice = folder.mistakes(&document(&[grant(), grant()]));
    assert!(twice[0].contains("cross_tenant[1].name: stands in another"), "{twice:?}");
}
