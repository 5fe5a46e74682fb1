//! Against many callers: after `revoke` returned nobody begins a call in this process, and within the bound nowhere.

use std::sync::atomic::{AtomicBool, AtomicUsize};

use aios_core::Permit;
use aios_core::model::{Deadline, Stopwatch};

use super::*;
use crate::processes::{ends_well, helper, logged};

const CALLERS: usize = 48;

#[test]
fn after_revoke_returned_48_callers_get_nothing_more() {
    for store in ["memory:", "sqlite:aios.db"] {
        let scene = Scene::new();
        let mut configuration = scene.configuration(store, &json!({}));
        configuration["audit"] = json!({"deadline_seconds": 20});
        let aios = scene.world.try_open(configuration).unwrap();
        let token = scene.token(&json!({}));
        let held = aios.authenticate(&token).unwrap();
        let (revoked, permitted) = (AtomicBool::new(false), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            let callers: Vec<_> = (0..CALLERS)
                .map(|caller| {
                    let request = if caller % 2 == 0 { read(token.clone()) } else { read(&held) };
                    let (aios, revoked, permitted) = (&aios, &revoked, &permitted);
                    scope.spawn(move || call_until_refused(aios, &request, (revoked, permitted)))
                })
                .collect();
            let deadline = Deadline::after(Duration::from_secs(20));
            while permitted.load(Ordering::SeqCst) < 10 * CALLERS && !deadline.has_passed() {
                std::thread::yield_now();
            }
            aios.revoke(scene.admin(), &session("s-1")).unwrap();
            revoked.store(true, Ordering::SeqCst);
            for caller in callers {
                for permit in caller.join().unwrap() {
                    assert_eq!(code(permit.still_open()), Code::TokenRevoked);
                }
            }
        });
        assert!(permitted.load(Ordering::SeqCst) >= 10 * CALLERS, "too few calls to tell");
        let report = aios.verify(None).unwrap();
        assert!(report.ok && report.dangling.is_empty(), "{report:?}");
    }
}

/// Calls until calls that began after the revocation were refused ten times; gives the last permits.
fn call_until_refused(
    aios: &Aios,
    request: &Request,
    (revoked, permitted): (&AtomicBool, &AtomicUsize),
) -> Vec<Permit> {
    let (mut permits, mut refused) = (std::collections::VecDeque::new(), 0);
    while refused < 10 {
        let is_late = revoked.load(Ordering::SeqCst);
        match aios.authorize(request) {
            Ok(permit) => {
                assert!(!is_late, "a call that began after `revoke` returned was permitted");
                permitted.fetch_add(1, Ordering::SeqCst);
                permits.push_back(permit);
                if permits.len() > 4 {
                    permits.pop_front();
                }
            }
            Err(refusal) => {
                assert_eq!(refusal.code(), Code::TokenRevoked, "{refusal}");
                refused += usize::from(is_late);
            }
        }
    }
    permits.into()
}

#[test]
fn another_process_permits_nothing_once_the_bound_is_over() {
    const BOUND: u64 = 200;
    let scene = Scene::new();
    let token = scene.token(&json!({}));
    give(&scene, &token, &json!({"bound_milliseconds": BOUND}));
    let children: Vec<_> =
        (0..2).map(|child| helper(&scene.world, &format!("w{child}"), "watch", 0).spawn().unwrap()).collect();
    let aios = scene.world.try_open(scene.configuration("sqlite:aios.db", &json!({}))).unwrap();
    std::fs::write(scene.world.path("go"), "").unwrap();
    wait_until(|| (0..2).all(|child| logged(&scene.world, &format!("w{child}"), "permit").len() >= 20));
    aios.revoke(scene.admin(), &session("s-1")).unwrap();
    let since = Stopwatch::start();
    wait_until(|| since.elapsed() >= Duration::from_millis(BOUND));
    std::fs::write(scene.world.path("late"), "").unwrap();
    for child in children {
        ends_well(child, Duration::from_secs(20));
    }
    assert_eq!(logged(&scene.world, "w", "late"), Vec::<String>::new(), "permitted after the bound");
    assert_eq!(logged(&scene.world, "w", "open"), Vec::<String>::new(), "a permit open after the bound");
    assert_eq!(logged(&scene.world, "w", "out").len(), 2);
}

#[test]
fn a_forked_child_knows_what_its_parent_revoked() {
    let scene = Scene::new();
    give(&scene, &scene.token(&json!({"roles": ["Admin", "Analyst"]})), &json!({}));
    ends_well(helper(&scene.world, "c", "revoked", 0).spawn().unwrap(), Duration::from_secs(20));
    assert_eq!(logged(&scene.world, "c", "failed"), Vec::<String>::new());
    assert_eq!(logged(&scene.world, "c", "out").len(), 2);
}

/// Writes what the helper process reads.
fn give(scene: &Scene, credential: &Credential, revocation: &Value) {
    let mut configuration = scene.configuration("sqlite:aios.db", revocation);
    configuration["audit"] = json!({"deadline_seconds": 20});
    let job = json!({"configuration": configuration, "token": credential.token(), "now": START});
    std::fs::write(scene.world.path("job.json"), job.to_string()).unwrap();
}

fn wait_until(mut done: impl FnMut() -> bool) {
    let deadline = Deadline::after(Duration::from_secs(20));
    while !done() {
        assert!(!deadline.has_passed(), "it takes too long");
        std::thread::sleep(Duration::from_millis(1));
    }
}
