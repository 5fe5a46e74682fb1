//! What is kept decides, at once here and within the bound elsewhere, and the record says what was done.

use aios_core::engine::entities::NewEntity;
use aios_core::engine::layer::PolicyChanges;
use aios_core::{Code, EntityRef, Outcome};
use serde_json::{Map, json};

use super::{OPENS, STOPS, configuration, globex, open, policy, puts, site, their_answer};
use crate::bodies::bodies;
use crate::entities::{SQLITE, code};
use crate::hostile::awaiting::block_on;

#[test]
fn what_is_kept_decides_in_every_store_and_leaves_others_alone() {
    for store in ["memory:", SQLITE] {
        let site = site();
        let aios = open(&site, store);
        assert_eq!(
            (site.answer(&aios), their_answer(&site, &aios)),
            ("policy.denied".into(), "allowed".into())
        );
        assert_eq!(aios.layer().put(site.keeper(), policy("opens", OPENS), Some(0)).unwrap(), 1);
        let decision = aios.check(&site.asks()).unwrap();
        assert_eq!((decision.allowed, decision.entities_version), (true, 1));
        assert_eq!(decision.policies, ["tenants/acme:opens"]);
        // Written here, it is read already.
        assert!(aios.check_now(&site.asks()).unwrap().allowed);
        let permit = block_on(aios.authorize_async(&site.asks())).unwrap();
        permit.complete(&Outcome::ok()).unwrap();
        assert_eq!(aios.layer().put(site.keeper(), policy("stops", STOPS), Some(1)).unwrap(), 2);
        let decision = aios.check(&site.asks()).unwrap();
        assert_eq!((decision.code, decision.entities_version), (Some(Code::PolicyDenied), 2));
        assert_eq!(
            (decision.policies, their_answer(&site, &aios)),
            (vec!["tenants/acme:stops".into()], "allowed".into())
        );
        assert_eq!(aios.layer().put(globex(&site), policy("stops", STOPS), None).unwrap(), 1);
        assert_eq!(their_answer(&site, &aios), "policy.denied");
        assert_eq!(block_on(aios.layer().remove_async(site.keeper(), "stops", Some(2))).unwrap(), 3);
        assert_eq!(site.answer(&aios), "allowed");
        let found = aios.layer().list(site.keeper()).unwrap();
        assert_eq!((found.policies, found.revision), (vec![policy("opens", OPENS)], 3));
        assert!(aios.verify(None).unwrap().ok);
    }
}

#[test]
fn what_is_kept_outlives_the_engine() {
    let site = site();
    let aios = open(&site, SQLITE);
    aios.layer().put(site.keeper(), policy("opens", OPENS), None).unwrap();
    aios.close().unwrap();
    let aios = open(&site, SQLITE);
    // Nothing is read by who may not wait for it.
    assert_eq!(code(aios.check_now(&site.asks())), Code::WouldWait);
    assert_eq!(site.answer(&aios), "allowed");
    assert!(aios.check_now(&site.asks()).unwrap().allowed);
}

#[test]
fn entities_and_policies_of_a_tenant_are_of_one_state() {
    let site = site();
    let aios = open(&site, SQLITE);
    let doc = |id: &str| NewEntity {
        uid: EntityRef::new("Acme::Doc", id),
        attrs: Map::new(),
        parents: Vec::new(),
        tags: Map::new(),
    };
    aios.entities().put(site.keeper(), doc("plan"), Some(0)).unwrap();
    assert_eq!(aios.layer().put(site.keeper(), policy("opens", OPENS), Some(0)).unwrap(), 2);
    assert_eq!(aios.entities().put(site.keeper(), doc("other"), Some(0)).unwrap(), 3);
    assert_eq!(aios.check(&site.asks()).unwrap().entities_version, 3);
    // Each keeps a revision of its own.
    assert_eq!(aios.layer().list(site.keeper()).unwrap().revision, 2);
    assert_eq!(aios.layer().put(site.keeper(), policy("more", OPENS), Some(2)).unwrap(), 4);
    let list = aios.entities().list(site.keeper(), None).unwrap();
    assert_eq!(list.entities.iter().map(|found| found.version).collect::<Vec<_>>(), [1, 3]);
    drop(aios);
    let aios = open(&site, SQLITE);
    assert_eq!(site.answer(&aios), "allowed");
    assert_eq!(aios.layer().list(site.keeper()).unwrap().policies.len(), 2);
}

#[test]
fn another_engine_sees_a_change_within_the_bound_and_not_before_it_must() {
    let site = site();
    let (here, there) = (open(&site, SQLITE), open(&site, SQLITE));
    assert_eq!(site.answer(&there), "policy.denied");
    here.layer().put(site.keeper(), policy("opens", OPENS), None).unwrap();
    assert_eq!((site.answer(&here), site.answer(&there)), ("allowed".into(), "policy.denied".into()));
    site.pass(1001);
    assert_eq!((site.answer(&here), site.answer(&there)), ("allowed".into(), "allowed".into()));
    there.layer().put(site.keeper(), policy("stops", STOPS), Some(1)).unwrap();
    assert_eq!((site.answer(&here), site.answer(&there)), ("allowed".into(), "policy.denied".into()));
    // Whoever administers sees the store as it is now.
    assert_eq!(code(here.layer().put(site.keeper(), policy("x", OPENS), Some(1))), Code::PolicyConflict);
    assert_eq!(site.answer(&here), "policy.denied");
}

#[test]
fn a_bound_of_nothing_reads_before_each_call() {
    let site = site();
    let mut at_once = configuration(&site, SQLITE);
    at_once["policy"]["entities_bound_milliseconds"] = json!(0);
    let (here, there) = (open(&site, SQLITE), site.build(at_once).build().unwrap());
    here.layer().put(site.keeper(), policy("opens", OPENS), None).unwrap();
    assert_eq!(site.answer(&there), "allowed");
    here.layer()
        .change(site.keeper(), &PolicyChanges { put: vec![], remove: vec!["opens".into()] }, None)
        .unwrap();
    assert_eq!(site.answer(&there), "policy.denied");
}

#[test]
fn each_operation_is_recorded_before_it_is_done_and_with_what_came_of_it() {
    let site = site();
    let aios = open(&site, SQLITE);
    let clerk = || site.world.ada(&json!({"sub": "clerk", "roles": ["Filer"]}));
    let denied = [
        code(aios.layer().put(clerk(), policy("a", OPENS), None)),
        code(aios.layer().remove(clerk(), "a", None)),
        code(aios.layer().change(clerk(), &puts(&[("a", OPENS)]), None)),
        code(aios.layer().list(clerk())),
    ];
    assert_eq!(denied, [Code::PolicyDenied; 4]);
    aios.layer().put(site.keeper(), policy("a", OPENS), None).unwrap();
    assert_eq!(code(aios.layer().put(site.keeper(), policy("b", "forbid ("), None)), Code::PolicyUnfit);
    aios.authorize(&site.asks()).unwrap().complete(&Outcome::ok()).unwrap();
    aios.flush().unwrap();
    let records = bodies(&site.world.path("aios.db"));
    let says = |kind: &str| {
        records.iter().filter(|record| record.is(kind)).map(|record| &record.says).collect::<Vec<_>>()
    };
    let (intents, outcomes) = (says("intent"), says("outcome"));
    assert_eq!(intents[0]["policies"], json!({"operation": "put", "count": 1, "put": ["a"], "remove": []}));
    assert_eq!(outcomes[0]["outcome"]["data"]["revision"], 1);
    assert_eq!(outcomes[1]["outcome"]["data"]["code"], "policy.unfit");
    // By which state was decided stands there.
    assert_eq!((intents[0].get("entities_version"), &intents[2]["entities_version"]), (None, &json!(1)));
    let text = serde_json::to_string(&intents).unwrap();
    assert!(!text.contains("corp/ada\\\""), "a policy's text is nowhere in a record: {text}");
}
