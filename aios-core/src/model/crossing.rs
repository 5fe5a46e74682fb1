//! What some principals of one tenant may ask of another tenant's things, until when: the platform's word.

use super::{IssuerName, Kind, TenantId, Timestamp};

/// A grant across two tenants. It lifts the tenant guard for exactly this and permits nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// By what name both tenants' records call it.
    pub name: String,
    /// Whose principals it is about.
    pub from: TenantId,
    /// Whose things.
    pub to: TenantId,
    /// Who may ask. Where somebody acts for somebody, both must be here.
    pub principals: Vec<Party>,
    /// Entity types of the things.
    pub resource_types: Vec<String>,
    /// What may be asked, in every spelling that requests may use.
    pub actions: Vec<String>,
    /// From then on it lifts nothing.
    pub expires: Timestamp,
}

/// Somebody, named exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Party {
    /// What they are.
    pub kind: Kind,
    /// The issuer that vouches for them.
    pub issuer: IssuerName,
    /// Their id there.
    pub id: String,
}
