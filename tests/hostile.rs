//! Hostile input and broken surroundings: each ends in a coded refusal that says what and where, without a permit and
//! without a panic, and nothing that was acknowledged is lost.

pub(crate) mod awaiting;
mod configuration;
mod damage;
mod input;
mod load;
mod outage;
mod trail;

use aios_core::{Aios, Code, Outcome, Permit, Refusal, Report};
use rusqlite::Connection;
use serde_json::{Value, json};

pub(crate) use awaiting::block_on;

use crate::bodies::{Body, bodies};
use crate::world::World;

const SQLITE: &str = "sqlite:aios.db";

/// The refusal in place of a permit.
fn refusal(answer: Result<Permit, Refusal>) -> Refusal {
    answer.map(|permit| permit.view().clone()).unwrap_err()
}

fn code(answer: Result<Permit, Refusal>) -> Code {
    refusal(answer).code()
}

/// One call, from beginning to end; gives the permit's id.
fn call(world: &World, aios: &Aios) -> String {
    let permit = aios.authorize(&world.read()).unwrap();
    permit.complete(&Outcome::ok()).unwrap();
    permit.view().id.clone()
}

/// The store's file, as another program opens it.
fn raw(world: &World) -> Connection {
    let file = Connection::open(world.path("aios.db")).unwrap();
    file.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    file
}

/// A world whose engine gives up after a second, with some of its configuration replaced.
fn impatient(world: &World, changes: &Value) -> Value {
    let mut configuration = world.configuration(SQLITE);
    configuration["audit"] = json!({"deadline_seconds": 1});
    for (name, value) in changes.as_object().unwrap() {
        configuration["audit"][name] = value.clone();
    }
    configuration
}

/// Asserts that the trail is whole, no intent dangles, and each of these permits has its intent, once.
fn is_whole(world: &World, aios: &Aios, permits: &[String]) -> Vec<Body> {
    aios.flush().unwrap();
    let report: Report = aios.verify(None).unwrap();
    assert!(report.ok && report.dangling.is_empty(), "{report:?}");
    let records = bodies(&world.path("aios.db"));
    for permit in permits {
        let found = records.iter().filter(|record| record.is("intent") && record.id() == permit).count();
        assert_eq!(found, 1, "intents of permit {permit}");
    }
    records
}
