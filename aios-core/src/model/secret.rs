//! Bytes that wipe themselves, never print and never serialise.

use zeroize::Zeroizing;

/// Secret bytes. No `Display`, `Serialize` or `Clone`; `Debug` shows nothing; wiped when dropped.
///
/// ```compile_fail
/// fn clones<T: Clone>() {}
/// clones::<aios_core::Secret>();
/// ```
/// ```compile_fail
/// fn prints<T: std::fmt::Display>() {}
/// prints::<aios_core::Secret>();
/// ```
/// ```compile_fail
/// fn is_written<T: serde::Serialize>() {}
/// is_written::<aios_core::Secret>();
/// ```
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes ownership of the bytes; the caller's copy is the caller's to wipe.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves.
    ///
    /// # Security
    /// Whoever copies them answers for the copy.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret")
    }
}
