//! Several processes keep one tenant's entities, one is killed, one forks.

use std::collections::BTreeSet;
use std::time::Duration;

use aios_core::model::Deadline;
use serde_json::json;

use super::{SQLITE, Site};
use crate::processes::{ends_well, helper, logged};
use crate::world::START;

fn job(site: &Site) {
    let job = json!({
        "configuration": site.configuration(SQLITE), "token": site.keeper().token(), "now": START,
    });
    std::fs::write(site.world.path("job.json"), job.to_string()).unwrap();
}

/// The halves of what was put, by the name of both.
fn kept(site: &Site) -> BTreeSet<String> {
    let aios = site.open(SQLITE);
    let mut found = BTreeSet::new();
    let mut next = None;
    loop {
        let page = aios.entities().list(site.keeper(), next.as_deref()).unwrap();
        found.extend(page.entities.into_iter().map(|found| found.entity.uid.id));
        next = page.next;
        if next.is_none() {
            return found;
        }
    }
}

#[test]
fn processes_that_keep_entities_at_once_lose_none_and_share_no_version() {
    let site = Site::new();
    job(&site);
    let names = ["one", "two", "three"];
    let children = names.map(|name| helper(&site.world, name, "keeps", 8).spawn().unwrap());
    std::fs::write(site.world.path("go"), "").unwrap();
    for child in children {
        ends_well(child, Duration::from_secs(60));
    }
    let given = names.iter().flat_map(|name| logged(&site.world, name, "version"));
    let mut given: Vec<u64> = given.map(|version| version.parse().unwrap()).collect();
    given.sort_unstable();
    assert_eq!(given, (1..=24).collect::<Vec<_>>());
    assert_eq!(kept(&site).len(), 2 * 24);
}

/// Kills processes that do something over and over, at every stage of it; then `look` is told who was killed, and how often that
/// one had logged the keyword.
pub(crate) fn killed(site: &Site, (what, keyword): (&str, &str), look: impl Fn(&str, usize)) {
    std::fs::write(site.world.path("go"), "").unwrap();
    for (round, after) in [0, 1, 2, 3, 5, 8, 13].into_iter().enumerate() {
        let name = format!("k{round}");
        let mut child = helper(&site.world, &name, what, 100_000).spawn().unwrap();
        let deadline = Deadline::after(Duration::from_secs(60));
        while !site.world.path(&format!("{name}.log")).exists()
            || logged(&site.world, &name, keyword).len() < after
        {
            assert!(!deadline.has_passed(), "{name} makes no progress");
            std::thread::sleep(Duration::from_micros(300));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        look(&name, logged(&site.world, &name, keyword).len());
    }
}

#[test]
fn kill_minus_nine_leaves_both_halves_of_a_write_or_none() {
    let site = Site::new();
    job(&site);
    killed(&site, ("keeps", "version"), |name, acknowledged| {
        let kept = kept(&site);
        let halves =
            |end: &str| -> BTreeSet<&str> { kept.iter().filter_map(|id| id.strip_suffix(end)).collect() };
        assert_eq!(halves("-a"), halves("-b"));
        let mine = halves("-a").iter().filter(|id| id.starts_with(name)).count();
        assert!(mine >= acknowledged, "what was acknowledged is lost");
    });
    assert!(site.open(SQLITE).verify(None).unwrap().ok);
}

#[test]
fn a_forked_child_knows_what_its_parent_kept() {
    let site = Site::new();
    job(&site);
    ends_well(helper(&site.world, "f", "kept", 0).spawn().unwrap(), Duration::from_secs(30));
    assert_eq!(logged(&site.world, "f", "child"), ["Ok(2) Ok(2)"; 2]);
    // On disk the child's write came between; in memory each has its own.
    assert_eq!(logged(&site.world, "f", "parent"), ["3", "2"]);
}
