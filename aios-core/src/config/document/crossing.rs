//! `[[cross_tenant]]` as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::Kind;

/// `[[cross_tenant]]`: a grant by which principals of one tenant may ask for things of another. It permits nothing: the
/// platform's policies, those of `from` and those of `to` each have to, and both tenants' trails record it.
///
/// No two grants may say the same of anybody.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrossTenant {
    /// What both tenants' records call it: 1 to 64 of `a-z 0-9 -`.
    pub name: String,
    /// The principals' tenant.
    pub from: String,
    /// The things' tenant, which is another.
    pub to: String,
    /// Who, each named exactly. Where somebody acts for somebody, both have to be here.
    pub principals: Vec<CrossPrincipal>,
    /// Entity types of the things, each of `[policy] delegable.resources` and none of them shared.
    pub resource_types: Vec<String>,
    /// What may be asked, each of `[policy] delegable.actions`. Not groups of actions, nothing of `[revocation] strict`, and not
    /// `administer`, `approve`, `delegate`, `reveal`, `revoke`, `secret_admin`, `use` or what stands in them.
    pub actions: Vec<String>,
    /// From when on it lifts nothing, for example `2027-01-01T00:00:00Z` (RFC 3339). Permits end with it.
    pub expires: String,
}

/// Somebody, named exactly.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrossPrincipal {
    /// What they are.
    pub kind: Kind,
    /// The name of the issuer that vouches for them.
    pub issuer: String,
    /// Their id there.
    pub id: String,
}
