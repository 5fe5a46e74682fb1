//! Issuers' keys ahead of the first token, and brought along from another process.

use aios_core::{Aios, Code};
use serde_json::{Value, json};

use crate::world::World;

/// A configuration whose issuer is asked by discovery.
fn discovering(world: &World) -> Value {
    let mut configuration = world.configuration("memory:");
    configuration["development"] = json!({"plaintext_loopback": true});
    let issuer = configuration["issuer"][0].as_object_mut().unwrap();
    issuer.remove("jwks");
    issuer.insert("discovery".into(), json!(true));
    configuration
}

fn open(world: &World) -> Aios {
    world.try_open(discovering(world)).unwrap()
}

#[test]
fn keys_fetched_at_start_make_no_caller_wait() {
    let world = World::new();
    let served = world.idp.serve().unwrap();
    let aios = open(&world);
    assert_eq!(aios.check_now(&world.read()).unwrap_err().code(), Code::WouldWait);
    let report = aios.hydrate().unwrap();
    assert_eq!(report.len(), 1);
    assert!(report[0].ok && report[0].issuer == "corp" && report[0].keys == 1, "{report:?}");
    // Four keys are of algorithms that this issuer may not use.
    assert_eq!(report[0].dropped.len(), 4, "{report:?}");
    let asked = served.requests();
    assert!(aios.check_now(&world.read()).unwrap().allowed);
    aios.hydrate().unwrap();
    assert_eq!(served.requests(), asked, "what is at hand is not fetched again");
}

#[test]
fn an_issuer_that_is_away_at_start_is_reported_and_a_snapshot_serves() {
    let world = World::new();
    let served = world.idp.serve().unwrap();
    let (first, second) = (open(&world), open(&world));
    first.hydrate().unwrap();
    let snapshot = first.snapshot_keys().unwrap();
    drop(served);
    assert!(!second.hydrate().unwrap()[0].ok);
    assert_eq!(second.check(&world.read()).unwrap_err().code(), Code::TokenKeysUnavailable);
    assert_eq!(second.restore_keys(&snapshot).unwrap(), 1);
    assert!(second.check(&world.read()).unwrap().allowed);
    assert_eq!(second.restore_keys(&snapshot).unwrap(), 0, "keys are at hand");
    for wrong in ["", "{}", r#"{"taken_at": 1, "sets": [], "more": 1}"#] {
        assert_eq!(second.restore_keys(wrong).unwrap_err().code(), Code::PolicyInput, "{wrong}");
    }
    let other = r#"{"taken_at": 1, "sets": [{"issuer": "other", "age_seconds": 1, "document": "{}"}]}"#;
    assert_eq!(second.restore_keys(other).unwrap(), 0, "no such issuer");
}
