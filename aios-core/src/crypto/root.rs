//! Keys that wrap keys. Nothing is derived from a root, so one that never leaves its device fits.

use crate::model::Secret;

/// A key sealed under a root key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrapped {
    /// Which root key sealed it.
    pub kid: String,
    /// What it became.
    pub bytes: Vec<u8>,
}

/// Why a root key did not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RootKeyError {
    /// The operating system or the key service failed; trying again may help.
    #[error("the root key service failed")]
    Unavailable,
    /// No root key of this id is at hand.
    #[error("the root key that wrapped the key is not at hand")]
    Unknown,
    /// The bytes do not open under the root key of that id in this context.
    #[error("the wrapped key does not open under its root key")]
    Unusable,
}

/// Port: wraps random masters under keys kept elsewhere (a file, a key service).
///
/// `context` is not secret and must be the same for both ways: what is wrapped for one purpose, deployment and
/// tenant opens for no other.
pub trait RootKeys: Send + Sync + std::fmt::Debug {
    /// Seals a key under the current root key. Fails only as [`RootKeyError::Unavailable`].
    ///
    /// # Errors
    /// See [`RootKeyError`].
    fn wrap(&self, context: &[u8], key: &Secret) -> Result<Wrapped, RootKeyError>;

    /// Opens what [`RootKeys::wrap`] sealed, under the root key it names.
    ///
    /// # Errors
    /// See [`RootKeyError`].
    fn unwrap(&self, context: &[u8], wrapped: &Wrapped) -> Result<Secret, RootKeyError>;

    /// The id of the root key that seals now. Fails only as [`RootKeyError::Unavailable`].
    ///
    /// # Errors
    /// See [`RootKeyError`].
    fn current(&self) -> Result<String, RootKeyError>;

    /// Whether whoever controls this machine can take the root keys away, as from a file or from memory.
    fn exportable(&self) -> bool {
        true
    }
}
