//! Rotation by a driver: code of the host's that makes a new value, brings it to where it is checked, and tries it.
//!
//! Each step is an operation of its own, so whoever is cut short between two goes on with the next: the row says which version a
//! driver brings and how far it came. While both are valid, the old value is `previous` and the new one `current`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::desk::{By, New};
use super::orders::demand_latest;
use super::{Lifetime, Vault, Written};
use crate::model::{Code, Refusal, Secret, Who};
use crate::vault::{self, Binding, Error, SecretPath, SecretRef, Stage, Terms, Version, from_text};

/// Makes values for secrets of one kind. Every step may come again for the same version, after a crash or in another process,
/// and must then do what it did: the reference names the version and serves as the id of the request.
///
/// # Security
/// A driver sees the new value: it makes it. It never sees the one before.
pub trait Driver: Send + Sync {
    /// Makes the value of the version, for example a new API key.
    ///
    /// # Errors
    /// It could not; nothing was changed.
    fn create(&self, at: &SecretRef) -> Result<Secret, DriverError>;

    /// Makes the value valid where it is checked, beside the current one.
    ///
    /// # Errors
    /// It could not; it is tried again.
    fn set(&self, at: &SecretRef, value: &Secret) -> Result<(), DriverError>;

    /// Tries the value.
    ///
    /// # Errors
    /// It does not serve: it does not become current.
    fn test(&self, at: &SecretRef, value: &Secret) -> Result<(), DriverError>;

    /// Learns that the version is current, and may take away what came before the previous one.
    ///
    /// # Errors
    /// It could not; it is told again.
    fn finish(&self, at: &SecretRef) -> Result<(), DriverError>;
}

/// Why a step failed, in words that are safe to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DriverError(pub String);

/// Drivers by the secrets that they serve.
#[derive(Clone, Default)]
pub struct Drivers(BTreeMap<String, Arc<dyn Driver>>);

impl std::fmt::Debug for Drivers {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.0.keys()).finish()
    }
}

impl Drivers {
    /// The same, with a driver for the secret `namespace/name`.
    #[must_use]
    pub fn with(mut self, local: impl Into<String>, driver: Arc<dyn Driver>) -> Self {
        self.0.insert(local.into(), driver);
        self
    }

    fn of(&self, path: &SecretPath) -> Option<&dyn Driver> {
        self.0.get(&path.local()).map(|driver| &**driver)
    }
}

/// What became of one secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Driven {
    /// Which one.
    pub path: SecretPath,
    /// The version that is current now, or why there is none yet.
    pub done: Result<Written, Refusal>,
}

/// How far a rotation came.
enum Stand {
    /// Nothing was begun; the latest version.
    Fresh(Version),
    /// A value is pending.
    Pending(Version, Secret),
    /// It is current, and the driver was not told.
    Current(Version),
}

impl Vault {
    /// Replaces a secret's value by a driver's, or goes on where somebody was cut short. It takes `secret_admin` for the
    /// operations `rotate` and `promote`; the driver's own time is nobody's deadline.
    ///
    /// # Errors
    /// As [`Vault::rotate`]; `vault.upstream` with the step where the driver failed, and everything stays as it was;
    /// `vault.conflict` where an administrator has a version pending, or another process is first.
    pub fn drive(
        &self,
        who: impl Into<Who>,
        path: &SecretPath,
        driver: &dyn Driver,
    ) -> Result<Written, Refusal> {
        let who = who.into();
        let (version, value) = match self.stand(&who, path)? {
            Stand::Current(version) => return self.finish(&who, path, version, driver),
            Stand::Pending(version, value) => (version, value),
            Stand::Fresh(latest) => {
                let at = path.clone().at(Some(latest.next().ok_or(Error::Conflict)?));
                let value = driver.create(&at).map_err(|error| failed("driver.create", error))?;
                let written = self.bring(&who, &path.clone().at(Some(latest)), &value)?;
                (written.reference.version().ok_or(Code::Internal)?, value)
            }
        };
        let at = path.clone().at(Some(version));
        driver.set(&at, &value).map_err(|error| failed("driver.set", error))?;
        driver.test(&at, &value).map_err(|error| failed("driver.test", error))?;
        drop(value);
        self.promote(who.clone(), &at)?;
        self.finish(&who, path, version, driver)
    }

    /// Drives every secret of the tenant of who asks that is due, or with which somebody was cut short, and for which there is a
    /// driver. One that fails keeps none of the others.
    ///
    /// # Errors
    /// As [`Vault::due`].
    pub fn drive_due(&self, who: impl Into<Who>, drivers: &Drivers) -> Result<Vec<Driven>, Refusal> {
        let who = who.into();
        let due = self.due(who.clone())?.secrets;
        let drive = |path: SecretPath| {
            let driver = drivers.of(&path)?;
            let done = self.drive(who.clone(), &path, driver);
            Some(Driven { path, done })
        };
        Ok(due.into_iter().filter_map(|secret| drive(secret.path)).collect())
    }

    fn stand(&self, who: &Who, path: &SecretPath) -> Result<Stand, Refusal> {
        let (at, mut stand) = (path.clone().at(None), None);
        self.administer(who, "rotate", &at, |desk| {
            let (opened, found) = desk.find()?;
            let kept = &found.kept;
            if kept.is_deleted() {
                return Err(Error::Ended.into());
            }
            let driven = kept.driven().and_then(|version| kept.version(Some(version)).ok());
            stand = Some(match driven {
                Some(driven) if driven.stage == Stage::Pending => {
                    let version = driven.version();
                    let binding = Binding { path, version, terms: driven.terms.as_bytes() };
                    let value = vault::open(&from_text(&driven.envelope)?, &opened.wrapping(), &binding)?;
                    Stand::Pending(version, value)
                }
                Some(driven) if driven.stage == Stage::Current => Stand::Current(driven.version()),
                // Somebody else's, which is not to be replaced.
                Some(_) | None if kept.versions().iter().any(|kept| kept.stage == Stage::Pending) => {
                    return Err(Error::Conflict.into());
                }
                Some(_) | None => Stand::Fresh(kept.latest().ok_or(Error::NotFound)?),
            });
            Ok((Written::of(&at, kept), found.revision))
        })?;
        stand.ok_or_else(|| Code::Internal.into())
    }

    /// Keeps a driver's value as the pending version.
    fn bring(&self, who: &Who, latest: &SecretRef, value: &Secret) -> Result<Written, Refusal> {
        self.administer(who, "rotate", latest, |desk| {
            let (opened, found) = desk.find()?;
            demand_latest(&found.kept, latest.version())?;
            let terms = found.kept.version(latest.version())?.terms.clone();
            Terms::read(&terms)?.admit(value)?;
            let (stage, lifetime) = (Stage::Pending, Lifetime::default());
            desk.add(opened, found, New { value, stage, lifetime, terms, by: By::Driver })
        })
    }

    fn finish(
        &self,
        who: &Who,
        path: &SecretPath,
        version: Version,
        driver: &dyn Driver,
    ) -> Result<Written, Refusal> {
        let at = path.clone().at(Some(version));
        driver.finish(&at).map_err(|error| failed("driver.finish", error))?;
        self.change(who, "rotate", &at, |kept| {
            // Where another version was brought meanwhile, that one is not finished.
            if kept.driven() == Some(version) {
                kept.drive(None);
            }
            Ok(())
        })
    }
}

fn failed(step: &'static str, error: DriverError) -> Refusal {
    Refusal::new(Code::VaultUpstream).at(step).hint(error.0)
}
