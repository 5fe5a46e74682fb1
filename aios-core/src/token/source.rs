//! The port through which keys come.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use super::KeySet;
use crate::model::{IssuerName, Refusal, Wait};

/// Why no keys came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySourceError {
    /// The issuer's key server fails, and no set that is fresh enough is at hand; trying again may help.
    #[error("the issuer's keys cannot be had at present")]
    Unavailable,
    /// The answer needs waiting, and the caller may not wait.
    #[error("the answer would need waiting")]
    WouldWait,
}

impl From<KeySourceError> for Refusal {
    fn from(error: KeySourceError) -> Self {
        match error {
            KeySourceError::Unavailable => crate::model::Code::TokenKeysUnavailable.into(),
            KeySourceError::WouldWait => crate::model::Code::WouldWait.into(),
        }
    }
}

/// A set that was fetched.
#[derive(Debug, Clone)]
pub struct KeptKeys {
    /// Whose it is.
    pub issuer: IssuerName,
    /// The JSON Web Key Set as it came.
    pub document: Vec<u8>,
    /// How long ago it came.
    pub age: Duration,
}

/// Port: the key sets of the configured issuers.
///
/// Never called by this room: [`super::verify`] says what it lacks, and the engine asks.
pub trait KeySource: Send + Sync + Debug {
    /// The set at hand, without waiting or fetching.
    ///
    /// `Some`: a set that may still be used. `None`: never fetched, too old, or no such issuer.
    fn known(&self, issuer: &IssuerName) -> Option<Arc<KeySet>>;

    /// A set that is likely to hold this key, fetched if need be.
    ///
    /// `Ok`: the newest set, which may lack the key; it may be the one already known, where the issuer's budget of
    /// fetches for unknown keys is spent. One fetch serves all who wait for the same issuer.
    ///
    /// # Errors
    /// See [`KeySourceError`].
    fn fetch(&self, issuer: &IssuerName, kid: &str, wait: Wait) -> Result<Arc<KeySet>, KeySourceError>;

    /// The sets at hand that were fetched, as they came, for another process to begin with.
    fn kept(&self) -> Vec<KeptKeys>;

    /// Begins with a set that another process fetched, unless one is at hand. It is fetched anew as soon as somebody asks.
    ///
    /// `true`: it was taken. `false`: one is at hand.
    ///
    /// # Errors
    /// [`KeySourceError::Unavailable`]: no such issuer, or no set of keys for it.
    fn keep(&self, kept: KeptKeys) -> Result<bool, KeySourceError>;
}
