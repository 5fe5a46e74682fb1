//! Revocations that cannot be read: refused, unless the action has a grace, and then each record says so.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aios_core::model::Stopwatch;

use super::*;
use crate::bodies::{Body, bodies};

fn locked() -> Error {
    Error::Busy("locked".into())
}

fn gone() -> Error {
    Error::Unavailable("gone".into())
}

/// The answer of something that needs no second turn.
fn at_once<T>(work: impl Future<Output = T>) -> Option<T> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

#[test]
fn revocations_that_cannot_be_read_refuse() {
    for fault in [locked(), gone(), Error::Corrupt("odd".into())] {
        let expected =
            if matches!(fault, Error::Corrupt(_)) { Code::StoreCorrupt } else { Code::StoreUnavailable };
        let (scene, store) = (Scene::new(), Arc::new(Flaky::default()));
        // A grace is for a store that is out of reach, not for one that is damaged.
        let rules =
            if expected == Code::StoreCorrupt { json!({"grace_seconds": {"read": 60}}) } else { json!({}) };
        let aios = scene.builder("memory:", &rules).revocations(Arc::clone(&store)).build().unwrap();
        let token = scene.token(&json!({}));
        let permit = aios.authorize(&read(token.clone()).call("call-1")).unwrap();
        store.fail(fault.clone());
        // Within the bound nobody asks the store.
        assert!(may_read(&aios, &token));
        permit.still_open().unwrap();
        scene.pass(1001);
        let time = Stopwatch::start();
        let refused = aios.authorize(&read(token.clone())).unwrap_err();
        assert_eq!(
            (refused.code(), refused.detail().at.as_deref()),
            (expected, Some("revocations")),
            "{refused}"
        );
        assert!(time.elapsed() < Duration::from_secs(4));
        assert_eq!(code(aios.authenticate(&token)), expected);
        assert_eq!(code(aios.check(&read(token.clone()))), expected);
        assert_eq!(code(permit.still_open()), expected);
        let now = if fault == locked() { Code::WouldWait } else { expected };
        assert_eq!(code(aios.check_now(&read(token.clone()))), now);
        assert_eq!(at_once(aios.check_async(&read(token.clone()))).is_none(), fault == locked());
        assert_eq!(code(aios.authorize(&read(token.clone()).call("call-1"))), expected);
        store.fail(None);
        assert_eq!(aios.authorize(&read(token).call("call-1")).unwrap().view().id, permit.view().id);
        permit.complete(&Outcome::ok()).unwrap();
    }
}

#[test]
fn a_revocation_that_the_store_did_not_take_is_not_acknowledged() {
    let (scene, store) = (Scene::new(), Arc::new(Flaky::default()));
    let aios = scene
        .builder("sqlite:aios.db", &json!({"strict": []}))
        .revocations(Arc::clone(&store))
        .build()
        .unwrap();
    assert!(may_read(&aios, &scene.token(&json!({}))));
    store.fail(gone());
    assert_eq!(code(aios.revoke(scene.admin(), &session("s-1"))), Code::StoreUnavailable);
    assert!(may_read(&aios, &scene.token(&json!({}))), "it holds, but was not acknowledged");
    aios.flush().unwrap();
    let outcomes = told(&scene, "outcome");
    assert_eq!(
        outcomes[1].says["outcome"],
        json!({"status": "failed", "data": {"code": "store.unavailable"}})
    );
}

#[test]
fn a_grace_is_for_its_action_and_its_time_and_stands_in_the_record() {
    for fault in [locked(), gone()] {
        let (scene, store) = (Scene::new(), Arc::new(Flaky::default()));
        let rules = json!({"grace_seconds": {"read": 20}});
        let aios = scene.builder("sqlite:aios.db", &rules).revocations(Arc::clone(&store)).build().unwrap();
        let (ada, out) = (scene.token(&json!({})), scene.token(&json!({"sid": "s-9", "jti": "t-9"})));
        store.fail(fault.clone());
        assert_eq!(code(aios.authorize(&read(ada.clone()))), Code::StoreUnavailable, "never read");
        store.fail(None);
        aios.revoke(scene.admin(), &session("s-9")).unwrap();
        assert!(may_read(&aios, &ada));
        store.fail(fault);
        scene.pass(7_500);
        let permit = aios.authorize(&read(ada.clone())).unwrap();
        permit.still_open().unwrap();
        permit.complete(&Outcome::ok()).unwrap();
        assert!(aios.check_now(&read(ada.clone())).unwrap().allowed);
        // Nobody waits who need not.
        let graced = at_once(aios.check_async(&read(ada.clone()))).expect("it waits");
        assert!(graced.unwrap().allowed);
        assert!(!may_read(&aios, &out), "what is known holds");
        let other = Request::new(scene.admin(), "administer", World::report());
        assert_eq!(code(aios.authorize(&other)), Code::StoreUnavailable);
        let full = Request { action: "Aios::Action::\"read\"".into(), ..read(ada.clone()) };
        aios.authorize(&full).unwrap().complete(&Outcome::ok()).unwrap();
        scene.pass(12_500);
        assert_eq!(code(aios.authorize(&read(ada))), Code::StoreUnavailable, "the grace is over");
        aios.flush().unwrap();
        let ages: Vec<_> = told(&scene, "intent")
            .iter()
            .map(|body| body.says.get("revocations_age_seconds").cloned())
            .collect();
        assert_eq!(ages, [None, None, Some(json!(7)), Some(json!(7))]);
        assert!(aios.verify(None).unwrap().ok);
    }
}

#[test]
fn a_record_of_a_revocation_names_its_mark_and_no_person() {
    let scene = Scene::new();
    let aios = scene.open("sqlite:aios.db");
    let whom: Selector = serde_json::from_value(
        json!({"kind": "subject", "issuer": "corp", "subject_kind": "user", "id": "grace.hopper"}),
    )
    .unwrap();
    aios.revoke_before(scene.admin(), &whom, Timestamp::from_seconds(START)).unwrap();
    aios.flush().unwrap();
    let intents = told(&scene, "intent");
    let says = &intents[0].says;
    let mark = aios_core::revocation::Mark::of(&"acme".parse().unwrap(), &whom);
    let expected = json!({"kind": "subject", "issuer": "corp", "mark": aios_core::model::hex::hex(&mark.0),
        "verdict": "before", "before": "2027-01-15T08:00:00.000000000Z"});
    assert_eq!(says["revocation"], expected);
    assert_eq!((&says["action"], &says["resource"]["id"]), (&json!("revoke"), &json!("subject")));
    assert_eq!(told(&scene, "outcome")[0].says["outcome"], json!({"status": "ok", "data": {"number": 1}}));
    // Who is refused is recorded with it.
    assert_eq!(code(aios.revoke(scene.token(&json!({})), &whom)), Code::PolicyDenied);
    aios.flush().unwrap();
    let event = &told(&scene, "event")[0].says;
    assert_eq!(
        (&event["decision"]["code"], &event["revocation"]["verdict"]),
        (&json!("policy.denied"), &json!("all"))
    );
    aios.close().unwrap();
    let file = std::fs::read(scene.world.path("aios.db")).unwrap();
    assert!(!file.windows(6).any(|part| part == b"hopper"), "the store holds an id");
}

/// The records of a type of acme's, in order.
fn told(scene: &Scene, kind: &str) -> Vec<Body> {
    let mut found = bodies(&scene.world.path("aios.db"));
    found.retain(|body| body.is(kind) && body.tenant == "acme");
    found
}
