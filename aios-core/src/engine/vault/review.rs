//! Decrypts everything of a tenant, and holds the vault's rows against what the audit trail says of them.

use std::collections::BTreeSet;

use super::keeper::Opened;
use super::telling::{Told, told};
use crate::engine::live::Live;
use crate::engine::verify;
use crate::model::{Code, Refusal, TenantId};
use crate::vault::{self, Binding, Error, KeptVersion, SecretPath, SecretRef, Stage, from_text};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultReport {
    /// Secrets that were looked at.
    pub secrets: usize,
    /// Versions whose value was decrypted.
    pub versions: usize,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which secret or version; none: the tenant's own row, or its audit trail.
    pub reference: Option<SecretRef>,
    /// `vault.undecryptable`, `vault.rolled_back`, `key.unusable` where the root key is missing, or `store.corrupt` for a trail
    /// that does not verify.
    pub code: Code,
}

/// Reviews a tenant's secrets.
///
/// # Errors
/// Only what keeps from looking: everything else is in the report.
pub(super) fn review(live: &Live, tenant: &TenantId, forward_secure: bool) -> Result<VaultReport, Refusal> {
    let mut report = VaultReport { secrets: 0, versions: 0, faults: Vec::new() };
    // The trail says how often each row was written; what waits to be recorded is not missed so.
    live.journal.flush(live.deadline())?;
    if !verify::verify(live, Some(tenant), forward_secure)?.ok {
        report.faults.push(Fault { reference: None, code: Code::StoreCorrupt });
    }
    let Told { revisions: told, counts, is_offboarded, .. } = told(live, tenant)?;
    let opened = match live.vault.open(tenant) {
        Ok(opened) if is_offboarded => {
            // Masters stand where they were destroyed, or their row is gone.
            report.faults.push(Fault { reference: None, code: Code::VaultRolledBack });
            opened
        }
        Ok(opened) => opened,
        Err(refusal) if refusal.code() == Code::VaultOffboarded => {
            // Nothing is left to look at, and nothing is wrong with that where the trail says so.
            if !is_offboarded {
                report.faults.push(Fault { reference: None, code: Code::VaultUndecryptable });
            }
            return Ok(report);
        }
        Err(refusal) => {
            report.blame(None, refusal)?;
            return Ok(report);
        }
    };
    let listed = opened.iter().flat_map(|opened| opened.register.floors.keys());
    let names: BTreeSet<&String> = listed.chain(told.keys()).collect();
    for local in names {
        let Ok(path) = SecretPath::from_local(tenant.clone(), local) else { continue };
        let at_least = [&told, &counts].map(|told| told.get(local).copied().unwrap_or(0));
        report.secrets += 1;
        if let Err(refusal) = secret(live, opened.as_ref(), (&path, at_least), &mut report) {
            report.blame(Some(path.at(None)), refusal)?;
        }
    }
    Ok(report)
}

fn secret(
    live: &Live,
    opened: Option<&Opened>,
    (path, [at_least, counted]): (&SecretPath, [u64; 2]),
    report: &mut VaultReport,
) -> Result<(), Refusal> {
    let found = match opened {
        Some(opened) => live.vault.find(opened, path)?,
        None => None,
    };
    if found.as_ref().map_or(0, |found| found.revision) < at_least {
        return Err(Error::RolledBack.into());
    }
    let (Some(opened), Some(found)) = (opened, found) else { return Ok(()) };
    for version in found.kept.versions().iter().filter(|kept| kept.stage != Stage::Destroyed) {
        match decrypt(opened, path, version) {
            Ok(()) => report.versions += 1,
            Err(error) => report.blame(Some(path.clone().at(Some(version.version()))), error.into())?,
        }
    }
    let (_, uses) = live.vault.counts(opened, path)?;
    if uses < counted { Err(Error::RolledBack.into()) } else { Ok(()) }
}

fn decrypt(opened: &Opened, path: &SecretPath, kept: &KeptVersion) -> Result<(), Error> {
    let binding = Binding { path, version: kept.version(), terms: kept.terms.as_bytes() };
    vault::verify(&from_text(&kept.envelope)?, &opened.wrapping(), &binding)
}

impl VaultReport {
    fn blame(&mut self, reference: Option<SecretRef>, refusal: Refusal) -> Result<(), Refusal> {
        self.faults.push(fault(reference, refusal)?);
        Ok(())
    }
}

/// What is wrong with what is kept is reported; what keeps from looking is an error.
pub(super) fn fault(reference: Option<SecretRef>, refusal: Refusal) -> Result<Fault, Refusal> {
    let code = refusal.code();
    if matches!(code, Code::KeyUnusable | Code::VaultUndecryptable | Code::VaultRolledBack) {
        Ok(Fault { reference, code })
    } else {
        Err(refusal)
    }
}
