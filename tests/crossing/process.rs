//! Killed at any moment, both chains hold the same calls.

use std::collections::BTreeSet;

use serde_json::json;

use super::{SQLITE, configuration, open, recorded, tenant, world};
use crate::bodies::Body;
use crate::processes::{helper, wait_for_permits};
use crate::world::START;

#[test]
fn a_killed_process_leaves_both_halves_of_each_call_or_none() {
    let world = world();
    let mut configuration = configuration(&world, SQLITE);
    configuration["audit"] = json!({"deadline_seconds": 20});
    let token = world.ada(&json!({}));
    let job =
        json!({"configuration": configuration, "token": token.token(), "now": START, "tenant": "globex"});
    std::fs::write(world.path("job.json"), job.to_string()).unwrap();
    std::fs::write(world.path("go"), "").unwrap();
    let mut acknowledged = BTreeSet::new();
    for run in 0..3 {
        let name = format!("killed-{run}");
        let mut child = helper(&world, &name, "calls", 1_000_000).spawn().unwrap();
        wait_for_permits(&world, &name, 9);
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(crate::processes::logged(&world, &name, "permit"));
    }
    let aios = open(&world, SQLITE);
    for name in ["acme", "globex"] {
        let report = aios.verify(Some(&tenant(name))).unwrap();
        assert!(report.ok, "{report:?}");
    }
    let ours: BTreeSet<String> =
        recorded(&world, "acme", "intent").iter().map(|intent| intent.id().to_owned()).collect();
    let told = |body: &Body| body.says["cross_tenant"]["permit"].as_str().unwrap().to_owned();
    let theirs: BTreeSet<String> = recorded(&world, "globex", "intent").iter().map(told).collect();
    assert_eq!(ours, theirs);
    assert!(acknowledged.len() >= 27 && acknowledged.is_subset(&ours), "{}", acknowledged.len());
}
