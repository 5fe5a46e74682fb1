//! Several processes on one store, forks under load, and kill -9: nothing acknowledged is lost, nobody starves.

use std::collections::BTreeSet;
use std::process::{Child, Command};
use std::time::Duration;

use aios_core::model::Deadline;
use aios_core::{Outcome, Report};
use serde_json::json;

use crate::bodies::{Body, bodies};
use crate::world::{START, World};

/// Writes what the helper process reads, with every configuration that it needs.
pub(crate) fn give_job(world: &World) {
    let token = world.ada(&json!({}));
    let mut configuration = world.configuration("sqlite:aios.db");
    configuration["audit"] = json!({"deadline_seconds": 20});
    let job = json!({"configuration": configuration, "token": token.token(), "now": START});
    std::fs::write(world.path("job.json"), job.to_string()).unwrap();
}

pub(crate) fn helper(world: &World, name: &str, what: &str, count: usize) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aios-process"));
    command.arg(world.base()).args([name, what, &count.to_string()]);
    command
}

/// The words behind a keyword in the logs of which the name begins so.
pub(crate) fn logged(world: &World, beginning: &str, keyword: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(world.base()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with(beginning) && path.extension().is_some_and(|end| end == "log") {
            let text = std::fs::read_to_string(&path).unwrap();
            let words = text.lines().filter_map(|line| line.strip_prefix(keyword)?.strip_prefix(' '));
            found.extend(words.map(str::to_owned));
        }
    }
    found
}

/// Waits for an end within a bound; a process that does not end is killed, and the test fails.
pub(crate) fn ends_well(mut child: Child, within: Duration) {
    let deadline = Deadline::after(within);
    loop {
        match child.try_wait().unwrap() {
            Some(status) => return assert!(status.success(), "a process ended with {status}"),
            None if deadline.has_passed() => {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("a process did not end within {within:?}");
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Waits until a process has acknowledged so many permits.
pub(crate) fn wait_for_permits(world: &World, name: &str, count: usize) {
    let deadline = Deadline::after(Duration::from_secs(20));
    let log = world.path(&format!("{name}.log"));
    while !log.exists() || logged(world, name, "permit").len() < count {
        assert!(!deadline.has_passed(), "{name} makes no progress");
        std::thread::sleep(Duration::from_micros(300));
    }
}

/// Everything acknowledged is in the trail, once; what dangles was not acknowledged as done.
fn nothing_is_lost(world: &World, logs: &str) -> Report {
    let report = world.open("sqlite:aios.db").verify(None).unwrap();
    assert!(report.ok, "{report:?}");
    let records = bodies(&world.path("aios.db"));
    let intents: Vec<&Body> = records.iter().filter(|record| record.is("intent")).collect();
    let ids: BTreeSet<&str> = intents.iter().map(|intent| intent.id()).collect();
    assert_eq!(ids.len(), intents.len(), "an intent stands twice");
    for id in logged(world, logs, "permit") {
        assert!(ids.contains(id.as_str()), "the intent of an acknowledged permit is lost: {id}");
    }
    let done: BTreeSet<String> = logged(world, logs, "done").into_iter().collect();
    for place in &report.dangling {
        let intent = intents.iter().find(|intent| (&intent.chain, intent.seq) == (&place.chain, place.seq));
        assert!(!done.contains(intent.unwrap().id()), "the outcome of a completed call is lost: {place:?}");
    }
    report
}

#[test]
fn processes_on_one_file_take_turns_and_lose_nothing() {
    for (processes, calls) in [(2, 60), (8, 20)] {
        let world = World::new();
        give_job(&world);
        let name = |process| format!("p{process}");
        let children: Vec<Child> =
            (0..processes).map(|p| helper(&world, &name(p), "calls", calls).spawn().unwrap()).collect();
        std::fs::write(world.path("go"), "").unwrap();
        for child in children {
            ends_well(child, Duration::from_secs(40));
        }
        assert_eq!(logged(&world, "p", "done").len(), processes * calls);
        let report = nothing_is_lost(&world, "p");
        assert!(report.dangling.is_empty(), "{report:?}");
        let took: Vec<u64> = logged(&world, "p", "took").iter().map(|took| took.parse().unwrap()).collect();
        let (fastest, slowest) = (took.iter().min().unwrap(), took.iter().max().unwrap());
        assert!(*slowest <= fastest * 3 + 250, "somebody starves: {took:?} milliseconds");
    }
}

#[test]
fn kill_minus_nine_loses_nothing_acknowledged() {
    /// Acknowledged permits after which a process is killed, so that it dies at every stage of its life.
    const AFTER: [usize; 16] = [0, 1, 2, 3, 5, 7, 8, 9, 12, 16, 17, 23, 31, 40, 64, 100];
    let world = World::new();
    give_job(&world);
    std::fs::write(world.path("go"), "").unwrap();
    for (round, after) in AFTER.into_iter().enumerate() {
        let name = format!("k{round:02}");
        let mut child = helper(&world, &name, "calls", 100_000).spawn().unwrap();
        wait_for_permits(&world, &name, after);
        child.kill().unwrap();
        child.wait().unwrap();
        nothing_is_lost(&world, "k");
    }
}

#[test]
fn forked_children_write_chains_of_their_own_while_the_parent_goes_on() {
    let world = World::new();
    give_job(&world);
    ends_well(helper(&world, "f", "forks", 4).spawn().unwrap(), Duration::from_secs(40));
    assert_eq!(logged(&world, "f", "failed"), Vec::<String>::new());
    let children: BTreeSet<String> = logged(&world, "f", "process").into_iter().collect();
    assert_eq!(children.len(), 8);
    assert_eq!(logged(&world, "f-0-child", "done").len() + logged(&world, "f-1-child", "done").len(), 8 * 3);
    let report = nothing_is_lost(&world, "f");
    assert!(report.dangling.is_empty(), "{report:?}");
    let records = bodies(&world.path("aios.db"));
    let writers: Vec<String> = records
        .iter()
        .filter(|record| record.is("open") && record.tenant == "acme")
        .map(|record| record.says["source"]["process"].to_string())
        .collect();
    let distinct: BTreeSet<&String> = writers.iter().collect();
    assert_eq!((writers.len(), distinct.len()), (9, 9), "a chain of each process, and no process with two");
    assert!(children.iter().all(|child| distinct.contains(child)), "{children:?} {writers:?}");
}

#[test]
fn a_killed_parent_leaves_its_turn_to_others_though_its_child_lives() {
    let world = World::new();
    give_job(&world);
    let mut configuration = world.configuration("sqlite:aios.db");
    configuration["audit"] = json!({"deadline_seconds": 3});
    for round in 0..6 {
        let name = format!("o{round}");
        let mut parent = helper(&world, &name, "orphan", 0).spawn().unwrap();
        wait_for_permits(&world, &name, 20 + round);
        parent.kill().unwrap();
        parent.wait().unwrap();
        let aios = world.try_open(configuration.clone()).unwrap();
        aios.authorize(&world.read()).unwrap().complete(&Outcome::ok()).unwrap();
        aios.flush().unwrap();
    }
    std::fs::write(world.path("enough"), "").unwrap();
    nothing_is_lost(&world, "o");
}

#[test]
fn lock_files_may_be_deleted_while_nobody_is_there() {
    let world = World::new();
    for _ in 0..2 {
        let aios = world.open("sqlite:aios.db");
        drop(aios.authorize(&world.read()).unwrap());
        aios.close().unwrap();
        for lock in ["aios.db-queue", "aios.db-turn"] {
            std::fs::remove_file(world.path(lock)).unwrap();
        }
    }
    assert!(world.open("sqlite:aios.db").verify(None).unwrap().ok);
}
