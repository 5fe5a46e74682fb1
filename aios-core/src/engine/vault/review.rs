//! Decrypts everything of a tenant, and holds the vault's rows against the audit trail.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::keeper::Opened;
use super::offboarding;
use crate::audit::{self, Kind, Owner};
use crate::engine::live::Live;
use crate::engine::verify;
use crate::engine::writer::refusal;
use crate::model::hex::hex;
use crate::model::{Code, Refusal, TenantId};
use crate::vault::{self, Binding, Error, KeptVersion, SecretPath, SecretRef, Stage, from_text};

/// Records read at a time.
const PAGE: usize = 256;

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
    let Told { revisions: told, is_offboarded, .. } = told(live, tenant)?;
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
        let at_least = told.get(local).copied().unwrap_or(0);
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
    (path, at_least): (&SecretPath, u64),
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
    Ok(())
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

/// The members of a record's body that matter here.
#[derive(Deserialize)]
struct Body {
    time: Time,
    /// Of an intent, and written by the vault alone.
    secret: Option<Asked>,
    /// Of an outcome.
    intent: Option<Named>,
    outcome: Option<Ended>,
    /// Of an event that is no call.
    event: Option<String>,
    state: Option<String>,
}

/// What a tenant's trail says of its secrets.
pub(super) struct Told {
    /// When each one was last used, as records spell it.
    uses: BTreeMap<String, String>,
    /// How often each one's row was written.
    revisions: BTreeMap<String, u64>,
    /// Whether the masters were destroyed.
    is_offboarded: bool,
}

#[derive(Deserialize)]
struct Asked {
    reference: Option<String>,
    /// Of a request that carried it.
    host: Option<String>,
}

#[derive(Deserialize)]
struct Time {
    occurred: String,
}

#[derive(Deserialize)]
struct Named {
    chain: String,
    seq: u64,
}

#[derive(Deserialize)]
struct Ended {
    data: Map<String, Value>,
}

impl Told {
    /// When a secret last went along with a request, as records spell it.
    pub(super) fn last_use(&self, path: &SecretPath) -> Option<&String> {
        self.uses.get(&path.local())
    }
}

/// How often each secret's row was written, by the tenant's trail: what outcomes say whose intents are the vault's own,
/// as callers say in theirs what they like.
pub(super) fn told(live: &Live, tenant: &TenantId) -> Result<Told, Refusal> {
    let (mut asked, mut ended, mut is_offboarded) = (HashMap::new(), Vec::new(), false);
    let mut carried = Vec::new();
    for chain in live.ledger.chains(Some(&Owner::Tenant(tenant.clone()))).map_err(refusal)? {
        let mut from = 0;
        loop {
            let page = live.ledger.records(chain.id.incarnation, from, PAGE).map_err(refusal)?;
            for record in &page {
                match body(&record.frame) {
                    Some(Body { secret: Some(Asked { reference: Some(reference), host }), time, .. }) => {
                        if host.is_some() {
                            carried.push((reference.clone(), time.occurred));
                        }
                        asked.insert((hex(&chain.id.incarnation), record.seq), reference);
                    }
                    Some(Body { intent: Some(intent), outcome: Some(outcome), .. }) => {
                        ended.extend(
                            outcome.data.get("revision").and_then(Value::as_u64).map(|told| (intent, told)),
                        );
                    }
                    Some(Body { event: Some(event), state: Some(state), .. }) => {
                        is_offboarded |= offboarding::is_done(&event, &state);
                    }
                    Some(_) | None => {}
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => from = last.seq + 1,
                Some(_) | None => break,
            }
        }
    }
    let mut revisions = BTreeMap::new();
    for (intent, revision) in ended {
        let reference =
            asked.get(&(intent.chain, intent.seq)).and_then(|text| text.parse::<SecretRef>().ok());
        if let Some(reference) = reference.filter(|reference| reference.path().tenant() == tenant) {
            let known: &mut u64 = revisions.entry(reference.path().local()).or_default();
            *known = revision.max(*known);
        }
    }
    let mut uses = BTreeMap::<String, String>::new();
    for (reference, at) in carried {
        if let Ok(reference) = reference.parse::<SecretRef>() {
            let last = uses.entry(reference.path().local()).or_default();
            *last = at.max(std::mem::take(last));
        }
    }
    Ok(Told { uses, revisions, is_offboarded })
}

fn body(frame: &[u8]) -> Option<Body> {
    let parts = audit::parse(frame)?;
    let matters = matches!(parts.header.kind, Kind::Event | Kind::Intent | Kind::Outcome);
    if matters { serde_json::from_slice(parts.body).ok() } else { None }
}
