//! A secret as it is kept: its versions with their stages, and what may be done to them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Error, Schedule, Stage, Version};
use crate::model::Timestamp;

/// Destroyed versions that are still listed. What came before them is told by the numbers.
const MOST_DESTROYED: usize = 16;
/// Most members of the metadata, and longest name and value.
const MOST_METADATA: usize = 32;
const LONGEST_METADATA: usize = 256;

/// A secret: everything about it but its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// What its administrators say about it; no secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// When it was deleted, in nanoseconds since 1970; it can be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted: Option<i64>,
    /// When its value is to be replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// The version that a driver brings, until it has finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) driven: Option<u64>,
    /// Its versions, rising.
    versions: Vec<KeptVersion>,
}

/// One version of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptVersion {
    version: u64,
    /// Where it stands.
    pub stage: Stage,
    /// When it was put, in nanoseconds since 1970.
    pub created: i64,
    /// From when on it may be used, in nanoseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<i64>,
    /// Until when it may be used, in nanoseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// What records say of its value.
    pub fingerprint: String,
    /// The terms of use, byte for byte as they were put.
    pub terms: String,
    /// The envelope as text; empty once the version is destroyed.
    pub envelope: String,
}

/// A version to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// Its number.
    pub version: Version,
    /// What it becomes.
    pub stage: Stage,
    /// When.
    pub created: Timestamp,
    /// From when on it may be used.
    pub not_before: Option<Timestamp>,
    /// Until when it may be used.
    pub expires: Option<Timestamp>,
    /// What records say of its value.
    pub fingerprint: String,
    /// The terms of use, byte for byte.
    pub terms: String,
    /// The envelope as text.
    pub envelope: String,
}

impl KeptVersion {
    /// Its number. INVARIANT: in range, or the secret would not have been read.
    #[must_use]
    pub fn version(&self) -> Version {
        Version::try_from(self.version).unwrap_or(Version::FIRST)
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now.nanos())
            || self.not_before.is_some_and(|from| now.nanos() < from)
    }

    fn destroy(&mut self) {
        self.stage = Stage::Destroyed;
        self.envelope.clear();
    }
}

impl Kept {
    /// Its versions, rising.
    #[must_use]
    pub fn versions(&self) -> &[KeptVersion] {
        &self.versions
    }

    /// The last version that was put; none before the first.
    #[must_use]
    pub fn latest(&self) -> Option<Version> {
        self.versions.last().map(KeptVersion::version)
    }

    /// The version that a new one will be.
    ///
    /// # Errors
    /// [`Error::Conflict`]: there are 2^53 versions.
    pub fn next(&self) -> Result<Version, Error> {
        self.latest().map_or(Some(Version::FIRST), Version::next).ok_or(Error::Conflict)
    }

    /// Whether it is deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.deleted.is_some()
    }

    /// A version by its number; the current one where none is named.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn version(&self, version: Option<Version>) -> Result<&KeptVersion, Error> {
        let is_meant = |kept: &&KeptVersion| match version {
            Some(version) => kept.version == version.number(),
            None => kept.stage == Stage::Current,
        };
        self.versions.iter().find(is_meant).ok_or(Error::NotFound)
    }

    /// The version that may be used now.
    ///
    /// # Errors
    /// [`Error::Ended`] where it, or the secret, may not; [`Error::NotFound`].
    pub fn usable(&self, version: Option<Version>, now: Timestamp) -> Result<&KeptVersion, Error> {
        let kept = self.version(version)?;
        let is_usable = !self.is_deleted() && kept.stage.is_usable() && !kept.is_over(now);
        if is_usable { Ok(kept) } else { Err(Error::Ended) }
    }

    /// Adds a version. A new current one makes the one before previous, and that one's predecessor retired; a new pending
    /// one takes the place of the one before. Of what is out of use, only so many versions keep their value.
    ///
    /// # Errors
    /// [`Error::Conflict`] where its number is not the next one; [`Error::Ended`] while the secret is deleted.
    pub fn add(&mut self, fresh: Fresh, keep: usize) -> Result<(), Error> {
        if self.next()? != fresh.version {
            return Err(Error::Conflict);
        }
        if self.is_deleted() {
            return Err(Error::Ended);
        }
        if fresh.stage == Stage::Pending {
            self.shift(Stage::Pending, Stage::Retired);
        } else {
            self.make_room();
        }
        let Fresh { version, stage, created, not_before, expires, fingerprint, terms, envelope } = fresh;
        self.versions.push(KeptVersion {
            version: version.number(),
            stage: if stage == Stage::Pending { stage } else { Stage::Current },
            created: created.nanos(),
            not_before: not_before.map(Timestamp::nanos),
            expires: expires.map(Timestamp::nanos),
            fingerprint,
            terms,
            envelope,
        });
        self.forget(keep);
        Ok(())
    }

    /// Makes the pending version current.
    ///
    /// # Errors
    /// [`Error::Ended`] where it is not pending, or the secret is deleted; [`Error::NotFound`].
    pub fn promote(&mut self, version: Version) -> Result<(), Error> {
        if self.version(Some(version))?.stage != Stage::Pending || self.is_deleted() {
            return Err(Error::Ended);
        }
        self.make_room();
        self.shift(Stage::Pending, Stage::Current);
        Ok(())
    }

    /// Takes a version, or all, out of use for good.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn revoke(&mut self, version: Option<Version>) -> Result<(), Error> {
        for kept in self.meant(version)?.filter(|kept| kept.stage.is_usable()) {
            kept.stage = Stage::Retired;
        }
        Ok(())
    }

    /// Destroys the value of a version, or all values, for good.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn destroy(&mut self, version: Option<Version>) -> Result<(), Error> {
        self.meant(version)?.for_each(KeptVersion::destroy);
        self.forget(usize::MAX);
        Ok(())
    }

    /// Deletes it until it is restored.
    pub fn delete(&mut self, now: Timestamp) {
        self.deleted.get_or_insert(now.nanos());
    }

    /// Takes a deletion back.
    pub fn restore(&mut self) {
        self.deleted = None;
    }

    /// Exchanges the envelope of each version that has one. The change must leave bodies as they are.
    ///
    /// # Errors
    /// Those of the change.
    pub fn exchange(&mut self, change: impl Fn(&str) -> Result<String, Error>) -> Result<(), Error> {
        for kept in self.versions.iter_mut().filter(|kept| kept.stage != Stage::Destroyed) {
            kept.envelope = change(&kept.envelope)?;
        }
        Ok(())
    }

    /// Whether what was read keeps the rules by which it was written.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let at_most_one = |stage| self.versions.iter().filter(|kept| kept.stage == stage).count() <= 1;
        let is_sound = |kept: &KeptVersion| {
            Version::try_from(kept.version).is_ok()
                && kept.envelope.is_empty() == (kept.stage == Stage::Destroyed)
        };
        !self.versions.is_empty()
            && self.schedule.is_none_or(|schedule| schedule.is_sound())
            && self.versions.is_sorted_by(|one, other| one.version < other.version)
            && self.versions.iter().all(is_sound)
            && [Stage::Pending, Stage::Current, Stage::Previous].into_iter().all(at_most_one)
    }

    /// The current one becomes previous, and the previous one retired.
    fn make_room(&mut self) {
        self.shift(Stage::Previous, Stage::Retired);
        self.shift(Stage::Current, Stage::Previous);
    }

    fn shift(&mut self, from: Stage, to: Stage) {
        self.versions.iter_mut().filter(|kept| kept.stage == from).for_each(|kept| kept.stage = to);
    }

    fn meant(&mut self, version: Option<Version>) -> Result<impl Iterator<Item = &mut KeptVersion>, Error> {
        if let Some(version) = version {
            self.version(Some(version))?;
        }
        let is_meant = move |kept: &&mut KeptVersion| version.is_none_or(|one| kept.version == one.number());
        Ok(self.versions.iter_mut().filter(is_meant))
    }

    /// Destroys the oldest of what is out of use, and forgets the oldest of what is destroyed.
    fn forget(&mut self, keep: usize) {
        let with_value = self.versions.iter().filter(|kept| kept.stage != Stage::Destroyed).count();
        let retired = self.versions.iter_mut().filter(|kept| kept.stage == Stage::Retired);
        retired.take(with_value.saturating_sub(keep)).for_each(KeptVersion::destroy);
        let destroyed = self.versions.iter().filter(|kept| kept.stage == Stage::Destroyed).count();
        let (latest, mut surplus) = (self.latest(), destroyed.saturating_sub(MOST_DESTROYED));
        self.versions.retain(|kept| {
            // The last one says which number comes next.
            let goes = surplus > 0 && kept.stage == Stage::Destroyed && Some(kept.version()) != latest;
            surplus -= usize::from(goes);
            !goes
        });
    }
}

/// Checks what an administrator says about a secret.
///
/// # Errors
/// [`Error::Invalid`].
pub fn check_metadata(metadata: &BTreeMap<String, String>) -> Result<(), Error> {
    let is_short = |text: &String| text.len() <= LONGEST_METADATA;
    let is_sound = metadata.len() <= MOST_METADATA
        && metadata.iter().all(|(name, value)| !name.is_empty() && is_short(name) && is_short(value));
    let rule = "at most 32 members, each name and value at most 256 bytes";
    if is_sound { Ok(()) } else { Err(Error::Invalid { at: "metadata", rule }) }
}
