//! Rotation of root keys on the engine's handle, and what is asked for it.
#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation takes its request, which emitters decode, by value"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::handles::Engine;
use super::wire::Nothing;
use crate::engine::{Rewrap, RootKeyReport};
use crate::model::{Code, Refusal};

/// How many masters a call wraps anew, unless told.
const MOST: u32 = 1000;

/// How much to wrap anew.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rewrapping {
    /// So many masters at most: 1 or more, 1000 unless told. Pause between calls as you like.
    #[serde(default)]
    pub most: Option<u32>,
    /// Whether to change nothing and only say what there is to do.
    #[serde(default)]
    pub dry_run: Option<bool>,
}

/// One root key of the key file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RootKeyId {
    /// Its id.
    pub kid: String,
}

/// A root key that was made.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RootKey {
    /// Its id.
    pub kid: String,
}

impl Rewrapping {
    fn order(&self) -> Result<Rewrap, Refusal> {
        let most = self.most.unwrap_or(MOST);
        if most == 0 {
            return Err(Refusal::new(Code::PolicyInput).at("most").expected("1 or more"));
        }
        if self.dry_run == Some(true) {
            return Ok(Rewrap::DryRun);
        }
        Ok(Rewrap::AtMost(usize::try_from(most).unwrap_or(usize::MAX)))
    }
}

impl Engine {
    /// `rotate_root_key`.
    ///
    /// # Errors
    /// As [`crate::Aios::rotate_root_key`].
    pub fn rotate_root_key(&self, _: Nothing) -> Result<RootKey, Refusal> {
        self.0.rotate_root_key().map(|kid| RootKey { kid })
    }

    /// `rotate_root_key`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn rotate_root_key_async(&self, _: Nothing) -> Result<RootKey, Refusal> {
        self.0.rotate_root_key_async().await.map(|kid| RootKey { kid })
    }

    /// `rewrap_masters`.
    ///
    /// # Errors
    /// As [`crate::Aios::rewrap_masters`].
    pub fn rewrap_masters(&self, asked: Rewrapping) -> Result<RootKeyReport, Refusal> {
        self.0.rewrap_masters(asked.order()?)
    }

    /// `rewrap_masters`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn rewrap_masters_async(&self, asked: Rewrapping) -> Result<RootKeyReport, Refusal> {
        self.0.rewrap_masters_async(asked.order()?).await
    }

    /// `retire_root_key`.
    ///
    /// # Errors
    /// As [`crate::Aios::retire_root_key`].
    pub fn retire_root_key(&self, asked: RootKeyId) -> Result<RootKeyReport, Refusal> {
        self.0.retire_root_key(&asked.kid)
    }

    /// `retire_root_key`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn retire_root_key_async(&self, asked: RootKeyId) -> Result<RootKeyReport, Refusal> {
        self.0.retire_root_key_async(&asked.kid).await
    }
}
