//! Every cryptographic primitive of AIOS. No other room names a crypto crate.
//!
//! Randomness is the operating system's on each call: a userspace generator would be copied by `fork`.

mod hash;
mod root;
mod seal;
pub mod signature;

pub use hash::{Digest, MacKey, equal, frame, mac, sha256};
pub use root::{RootKeyError, RootKeys, Wrapped};
pub use seal::{HEAD as SEALED_HEAD, Opening, Sealing, open, seal};

/// Something cryptographic failed. Deliberately without a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cryptographic operation failed")]
pub struct Error;

/// Random bytes from the operating system.
///
/// # Errors
/// The operating system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
