//! One use among many: callers of a process, processes of a store, and a store that fails.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use aios_core::config;
use aios_core::model::{Timestamp, Wait};
use aios_core::revocation::{Entry, Error, Revocations, SingleUse, Spent};
use aios_core::store::memory::Memory;
use aios_core::testing::TestClock;

use super::*;
use crate::processes::{ends_well, helper, logged};
use crate::revocation::flaky::Flaky;

const CALLERS: usize = 48;

#[test]
fn of_48_callers_with_one_proof_exactly_one_passes() {
    for store in [MEMORY, SQLITE] {
        let scene = Scene::new();
        let aios = scene.open(store);
        for round in 0..3 {
            let once = scene.fresh(&aios);
            let passed: usize = std::thread::scope(|scope| {
                let callers: Vec<_> = (0..CALLERS)
                    .map(|caller| {
                        let (aios, once) = (&aios, once.clone());
                        scope.spawn(move || passes(aios, &once, caller))
                    })
                    .collect();
                callers.into_iter().map(|caller| usize::from(caller.join().unwrap())).sum()
            });
            assert_eq!(passed, 1, "{store}, round {round}");
        }
        let report = aios.verify(None).unwrap();
        assert!(report.ok && report.dangling.is_empty(), "{report:?}");
    }
}

/// Whether a caller passes, by one of the ways in.
fn passes(aios: &Aios, once: &Credential, caller: usize) -> bool {
    let end = match caller % 4 {
        0 => aios.authenticate(once).map(drop),
        1 => aios.authorize(&read(once.clone())).and_then(|permit| permit.complete(&Outcome::ok())),
        2 => block_on(aios.authorize_async(&read(once.clone())))
            .and_then(|permit| permit.complete(&Outcome::ok())),
        _ => match aios.check(&read(once.clone())).unwrap().code {
            None => Ok(()),
            Some(code) => Err(code.into()),
        },
    };
    if let Err(refusal) = &end {
        assert_eq!(refusal.code(), Code::TokenPopReplayed, "{refusal}");
    }
    end.is_ok()
}

#[test]
fn of_two_processes_with_the_same_proofs_exactly_one_passes_with_each() {
    const PROOFS: usize = 40;
    let scene = Scene::new();
    let proofs: Vec<String> = (0..PROOFS).map(|_| scene.proof(&json!({}))).collect();
    let configuration = scene.configuration(SQLITE);
    let job = json!({"configuration": configuration, "token": scene.token, "now": START, "proofs": proofs});
    std::fs::write(scene.world.path("job.json"), job.to_string()).unwrap();
    let processes = ["p1", "p2", "p3"].map(|name| helper(&scene.world, name, "proofs", 0).spawn().unwrap());
    std::fs::write(scene.world.path("go"), "").unwrap();
    for process in processes {
        ends_well(process, Duration::from_secs(60));
    }
    assert_eq!(logged(&scene.world, "p", "refused"), Vec::<String>::new());
    let mut permitted = logged(&scene.world, "p", "permit");
    permitted.sort_unstable();
    let mut all = proofs;
    all.sort_unstable();
    assert_eq!(permitted, all, "a proof passed twice, or nowhere");
    assert_eq!(logged(&scene.world, "p", "again").len(), 2 * PROOFS);
}

#[test]
fn used_proofs_outlive_the_engine_and_are_forgotten_when_they_are_too_old() {
    let scene = Scene::new();
    let aios = scene.open(SQLITE);
    let once = scene.fresh(&aios);
    aios.authenticate(&once).unwrap();
    aios.close().unwrap();
    let aios = scene.open(SQLITE);
    assert_eq!(code(aios.authenticate(&once)), Code::TokenPopReplayed);
    let kept = || -> u32 {
        let raw = rusqlite::Connection::open(scene.world.path("aios.db")).unwrap();
        raw.query_row("SELECT count(*) FROM spent", [], |row| row.get(0)).unwrap()
    };
    let before = kept();
    assert!(before >= 1);
    scene.world.clock.advance_seconds(66);
    let late = scene.with(&scene.proof(&json!({"iat": START + 66})));
    aios.authenticate(&late).unwrap();
    assert_eq!(kept(), 1, "what is too old is kept");
}

#[test]
fn without_the_store_no_proof_passes() {
    let scene = Scene::new();
    let store = Arc::new(Flaky::default());
    let settings = config::from_value(scene.configuration(SQLITE), scene.world.base()).unwrap();
    let aios = Aios::builder(settings).clock(Arc::clone(&scene.world.clock)).revocations(Arc::clone(&store));
    let aios = aios.build().unwrap();
    let ada = aios.authenticate(&scene.fresh(&aios)).unwrap();
    for (fault, expected) in [
        (Error::Unavailable("gone".into()), Code::StoreUnavailable),
        (Error::Busy("locked".into()), Code::StoreUnavailable),
        (Error::Corrupt("odd".into()), Code::StoreCorrupt),
    ] {
        store.fail(fault);
        // Revocations were read within the bound, so that only the use of the proof asks the store.
        assert!(aios.check(&read(&ada)).unwrap().allowed);
        let once = scene.fresh_unasked();
        assert_eq!(code(aios.authenticate(&once)), expected);
        assert_eq!(code(aios.authorize(&read(once.clone()))), expected);
        assert_eq!(code(aios.check(&read(once.clone()))), expected);
        assert_eq!(code(block_on(aios.authorize_async(&read(once.clone())))), expected);
        store.fail(None);
        aios.authenticate(&once).unwrap();
    }
    assert!(aios.verify(None).unwrap().ok);
}

#[test]
fn a_damaged_table_of_used_proofs_refuses() {
    let scene = Scene::new();
    let aios = scene.open(SQLITE);
    aios.authenticate(&scene.fresh(&aios)).unwrap();
    let raw = rusqlite::Connection::open(scene.world.path("aios.db")).unwrap();
    raw.execute_batch("DROP TABLE spent").unwrap();
    assert_eq!(code(aios.authenticate(&scene.fresh_unasked())), Code::StoreCorrupt);
}

/// A store that takes so long to read that a proof grows old meanwhile.
#[derive(Debug)]
struct Slow {
    memory: Memory,
    clock: Arc<TestClock>,
    waits: AtomicBool,
}

impl Revocations for Slow {
    fn add(&self, entry: &Entry) -> Result<u64, Error> {
        self.memory.add(entry)
    }

    fn since(&self, after: u64) -> Result<Vec<(u64, Entry)>, Error> {
        if self.waits.load(Ordering::SeqCst) {
            self.clock.advance_seconds(66);
        }
        self.memory.since(after)
    }

    fn spend(&self, id: &SingleUse, now: Timestamp, wait: Wait) -> Result<Spent, Error> {
        self.memory.spend(id, now, wait)
    }
}

/// Its traces may be forgotten by then, so that it would pass again.
#[test]
fn a_proof_that_grew_too_old_while_its_caller_waited_is_refused() {
    let scene = Scene::new();
    let clock = Arc::clone(&scene.world.clock);
    let slow = Arc::new(Slow { memory: Memory::default(), clock, waits: AtomicBool::new(false) });
    let mut configuration = scene.configuration(SQLITE);
    configuration["revocation"] = json!({"bound_milliseconds": 0});
    let settings = config::from_value(configuration, scene.world.base()).unwrap();
    let aios = Aios::builder(settings).clock(Arc::clone(&scene.world.clock)).revocations(Arc::clone(&slow));
    let aios = aios.build().unwrap();
    let once = scene.fresh_unasked();
    slow.waits.store(true, Ordering::SeqCst);
    let refusal = aios.authenticate(&once).unwrap_err();
    assert_eq!((refusal.code(), refusal.detail().at.as_deref()), (Code::TokenPopInvalid, Some("dpop.iat")));
    slow.waits.store(false, Ordering::SeqCst);
    aios.authenticate(&scene.with(&scene.proof(&json!({"iat": START + 66})))).unwrap();
}
