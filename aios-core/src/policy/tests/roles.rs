//! What each role of ours permits, on everything, and that it permits nothing else.

use std::collections::BTreeSet;

use serde_json::json;

use super::{check, check_request, desk, facts, source, user, word};
use crate::model::{Facts, Principal, Request, Resource};
use crate::policy::{BuiltInRole, Desk, Source};

const ACTIONS: [&str; 13] = [
    "read",
    "list",
    "write",
    "export",
    "invoke",
    "administer",
    "delegate",
    "approve",
    "use",
    "reveal",
    "revoke",
    "secret_admin",
    "offboard",
];
/// Everything there is to act upon, with the domain that it says.
const THINGS: [&str; 8] = ["Tool", "Model", "Memory", "Data", "Prompt", "Workflow", "Secret", "Agent"];
const DOMAINS: [&str; 3] = ["", "finance", "sales"];
/// Things that say none.
const OTHERS: [&str; 6] = ["Audit", "Vault", "Revocation", "Domain finance", "Domain sales", "own Agent"];

const ENTITIES: &str = r#"[
    {"uid": {"type": "Aios::Domain", "id": "finance"}, "attrs": {}, "parents": []},
    {"uid": {"type": "Aios::Domain", "id": "sales"}, "attrs": {}, "parents": []},
    {"uid": {"type": "Aios::Group", "id": "corp/ledger"}, "attrs": {}, "parents": [{"type": "Aios::Domain", "id": "finance"}]},
    {"uid": {"type": "Aios::Agent", "id": "corp/ours"}, "parents": [],
     "attrs": {"owner": {"__entity": {"type": "Aios::User", "id": "corp/42"}}}},
    {"uid": {"type": "Aios::Agent", "id": "corp/"}, "attrs": {}, "parents": []},
    {"uid": {"type": "Aios::Agent", "id": "corp/finance"}, "parents": [],
     "attrs": {"domain": {"__entity": {"type": "Aios::Domain", "id": "finance"}}}},
    {"uid": {"type": "Aios::Agent", "id": "corp/sales"}, "parents": [],
     "attrs": {"domain": {"__entity": {"type": "Aios::Domain", "id": "sales"}}}}
]"#;

fn switched_on(roles: &[BuiltInRole]) -> Desk {
    let files = [("tenants/acme/entities/all.json", ENTITIES)];
    let shared = vec!["Aios::Tool".to_owned(), "Aios::Model".to_owned(), "Aios::Tenant".to_owned()];
    let source = Source { roles: roles.to_vec(), shared, ..source(&files) };
    desk(&source)
}

fn name(role: BuiltInRole) -> String {
    serde_json::to_value(role).unwrap().as_str().unwrap().to_owned()
}

/// Somebody of finance.
fn holder(roles: &[&str]) -> Principal {
    let roles = roles.iter().map(ToString::to_string).collect();
    Principal::new(Facts { roles, groups: vec!["ledger".to_owned()], ..facts() })
}

fn thing(kind: &str, domain: &str) -> Resource {
    let entity = json!({"__entity": {"type": "Aios::Domain", "id": domain}});
    match (kind, domain) {
        ("Agent", _) => Resource::new("Aios::Agent", format!("corp/{domain}")).tenant("acme"),
        (_, "") => Resource::new(format!("Aios::{kind}"), "x").tenant("acme"),
        _ => Resource::new(format!("Aios::{kind}"), "x").tenant("acme").attr("domain", entity),
    }
}

fn other(name: &str) -> Resource {
    match name.split_once(' ') {
        Some(("own", kind)) => Resource::new(format!("Aios::{kind}"), "corp/ours").tenant("acme"),
        Some((kind, id)) => Resource::new(format!("Aios::{kind}"), id).tenant("acme"),
        None => Resource::new(format!("Aios::{name}"), "x").tenant("acme"),
    }
}

/// What is permitted, as `action thing domain`; what does not apply to one another is not.
fn permitted(policies: &Desk, principal: &Principal) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut ask = |action: &str, resource: Resource, as_said: String| {
        let mut request = Request::new(principal, action, resource);
        if action == "secret_admin" {
            request = request.context("operation", "put");
        }
        match &*word(check_request(policies, principal, &request)) {
            "allowed" => drop(found.insert(format!("{action} {as_said}"))),
            "policy.denied" | "policy.input resource.type" => {}
            word => panic!("{action} {as_said}: {word}"),
        }
    };
    for action in ACTIONS {
        for kind in THINGS {
            for domain in DOMAINS {
                ask(action, thing(kind, domain), format!("{kind} {domain}").trim().to_owned());
            }
        }
        for name in OTHERS {
            ask(action, other(name), name.to_owned());
        }
    }
    found
}

/// `actions` on `kinds` in each of `domains`.
fn all(actions: &str, kinds: &str, domains: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for action in actions.split(' ') {
        for kind in kinds.split(", ") {
            for domain in domains {
                found.insert(format!("{action} {kind} {domain}").trim().to_owned());
            }
        }
    }
    found
}

const WORKED_WITH: &str = "Tool, Model, Memory, Data, Prompt, Workflow, Agent";
const OWN: [&str; 2] = ["", "finance"];

/// What each role permits somebody of finance.
fn expected(role: BuiltInRole) -> Vec<BTreeSet<String>> {
    let run = |domains: &[&str]| {
        vec![
            all("read list administer", WORKED_WITH, domains),
            all("write", "Tool, Model, Memory, Data, Prompt, Workflow", domains),
            all("export", "Model, Memory, Data, Prompt, Workflow", domains),
            all("invoke", "Tool, Model, Workflow, Agent", domains),
            all("delegate", "Agent", domains),
        ]
    };
    let none = [""].as_slice();
    match role {
        BuiltInRole::AgentOwner => vec![all("read list invoke administer delegate", "own Agent", none)],
        BuiltInRole::Approver => vec![
            all("approve", "Tool, Model, Memory, Data, Prompt, Workflow, Secret, Agent", &OWN),
            all("approve", "own Agent", none),
        ],
        BuiltInRole::Auditor => vec![all("read list export", "Audit", none)],
        BuiltInRole::DomainAdmin => {
            [run(&["finance"]), vec![all("administer", "Domain finance", none)]].concat()
        }
        BuiltInRole::Member => vec![
            all("read list", WORKED_WITH, &OWN),
            all("write", "Tool, Model, Memory, Data, Prompt, Workflow", &OWN),
            all("invoke", "Tool, Model, Workflow, Agent", &OWN),
            all("read list invoke", "own Agent", none),
        ],
        BuiltInRole::PlatformOperator => vec![],
        BuiltInRole::SecretAdmin => {
            vec![all("secret_admin", "Secret", &DOMAINS), all("secret_admin", "Vault", none)]
        }
        BuiltInRole::TenantAdmin => [
            run(&DOMAINS),
            vec![
                all("read list", "Audit", none),
                all("administer", "Domain finance, Domain sales", none),
                all("read list invoke administer delegate", "own Agent", none),
                all("revoke", "Revocation", none),
            ],
        ]
        .concat(),
        BuiltInRole::Viewer => {
            vec![all("read list", WORKED_WITH, &OWN), all("read list", "own Agent", none)]
        }
    }
}

#[test]
fn each_role_permits_what_it_is_for_and_nothing_else() {
    for role in BuiltInRole::ALL {
        let policies = switched_on(&[role]);
        let found = permitted(&policies, &holder(&[&name(role)]));
        let expected: BTreeSet<String> = expected(role).into_iter().flatten().collect();
        let missing: Vec<_> = expected.difference(&found).collect();
        let beyond: Vec<_> = found.difference(&expected).collect();
        assert!(missing.is_empty() && beyond.is_empty(), "{role:?} lacks {missing:?}, may {beyond:?}");
    }
}

#[test]
fn a_role_that_is_not_switched_on_permits_nothing() {
    let every: Vec<String> = BuiltInRole::ALL.map(name).to_vec();
    let every: Vec<&str> = every.iter().map(String::as_str).collect();
    assert_eq!(permitted(&switched_on(&[]), &holder(&every)), BTreeSet::new());
    assert_eq!(permitted(&switched_on(&BuiltInRole::ALL), &user(&[])), BTreeSet::new());
}

#[test]
fn whoever_approves_or_audits_administers_nothing_whatever_else_it_may() {
    let policies = switched_on(&BuiltInRole::ALL);
    for (role, kept) in
        [("approver", &["administer Domain finance", "administer Domain sales"][..]), ("auditor", &[])]
    {
        let may = permitted(
            &policies,
            &holder(&["tenant_admin", "secret_admin", "agent_owner", "domain_admin", role]),
        );
        let runs = |may: &str| ["administer ", "secret_admin "].iter().any(|action| may.starts_with(action));
        let left: Vec<_> = may.iter().filter(|may| runs(may)).collect();
        assert_eq!(left, kept, "{role}");
        let elsewhere = ["delegate own Agent", "revoke Revocation"].iter().all(|other| may.contains(*other));
        assert_eq!(elsewhere, role == "approver", "{role}");
        assert!(may.contains("write Data sales"), "{role}");
    }
}

#[test]
fn a_platform_operator_reaches_what_is_shared_and_in_no_tenant() {
    let policies = switched_on(&BuiltInRole::ALL);
    let operator = holder(&["platform_operator"]);
    for (kind, shared) in [("Tool", true), ("Model", true), ("Tenant", true), ("Data", false)] {
        for action in ["read", "list", "administer"] {
            let resource = Resource::new(format!("Aios::{kind}"), "x");
            let said = word(check(&policies, &operator, action, resource.clone()));
            assert_eq!(said == "allowed", shared, "{action} {kind}: {said}");
            let said = word(check(&policies, &operator, action, resource.tenant("acme")));
            assert_ne!(said, "allowed", "{action} {kind} of acme");
        }
    }
    for role in BuiltInRole::ALL {
        let named = serde_json::to_value(role).unwrap();
        let somebody = holder(&[named.as_str().unwrap()]);
        let may = |resource| word(check(&policies, &somebody, "offboard", resource)) == "allowed";
        let acme = || Resource::new("Aios::Tenant", "acme");
        assert_eq!((may(acme()), may(acme().tenant("acme"))), (role == BuiltInRole::PlatformOperator, false));
    }
}

#[test]
fn domains_meet_only_where_a_policy_says_so() {
    let agents = r#"@id("ledger-reads-orders") permit (principal in Aios::Group::"corp/ledger",
        action == Aios::Action::"read", resource == Aios::Data::"x") when { resource has domain };"#;
    let files = [("tenants/acme/entities/all.json", ENTITIES), ("all.cedar", agents)];
    let source = Source { roles: vec![BuiltInRole::Member], ..source(&files) };
    let policies = desk(&source);
    let member = holder(&["member"]);
    for (action, said) in [("read", "allowed"), ("list", "policy.denied"), ("write", "policy.denied")] {
        assert_eq!(word(check(&policies, &member, action, thing("Data", "sales"))), said, "{action}");
    }
}
