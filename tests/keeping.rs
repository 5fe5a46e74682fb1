//! Processes that keep entities which others keep, too, and one that forks.

use aios_core::engine::entities::{Change, NewEntity};
use aios_core::model::Who;
use aios_core::{Aios, EntityRef, Refusal};
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
