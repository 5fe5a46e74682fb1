//! What is asked of the policies that tenants keep and what is answered, as plain data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::object;
use super::wire::Credential;
use crate::engine::layer::{FoundPolicies, NamedPolicy};

/// A policy that a tenant keeps.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeptPolicy {
    /// Letters, digits, `.`, `_` and `-`. Decisions call it `tenants/<tenant>:<name>`.
    pub name: String,
    /// One policy in Cedar's own syntax.
    pub text: String,
}

/// A policy to be kept in the tenant of who asks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutPolicy {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Its name.
    pub name: String,
    /// One policy in Cedar's own syntax.
    pub text: String,
    /// Only where the tenant's policies are at this revision, 0 where there never were any.
    #[serde(default)]
    pub expect: Option<u64>,
}

/// A policy to be taken out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemovePolicy {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Its name.
    pub name: String,
    /// Only where the tenant's policies are at this revision.
    #[serde(default)]
    pub expect: Option<u64>,
}

/// Changes that are made together: all of them or none.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePolicies {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Policies that take the place of those of their names.
    #[serde(default, deserialize_with = "object::many")]
    pub put: Vec<KeptPolicy>,
    /// The names of those that are taken out.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Only where the tenant's policies are at this revision, 0 where there never were any.
    #[serde(default)]
    pub expect: Option<u64>,
}

/// Who asks for the policies.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPolicies {
    /// Who asks for them. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
}

/// What a write came to.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct WrittenPolicies {
    /// The revision that the tenant's policies have now.
    pub revision: u64,
}

/// The policies that a tenant keeps.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PolicyList {
    /// All of them, by name.
    pub policies: Vec<KeptPolicy>,
    /// Their revision: 0 where there never were any.
    pub revision: u64,
}

impl From<KeptPolicy> for NamedPolicy {
    fn from(KeptPolicy { name, text }: KeptPolicy) -> Self {
        Self { name, text }
    }
}

impl From<FoundPolicies> for PolicyList {
    fn from(FoundPolicies { policies, revision }: FoundPolicies) -> Self {
        let shown = |NamedPolicy { name, text }| KeptPolicy { name, text };
        Self { policies: policies.into_iter().map(shown).collect(), revision }
    }
}
