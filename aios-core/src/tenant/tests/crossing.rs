//! What a grant across tenants lifts, and what it leaves as it was.

use serde_json::{Value, json};

use super::{NOW, principal};
use crate::model::{
    Actor, Crossing, EntityRef, Kind, Ownership, Party, Principal, Refusal, Request, Resource, TenantId,
};
use crate::tenant::{Border, Crossings, Error, guard};

fn party(kind: Kind, issuer: &str, id: &str) -> Party {
    Party { kind, issuer: issuer.parse().unwrap(), id: id.to_owned() }
}

/// `42` of acme, also where the bot acts for it, may read rival's data.
fn crossing() -> Crossing {
    Crossing {
        name: "review".to_owned(),
        from: "acme".parse().unwrap(),
        to: "rival".parse().unwrap(),
        principals: vec![party(Kind::User, "corp", "42"), party(Kind::Agent, "corp", "bot")],
        resource_types: vec!["Data".to_owned(), "Prompt".to_owned()],
        actions: vec!["read".to_owned(), "Action::\"read\"".to_owned()],
        expires: NOW.plus_seconds(1),
    }
}

/// Ids say whose they are: `a-`cme's, `r-`ival's, a `t-`hird's, `s-`hared; `ar-` both tenants', `sr-` shared and rival's.
fn whose(tenant: &TenantId, entity: &EntityRef) -> Ownership {
    let known = entity.id.split_once('-').map_or("", |(known, _)| known);
    let own = if tenant.as_str() == "acme" { 'a' } else { 'r' };
    match known {
        "" => Ownership::Unknown,
        known if known.contains(own) => Ownership::Own,
        known if known.contains('s') => Ownership::Shared,
        _ => Ownership::Foreign,
    }
}

fn admit(principal: &Principal, request: &Request, crossing: Crossing) -> Result<(), Error> {
    let crossings = Crossings::new(vec![crossing]);
    let border = Border { whose: &whose, shared: &|kind| kind == "Model", crossings: &crossings, now: NOW };
    let admitted = guard(principal.clone(), request, &border)?;
    let theirs = admitted.resource_tenant().is_some_and(|tenant| tenant.as_str() == "rival");
    assert_eq!(theirs, admitted.crossing().is_some());
    assert_eq!(admitted.tenant().as_str(), "acme");
    Ok(())
}

fn by(kind: Kind, id: &str) -> Principal {
    let mut facts = principal(Some("acme")).view().clone();
    facts.actors = vec![Actor { kind, issuer: "corp".parse().unwrap(), id: id.to_owned() }];
    Principal::new(facts)
}

#[test]
fn a_grant_lifts_the_guard_for_exactly_what_it_says() {
    let ada = principal(Some("acme"));
    let with = |change: &dyn Fn(&mut Crossing)| {
        let mut crossing = crossing();
        change(&mut crossing);
        crossing
    };
    let read = || Request::new(&ada, "read", Resource::new("Data", "x").tenant("rival"));
    let of = |resource: Resource| Request { resource, ..read() };
    let doing = |action: &str| Request { action: action.to_owned(), ..read() };
    let same = || with(&|_| ());
    let no = || Err(Error::Mismatch("resource.tenant"));
    for (request, crossing, expected) in [
        (read(), same(), Ok(())),
        (doing("Action::\"read\""), same(), Ok(())),
        (doing("write"), same(), no()),
        (doing("Read"), same(), no()),
        (of(Resource::new("Prompt", "x").tenant("rival")), same(), Ok(())),
        (of(Resource::new("Memory", "x").tenant("rival")), same(), no()),
        (of(Resource::new("Data", "x").tenant("third")), same(), no()),
        (of(Resource::new("Data", "x").tenant("RIVAL")), same(), no()),
        (of(Resource::new("Data", "x").tenant("rival ")), same(), no()),
        (of(Resource::new("Data", "x").tenant("")), same(), no()),
        (of(Resource::new("Data", "x")), same(), Err(Error::Missing("resource.tenant"))),
        (of(Resource::new("Data", "r-1")), same(), Err(Error::Mismatch("resource"))),
        (read(), with(&|crossing| crossing.from = "third".parse().unwrap()), no()),
        (read(), with(&|crossing| crossing.to = "third".parse().unwrap()), no()),
        (read(), with(&|crossing| std::mem::swap(&mut crossing.from, &mut crossing.to)), no()),
        (read(), with(&|crossing| crossing.principals.clear()), no()),
        (read(), with(&|crossing| crossing.principals = vec![party(Kind::Agent, "corp", "42")]), no()),
        (read(), with(&|crossing| crossing.principals = vec![party(Kind::User, "other", "42")]), no()),
        (read(), with(&|crossing| crossing.principals = vec![party(Kind::User, "corp", "4")]), no()),
        (read(), with(&|crossing| crossing.expires = NOW), Err(Error::Ended("resource.tenant"))),
        (doing("write"), with(&|crossing| crossing.expires = NOW), no()),
    ] {
        assert_eq!(admit(&ada, &request, crossing.clone()), expected, "{request:?} {crossing:?}");
    }
    let own = Request { resource: Resource::new("Data", "a-1").tenant("acme"), ..read() };
    assert_eq!(admit(&ada, &own, same()), Ok(()));
}

#[test]
fn whoever_acts_for_the_subject_must_be_named_too() {
    let ask = |principal: &Principal| {
        let request = Request::new(principal, "read", Resource::new("Data", "x").tenant("rival"));
        admit(principal, &request, crossing())
    };
    assert_eq!(ask(&by(Kind::Agent, "bot")), Ok(()));
    for actor in [by(Kind::Agent, "other"), by(Kind::App, "bot"), by(Kind::User, "bot")] {
        assert_eq!(ask(&actor), Err(Error::Mismatch("resource.tenant")));
    }
    let mut facts = principal(Some("acme")).view().clone();
    facts.subject = "43".to_owned();
    facts.actors = by(Kind::Agent, "bot").view().actors.clone();
    assert_eq!(ask(&Principal::new(facts)), Err(Error::Mismatch("resource.tenant")));
}

#[test]
fn a_resource_is_the_other_tenants_and_nobody_elses() {
    let ada = principal(Some("acme"));
    for (id, fits) in [
        ("x", true),
        ("r-1", true),
        ("a-1", false),
        ("ar-1", false),
        ("t-1", false),
        ("s-1", false),
        ("sr-1", false),
    ] {
        let request = Request::new(&ada, "read", Resource::new("Data", id).tenant("rival"));
        let expected = if fits { Ok(()) } else { Err(Error::Mismatch("resource")) };
        assert_eq!(admit(&ada, &request, crossing()), expected, "{id}");
    }
}

#[test]
fn a_request_names_what_is_one_thing_for_both() {
    let ada = principal(Some("acme"));
    let entity = |id: &str| json!({"__entity": {"type": "Data", "id": id}});
    let wrap = |value: Value| json!({"a": [1, {"b": value}]});
    for (id, as_parent, elsewhere) in [
        ("x", true, true),
        ("s-1", true, true),
        ("r-1", true, true),
        ("a-1", false, true),
        ("ar-1", false, false),
        ("sr-1", false, false),
        ("t-1", false, false),
    ] {
        let read = || Request::new(&ada, "read", Resource::new("Data", "new").tenant("rival"));
        let with = |resource: Resource| Request { resource, ..read() };
        let resource = || Resource::new("Data", "new").tenant("rival");
        for (place, request, fits) in [
            ("resource.parents", with(resource().parent("Data", id)), as_parent),
            ("resource.attrs", with(resource().attr("a", wrap(entity(id)))), elsewhere),
            ("context", read().context("a", entity(id)), elsewhere),
            ("input", read().input("a", wrap(entity(id))), elsewhere),
        ] {
            let expected = if fits { Ok(()) } else { Err(Error::Mismatch(place)) };
            assert_eq!(admit(&ada, &request, crossing()), expected, "{place} {id}");
        }
    }
}

#[test]
fn that_a_grant_ended_is_said_without_naming_a_tenant() {
    let refusal = Refusal::from(Error::Ended("resource.tenant"));
    assert_eq!(refusal.code().as_str(), "tenant.mismatch");
    assert_eq!(refusal.detail().at.as_deref(), Some("resource.tenant"));
    assert!(format!("{refusal:?}").contains("has ended"));
}
