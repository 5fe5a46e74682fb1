//! What the vault says of secrets, as plain data: never a value.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::schedules::SecretSchedule;
use super::secret_wire::SecretOwner;
use crate::engine::vault::{Described, DescribedVersion, Fault, Moved, Offboarded, VaultReport, Written};
use crate::model::Timestamp;
use crate::vault::{self, Age, SecretRef, Stage};

/// A reference, parted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReferenceParts {
    /// Whose it is.
    pub tenant: String,
    /// Which part of the tenant's secrets.
    pub namespace: String,
    /// Its name there.
    pub name: String,
    /// Which version; none: whichever is current when it is used.
    pub version: Option<u64>,
}

/// What was done to a secret.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WrittenSecret {
    /// What it was done to; a new version's own reference.
    pub reference: String,
    /// The version's stage now; none where it was done to the whole secret.
    pub stage: Option<Stage>,
    /// 8 bytes of a keyed hash of the value, in hexadecimal.
    pub fingerprint: Option<String>,
}

/// Secrets, without their values.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SecretList {
    /// By namespace and name.
    pub secrets: Vec<SecretView>,
}

/// A secret, without its value.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SecretView {
    /// Which one.
    pub reference: String,
    /// Whether it is deleted, and can be restored.
    pub deleted: bool,
    /// What its administrators say about it.
    pub metadata: BTreeMap<String, String>,
    /// When its values are to be replaced; none: never.
    pub schedule: Option<SecretSchedule>,
    /// How old its current value is; none without a schedule.
    pub age: Option<Age>,
    /// When its current value is due, seconds since 1970.
    pub due_at: Option<i64>,
    /// From when on its current value is overdue, seconds since 1970.
    pub overdue_at: Option<i64>,
    /// Its versions, rising.
    pub versions: Vec<SecretVersion>,
}

/// A version, without its value.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SecretVersion {
    /// Its number.
    pub version: u64,
    /// Where it stands.
    pub stage: Stage,
    /// Whose it is.
    pub owner: SecretOwner,
    /// When it was put, seconds since 1970.
    pub created_at: i64,
    /// From when on it may be used, seconds since 1970.
    pub not_before: Option<i64>,
    /// Until when it may be used, seconds since 1970.
    pub expires_at: Option<i64>,
    /// 8 bytes of a keyed hash of the value, in hexadecimal.
    pub fingerprint: String,
}

/// How far the secrets of a tenant are under its new master.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MovedSecrets {
    /// The id of the current master; none where the tenant never had a secret.
    pub master: Option<String>,
    /// Secrets that this call moved.
    pub moved: usize,
    /// Secrets that are still to be moved.
    pub left: usize,
    /// Whether no secret is under another master, and none can be any more.
    pub finished: bool,
    /// Secrets that cannot be moved.
    pub faults: Vec<SecretFault>,
}

/// A tenant whose secrets are gone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OffboardedTenant {
    /// Which one.
    pub tenant: String,
    /// Whether there were any to destroy.
    pub had_secrets: bool,
}

/// What verification of a tenant's secrets found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SecretReport {
    /// Whether everything is as it was written.
    pub ok: bool,
    /// Secrets that were looked at.
    pub secrets: usize,
    /// Versions whose value was decrypted.
    pub versions: usize,
    /// What is wrong.
    pub faults: Vec<SecretFault>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SecretFault {
    /// Which secret or version; none: the tenant's own row, or its audit trail.
    pub reference: Option<String>,
    /// `vault.undecryptable`, `vault.rolled_back`, `key.unusable` where the root key is missing, or `store.corrupt` for a trail
    /// that does not verify.
    pub code: &'static str,
}

impl From<SecretRef> for ReferenceParts {
    fn from(reference: SecretRef) -> Self {
        let path = reference.path();
        Self {
            tenant: path.tenant().to_string(),
            namespace: path.namespace().to_owned(),
            name: path.name().to_owned(),
            version: reference.version().map(vault::Version::number),
        }
    }
}

impl From<Written> for WrittenSecret {
    fn from(written: Written) -> Self {
        let Written { reference, stage, fingerprint } = written;
        Self { reference: reference.to_string(), stage, fingerprint }
    }
}

impl From<Vec<Described>> for SecretList {
    fn from(listed: Vec<Described>) -> Self {
        Self { secrets: listed.into_iter().map(SecretView::from).collect() }
    }
}

impl From<Described> for SecretView {
    fn from(described: Described) -> Self {
        let Described { path, is_deleted, metadata, schedule, due, versions } = described;
        let overdue_at = due.and_then(|due| due.overdue_at).map(Timestamp::seconds);
        Self {
            reference: path.to_string(),
            deleted: is_deleted,
            metadata,
            schedule: schedule.map(SecretSchedule::from),
            age: due.map(|due| due.age),
            due_at: due.map(|due| due.due_at.seconds()),
            overdue_at,
            versions: versions.into_iter().map(SecretVersion::from).collect(),
        }
    }
}

impl From<DescribedVersion> for SecretVersion {
    fn from(described: DescribedVersion) -> Self {
        let vault::Owner { kind, issuer, id } = described.owner;
        let seconds = |moment: Option<Timestamp>| moment.map(Timestamp::seconds);
        Self {
            version: described.version.number(),
            stage: described.stage,
            owner: SecretOwner { kind, issuer: issuer.to_string(), id },
            created_at: described.created.seconds(),
            not_before: seconds(described.lifetime.not_before),
            expires_at: seconds(described.lifetime.expires),
            fingerprint: described.fingerprint,
        }
    }
}

impl From<Moved> for MovedSecrets {
    fn from(moved: Moved) -> Self {
        let Moved { master, moved, left, is_finished: finished, faults } = moved;
        Self { master, moved, left, finished, faults: faults.into_iter().map(SecretFault::from).collect() }
    }
}

impl From<Offboarded> for OffboardedTenant {
    fn from(done: Offboarded) -> Self {
        Self { tenant: done.tenant.to_string(), had_secrets: done.had_secrets }
    }
}

impl From<Fault> for SecretFault {
    fn from(fault: Fault) -> Self {
        let reference = fault.reference.map(|reference| reference.to_string());
        Self { reference, code: fault.code.as_str() }
    }
}

impl From<VaultReport> for SecretReport {
    fn from(report: VaultReport) -> Self {
        let (secrets, versions) = (report.secrets, report.versions);
        let faults: Vec<_> = report.faults.into_iter().map(SecretFault::from).collect();
        Self { ok: faults.is_empty(), secrets, versions, faults }
    }
}
