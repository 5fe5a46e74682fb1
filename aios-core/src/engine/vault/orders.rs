//! What is asked of the vault, and what it says of secrets: never a value.

use std::collections::BTreeMap;

use crate::engine::Outcome;
use crate::model::{Secret, Timestamp};
use crate::vault::{
    Due, Error, Kept, KeptVersion, Owner, Schedule, SecretPath, SecretRef, Stage, Terms, Version,
};

/// A secret to be put.
#[derive(Debug)]
pub struct Put {
    /// Where; without a version: a new secret, else the version that it is at.
    pub at: SecretRef,
    /// Its value.
    pub value: Secret,
    /// Whose it is and how it may be used.
    pub terms: Terms,
    /// What its administrators say about it; no secret.
    pub metadata: BTreeMap<String, String>,
    /// When its values are to be replaced; none: as it was, and never for a new secret.
    pub schedule: Option<Schedule>,
    /// What the new version becomes: pending, else current.
    pub stage: Stage,
    /// When the new version may be used.
    pub lifetime: Lifetime,
}

/// A new value for a secret.
#[derive(Debug)]
pub struct Rotation {
    /// The secret, with the version that it is at.
    pub at: SecretRef,
    /// The new value.
    pub value: Secret,
    /// What the new version becomes: pending, else current.
    pub stage: Stage,
    /// When the new version may be used.
    pub lifetime: Lifetime,
}

/// When a version may be used. Always, unless told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// Not before this.
    pub not_before: Option<Timestamp>,
    /// Not from this on.
    pub expires: Option<Timestamp>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What it was done to; a new version's own reference.
    pub reference: SecretRef,
    /// The version's stage now; none where it was done to the whole secret.
    pub stage: Option<Stage>,
    /// The fingerprint of the version's value.
    pub fingerprint: Option<String>,
}

impl Written {
    pub(super) fn of(reference: &SecretRef, kept: &Kept) -> Self {
        let version = reference.version().and_then(|version| kept.version(Some(version)).ok());
        Self {
            reference: reference.clone(),
            stage: version.map(|kept| kept.stage),
            fingerprint: version.map(|kept| kept.fingerprint.clone()),
        }
    }

    /// What the record says of it, with how often the secret's row has now been written.
    pub(super) fn said(&self, revision: u64) -> Outcome {
        let said = Outcome::ok().with("reference", self.reference.to_string()).with("revision", revision);
        let said = match &self.fingerprint {
            Some(fingerprint) => said.with("fingerprint", fingerprint.as_str()),
            None => said,
        };
        match self.stage {
            Some(stage) => said.with("stage", stage.as_str()),
            None => said,
        }
    }
}

/// A secret, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Which one.
    pub path: SecretPath,
    /// Whether it is deleted, and can be restored.
    pub is_deleted: bool,
    /// What its administrators say about it.
    pub metadata: BTreeMap<String, String>,
    /// When its values are to be replaced.
    pub schedule: Option<Schedule>,
    /// How its current value stands to that.
    pub due: Option<Due>,
    /// Its versions, rising.
    pub versions: Vec<DescribedVersion>,
}

/// A version, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedVersion {
    /// Its number.
    pub version: Version,
    /// Where it stands.
    pub stage: Stage,
    /// Whose it is.
    pub owner: Owner,
    /// When it was put.
    pub created: Timestamp,
    /// When it may be used.
    pub lifetime: Lifetime,
    /// The fingerprint of its value.
    pub fingerprint: String,
}

impl Described {
    pub(super) fn of(path: SecretPath, kept: &Kept, now: Timestamp) -> Result<Self, Error> {
        let versions = kept.versions().iter().map(DescribedVersion::of).collect::<Result<_, _>>()?;
        let (is_deleted, metadata) = (kept.is_deleted(), kept.metadata.clone());
        Ok(Self { path, is_deleted, metadata, schedule: kept.schedule, due: kept.due(now), versions })
    }
}

impl DescribedVersion {
    fn of(kept: &KeptVersion) -> Result<Self, Error> {
        let moment = |nanos: Option<i64>| nanos.map(Timestamp::from_nanos);
        Ok(Self {
            version: kept.version(),
            stage: kept.stage,
            owner: Terms::read(&kept.terms)?.owner,
            created: Timestamp::from_nanos(kept.created),
            lifetime: Lifetime { not_before: moment(kept.not_before), expires: moment(kept.expires) },
            fingerprint: kept.fingerprint.clone(),
        })
    }
}

/// What a change of a version asks for.
pub(super) const NEEDS_VERSION: Error =
    Error::Invalid { at: "reference", rule: "a reference with the version that the secret is at" };

/// Whoever changes a secret knows the version that it is at.
pub(super) fn demand_latest(kept: &Kept, expected: Option<Version>) -> Result<(), Error> {
    if kept.latest() == expected { Ok(()) } else { Err(Error::Conflict) }
}

/// What is done to a whole secret names no version.
pub(super) fn demand_whole(at: &SecretRef) -> Result<(), Error> {
    let rule = "a reference without a version: this is done to the whole secret";
    if at.version().is_none() { Ok(()) } else { Err(Error::Invalid { at: "reference", rule }) }
}
