//! Administering secrets: asked for like any call, recorded before it is done, and recorded again with what it did.
//!
//! Nothing here gives a value away but `revealing`, where the operator lets it. Denied means that no row was read and nothing decrypted.

mod answer;
mod awaiting;
mod choosing;
mod counting;
mod desk;
mod doctor;
mod driving;
mod keeper;
mod masters;
mod moving;
mod offboarding;
mod orders;
mod payload;
mod places;
mod revealing;
mod review;
mod scheduling;
mod sending;
mod service;
mod telling;
mod tenants;
#[cfg(test)]
mod tests;
mod using;
mod worker;

use serde_json::{Map, Value, json};

pub use self::answer::Answer;
pub use self::doctor::{Ailment, Diagnosis, Symptom};
pub use self::driving::{Driven, Driver, DriverError, Drivers};
pub(in crate::engine) use self::keeper::Keeper;
pub use self::moving::Moved;
pub use self::offboarding::Offboarded;
pub use self::orders::{Described, DescribedVersion, Lifetime, Put, Rotation, Written};
pub use self::payload::{Payload, PayloadOrder};
pub(in crate::engine) use self::places::Places;
pub use self::revealing::Revealed;
pub use self::review::{Fault, VaultReport};
pub use self::scheduling::{DueReport, DueSecret};
pub use self::sending::{Sending, Upload};
pub use self::service::AnswerBody;
pub use self::using::{Fetch, SecretUse};
pub use self::worker::Work;
pub(in crate::engine) use self::worker::Workers;

use self::desk::{By, New, every};
use self::orders::{NEEDS_VERSION, demand_latest, demand_whole};
use super::live::Live;
use super::{Aios, Engine, Outcome};
use crate::model::{Code, Refusal, Who};
use crate::vault::{SecretPath, SecretRef, Terms, check_metadata};

/// The action that administering secrets takes.
const ACTION: &str = "secret_admin";

/// An engine's secrets, for those who administer them.
#[derive(Clone, Debug)]
pub struct Vault(pub(super) Aios);

impl Aios {
    /// The secrets of the engine's tenants.
    #[must_use]
    pub fn vault(&self) -> Vault {
        Vault(self.clone())
    }
}

impl Vault {
    /// Puts a secret: a new one at a reference without version, a new version of one that is at the version that the
    /// reference names. Fixes whose it is and how it may be used.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `vault.conflict` where the secret is elsewhere; `policy.input` for what goes against a
    /// rule; `store.*` where the store does not take it: then it may be there or not.
    pub fn put(&self, who: impl Into<Who>, put: &Put) -> Result<Written, Refusal> {
        let terms = put.terms.write()?;
        put.terms.admit(&put.value)?;
        check_metadata(&put.metadata)?;
        self.administer(&who.into(), "put", &put.at, |desk| {
            let opened = desk.live.vault.open_or_make(desk.path.tenant())?;
            let mut found = desk.live.vault.find(&opened, desk.path)?.unwrap_or_default();
            demand_latest(&found.kept, put.at.version())?;
            found.kept.metadata.clone_from(&put.metadata);
            found.kept.schedule = put.schedule.or(found.kept.schedule);
            let Put { value, stage, lifetime, .. } = put;
            desk.add(opened, found, New { value, stage: *stage, lifetime: *lifetime, terms, by: By::Hand })
        })
    }

    /// Adds a version to the secret that is at the version that the reference names, on the same terms.
    ///
    /// # Errors
    /// As [`Vault::put`]; `vault.not_found`; `vault.ended` while it is deleted.
    pub fn rotate(&self, who: impl Into<Who>, order: &Rotation) -> Result<Written, Refusal> {
        let latest = order.at.version().ok_or(NEEDS_VERSION)?;
        self.administer(&who.into(), "rotate", &order.at, |desk| {
            let (opened, found) = desk.find()?;
            demand_latest(&found.kept, Some(latest))?;
            let terms = found.kept.version(Some(latest))?.terms.clone();
            let Rotation { value, stage, lifetime, .. } = order;
            Terms::read(&terms)?.admit(value)?;
            desk.add(opened, found, New { value, stage: *stage, lifetime: *lifetime, terms, by: By::Hand })
        })
    }

    /// Makes the pending version that the reference names current.
    ///
    /// # Errors
    /// As [`Vault::rotate`]; `vault.ended` where it is not pending.
    pub fn promote(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        let version = at.version().ok_or(NEEDS_VERSION)?;
        self.change(&who.into(), "promote", at, |kept| kept.promote(version))
    }

    /// Takes a version, or all of them, out of use at once and for good. The value stays until it is destroyed.
    ///
    /// # Errors
    /// As [`Vault::rotate`].
    pub fn revoke(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        self.change(&who.into(), "revoke", at, |kept| kept.revoke(at.version()))
    }

    /// Destroys the value of a version, or of all, for good. Backups of the store may still hold it.
    ///
    /// # Errors
    /// As [`Vault::rotate`].
    pub fn destroy(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        self.change(&who.into(), "destroy", at, |kept| kept.destroy(at.version()))
    }

    /// Takes the whole secret out of use until it is restored.
    ///
    /// # Errors
    /// As [`Vault::rotate`]; `policy.input` for a reference with a version.
    pub fn delete(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        demand_whole(at)?;
        let now = self.0.0.clock().now();
        self.change(&who.into(), "delete", at, |kept| {
            kept.delete(now);
            Ok(())
        })
    }

    /// Takes a deletion back.
    ///
    /// # Errors
    /// As [`Vault::delete`].
    pub fn restore(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        demand_whole(at)?;
        self.change(&who.into(), "restore", at, |kept| {
            kept.restore();
            Ok(())
        })
    }

    /// What secrets there are in the tenant of who asks, or in one of its namespaces. No value among them.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `vault.*` where a row is not what was written there.
    pub fn list(&self, who: impl Into<Who>, namespace: Option<&str>) -> Result<Vec<Described>, Refusal> {
        let now = self.0.0.clock().now();
        self.survey(&who.into(), "list", |live, tenant| {
            let is_meant =
                |path: &SecretPath| namespace.is_none_or(|namespace| namespace == path.namespace());
            let listed = every(live, tenant, is_meant, |path, kept| Described::of(path, kept, now))?;
            let data = Map::from_iter([("secrets".to_owned(), listed.len().into())]);
            Ok((listed, data))
        })
    }

    /// Decrypts every secret of the tenant of who asks, and holds its row against what the audit trail says of it. What is
    /// wrong is in the report.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `store.*` where the store cannot be read.
    pub fn verify(&self, who: impl Into<Who>) -> Result<VaultReport, Refusal> {
        let forward_secure = !self.0.0.plan.root.exportable();
        self.survey(&who.into(), "verify", |live, tenant| {
            let report = review::review(live, tenant, forward_secure)?;
            let data = json!({"secrets": report.secrets, "versions": report.versions, "faults": report.faults.len()});
            let Value::Object(data) = data else { return Err(Code::Internal.into()) };
            Ok((report, data))
        })
    }
}
