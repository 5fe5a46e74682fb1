//! Processes that keep entities or policies which others keep, too, and one that forks.

use aios_core::engine::entities::{Change, NewEntity};
use aios_core::engine::layer::{NamedPolicy, PolicyChanges};
use aios_core::model::Who;
use aios_core::{Aios, Code, EntityRef, Refusal};
use serde_json::Map;

use crate::forks::fork;
use crate::{Done, Job};

/// Puts two folders at a time, so often, and logs `version N` for each time.
pub(crate) fn keeps(job: &Job, name: &str, count: usize) -> Done<()> {
    let (mut log, aios) = (job.log(name)?, job.open("sqlite:aios.db")?);
    let who = job.request().who;
    job.await_go();
    for number in 0..count {
        match put(&aios, &who, &format!("{name}-{number}")) {
            Ok(version) => log.line(&format!("version {version}"))?,
            Err(refusal) => return log.refused(&refusal),
        }
    }
    aios.close()?;
    Ok(())
}

/// Puts two policies of its own at a time, which say the round, and counts one up that all share; logs `revision N` for each time.
pub(crate) fn lays(job: &Job, name: &str, count: usize) -> Done<()> {
    let (mut log, aios) = (job.log(name)?, job.open("sqlite:aios.db")?);
    let who = job.request().who;
    job.await_go();
    for round in 1..=count {
        loop {
            let found = aios.layer().list(who.clone())?;
            let shared = found.policies.iter().find(|policy| policy.name == "shared");
            let counted = shared.and_then(|policy| policy.text.split('"').nth(1)?.parse().ok()).unwrap_or(0);
            let put = vec![
                says(&format!("{name}-a"), round),
                says(&format!("{name}-b"), round),
                says("shared", counted + 1),
            ];
            let changes = PolicyChanges { put, remove: Vec::new() };
            match aios.layer().change(who.clone(), &changes, Some(found.revision)) {
                Ok(revision) => log.line(&format!("revision {revision}"))?,
                Err(refusal) if refusal.code() == Code::PolicyConflict => continue,
                Err(refusal) => return log.refused(&refusal),
            }
            break;
        }
    }
    aios.close()?;
    Ok(())
}

fn says(name: &str, number: usize) -> NamedPolicy {
    let text = format!("forbid (principal, action, resource == Acme::Doc::\"{number}\");");
    NamedPolicy { name: name.to_owned(), text }
}

/// Keeps entities in memory and on disk; a forked child must know both, and what each writes then is its own in memory and
/// one on disk.
pub(crate) fn forks(job: &Job, name: &str) -> Done<()> {
    let mut log = job.log(name)?;
    let engines = [job.open("sqlite:aios.db")?, job.open("memory:")?];
    let who = job.request().who;
    for aios in &engines {
        put(aios, &who, "before")?;
    }
    fork(|| {
        engines.iter().all(|aios| {
            let listed = aios.entities().list(who.clone(), None).map(|page| page.entities.len());
            let written = put(aios, &who, "in-the-child");
            log.line(&format!("child {listed:?} {written:?}")).is_ok()
        })
    })?;
    for aios in &engines {
        let version = put(aios, &who, "after")?;
        log.line(&format!("parent {version}"))?;
    }
    Ok(())
}

fn put(aios: &Aios, who: &Who, name: &str) -> Result<u64, Refusal> {
    let folder = |half: &str| Change::Put {
        entity: NewEntity {
            uid: EntityRef::new("Acme::Folder", format!("{name}-{half}")),
            attrs: Map::new(),
            parents: vec![EntityRef::new("Acme::Folder", "lab")],
            tags: Map::new(),
        },
        expect: None,
    };
    aios.entities().change(who.clone(), &[folder("a"), folder("b")])
}
