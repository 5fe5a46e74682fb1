//! Secret values: in a file or a variable that the configuration names, never in it.

use std::path::Path;

use super::document::SecretSource;
use super::folder::{self, FolderError};

const MAX_SECRET_BYTES: u64 = 1026;

/// The bytes, without a line break at their end. Empty where the variable is not set.
pub(super) fn read(source: &SecretSource, base: &Path) -> Result<Vec<u8>, FolderError> {
    let mut bytes = match source {
        SecretSource::Env(name) => variable(name),
        SecretSource::File(file) => folder::read_file(&base.join(file), MAX_SECRET_BYTES)?,
    };
    while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        bytes.pop();
    }
    Ok(bytes)
}

#[expect(clippy::disallowed_methods, reason = "the configuration names the variable")]
fn variable(name: &str) -> Vec<u8> {
    std::env::var(name).unwrap_or_default().into_bytes()
}
