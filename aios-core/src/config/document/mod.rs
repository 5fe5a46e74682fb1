//! `aios.toml` as it is written: names, units and defaults, nothing checked but its shape.

mod crossing;
mod issuer;
mod sections;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub use crossing::{CrossPrincipal, CrossTenant};
pub use issuer::{
    ClaimNames, Client, ClientAuthentication, ClientsWord, Cloud, Introspection, Issuer, RoleWord, Roles,
    ScopeWord, SecretSource, TenantWord, Tenants, WithoutSub,
};
pub use sections::{
    Audit, CaWord, Development, Dpop, Input, Keys, Net, NonceWord, Policy, Proxy, Revocation, Store, Vault,
};

/// The configuration of one engine. Relative paths start at the file's folder; secret values never stand in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "aios.toml", rename = "aios.toml")]
pub struct Document {
    /// Name of this deployment, for example `prod-eu`; part of every audit chain's id, so never change it.
    pub deployment: String,
    /// Audiences of which a token must name at least one.
    pub audience: Vec<String>,
    /// How long a permit lasts, in seconds: 1 to 3600, 60 unless told.
    #[serde(default = "sixty")]
    pub permit_seconds: i64,
    /// What only a developer's machine may do.
    #[serde(default)]
    pub development: Development,
    /// Limits that hold before a token is parsed.
    #[serde(default)]
    pub input: Input,
    /// How issuers and others are asked.
    #[serde(default)]
    pub net: Net,
    /// Who may vouch for callers.
    #[serde(default)]
    pub issuer: Vec<Issuer>,
    /// Registered clients: what they are, whose they are, their ceiling.
    #[serde(default)]
    pub client: Vec<Client>,
    /// Ceilings: scope to the actions that a token with it may do at most. None unless told.
    #[serde(default)]
    pub scopes: BTreeMap<String, Vec<String>>,
    /// What principals of one tenant may ask of another tenant's things.
    #[serde(default)]
    pub cross_tenant: Vec<CrossTenant>,
    /// Where the policies are.
    pub policy: Policy,
    /// Where records and state are kept.
    pub store: Store,
    /// The root keys. Needed by every store on disk.
    pub keys: Option<Keys>,
    /// How the audit trail is written.
    #[serde(default)]
    pub audit: Audit,
    /// How soon a revocation made elsewhere is seen here.
    #[serde(default)]
    pub revocation: Revocation,
    /// Where clients reach this deployment: an https URL, of which everything they call lies below. Needed where tokens are
    /// bound to a key: a proof names the URL that it is for.
    pub public_url: Option<String>,
    /// What holds for proofs of such a key.
    #[serde(default)]
    pub dpop: Dpop,
    /// How secrets are kept.
    #[serde(default)]
    pub vault: Vault,
}

fn sixty() -> i64 {
    60
}
