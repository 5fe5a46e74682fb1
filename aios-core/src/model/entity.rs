//! A reference to a thing that policies talk about.

use serde::{Deserialize, Serialize};

/// The type and id of an entity, for example `Aios::Data` and `report-7`.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct EntityRef {
    /// The entity type with its namespace.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id, any text.
    pub id: String,
}

impl EntityRef {
    /// A reference from its two parts.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }
}

/// Whose an entity is, seen from one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// Another tenant's store knows it, and neither this tenant's nor the shared base does.
    Foreign,
    /// This tenant's store knows it.
    Own,
    /// The shared base knows it.
    Shared,
    /// No store knows it.
    Unknown,
}
