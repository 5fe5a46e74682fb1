//! `[[issuer]]` and `[[client]]` as they are written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::Kind;

/// `[[issuer]]`: who may vouch for callers, for which tenants, with which roles.
///
/// Exactly one of `discovery`, `jwks_url`, `jwks_file`, `jwks` says where its keys come from, and one of `tenants`,
/// `tenant` for whom it speaks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Short and stable: 1 to 32 of `a-z 0-9 -`. Prefixes subject, group and tenant ids, so never change it.
    pub name: String,
    /// What is usual for a kind of provider. `generic` unless told.
    #[serde(default)]
    pub preset: Preset,
    /// Exactly what the token's `iss` says: an https URL.
    pub iss: String,
    /// Keys by `OpenID` Connect discovery at `iss`.
    #[serde(default)]
    pub discovery: bool,
    /// Keys from this URL.
    pub jwks_url: Option<String>,
    /// Keys from this file: a JSON Web Key Set, read once.
    pub jwks_file: Option<String>,
    /// Keys in place: a JSON Web Key Set of public keys.
    pub jwks: Option<serde_json::Map<String, serde_json::Value>>,
    /// Signature algorithms it may use, of `EdDSA`, ES256, ES384, PS256, RS256. RS256 and ES256 unless told.
    #[serde(default = "algorithms")]
    pub algorithms: Vec<String>,
    /// Values the token's `typ` may have. `at+jwt` unless told; an empty list takes tokens without `typ` or with `JWT`.
    #[serde(default = "typ")]
    pub typ: Vec<String>,
    /// Tolerance for clocks that differ, in seconds: 0 to 300, 30 unless told.
    #[serde(default = "leeway")]
    pub leeway_seconds: i64,
    /// Longest lifetime of a token, in seconds: 1 to 31536000, 86400 unless told.
    #[serde(default = "lifetime")]
    pub max_lifetime_seconds: i64,
    /// Claims that must be there, besides `iss`, `aud`, `exp` and `sub`, which always must.
    #[serde(default)]
    pub required: Vec<String>,
    /// Names of the claims that AIOS reads.
    #[serde(default)]
    pub claims: ClaimNames,
    /// Tenants it may speak for: AIOS tenant to the claim's value; or `prefixed`: `<name>/<claim>`; or `claim`: the
    /// claim as it is, only where this is the one issuer.
    pub tenants: Option<Tenants>,
    /// The one tenant it speaks for; the claim is not read.
    pub tenant: Option<String>,
    /// Whether its key server may resolve to a private address. Off unless told.
    #[serde(default)]
    pub allow_private: bool,
    /// Roles it may assert: AIOS role to the issuer's role; or `prefixed`: `<name>/<role>`; or `all`: as they are, only
    /// where this is the one issuer. Others are dropped, and all where this is absent.
    pub roles: Option<Roles>,
    /// `none` where its tokens carry no scopes, so that `[scopes]` is no ceiling for them.
    pub scopes: Option<ScopeWord>,
}

fn algorithms() -> Vec<String> {
    vec!["RS256".into(), "ES256".into()]
}

fn typ() -> Vec<String> {
    vec!["at+jwt".into()]
}

fn leeway() -> i64 {
    30
}

fn lifetime() -> i64 {
    86400
}

/// What is usual for a kind of provider.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// RFC 9068: JWT access tokens.
    #[default]
    Generic,
}

/// `claims`: top-level claim names.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimNames {
    /// The tenant, text. `tid` unless told.
    pub tenant: String,
    /// Roles, a list of text. `roles` unless told.
    pub roles: String,
    /// Scopes, a list of text or text separated by spaces. `scope` unless told.
    pub scopes: String,
    /// Group ids, a list of text. `groups` unless told.
    pub groups: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self { tenant: "tid".into(), roles: "roles".into(), scopes: "scope".into(), groups: "groups".into() }
    }
}

/// Which tenants an issuer may speak for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a table of tenant = \"claim value\", \"prefixed\" or \"claim\"")]
pub enum Tenants {
    /// For all by one rule.
    Word(TenantWord),
    /// AIOS tenant to the claim's value.
    Listed(BTreeMap<String, String>),
}

/// A rule for all tenants.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TenantWord {
    /// The claim is the tenant.
    Claim,
    /// `<issuer>/<claim>`.
    Prefixed,
}

/// Which roles an issuer may assert.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a table of role = \"issuer's role\", \"prefixed\" or \"all\"")]
pub enum Roles {
    /// All by one rule.
    Word(RoleWord),
    /// AIOS role to the issuer's role.
    Mapped(BTreeMap<String, String>),
}

/// A rule for all roles.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoleWord {
    /// As they are.
    All,
    /// `<issuer>/<role>`.
    Prefixed,
}

/// What an issuer says of scopes.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScopeWord {
    /// Its tokens carry none.
    None,
}

/// `[[client]]`: a registered client of an issuer. User tokens obtained by it carry it as actor.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The name of the issuer it is registered at.
    pub issuer: String,
    /// Its id there.
    pub id: String,
    /// What it is: `agent`, `app` or `service`.
    pub kind: Kind,
    /// Whose it is. Either this or `platform`.
    pub tenant: Option<String>,
    /// Whether it belongs to the reserved tenant `platform`. Off unless told.
    #[serde(default)]
    pub platform: bool,
    /// Its own ceiling, whatever its tokens say. None unless told.
    #[serde(default)]
    pub scopes: Vec<String>,
}
