//! What is revoked between the steps of a call.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aios_core::model::Deadline;
use aios_core::revocation::{Mark, Revocations, Verdict};
use aios_core::{Permit, TenantId};

use super::*;
use crate::bodies::bodies;

/// What another process says of the session.
fn entry(verdict: Verdict) -> Entry {
    let tenant: TenantId = "acme".parse().unwrap();
    Entry { mark: Mark::of(&tenant, &session("s-1")), tenant, verdict, until: None }
}

/// One call during which something happens after its first check and before its intent is durable.
fn call_during(
    scene: &Scene,
    parts: (&Aios, &Flaky),
    happens: &dyn Fn(),
    waits: bool,
) -> Result<Permit, Refusal> {
    let (aios, store) = parts;
    let request = read(scene.token(&json!({})));
    let other = rusqlite::Connection::open(scene.world.path("aios.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    scene.pass(1001);
    let goes_on = || {
        happens();
        scene.pass(1001);
        other.execute_batch("ROLLBACK").unwrap();
    };
    if waits {
        let before = store.readings.load(Ordering::SeqCst);
        return std::thread::scope(|scope| {
            let caller = scope.spawn(|| aios.authorize(&request));
            while store.readings.load(Ordering::SeqCst) == before {
                std::thread::yield_now();
            }
            // The reading has begun; what it sees is decided before the next entry can be added.
            drop(store.between.lock().unwrap());
            goes_on();
            caller.join().unwrap()
        });
    }
    let (mut call, mut context) = (pin!(aios.authorize_async(&request)), Context::from_waker(Waker::noop()));
    assert!(call.as_mut().poll(&mut context).is_pending());
    goes_on();
    let deadline = Deadline::after(Duration::from_secs(10));
    loop {
        match call.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => assert!(!deadline.has_passed(), "it never ends"),
        }
        std::thread::yield_now();
    }
}

#[test]
fn who_is_revoked_while_the_intent_becomes_durable_gets_no_permit() {
    for waits in [true, false] {
        let (scene, store) = (Scene::new(), Arc::new(Flaky::default()));
        let rules = json!({"grace_seconds": {"read": 60}});
        let mut builder = scene.configuration("sqlite:aios.db", &rules);
        builder["audit"] = json!({"deadline_seconds": 20});
        let aios = scene.build(builder).revocations(Arc::clone(&store)).build().unwrap();
        assert!(may_read(&aios, &scene.token(&json!({}))));
        let parts = (&aios, &*store);

        call_during(&scene, parts, &|| (), waits).unwrap().complete(&Outcome::ok()).unwrap();
        // A grace that the record does not tell of is none.
        let answer = call_during(&scene, parts, &|| store.fail(Error::Unavailable("gone".into())), waits);
        assert_eq!(code(answer), Code::StoreUnavailable, "{waits}");
        store.fail(None);
        let answer = call_during(&scene, parts, &|| drop(store.memory.add(&entry(Verdict::All))), waits);
        assert_eq!(code(answer), Code::TokenRevoked, "{waits}");

        aios.flush().unwrap();
        assert!(aios.verify(None).unwrap().dangling.is_empty());
        let records = bodies(&scene.world.path("aios.db"));
        let outcomes = records.iter().filter(|record| record.is("outcome"));
        let statuses: Vec<_> = outcomes.map(|outcome| outcome.says["outcome"]["status"].clone()).collect();
        assert_eq!(statuses, ["ok", "ok", "abandoned", "abandoned"]);
    }
}

#[test]
fn what_was_lifted_elsewhere_before_revoke_returned_stays_lifted() {
    let (scene, store) = (Scene::new(), Arc::new(Flaky::default()));
    let aios = scene.builder("memory:", &json!({})).revocations(Arc::clone(&store)).build().unwrap();
    let (asked, administer) = (aios.clone(), Request::new(scene.admin(), "administer", World::report()));
    let elsewhere = Arc::clone(&store);
    store.meanwhile.set(move || {
        elsewhere.memory.add(&entry(Verdict::Lifted)).unwrap();
        assert!(asked.check(&administer).unwrap().allowed, "a strict action reads what is there");
    });
    aios.revoke(scene.admin(), &session("s-1")).unwrap();
    assert!(may_read(&aios, &scene.token(&json!({}))));
    scene.pass(1001);
    assert!(may_read(&aios, &scene.token(&json!({}))));
}

#[test]
fn what_was_said_elsewhere_before_ones_own_entry_is_not_missed() {
    let (scene, store) = (Scene::new(), Arc::new(Flaky::default()));
    let aios = scene.builder("memory:", &json!({})).revocations(Arc::clone(&store)).build().unwrap();
    aios.revoke(scene.admin(), &session("s-1")).unwrap();
    let elsewhere = Arc::clone(&store);
    store.before.set(move || {
        elsewhere.memory.add(&entry(Verdict::Lifted)).unwrap();
    });
    aios.revoke(scene.admin(), &session("s-2")).unwrap();
    scene.pass(1001);
    assert!(may_read(&aios, &scene.token(&json!({}))));
    assert!(!may_read(&aios, &scene.token(&json!({"sid": "s-2"}))));
}

#[test]
fn a_call_whose_permit_may_be_open_gets_no_second_one() {
    let (scene, store) = (Scene::new(), Arc::new(Flaky::default()));
    let rules = json!({"strict": ["read"]});
    let aios = scene.builder("memory:", &rules).revocations(Arc::clone(&store)).build().unwrap();
    let call = read(scene.token(&json!({}))).call("call-1");
    let permit = aios.authorize(&call).unwrap();
    // The caller is found to stand, and then whether the permit does cannot be read.
    store.fails_at.store(store.readings.load(Ordering::SeqCst) + 2, Ordering::SeqCst);
    assert_eq!(code(aios.authorize(&call)), Code::StoreUnavailable);
    assert_eq!(aios.authorize(&call).unwrap().view().id, permit.view().id);
    permit.complete(&Outcome::ok()).unwrap();
}
