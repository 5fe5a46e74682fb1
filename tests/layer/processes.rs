//! Several processes change one tenant's policies, and one is killed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::{configuration, open, site};
use crate::entities::processes::killed;
use crate::entities::{SQLITE, Site};
use crate::processes::{ends_well, helper, logged};
use crate::world::START;

fn job(site: &Site) {
    let job = json!({
        "configuration": configuration(site, SQLITE), "token": site.keeper().token(), "now": START,
    });
    std::fs::write(site.world.path("job.json"), job.to_string()).unwrap();
}

/// The number that each policy says.
fn said(site: &Site) -> BTreeMap<String, usize> {
    let policies = open(site, SQLITE).layer().list(site.keeper()).unwrap().policies;
    let number = |text: &str| text.split('"').nth(1).unwrap().parse().unwrap();
    policies.into_iter().map(|policy| (policy.name, number(&policy.text))).collect()
}

#[test]
fn processes_that_change_policies_at_once_write_over_nothing_they_have_not_seen() {
    let site = site();
    job(&site);
    let names = ["one", "two", "three"];
    let children = names.map(|name| helper(&site.world, name, "lays", 6).spawn().unwrap());
    std::fs::write(site.world.path("go"), "").unwrap();
    for child in children {
        ends_well(child, Duration::from_secs(90));
    }
    let given = names.iter().flat_map(|name| logged(&site.world, name, "revision"));
    let mut given: Vec<u64> = given.map(|revision| revision.parse().unwrap()).collect();
    given.sort_unstable();
    assert_eq!(given, (1..=18).collect::<Vec<_>>());
    let halves = names.iter().flat_map(|name| [(format!("{name}-a"), 6), (format!("{name}-b"), 6)]);
    assert_eq!(said(&site), halves.chain([("shared".to_owned(), 18)]).collect());
}

#[test]
fn kill_minus_nine_leaves_all_of_a_change_or_none() {
    let site = site();
    job(&site);
    killed(&site, ("lays", "revision"), |name, acknowledged| {
        let said = said(&site);
        let half = |end: &str| said.get(&format!("{name}-{end}")).copied().unwrap_or(0);
        assert_eq!(half("a"), half("b"));
        assert!(half("a") >= acknowledged, "what was acknowledged is lost");
        let rounds: usize =
            said.iter().filter(|(name, _)| name.ends_with("-a")).map(|(_, round)| round).sum();
        assert_eq!(said.get("shared").copied().unwrap_or(0), rounds, "half of a change is there");
    });
    assert!(open(&site, SQLITE).verify(None).unwrap().ok);
}
