//! What is refused, and where the message says it is.

use serde_json::{Value, json};

use super::*;
use crate::model::{Code, Refusal};
use crate::token::{Roles, Tenants};

#[test]
fn mistakes_of_shape_carry_their_path() {
    let folder = Folder::new();
    for (document, expected) in [
        (with("/deploymnt", json!("x")), "deploymnt: unknown field `deploymnt`"),
        (with("/deployment", json!(null)), "missing field `deployment`"),
        (with("/issuer/0/algoritms", json!([])), "issuer[0].algoritms: unknown field"),
        (with("/issuer/0/leeway_seconds", json!("30")), "issuer[0].leeway_seconds: invalid type"),
        (
            with("/issuer/0/preset", json!("entra-v3")),
            "issuer[0].preset: unknown variant `entra-v3`, expected one of",
        ),
        (with("/issuer/0/tenants", json!("all")), "issuer[0].tenants: expected a table"),
        (with("/issuer/0/roles", json!(["a"])), "issuer[0].roles: expected a table"),
        (with("/issuer/0/scopes", json!("all")), "issuer[0].scopes: unknown variant"),
        (
            with("/client", json!([{"issuer": "corp", "id": "x", "kind": "robot"}])),
            "client[0].kind: unknown variant",
        ),
        (with("/policy/types", json!({"robot": "A"})), "policy.types: unknown variant `robot`"),
        (with("/input", json!({"max_token_bytes": -1})), "input.max_token_bytes: invalid value"),
        (with("/keys", json!({"inline": "k-1 = AAAA"})), "keys.inline: unknown field"),
        (json!([]), "invalid"),
    ] {
        let mistakes = folder.mistakes(&document);
        assert!(mistakes.len() == 1 && mistakes[0].contains(expected), "{expected}: {mistakes:?}");
    }
}

#[test]
fn mistakes_of_meaning_carry_their_path() {
    let folder = Folder::new();
    for (pointer, value, expected) in [
        ("/deployment", json!(" "), "deployment: is empty"),
        ("/deployment", json!("a\nb"), "deployment: must be at most"),
        ("/audience", json!([]), "audience: is empty"),
        ("/audience", json!(["a", ""]), "audience[1]: is empty"),
        ("/permit_seconds", json!(0), "permit_seconds: is 0, but must be 1 to 3600"),
        ("/permit_seconds", json!(3601), "permit_seconds: is 3601"),
        ("/input", json!({"max_token_bytes": 10_000_000}), "input.max_token_bytes: is 10000000"),
        ("/input", json!({"max_header_bytes": 0}), "input.max_header_bytes: is 0"),
        ("/input", json!({"max_actor_depth": 0}), "input.max_actor_depth: is 0"),
        ("/audit", json!({"deadline_seconds": 0}), "audit.deadline_seconds: is 0"),
        ("/audit", json!({"queue_per_tenant": 0}), "audit.queue_per_tenant: is 0"),
        ("/issuer", json!([]), "issuer: is missing"),
        ("/issuer/0/name", json!("Corp"), "issuer[0].name: an issuer name is"),
        ("/issuer/0/iss", json!("http://idp.example.com/"), "issuer[0].iss: must begin with https://"),
        ("/issuer/0/iss", json!("http://127.0.0.1:1/"), "or set [development] plaintext_loopback"),
        ("/issuer/0/iss", json!("https://10.0.0.1/"), "issuer[0].iss: the host is at an address"),
        ("/issuer/0/iss", json!("https://idp.example.com/?a=b"), "issuer[0].iss: has a query"),
        ("/issuer/0/iss", json!("corp"), "issuer[0].iss: not a URL"),
        ("/issuer/0/algorithms", json!(["RS256", "HS384"]), "issuer[0].algorithms[1]: is not known"),
        ("/issuer/0/algorithms", json!(["none"]), "issuer[0].algorithms[0]: is not known"),
        ("/issuer/0/algorithms", json!([]), "issuer[0].algorithms: is empty"),
        ("/issuer/0/leeway_seconds", json!(301), "issuer[0].leeway_seconds: is 301, but must be 0 to 300"),
        ("/issuer/0/leeway_seconds", json!(-1), "issuer[0].leeway_seconds: is -1"),
        ("/issuer/0/max_lifetime_seconds", json!(0), "issuer[0].max_lifetime_seconds: is 0"),
        ("/issuer/0/claims", json!({"tenant": ""}), "issuer[0].claims.tenant: is empty"),
        ("/issuer/0/required", json!([""]), "issuer[0].required[0]: is empty"),
        ("/issuer/0/tenant", json!(null), "issuer[0]: names no tenant"),
        ("/issuer/0/tenants", json!("prefixed"), "issuer[0].tenant: excludes `tenants`"),
        ("/issuer/0/tenant", json!("a b"), "issuer[0].tenant: a tenant id is"),
        ("/issuer/0/tenant", json!("platform"), "issuer[0].tenant: is reserved"),
        ("/issuer/0/roles", json!({"analyst": ""}), "issuer[0].roles.analyst: is empty"),
        ("/issuer/0/discovery", json!(false), "issuer[0]: must say exactly one of discovery"),
        ("/issuer/0/jwks_url", json!("https://a/"), "issuer[0]: must say exactly one of discovery"),
        ("/policy/dir", json!("none"), "none cannot be read (entity not found)"),
        ("/policy/dir", json!("root.keys"), "policy.dir: is not a folder"),
        ("/policy/shared", json!([""]), "policy.shared[0]: is empty"),
        ("/store/url", json!("postgres://db"), "store.url: must be"),
        ("/store/url", json!("sqlite:"), "store.url: must be"),
        ("/store/url", json!("sqlite::memory:"), "store.url: must be"),
        ("/store/url", json!("sqlite:aios.db"), "keys.file: is missing"),
        ("/keys", json!({"file": "none"}), "keys.file: there is no root key file here"),
        ("/keys", json!({"file": "policies/main.cedar"}), "keys.file: the root key file is open to group"),
    ] {
        let mistakes = folder.mistakes(&with(pointer, value));
        assert!(mistakes.len() == 1 && mistakes[0].contains(expected), "{expected}: {mistakes:?}");
    }
}

#[test]
fn mistakes_among_issuers_are_found() {
    let folder = Folder::new();
    let two = |first: Value, second: Value| {
        let mut document = minimal();
        let mut issuers = [issuer("corp"), issuer("other")];
        for (issuer, changes) in issuers.iter_mut().zip([first, second]) {
            for (name, value) in changes.as_object().unwrap() {
                issuer[name] = value.clone();
            }
        }
        document["issuer"] = issuers.into_iter().collect();
        document
    };
    assert_eq!(folder.settings(&two(json!({}), json!({}))).keys.len(), 2);
    for (document, expected) in [
        (two(json!({}), json!({"name": "corp"})), "issuer[1].name: stands in another"),
        (two(json!({}), json!({"iss": "https://corp.example.com/"})), "issuer[1].iss: stands in another"),
        (
            two(json!({"tenant": null, "tenants": "claim"}), json!({})),
            "issuer[0].tenants: may be \"claim\" only",
        ),
        (two(json!({}), json!({"roles": "all"})), "issuer[1].roles: may be \"all\" only"),
    ] {
        let mistakes = folder.mistakes(&document);
        assert!(mistakes.len() == 1 && mistakes[0].contains(expected), "{expected}: {mistakes:?}");
    }
    let alone =
        json!({"name": "corp", "iss": "https://a/", "discovery": true, "tenants": "claim", "roles": "all"});
    let settings = folder.settings(&with("/issuer", json!([alone])));
    assert!(matches!(settings.issuers.issuers[0].tenants, Tenants::Claim));
    assert!(matches!(settings.issuers.issuers[0].roles, Roles::All));
}

#[test]
fn tables_of_tenants_are_checked_line_by_line() {
    let folder = Folder::new();
    let document = |tenants: Value| {
        let listed = json!({"name": "corp", "iss": "https://a/", "discovery": true, "tenants": tenants});
        with("/issuer", json!([listed]))
    };
    for (tenants, expected) in [
        (json!({}), "issuer[0].tenants: is empty"),
        (json!({"platform": "x"}), "issuer[0].tenants.platform: is reserved"),
        (json!({"a b": "x"}), "issuer[0].tenants.a b: a tenant id is"),
        (json!({"a": ""}), "issuer[0].tenants.a: is empty"),
        (json!({"a": "x", "b": "x"}), "issuer[0].tenants.b: has the claim's value of another tenant"),
    ] {
        let mistakes = folder.mistakes(&document(tenants));
        assert!(mistakes.len() == 1 && mistakes[0].contains(expected), "{expected}: {mistakes:?}");
    }
    assert!(matches!(
        folder.settings(&document(json!("prefixed"))).issuers.issuers[0].tenants,
        Tenants::Prefixed
    ));
}

#[test]
fn mistakes_in_clients_are_found() {
    let folder = Folder::new();
    assert_eq!(folder.settings(&with("/client", json!([client()]))).issuers.clients.len(), 1);
    for (name, value, expected) in [
        ("issuer", json!("other"), "client[0].issuer: is the name of no [[issuer]]"),
        ("id", json!(""), "client[0].id: is empty"),
        ("kind", json!("user"), "client[0].kind: must be"),
        ("platform", json!(true), "client[0].tenant: excludes `platform`"),
        ("tenant", json!(null), "client[0]: belongs to nobody"),
        ("tenant", json!("platform"), "client[0].tenant: is reserved"),
        ("tenant", json!("a b"), "client[0].tenant: a tenant id is"),
        ("scopes", json!([""]), "client[0].scopes[0]: is empty"),
    ] {
        let mut changed = client();
        changed[name] = value;
        let mistakes = folder.mistakes(&with("/client", json!([changed])));
        assert!(mistakes.len() == 1 && mistakes[0].contains(expected), "{expected}: {mistakes:?}");
    }
    let twice = folder.mistakes(&with("/client", json!([client(), client()])));
    assert_eq!(twice, ["client[1]: is registered already: issuer and id stand in another [[client]]"]);
}

#[test]
fn all_mistakes_of_meaning_are_reported_at_once() {
    let folder = Folder::new();
    let document = json!({
        "deployment": "", "audience": [], "permit_seconds": 0, "issuer": [{"name": "", "iss": ""}],
        "client": [{"issuer": "x", "id": "", "kind": "user"}], "policy": {"dir": "none"},
        "store": {"url": "?"}, "keys": {"file": "none"},
    });
    let error = from_value(document, &folder.0).unwrap_err();
    for path in [
        "deployment",
        "audience",
        "permit_seconds",
        "issuer[0].name",
        "issuer[0].iss",
        "issuer[0]",
        "client[0].issuer",
        "client[0].id",
        "client[0].kind",
        "client[0]",
        "policy.dir",
        "store.url",
        "keys.file",
    ] {
        assert!(error.problems().iter().any(|problem| problem.path == path), "{path} is missing in\n{error}");
    }
    let count = error.problems().len();
    let refusal = Refusal::from(error);
    assert_eq!(refusal.code(), Code::ConfigInvalid);
    assert_eq!(refusal.to_string().lines().count(), count + 1, "{refusal}");
}

#[test]
fn mistakes_about_revocation_carry_their_path() {
    let folder = Folder::new();
    for (pointer, value, expected) in [
        ("/revocation", json!({"bound_milliseconds": 60_001}), "revocation.bound_milliseconds: is 60001"),
        ("/revocation", json!({"strict": ["revoke", ""]}), "revocation.strict[1]: is empty"),
        ("/revocation", json!({"grace_seconds": {"read": 0}}), "revocation.grace_seconds.read: is 0"),
    ] {
        let mistakes = folder.mistakes(&with(pointer, value));
        assert!(mistakes.len() == 1 && mistakes[0].contains(expected), "{expected}: {mistakes:?}");
    }
}
