//! A decision across tenants: all three have to permit it, and none may forbid it.

use super::layers::delegating;
use super::{admit_by, facts};
use crate::model::{Actor, Crossing, Facts, Kind, Party, Principal, Refusal, Request, Resource, Timestamp};
use crate::policy::Kept;
use crate::policy::{Desk, Policies, Source, Verdict};
use crate::tenant::Crossings;

const SCHEMA: &str = r#"namespace Aios {
    entity Data in [Data] = { "tenant"?: __cedar::String, "price"?: __cedar::Long, "team"?: Group, "teams"?: Set<Group>,
        "twin"?: Data };
}"#;
pub(super) const ALLOW: &str =
    r#"permit(principal, action == Aios::Action::"read", resource is Aios::Data);"#;

/// Ada of acme may ask to read data of rival's.
pub(super) fn crossing() -> Crossing {
    let party = |kind, id: &str| Party { kind, issuer: "corp".parse().unwrap(), id: id.to_owned() };
    Crossing {
        name: "review".to_owned(),
        from: "acme".parse().unwrap(),
        to: "rival".parse().unwrap(),
        principals: vec![party(Kind::User, "42"), party(Kind::Agent, "bot")],
        resource_types: vec!["Aios::Data".to_owned()],
        actions: vec!["read".to_owned()],
        expires: Timestamp::from_seconds(2_000),
    }
}

pub(super) fn ada() -> Facts {
    Facts { roles: vec!["analyst".to_owned()], groups: vec!["staff".to_owned()], ..facts() }
}

/// A desk of both tenants' layers and the platform's policies, and files of entities.
pub(super) fn layered(texts: [&str; 3], files: &[(&str, &str)]) -> Desk {
    try_layered(texts, files).expect("loads")
}

pub(super) fn try_layered(texts: [&str; 3], files: &[(&str, &str)]) -> Option<Desk> {
    let [platform, home, owner] = texts;
    let mut all = vec![("schema.cedarschema", SCHEMA)];
    let layers = [("a.cedar", platform), ("tenants/acme/a.cedar", home), ("tenants/rival/a.cedar", owner)];
    all.extend(layers.into_iter().filter(|(_, text)| !text.is_empty()));
    all.extend_from_slice(files);
    let source = Source { crossings: vec![crossing()], ..delegating(&["read"], &["Aios::Data"], &all) };
    Policies::load(&source).ok().map(|policies| Desk::new(policies.into()))
}

pub(super) fn ask(desk: &Desk, facts: Facts, resource: Resource) -> Result<Verdict, Refusal> {
    let principal = Principal::new(facts);
    let request = Request::new(&principal, "read", resource);
    let crossings = Crossings::new(vec![crossing()]);
    let admitted = admit_by((desk, &Kept::default()), &principal, &request, &crossings)?;
    assert!(admitted.crossing().is_some());
    Ok(desk.decide(&admitted, &Kept::default())?)
}

pub(super) fn theirs(id: &str) -> Resource {
    Resource::new("Aios::Data", id).tenant("rival")
}

pub(super) fn word(answer: Result<Verdict, Refusal>) -> String {
    super::word(answer)
}

#[test]
fn a_call_across_needs_three_permits_and_no_forbid() {
    let text = |word: &str| match word {
        "permits" => ALLOW.to_owned(),
        "forbids" => format!("{ALLOW} forbid(principal, action, resource);"),
        "fails" => format!("{ALLOW} forbid(principal, action, resource) when {{ context.x }};")
            .replace("context.x", "principal has auth_time && principal.auth_time + 9223372036854775807 > 0"),
        "silent" => r#"forbid(principal, action, resource == Aios::Data::"y");"#.to_owned(),
        _ => String::new(),
    };
    let words = ["permits", "forbids", "fails", "silent", "absent"];
    for platform in words {
        for home in words {
            for owner in words {
                let desk = layered([platform, home, owner].map(text).each_ref().map(String::as_str), &[]);
                let all = [platform, home, owner];
                let expected = match all {
                    _ if all.contains(&"fails") => "policy.error",
                    _ if all.iter().all(|word| *word == "permits") => "allowed",
                    _ => "policy.denied",
                };
                assert_eq!(word(ask(&desk, ada(), theirs("x"))), expected, "{all:?}");
            }
        }
    }
}

#[test]
fn each_side_hears_of_its_own_policies_and_the_platforms() {
    let named = |id: &str| format!("@id(\"{id}\") {ALLOW}");
    let desk = layered([&named("p"), &named("h"), &named("o")].map(String::as_str), &[]);
    let verdict = ask(&desk, ada(), theirs("x")).unwrap();
    assert_eq!(verdict.policies, ["p", "tenants/acme:h"]);
    assert_eq!(verdict.owners, ["p", "tenants/rival:o"]);
    let never = "@id(\"never\") forbid(principal, action, resource);";
    let stopped = |texts: [&str; 3]| {
        ask(&layered(texts, &[]), ada(), theirs("x")).unwrap_err().detail().policies.clone()
    };
    assert_eq!(stopped([ALLOW, ALLOW, never]), Vec::<String>::new());
    assert_eq!(stopped([ALLOW, never, ALLOW]), ["tenants/acme:never"]);
    assert_eq!(stopped([never, never, never]), ["never", "tenants/acme:never"]);
    let fails = "@id(\"sum\") forbid(principal, action, resource)
        when { principal has auth_time && principal.auth_time + 9223372036854775807 > 0 };";
    let refusal = ask(&layered([ALLOW, ALLOW, fails], &[]), ada(), theirs("x")).unwrap_err();
    let [fault] = refusal.detail().errors.as_slice() else { panic!("{refusal:?}") };
    assert!(fault.policy.is_empty() && !format!("{refusal:?}").contains("rival"), "{refusal:?}");
}

#[test]
fn a_strangers_roles_and_groups_count_against_it_and_never_for_it() {
    for scope in [r#"Aios::Role::"analyst""#, r#"Aios::Group::"corp/staff""#] {
        let of = |effect: &str| {
            format!(
                r#"{effect}(principal in {scope}, action == Aios::Action::"read", resource is Aios::Data);"#
            )
        };
        let (permit, forbid) = (of("permit"), of("forbid"));
        // Its own tenant and the platform know what they mean.
        assert_eq!(word(ask(&layered([&permit, &permit, ALLOW], &[]), ada(), theirs("x"))), "allowed");
        assert_eq!(word(ask(&layered([ALLOW, ALLOW, &permit], &[]), ada(), theirs("x"))), "policy.denied");
        let both = format!("{ALLOW} {forbid}");
        assert_eq!(word(ask(&layered([ALLOW, ALLOW, &both], &[]), ada(), theirs("x"))), "policy.denied");
        assert_eq!(word(ask(&layered([ALLOW, ALLOW, &both], &[]), facts(), theirs("x"))), "allowed");
    }
    let by_tenant = ALLOW.replace(
        ';',
        r#" when { principal.tenant == "acme" && resource has tenant && resource.tenant == "rival" };"#,
    );
    assert_eq!(word(ask(&layered([&by_tenant; 3], &[]), ada(), theirs("x"))), "allowed");
}

#[test]
fn whoever_acts_for_the_subject_needs_all_three_as_well() {
    let actor = Actor { kind: Kind::Agent, issuer: "corp".parse().unwrap(), id: "bot".to_owned() };
    let by_bot = || Facts { actors: vec![actor.clone()], ..ada() };
    let user = ALLOW.replace("principal,", "principal is Aios::User,");
    for texts in [[&user, ALLOW, ALLOW], [ALLOW, &user, ALLOW], [ALLOW, ALLOW, &user]] {
        assert_eq!(word(ask(&layered(texts, &[]), ada(), theirs("x"))), "allowed");
        assert_eq!(word(ask(&layered(texts, &[]), by_bot(), theirs("x"))), "policy.denied");
    }
    assert_eq!(word(ask(&layered([ALLOW; 3], &[]), by_bot(), theirs("x"))), "allowed");
}

#[test]
fn missing_groups_refuse_where_any_of_the_three_looks_at_groups() {
    let looks = format!(
        r#"{ALLOW} @id("g") forbid(principal in Aios::Group::"corp/g", action == Aios::Action::"read", resource);"#
    );
    let missing = || Facts { groups_complete: false, ..ada() };
    for (texts, policy) in [
        ([&looks, ALLOW, ALLOW], "g"),
        ([ALLOW, &looks, ALLOW], "tenants/acme:g"),
        ([ALLOW, ALLOW, &looks], ""),
    ] {
        let refusal = ask(&layered(texts, &[]), missing(), theirs("x")).unwrap_err();
        assert_eq!(refusal.code().to_string(), "policy.groups_incomplete");
        assert_eq!(refusal.detail().errors[0].policy, policy);
    }
}
