//! Issuers' keys ahead of the first token and who is asked for what, on the engine's handle.
#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation takes its request, which emitters decode, by value"
)]

use super::handles::Engine;
use super::views::{Hydrated, KeySnapshot, Outbound, Restored};
use super::wire::{Nothing, Snapshot};
use crate::model::Refusal;

impl Engine {
    /// `hydrate`.
    ///
    /// # Errors
    /// As [`crate::Aios::hydrate`].
    pub fn hydrate(&self, _: Nothing) -> Result<Hydrated, Refusal> {
        self.0.hydrate().map(|issuers| Hydrated { issuers })
    }

    /// `hydrate`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::hydrate`].
    pub async fn hydrate_async(&self, _: Nothing) -> Result<Hydrated, Refusal> {
        self.0.hydrate_async().await.map(|issuers| Hydrated { issuers })
    }

    /// `snapshot_keys`.
    ///
    /// # Errors
    /// As [`crate::Aios::snapshot_keys`].
    pub fn snapshot_keys(&self, _: Nothing) -> Result<KeySnapshot, Refusal> {
        self.0.snapshot_keys().map(|snapshot| KeySnapshot { snapshot })
    }

    /// `restore_keys`.
    ///
    /// # Errors
    /// As [`crate::Aios::restore_keys`].
    pub fn restore_keys(&self, kept: Snapshot) -> Result<Restored, Refusal> {
        self.0.restore_keys(&kept.snapshot).map(|issuers| Restored { issuers })
    }

    /// `egress`.
    ///
    /// # Errors
    /// As [`crate::Aios::egress`].
    pub fn egress(&self, _: Nothing) -> Result<Outbound, Refusal> {
        self.0.egress().map(|destinations| Outbound { destinations })
    }
}
