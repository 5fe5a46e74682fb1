//! Floods, races and crowds.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use aios_core::{Code, Credential, Outcome, Request, Resource};
use serde_json::json;

use super::{SQLITE, call, code, impatient, is_whole, raw};
use crate::bodies::{Body, bodies};
use crate::world::World;

fn globex(world: &World) -> Request {
    let who = world.ada(&json!({"tid": "t-globex"}));
    Request::new(who, "read", Resource::new("Aios::Data", "theirs").tenant("globex"))
}

#[test]
fn one_tenants_flood_costs_only_itself_and_is_counted() {
    const CALLS: usize = 40;
    const DENIED: u64 = 100;
    let world = World::new();
    let aios = world.try_open(impatient(&world, &json!({"queue_per_tenant": 8}))).unwrap();
    let mut permits = vec![call(&world, &aios)];
    aios.authorize(&globex(&world)).unwrap().complete(&Outcome::ok()).unwrap();
    aios.flush().unwrap();
    let other = raw(&world);
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let codes: Vec<Code> = thread::scope(|scope| {
        let calls: Vec<_> = (0..CALLS).map(|_| scope.spawn(|| code(aios.authorize(&world.read())))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    let of = |code: Code| codes.iter().filter(|found| **found == code).count();
    assert_eq!(of(Code::AuditBusy) + of(Code::AuditUnavailable), CALLS, "{codes:?}");
    assert!(of(Code::AuditBusy) > 0 && of(Code::AuditUnavailable) > 0, "{codes:?}");
    let denied = Request::new(world.ada(&json!({})), "write", World::report());
    for _ in 0..DENIED {
        assert_eq!(code(aios.authorize(&denied)), Code::PolicyDenied);
    }
    // The queue of acme is full of its own refusals; globex waits for the store, not for acme.
    assert_eq!(code(aios.authorize(&globex(&world))), Code::AuditUnavailable);

    other.execute_batch("ROLLBACK").unwrap();
    let theirs = aios.authorize(&globex(&world)).unwrap();
    theirs.complete(&Outcome::ok()).unwrap();
    permits.push(theirs.view().id.clone());
    aios.flush().unwrap();
    permits.push(call(&world, &aios));
    let records = is_whole(&world, &aios, &permits);
    let lost: u64 = records
        .iter()
        .filter(|record| record.event() == "refusals.lost")
        .map(|record| {
            assert_eq!(record.tenant, "acme");
            record.says["count"].as_u64().unwrap()
        })
        .sum();
    let recorded = records.iter().filter(|record| record.says["decision"]["effect"] == "deny").count();
    assert_eq!(
        lost + u64::try_from(recorded).unwrap(),
        DENIED,
        "{recorded} recorded, {lost} counted as lost"
    );
    assert!(lost > 0);
}

#[test]
fn a_flood_of_refusals_holds_up_nobodys_flush() {
    let world = World::new();
    let aios = world.try_open(impatient(&world, &json!({"queue_per_tenant": 4}))).unwrap();
    call(&world, &aios);
    let enough = AtomicBool::new(false);
    let denied = Request::new(world.ada(&json!({})), "write", World::report());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !enough.load(Ordering::Relaxed) {
                    assert_eq!(code(aios.authorize(&denied)), Code::PolicyDenied);
                }
            });
        }
        let flushed: Vec<_> = (0..20).map(|_| aios.flush().map_err(|refusal| refusal.to_string())).collect();
        let theirs = aios.authorize(&globex(&world)).map(|permit| permit.complete(&Outcome::ok()));
        enough.store(true, Ordering::Relaxed);
        assert_eq!(flushed, vec![Ok(()); 20]);
        theirs.unwrap().unwrap();
    });
    is_whole(&world, &aios, &[]);
}

fn strangers(world: &World) -> Vec<u64> {
    let told = |record: &Body| record.event() == "refusals.unverified";
    let records = bodies(&world.path("aios.db"));
    records
        .iter()
        .filter(|record| told(record))
        .map(|record| {
            assert_eq!((record.tenant.as_str(), record.says["type"].as_str()), ("", Some("system")));
            let [only] = record.says["counts"].as_array().unwrap().as_slice() else { panic!("{record:?}") };
            assert_eq!((&only["source"], &only["code"]), (&json!("bearer"), &json!("token.malformed")));
            only["count"].as_u64().unwrap()
        })
        .collect()
}

#[test]
fn strangers_are_counted_by_the_minute_and_at_the_end() {
    for explicit in [true, false] {
        let world = World::new();
        let aios = world.open(SQLITE);
        let stranger = || {
            let request = Request::new(Credential::Bearer("garbage".into()), "read", World::report());
            assert_eq!(code(aios.authorize(&request)), Code::TokenMalformed);
        };
        (0..3).for_each(|_| stranger());
        world.clock.advance_seconds(59);
        stranger();
        aios.verify(None).unwrap();
        assert_eq!(strangers(&world), Vec::<u64>::new());
        world.clock.advance_seconds(1);
        stranger();
        assert!(aios.verify(None).unwrap().ok);
        assert_eq!(strangers(&world), [5]);
        (0..2).for_each(|_| stranger());
        if explicit {
            aios.close().unwrap();
        }
        drop(aios);
        assert_eq!(strangers(&world), [5, 2]);
        assert!(world.open(SQLITE).verify(None).unwrap().ok);
    }
}

#[test]
fn a_crowd_of_threads_loses_nothing_and_doubles_nothing() {
    const THREADS: usize = 48;
    const CALLS: usize = 10;
    let world = World::new();
    let aios = world.open(SQLITE);
    let permits: Vec<String> = thread::scope(|scope| {
        let work = || (0..CALLS).map(|_| call(&world, &aios)).collect::<Vec<_>>();
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let distinct: BTreeSet<&String> = permits.iter().collect();
    assert_eq!((permits.len(), distinct.len()), (THREADS * CALLS, THREADS * CALLS));
    let records = is_whole(&world, &aios, &permits);
    assert_eq!(records.iter().filter(|record| record.is("intent")).count(), permits.len());
    assert_eq!(records.iter().filter(|record| record.is("outcome")).count(), permits.len());
}

#[test]
fn one_call_raced_by_many_gets_one_permit_and_one_intent() {
    const RACERS: usize = 16;
    let world = World::new();
    let aios = world.open(SQLITE);
    let ada = aios.authenticate(&world.ada(&json!({}))).unwrap();
    for round in 0..10 {
        let together = Barrier::new(RACERS);
        let race = || {
            together.wait();
            aios.authorize(&Request::new(&ada, "read", World::report()).call(format!("call-{round}")))
                .unwrap()
        };
        let permits: Vec<_> = thread::scope(|scope| {
            let racers: Vec<_> = (0..RACERS).map(|_| scope.spawn(race)).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let distinct: BTreeSet<&str> = permits.iter().map(|permit| permit.view().id.as_str()).collect();
        assert_eq!(distinct.len(), 1, "{distinct:?}");
        let ended = permits.iter().filter(|permit| permit.complete(&Outcome::ok()).is_ok()).count();
        assert_eq!(ended, 1);
    }
    let records = is_whole(&world, &aios, &[]);
    assert_eq!(records.iter().filter(|record| record.is("intent")).count(), 10);
}

#[test]
fn claims_race_the_end_of_permits_without_deadlock_or_a_second_permit() {
    let world = World::new();
    let aios = world.open("memory:");
    let ada = aios.authenticate(&world.ada(&json!({}))).unwrap();
    let ask = |resource: &str| {
        let resource = Resource::new("Aios::Data", resource).tenant("acme");
        aios.authorize(&Request::new(&ada, "read", resource).call("one"))
    };
    thread::scope(|scope| {
        for (resource, completes) in [("a", true), ("a", false), ("b", false), ("b", true)] {
            scope.spawn(move || {
                for _ in 0..2000 {
                    match ask(resource) {
                        Ok(permit) if completes => drop(permit.complete(&Outcome::ok())),
                        Ok(permit) => drop(permit),
                        Err(refusal) => assert_eq!(refusal.code(), Code::PolicyCallReused, "{refusal}"),
                    }
                }
            });
        }
    });
    let report = aios.verify(None).unwrap();
    assert!(report.ok && report.dangling.is_empty(), "{report:?}");
}

#[test]
fn a_call_whose_permit_is_past_its_time_gets_a_new_one() {
    let world = World::new();
    let aios = world.open(SQLITE);
    let ada = aios.authenticate(&world.ada(&json!({}))).unwrap();
    let ask = || aios.authorize(&Request::new(&ada, "read", World::report()).call("one")).unwrap();
    let first = ask();
    world.clock.advance_seconds(60);
    let second = ask();
    assert_ne!(first.view().id, second.view().id);
    // The end of the first frees nothing of the second.
    first.complete(&Outcome::failed()).unwrap();
    drop(first);
    assert_eq!(ask().view().id, second.view().id);
    second.complete(&Outcome::ok()).unwrap();
    is_whole(&world, &aios, &[]);
}
