//! Who may keep entities, what the record says, and how soon decisions see them.

use aios_core::engine::entities::Change;
use aios_core::{Code, Outcome, Request, Resource};
use serde_json::{Value, json};

use super::{SQLITE, Site, code, delete, entity, put, uid, university};
use crate::bodies::bodies;
use crate::hostile::awaiting::block_on;

#[test]
fn who_stands_where_is_kept_and_decides_in_every_store() {
    for store in ["memory:", SQLITE] {
        let site = Site::new();
        let aios = site.open(store);
        assert_eq!(site.answer(&aios), "policy.denied");
        assert_eq!(aios.entities().change(site.keeper(), &university()).unwrap(), 1);
        let decision = aios.check(&site.asks()).unwrap();
        assert_eq!((decision.allowed, decision.entities_version), (true, 1));
        assert!(aios.check_now(&site.asks()).unwrap().allowed);
        let permit = block_on(aios.authorize_async(&site.asks())).unwrap();
        permit.complete(&Outcome::ok()).unwrap();
        // Nothing needs to say the tenant of what is kept, and nobody else's caller reaches it.
        let kept = || Resource::new("Acme::Doc", "plan");
        assert!(aios.check(&Request::new(site.world.ada(&json!({})), "open", kept())).unwrap().allowed);
        let other = site.world.ada(&json!({"tid": "t-globex"}));
        let answer = aios.check(&Request::new(other, "open", kept())).unwrap();
        assert_eq!((answer.code, answer.entities_version), (Some(Code::TenantMissing), 0));
        assert_eq!(aios.entities().delete(site.keeper(), uid("Aios::Group::corp/lab"), None).unwrap(), 2);
        assert_eq!(site.answer(&aios), "policy.denied");
        assert!(aios.verify(None).unwrap().ok);
    }
}

#[test]
fn what_is_kept_outlives_the_engine_and_is_shown_as_it_was_put() {
    let site = Site::new();
    let aios = site.open(SQLITE);
    let mut plan = entity("Acme::Doc::plan", &["Acme::Folder::lab"]);
    plan.attrs.insert("level".into(), 3.into());
    aios.entities().put(site.keeper(), plan.clone(), Some(0)).unwrap();
    aios.close().unwrap();
    let aios = site.open(SQLITE);
    let found = aios.entities().get(site.keeper(), &uid("Acme::Doc::plan")).unwrap();
    assert_eq!((found.entity, found.version), (plan, 1));
    assert_eq!(code(aios.entities().get(site.keeper(), &uid("Acme::Doc::x"))), Code::EntitiesNotFound);
}

#[test]
fn versions_keep_writers_from_writing_over_what_they_have_not_seen() {
    let site = Site::new();
    let aios = site.open("memory:");
    let write = |expect| aios.entities().put(site.keeper(), entity("Acme::Folder::a", &[]), expect);
    assert_eq!(code(write(Some(1))), Code::EntitiesConflict);
    assert_eq!(write(Some(0)).unwrap(), 1);
    assert_eq!(code(write(Some(0))), Code::EntitiesConflict);
    assert_eq!(aios.entities().put(site.keeper(), entity("Acme::Folder::b", &[]), None).unwrap(), 2);
    // Its own version counts, not that of all.
    assert_eq!(code(write(Some(2))), Code::EntitiesConflict);
    assert_eq!(write(Some(1)).unwrap(), 3);
    let away = |expect| aios.entities().delete(site.keeper(), uid("Acme::Folder::a"), expect);
    assert_eq!(code(away(Some(1))), Code::EntitiesConflict);
    assert_eq!(away(Some(3)).unwrap(), 4);
    assert_eq!(code(away(None)), Code::EntitiesNotFound);
    assert_eq!(write(Some(0)).unwrap(), 5);
}

#[test]
fn many_changes_are_made_together_or_not_at_all() {
    let site = Site::new();
    let aios = site.open(SQLITE);
    let change = |changes: &[Change]| aios.entities().change(site.keeper(), changes);
    change(&university()).unwrap();
    let cycle = [put("Acme::Folder::x", &["Acme::Folder::y"]), put("Acme::Folder::y", &["Acme::Folder::x"])];
    let refused = change(&cycle).unwrap_err();
    assert_eq!(
        (refused.code(), refused.detail().at.as_deref()),
        (Code::PolicyInput, Some("changes[0].entity.parents"))
    );
    let half = [put("Acme::Folder::x", &[]), delete("Acme::Folder::nothing")];
    let refused = change(&half).unwrap_err();
    assert_eq!(
        (refused.code(), refused.detail().at.as_deref()),
        (Code::EntitiesNotFound, Some("changes[1]"))
    );
    for wrong in [
        vec![],
        vec![delete("Acme::Doc::plan"), put("Acme::Doc::plan", &[])],
        (0..1001).map(|number| put(&format!("Acme::Folder::{number}"), &[])).collect(),
    ] {
        assert_eq!(code(change(&wrong)), Code::PolicyInput);
    }
    assert_eq!(code(aios.entities().get(site.keeper(), &uid("Acme::Folder::x"))), Code::EntitiesNotFound);
    // A role comes of no group that the store says.
    let role = put("Aios::User::corp/eve", &["Aios::Role::keeper"]);
    assert_eq!(code(change(&[role])), Code::PolicyInput);
    let list = aios.entities().list(site.keeper(), None).unwrap();
    assert_eq!((list.entities.len(), list.next, list.version), (4, None, 1));
}

#[test]
fn a_list_comes_in_pages_that_miss_nothing() {
    let site = Site::new();
    let aios = site.open(SQLITE);
    for half in 0..2 {
        let some: Vec<Change> =
            (0..400).map(|number| put(&format!("Acme::Folder::{half}-{number}"), &[])).collect();
        aios.entities().change(site.keeper(), &some).unwrap();
    }
    aios.entities().delete(site.keeper(), uid("Acme::Folder::0-7"), None).unwrap();
    let first = aios.entities().list(site.keeper(), None).unwrap();
    // Written between two pages, it comes again.
    aios.entities().put(site.keeper(), entity("Acme::Folder::0-1", &[]), None).unwrap();
    let second = aios.entities().list(site.keeper(), first.next.as_deref()).unwrap();
    assert_eq!((first.version, second.version, &second.next), (3, 4, &None));
    let all: Vec<_> = first.entities.iter().chain(&second.entities).map(|found| &found.entity.uid).collect();
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (800, 799));
    for wrong in ["", "x", "1", "1.%", "99999999999999999999.a"] {
        assert_eq!(code(aios.entities().list(site.keeper(), Some(wrong))), Code::PolicyInput, "{wrong}");
    }
}

#[test]
fn policy_decides_who_administers_what_and_each_operation_is_recorded() {
    let site = Site::new();
    let aios = site.open(SQLITE);
    let filer = || site.world.ada(&json!({"sub": "filer", "roles": ["Filer"]}));
    aios.entities().put(filer(), entity("Acme::Doc::a", &["Acme::Folder::lab"]), None).unwrap();
    let denied = [
        code(aios.entities().put(filer(), entity("Aios::User::corp/eve", &["Aios::Group::corp/lab"]), None)),
        code(aios.entities().change(filer(), &[put("Acme::Doc::b", &[])])),
        code(aios.entities().list(filer(), None)),
        code(aios.entities().get(filer(), &uid("Acme::Doc::a"))),
        code(aios.entities().delete(site.world.ada(&json!({})), uid("Acme::Doc::a"), None)),
    ];
    assert_eq!(denied, [Code::PolicyDenied; 5]);
    aios.authorize(&site.asks()).unwrap_err();
    aios.flush().unwrap();
    let records = bodies(&site.world.path("aios.db"));
    let intent = records.iter().find(|record| record.is("intent")).unwrap();
    assert_eq!(intent.says["entities"]["operation"], "put");
    // By the name of the row: an id may be a person's, and records outlive it.
    let stands = |text: &str| json!({"type": uid(text).kind, "name": aios_core::entities::name(&uid(text))});
    let said = json!([{"put": stands("Acme::Doc::a"), "parents": [stands("Acme::Folder::lab")]}]);
    assert_eq!((&intent.says["entities"]["changes"], &intent.says["entities"]["count"]), (&said, &json!(1)));
    let outcome = records.iter().find(|record| record.is("outcome")).unwrap();
    assert_eq!(outcome.says["outcome"]["data"]["version"], 1);
    let refused: Vec<&Value> = records
        .iter()
        .map(|record| &record.says)
        .filter(|says| says["decision"]["effect"] == "deny")
        .collect();
    assert_eq!(refused.len(), 6);
    // By which state was decided stands there, from the first one on.
    assert!(refused.iter().all(|says| says["entities_version"] == 1), "{refused:?}");
    assert_eq!(intent.says.get("entities_version"), None);
}

#[test]
fn another_engine_sees_a_change_within_the_bound_and_not_before_it_must() {
    let site = Site::new();
    let (here, there) = (site.open(SQLITE), site.open(SQLITE));
    assert_eq!(site.answer(&there), "policy.denied");
    here.entities().change(site.keeper(), &university()).unwrap();
    assert_eq!(site.answer(&here), "allowed");
    assert_eq!(site.answer(&there), "policy.denied");
    site.pass(1001);
    assert_eq!(site.answer(&there), "allowed");
    assert_eq!(site.answer(&here), "allowed");
    // A change of that one is seen at once where it was made, and here by whoever administers.
    there.entities().delete(site.keeper(), uid("Acme::Doc::plan"), None).unwrap();
    assert_eq!(site.answer(&there), "policy.denied");
    assert_eq!(site.answer(&here), "allowed");
    assert_eq!(code(here.entities().get(site.keeper(), &uid("Acme::Doc::plan"))), Code::EntitiesNotFound);
    assert_eq!(site.answer(&here), "policy.denied");
}

#[test]
fn a_bound_of_nothing_reads_before_each_call() {
    let site = Site::new();
    let mut configuration = site.configuration(SQLITE);
    configuration["policy"]["entities_bound_milliseconds"] = json!(0);
    let (here, there) = (site.open(SQLITE), site.build(configuration).build().unwrap());
    here.entities().change(site.keeper(), &university()).unwrap();
    assert_eq!(site.answer(&there), "allowed");
    here.entities().delete(site.keeper(), uid("Acme::Doc::plan"), None).unwrap();
    assert_eq!(site.answer(&there), "policy.denied");
}

#[test]
fn what_no_longer_fits_the_schema_refuses_whoever_reaches_it() {
    let site = Site::new();
    let mut plan = entity("Acme::Doc::plan", &["Acme::Folder::lab"]);
    plan.attrs.insert("level".into(), 3.into());
    let aios = site.open(SQLITE);
    aios.entities().change(site.keeper(), &university()).unwrap();
    aios.entities().put(site.keeper(), plan, None).unwrap();
    assert_eq!(site.answer(&aios), "allowed");
    aios.close().unwrap();
    let schema = super::SCHEMA.replace(r#""level"?: Long"#, r#""level"?: String"#);
    std::fs::write(site.world.path("policies/schema.cedarschema"), schema).unwrap();
    let aios = site.open(SQLITE);
    assert_eq!(site.answer(&aios), "entities.unfit");
    let cellar = Request::new(site.world.ada(&json!({})), "open", Resource::new("Acme::Folder", "cellar"));
    assert!(aios.check(&cellar).unwrap().allowed);
    // Put anew, it fits.
    aios.entities().put(site.keeper(), entity("Acme::Doc::plan", &["Acme::Folder::lab"]), None).unwrap();
    assert_eq!(site.answer(&aios), "allowed");
}
