//! The version of a secret that may be used now: chosen first, decrypted only once nothing is left to refuse.

use super::counting::LimitedUse;
use super::desk::Desk;
use super::keeper::{Found, Opened};
use crate::model::{Refusal, Secret, Timestamp};
use crate::vault::{self, Age, Binding, SecretRef, Terms, Version, from_text};

/// A version that may be used, and what its secret's row says of it. Nothing of it was decrypted.
#[derive(Debug)]
pub(super) struct Chosen {
    opened: Opened,
    found: Found,
    pub(super) version: Version,
    pub(super) age: Age,
    pub(super) terms: Terms,
    pub(super) fingerprint: String,
    now: Timestamp,
    /// How often the row of its uses was written once this one was counted; none where they are not.
    pub(super) counted: Option<u64>,
}

impl Desk<'_> {
    /// The version that a reference means, where it may be used at this moment.
    pub(super) fn choose(&self, version: Option<Version>, now: Timestamp) -> Result<Chosen, Refusal> {
        let (opened, found) = self.find()?;
        let kept = found.kept.usable(version, now)?;
        let age = found.kept.age(kept, now)?;
        let (version, terms) = (kept.version(), Terms::read(&kept.terms)?);
        let fingerprint = kept.fingerprint.clone();
        Ok(Chosen { opened, found, version, age, terms, fingerprint, now, counted: None })
    }

    /// Decrypts what was chosen here, once it is counted where that is limited.
    pub(super) fn open(&self, chosen: &mut Chosen) -> Result<Secret, Refusal> {
        if let Some(limits) = &chosen.terms.limits {
            let (kept, version, now) = (&chosen.found.kept, chosen.version, chosen.now);
            let asked = LimitedUse { limits, kept, version, now };
            chosen.counted = Some(self.live.vault.count(self.path, asked, self.by)?);
        }
        let kept = chosen.found.kept.version(Some(chosen.version))?;
        let binding = Binding { path: self.path, version: chosen.version, terms: kept.terms.as_bytes() };
        Ok(vault::open(&from_text(&kept.envelope)?, &chosen.opened.wrapping(), &binding)?)
    }

    /// The reference of what was chosen here.
    pub(super) fn reference(&self, chosen: &Chosen) -> SecretRef {
        self.path.clone().at(Some(chosen.version))
    }
}
