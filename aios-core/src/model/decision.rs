//! What policy said, as data.

use std::sync::Arc;

use serde::Serialize;

use super::Code;

/// A policy that failed while it was evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
pub struct PolicyFault {
    /// The policy's id.
    pub policy: String,
    /// What went wrong, in Cedar's words.
    pub message: String,
}

/// The answer of `check`: the same decision `authorize` would take, without a record or a permit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether the call may be made.
    pub allowed: bool,
    /// Why not.
    pub code: Option<Code>,
    /// Ids of the policies that decided.
    pub policies: Vec<String>,
    /// Policies that failed; any one of them refuses.
    pub errors: Vec<PolicyFault>,
    /// Digest of the configuration and policies that decided, lower-case hex of SHA-256.
    pub digest: Arc<str>,
    /// The version of the entities and policies that the caller's tenant keeps in the store, by which was decided; 0 where it keeps none.
    pub entities_version: u64,
}
