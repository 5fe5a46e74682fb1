//! `aios.toml`, or the same tree as a value, to settings that cannot be wrong.
//!
//! Mistakes of shape are reported with their path, mistakes of meaning all together. Everything the settings name is
//! read here, except the store.

mod check;
mod clients;
mod crossings;
pub mod document;
mod error;
mod folder;
mod introspection;
mod issuers;
mod keys;
mod outbound;
mod presets;
mod secrets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use document::Document;
pub use error::{Error, Problem};

use crate::model::{Crossing, Kind};
use crate::policy::{BuiltInRole, Delegable};

/// Nobody writes a megabyte of configuration.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of this deployment.
    pub deployment: String,
    /// How long a permit lasts.
    pub permit_seconds: i64,
    /// Whether issuers on loopback may be reached by plain HTTP.
    pub development_plaintext_loopback: bool,
    /// All that verification of tokens needs to know besides keys and time; its realm is random.
    pub issuers: crate::token::Issuers,
    /// Where each issuer's keys come from.
    pub keys: Vec<crate::net::Origin>,
    /// Who is asked about opaque tokens.
    pub endpoints: Vec<crate::net::Endpoint>,
    /// Whom to trust and through whom to go when somebody is asked.
    pub outbound: crate::net::Outbound,
    /// The grants across tenants, as far as they can be understood without the policies.
    pub crossings: Vec<Crossing>,
    /// The policies.
    pub policy: PolicySettings,
    /// Where records and state are kept.
    pub store: StoreUrl,
    /// The file of root keys, which was sound when it was looked at.
    pub root_keys: Option<PathBuf>,
    /// How the audit trail is written.
    pub audit: AuditSettings,
    /// How soon a revocation made elsewhere is seen here.
    pub revocation: RevocationSettings,
    /// What holds for proofs that come with tokens.
    pub proofs: crate::token::ProofRules,
    /// Whether proofs need a nonce; none: as the store demands.
    pub dpop_nonce: Option<document::NonceWord>,
    /// How secrets are kept.
    pub vault: VaultSettings,
    /// SHA-256 over configuration and policies, lower-case hex.
    pub digest: Arc<str>,
}

/// The policies as files, not yet read as Cedar.
#[derive(Debug, Clone)]
pub struct PolicySettings {
    /// Each file's name, relative to the folder and with `/`, and its bytes; sorted by name.
    pub files: Vec<(String, Vec<u8>)>,
    /// Entity types of callers, where the schema renames ours.
    pub user_types: BTreeMap<Kind, String>,
    /// Entity types that may come without a tenant.
    pub shared: Vec<String>,
    /// The roles whose policies of ours hold.
    pub roles: Vec<BuiltInRole>,
    /// What tenants' own policies may permit.
    pub delegable: Delegable,
    /// For how long what was read of a tenant's kept entities is taken to be all of them.
    pub entities_bound: Duration,
}

/// Where records and state are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// In this process only.
    Memory,
    /// In a file of `SQLite`.
    Sqlite(PathBuf),
}

/// How the audit trail is written.
#[derive(Debug, Clone, Copy)]
pub struct AuditSettings {
    /// How long a call waits for its record to be durable.
    pub deadline: Duration,
    /// Most records of one tenant that may wait.
    pub queue_per_tenant: usize,
}

/// How soon a revocation made elsewhere is seen here. Actions are spelled as in requests.
#[derive(Debug, Clone)]
pub struct RevocationSettings {
    /// For how long what was read is taken to be everything.
    pub bound: Duration,
    /// Actions before which the store is always read.
    pub strict: Vec<String>,
    /// Actions that are allowed so long after the last reading, where the store cannot be read.
    pub grace: BTreeMap<String, Duration>,
}

/// How secrets are kept.
#[derive(Debug, Clone)]
pub struct VaultSettings {
    /// How many versions of a secret keep their value.
    pub keep_versions: usize,
    /// Hosts with their ports that secrets may be sent to, though they are at private addresses; as URLs spell them.
    pub private_hosts: Vec<(String, u16)>,
    /// Whether policy may permit that values are shown.
    pub reveal: bool,
}

impl VaultSettings {
    /// Whether a secret may be sent to a host though it is at a private address.
    #[must_use]
    pub fn is_private_host(&self, host: &str, port: u16) -> bool {
        self.private_hosts.iter().any(|(name, at)| name == host && *at == port)
    }
}

/// Reads a configuration file and everything it names. Relative paths start at the file's folder.
///
/// # Errors
/// The file cannot be read, or what it says is not valid.
pub fn read(path: &Path) -> Result<Settings, Error> {
    let shown = path.display().to_string();
    let bytes =
        folder::read_file(path, MAX_FILE_BYTES).map_err(|problem| Error::one("", problem.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| Error::one(shown.as_str(), "is not UTF-8 text"))?;
    let table: toml::Table = text.parse().map_err(|error| syntax(&shown, &text, &error))?;
    let value = serde_json::to_value(table).map_err(|error| Error::one(shown, error.to_string()))?;
    from_value(value, path.parent().unwrap_or(Path::new("")))
}

/// Takes the same tree as a value. Relative paths start at `base`.
///
/// # Errors
/// What it says is not valid.
#[expect(clippy::needless_pass_by_value, reason = "a configuration is handed over, as by `read`")]
pub fn from_value(value: serde_json::Value, base: &Path) -> Result<Settings, Error> {
    let document: Document = serde_path_to_error::deserialize(&value).map_err(|error| shape(&error))?;
    check::settings(&document, &value, base)
}

fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    Error::one(format!("{file}:{line}"), error.message())
}

fn shape(error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let path = error.path().to_string();
    // The segment it cannot name is in the message.
    let path = path.trim_end_matches(".?");
    Error::one(if path == "." { "" } else { path }, error.inner().to_string())
}

#[cfg(test)]
mod tests;
