//! Tenants' own policies: whom they bind, what they permit, and what they never lift.

use std::sync::Arc;

use super::{admit, check, check_request, data, desk, facts, source, user, word};
use crate::model::{Facts, Principal, Request, Resource};
use crate::policy::Kept;
use crate::policy::case::Case;
use crate::policy::standpoint::Standpoint;
use crate::policy::{Delegable, Desk, Policies, Source};

pub(super) const READ: &str = r#"action == Aios::Action::"read""#;

pub(super) fn delegating(actions: &[&str], resources: &[&str], files: &[(&str, &str)]) -> Source {
    let texts = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    let delegable = Delegable { actions: texts(actions), resources: texts(resources) };
    Source { delegable, shared: vec!["Aios::Tool".to_owned()], ..source(files) }
}

pub(super) fn layered(files: &[(&str, &str)]) -> Desk {
    desk(&delegating(&["read", "write"], &["Aios::Data", "Aios::Tool"], files))
}

pub(super) fn of(tenant: &str) -> Principal {
    Principal::new(Facts { tenant_id: Some(tenant.parse().unwrap()), ..facts() })
}

/// What policies decided, or the code of the refusal with them.
pub(super) fn said(desk: &Desk, principal: &Principal, action: &str, resource: Resource) -> String {
    match check(desk, principal, action, resource) {
        Ok(verdict) => verdict.policies.join(" "),
        Err(refusal) => {
            format!("{} {}", refusal.code(), refusal.detail().policies.join(" ")).trim_end().to_owned()
        }
    }
}

#[test]
fn a_layer_holds_for_its_own_tenant_only() {
    let permit = format!(r#"@id("ours") permit(principal, {READ}, resource is Aios::Data);"#);
    let files = [("tenants/acme/a.cedar", permit.as_str())];
    let desk = layered(&files);
    assert_eq!(said(&desk, &user(&[]), "read", data("x")), "tenants/acme:ours");
    assert_eq!(said(&desk, &user(&[]), "write", data("x")), "policy.denied");
    let theirs = Resource::new("Aios::Data", "x").tenant("rival");
    assert_eq!(said(&desk, &of("rival"), "read", theirs), "policy.denied");
}

#[test]
fn a_layers_forbid_binds_its_tenant_in_everything_and_nobody_else() {
    let desk = layered(&[
        ("a.cedar", r#"@id("all") permit(principal, action, resource);"#),
        ("tenants/acme/a.cedar", r#"@id("stop") forbid(principal, action, resource);"#),
    ]);
    // Not delegated, and forbidden all the same.
    for action in ["read", "invoke"] {
        let tool = Resource::new("Aios::Tool", "hammer").tenant("acme");
        assert_eq!(said(&desk, &user(&[]), action, tool), "policy.denied tenants/acme:stop", "{action}");
    }
    let theirs = Resource::new("Aios::Data", "x").tenant("rival");
    assert_eq!(said(&desk, &of("rival"), "read", theirs), "all");
}

#[test]
fn no_layer_lifts_a_forbid_of_the_platforms() {
    let permit = format!(r#"@id("ours") permit(principal, {READ}, resource == Aios::Data::"x");"#);
    let desk = layered(&[
        ("a.cedar", r#"@id("never") forbid(principal, action, resource == Aios::Data::"x");"#),
        ("tenants/acme/a.cedar", &permit),
    ]);
    assert_eq!(said(&desk, &user(&[]), "read", data("x")), "policy.denied never");
}

#[test]
fn both_permits_and_both_forbids_are_named() {
    let ours = |effect: &str| format!(r#"@id("p") {effect}(principal, {READ}, resource is Aios::Data);"#);
    for (effect, expected) in [("permit", "p tenants/acme:p"), ("forbid", "policy.denied p tenants/acme:p")] {
        let desk = layered(&[("a.cedar", &ours(effect)), ("tenants/acme/a.cedar", &ours(effect))]);
        assert_eq!(said(&desk, &user(&[]), "read", data("x")), expected);
    }
}

#[test]
fn an_actor_needs_the_layers_permit_as_well() {
    let permit = format!("permit(principal is Aios::User, {READ}, resource is Aios::Data);");
    let desk = layered(&[("tenants/acme/a.cedar", &permit)]);
    assert_eq!(said(&desk, &user(&[]), "read", data("x")), "tenants/acme:a.cedar#1");
    assert_eq!(said(&desk, &super::with_actor(&[], "bot"), "read", data("x")), "policy.denied");
}

#[test]
fn an_error_in_a_layer_refuses_its_tenant_only() {
    let fails = r#"@id("sum") forbid(principal, action, resource)
        when { principal has auth_time && principal.auth_time + 9223372036854775807 > 0 };"#;
    let all = r#"@id("all") permit(principal, action, resource);"#;
    let desk = layered(&[("a.cedar", all), ("tenants/acme/a.cedar", fails)]);
    let refusal = check(&desk, &user(&[]), "read", data("x")).unwrap_err();
    assert_eq!(refusal.code().to_string(), "policy.error");
    assert_eq!(refusal.detail().errors[0].policy, "tenants/acme:sum");
    let theirs = Resource::new("Aios::Data", "x").tenant("rival");
    assert_eq!(said(&desk, &of("rival"), "read", theirs), "all");
}

#[test]
fn a_layer_that_looks_at_groups_refuses_where_groups_are_missing() {
    let looks =
        r#"@id("g") forbid(principal in Aios::Group::"corp/g", action == Aios::Action::"read", resource);"#;
    let all = r#"@id("all") permit(principal, action, resource);"#;
    let desk = layered(&[("a.cedar", all), ("tenants/acme/a.cedar", looks)]);
    let missing = |tenant: &str| {
        let tenant = Some(tenant.parse().unwrap());
        Principal::new(Facts { groups_complete: false, tenant_id: tenant, ..facts() })
    };
    let refusal = check(&desk, &missing("acme"), "read", data("x")).unwrap_err();
    assert_eq!(refusal.detail().errors[0].policy, "tenants/acme:g");
    let theirs = Resource::new("Aios::Data", "x").tenant("rival");
    assert_eq!(said(&desk, &missing("rival"), "read", theirs), "all");
}

#[test]
fn a_decision_asks_again_whether_a_layers_permit_is_delegated() {
    let permit = format!("permit(principal, {READ}, resource is Aios::Data);");
    let files = [("tenants/acme/a.cedar", permit.as_str())];
    let source = delegating(&["read"], &["Aios::Data"], &files);
    let narrower = |actions: &[&str], resources: &[&str]| {
        let mut policies = Policies::load(&source).unwrap();
        policies.tenants.bounds =
            Policies::load(&delegating(actions, resources, &[])).unwrap().tenants.bounds;
        Desk::new(policies.into())
    };
    for (actions, resources, expected) in [
        (["read"], ["Aios::Data"], "allowed"),
        (["write"], ["Aios::Data"], "policy.denied"),
        (["read"], ["Aios::Tool"], "policy.denied"),
    ] {
        let desk = narrower(&actions, &resources);
        assert_eq!(word(check(&desk, &user(&[]), "read", data("x"))), expected, "{actions:?} {resources:?}");
    }
}

#[test]
fn a_layer_sees_its_tenants_entities_and_no_others() {
    let entities = |parent: &str| {
        format!(
            r#"[{{"uid": {{"type": "Aios::Data", "id": "x"}}, "attrs": {{}}, "parents": [{{"type": "Aios::Data", "id": "{parent}"}}]}}]"#
        )
    };
    let permit = format!(r#"permit(principal, {READ}, resource is Aios::Data in Aios::Data::"open");"#);
    let (open, closed) = (entities("open"), entities("closed"));
    let desk = layered(&[
        ("tenants/acme/a.cedar", &permit),
        ("tenants/rival/a.cedar", &permit),
        ("tenants/acme/entities/a.json", &open),
        ("tenants/rival/entities/a.json", &closed),
    ]);
    for (tenant, expected) in [("acme", "allowed"), ("rival", "policy.denied")] {
        let principal = of(tenant);
        let request = Request::new(&principal, "read", Resource::new("Aios::Data", "x"));
        assert_eq!(word(check_request(&desk, &principal, &request)), expected, "{tenant}");
    }
}

#[test]
fn the_report_counts_what_tenants_have_of_their_own() {
    let stop = "forbid(principal, action == Aios::Action::\"read\", resource);\n";
    let desk =
        layered(&[("tenants/b/a.cedar", &stop.repeat(101)), ("tenants/a/a.cedar", stop), ("a.cedar", stop)]);
    let report = desk.policies().report();
    let tenants: Vec<_> = report.tenants.iter().map(|of| (of.tenant.as_str(), of.policies)).collect();
    assert_eq!((report.policies, tenants), (1, vec![("a", 1), ("b", 101)]));
    assert!(matches!(report.warnings.as_slice(), [one] if one.starts_with("tenants/b: 101 policies")));
}

#[test]
fn what_is_remembered_of_the_platforms_policies_serves_all_tenants() {
    let permit = format!("permit(principal, {READ}, resource is Aios::Data);");
    let stop = r#"forbid(principal, action, resource == Aios::Data::"x");"#;
    let desk = layered(&[("a.cedar", stop), ("b.cedar", READS_ALL), ("tenants/acme/a.cedar", &permit)]);
    let chosen = ["acme", "rival"].map(|tenant| {
        let principal = of(tenant);
        let request = Request::new(&principal, "read", Resource::new("Aios::Data", "y").tenant(tenant));
        let admitted = admit(&desk, &principal, &request);
        let kept = Kept::default();
        let at = Standpoint::within(desk.policies(), &admitted, (&kept).into());
        let case = Case::new(desk.policies(), &admitted, at).unwrap();
        desk.choose(&case, &case.askers[0], desk.own.get(admitted.tenant())).unwrap()
    });
    let [acme, rival] = &chosen;
    assert!(Arc::ptr_eq(&acme.platform, &rival.platform));
    assert!(acme.own.is_some() && rival.own.is_none());
}

const READS_ALL: &str = r#"permit(principal, action == Aios::Action::"read", resource);"#;
