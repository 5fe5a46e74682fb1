//! A process that rotates a secret which others rotate, too.

use std::collections::BTreeMap;

use aios_core::engine::Rewrap;
use aios_core::engine::vault::{Lifetime, Put, Rotation};
use aios_core::model::Kind;
use aios_core::vault::{Owner, SecretRef, Stage, Terms};
use aios_core::{Code, Secret};

use crate::{Done, Job};

/// Puts a secret of its own and rotates `secret://acme/prod/shared` so often.
pub(crate) fn rotates(job: &Job, name: &str, count: usize) -> Done<()> {
    let (mut log, aios) = (job.log(name)?, job.open("sqlite:aios.db")?);
    let (vault, who) = (aios.vault(), job.request().who);
    job.await_go();
    let owner = Owner { kind: Kind::Service, issuer: "corp".parse()?, id: name.to_owned() };
    let own = Put {
        at: format!("secret://acme/prod/own-{name}").parse()?,
        value: Secret::new(name.as_bytes().to_vec()),
        terms: Terms::of(owner),
        metadata: BTreeMap::new(),
        schedule: None,
        stage: Stage::Current,
        lifetime: Lifetime::default(),
    };
    vault.put(who.clone(), &own)?;
    let mut at: SecretRef = "secret://acme/prod/shared@1".parse()?;
    let mut rotated = 0;
    while rotated < count {
        let value = Secret::new(format!("value {name} {rotated}").into_bytes());
        let order = Rotation { at: at.clone(), value, stage: Stage::Current, lifetime: Lifetime::default() };
        match vault.rotate(who.clone(), &order) {
            Ok(written) => {
                at = written.reference;
                rotated += 1;
                log.line(&format!("version {}", at.version().ok_or("no version")?.number()))?;
            }
            Err(refusal) if refusal.code() == Code::VaultConflict => {
                let listed = vault.list(who.clone(), Some("prod"))?;
                let shared = listed.into_iter().find(|one| one.path == *at.path()).ok_or("it is gone")?;
                let last = shared.versions.last().ok_or("no version")?.version;
                at = shared.path.at(Some(last));
            }
            Err(refusal) => return log.refused(&refusal),
        }
    }
    aios.close()?;
    Ok(())
}

/// Wraps masters anew, one at a time, until none is left.
pub(crate) fn rewraps(job: &Job, name: &str) -> Done<()> {
    let (mut log, aios) = (job.log(name)?, job.open("sqlite:aios.db")?);
    job.await_go();
    loop {
        match aios.rewrap_masters(Rewrap::AtMost(1)) {
            Ok(report) => {
                log.line(&format!("left {}", report.left))?;
                if report.left == 0 {
                    return Ok(aios.close()?);
                }
            }
            Err(refusal) => return log.refused(&refusal),
        }
    }
}
