//! What the guard admits and what it refuses.

mod crossing;

use serde_json::{Value, json};

use super::{Border, Crossings, Error, guard};
use crate::model::principal::Binding;
use crate::model::{
    EntityRef, Facts, Kind, Ownership, Principal, Realm, Refusal, Request, Resource, TenantId, Timestamp,
};

pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_000);

pub(super) fn principal(tenant: Option<&str>) -> Principal {
    Principal::new(Facts {
        realm: Realm([0; 16]),
        issuer: "corp".parse().unwrap(),
        tenant_id: tenant.map(|tenant| tenant.parse().unwrap()),
        subject: "42".to_owned(),
        kind: Kind::User,
        client_id: None,
        roles: Vec::new(),
        scopes: Vec::new(),
        permissions: Vec::new(),
        groups: Vec::new(),
        groups_complete: true,
        session_id: None,
        token_id: None,
        actors: Vec::new(),
        auth_time: None,
        acr: None,
        amr: Vec::new(),
        expires_at: Timestamp::from_seconds(0),
        accepted_until: Timestamp::from_seconds(0),
        issued_at: None,
        binding: Binding::None,
        attributes: serde_json::Map::new(),
    })
}

/// Ids that begin with `own`, `shared` or `foreign` are known as that.
fn whose(_: &TenantId, entity: &EntityRef) -> Ownership {
    match entity.id.split('-').next() {
        Some("own") => Ownership::Own,
        Some("shared") => Ownership::Shared,
        Some("foreign") => Ownership::Foreign,
        _ => Ownership::Unknown,
    }
}

fn admit(principal: Principal, request: &Request) -> Result<Option<String>, Error> {
    let border =
        Border { whose: &whose, shared: &|kind| kind == "Model", crossings: &Crossings::default(), now: NOW };
    let admitted = guard(principal, request, &border)?;
    assert_eq!(admitted.tenant().as_str(), "acme");
    Ok(admitted.resource_tenant().map(ToString::to_string))
}

#[test]
fn a_resource_belongs_to_whom_the_store_says_else_to_whom_the_request_says() {
    let mine = || Ok(Some("acme".to_owned()));
    let mismatch = || Err(Error::Mismatch("resource.tenant"));
    for (kind, id, tenant, expected) in [
        ("Data", "own-1", None, mine()),
        ("Data", "own-1", Some("acme"), mine()),
        ("Data", "own-1", Some("rival"), mismatch()),
        ("Data", "shared-1", None, Ok(None)),
        ("Data", "shared-1", Some("acme"), Ok(None)),
        ("Data", "shared-1", Some("rival"), mismatch()),
        ("Data", "foreign-1", None, Err(Error::Mismatch("resource"))),
        ("Data", "foreign-1", Some("acme"), Err(Error::Mismatch("resource"))),
        ("Data", "foreign-1", Some("rival"), mismatch()),
        ("Model", "foreign-1", None, Err(Error::Mismatch("resource"))),
        ("Data", "x", Some("acme"), mine()),
        ("Data", "x", Some("rival"), mismatch()),
        ("Data", "x", Some("ACME"), mismatch()),
        ("Data", "x", Some("acme "), mismatch()),
        ("Data", "x", Some(""), mismatch()),
        ("Data", "x", Some("\u{430}cme"), mismatch()),
        ("Data", "x", None, Err(Error::Missing("resource.tenant"))),
        ("Model", "x", None, Ok(None)),
        ("Model", "x", Some("acme"), mine()),
        ("Model", "x", Some("rival"), mismatch()),
    ] {
        let caller = principal(Some("acme"));
        let resource = Resource { tenant: tenant.map(str::to_owned), ..Resource::new(kind, id) };
        let request = Request::new(&caller, "read", resource);
        assert_eq!(admit(caller, &request), expected, "{kind} {id} {tenant:?}");
    }
}

#[test]
fn a_principal_without_tenant_is_refused() {
    let caller = principal(None);
    for resource in [Resource::new("Model", "x"), Resource::new("Data", "x").tenant("acme")] {
        let request = Request::new(&caller, "read", resource);
        assert_eq!(admit(caller.clone(), &request), Err(Error::Missing("principal")));
    }
}

#[test]
fn parents_and_references_of_another_tenant_are_refused() {
    let caller = principal(Some("acme"));
    let entity = |id: &str| json!({"__entity": {"type": "Data", "id": id}});
    let wrap = |value: Value| json!({"a": [1, {"b": value}]});
    for (id, fits) in [("own-1", true), ("shared-1", true), ("x", true), ("foreign-1", false)] {
        let request = || Request::new(&caller, "read", Resource::new("Data", "own-1"));
        let with = |resource: Resource| Request { resource, ..request() };
        let top = Request { context: entity(id).as_object().cloned().unwrap(), ..request() };
        for (place, request) in [
            ("resource.parents", with(Resource::new("Data", "own-1").parent("Data", id))),
            ("resource.attrs", with(Resource::new("Data", "own-1").attr("a", entity(id)))),
            ("resource.attrs", with(Resource::new("Data", "own-1").attr("a", wrap(entity(id))))),
            ("context", request().context("a", wrap(entity(id)))),
            ("context", top),
            ("input", request().input("a", wrap(entity(id)))),
            ("input", request().input("a", json!({"__entity": {"type": "Data", "id": id, "x": 1}, "y": 2}))),
        ] {
            let expected = if fits { Ok(()) } else { Err(Error::Mismatch(place)) };
            assert_eq!(admit(caller.clone(), &request).map(|_| ()), expected, "{place} {id}");
        }
    }
}

#[test]
fn what_is_too_deep_to_look_through_is_refused() {
    let caller = principal(Some("acme"));
    let inner = json!({"__entity": {"type": "Data", "id": "foreign-1"}});
    let deep = (0..10_000).fold(inner, |inner, _| Value::Array(vec![inner]));
    let request = Request::new(&caller, "read", Resource::new("Data", "own-1")).input("a", deep);
    assert_eq!(admit(caller, &request), Err(Error::TooLarge("input")));
}

#[test]
fn no_message_names_the_other_tenant() {
    let caller = principal(Some("acme"));
    let request = Request::new(&caller, "read", Resource::new("Data", "x").tenant("rival"));
    let error = admit(caller, &request).unwrap_err();
    let refusal = Refusal::from(error);
    assert_eq!(refusal.code().as_str(), "tenant.mismatch");
    assert!(!format!("{error} {error:?} {refusal}").contains("rival"));
}
