//! `[[issuer]]` and `[[client]]` as they are written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::Kind;
use crate::token::Preset;

/// `[[issuer]]`: who may vouch for callers, for which tenants, with which roles.
///
/// At most one of `discovery`, `jwks_url`, `jwks_file`, `jwks`, `secret` says where its keys come from; only presets that know may go
/// without. One of `tenants`, `tenant` says for whom it speaks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Short and stable: 1 to 32 of `a-z 0-9 -`. Prefixes subject, group and tenant ids, so never change it.
    pub name: String,
    /// What kind of provider it is, which says what is usual for it (docs/tokens.md). `generic` unless told.
    #[serde(default)]
    pub preset: Preset,
    /// Exactly what the token's `iss` says: an https URL. Presets `entra`, `google` and `workos` know theirs.
    pub iss: Option<String>,
    /// Preset `entra`: which cloud. `global` unless told.
    pub cloud: Option<Cloud>,
    /// Preset `workos`: the client whose sessions are accepted; its key set is its own.
    pub client_id: Option<String>,
    /// `registered` where tokens of clients without a `[[client]]` are refused.
    pub clients: Option<ClientsWord>,
    /// Keys by `OpenID` Connect discovery at `iss`.
    #[serde(default)]
    pub discovery: bool,
    /// Keys from this URL.
    pub jwks_url: Option<String>,
    /// Keys from this file: a JSON Web Key Set, read once.
    pub jwks_file: Option<String>,
    /// Keys in place: a JSON Web Key Set of public keys.
    pub jwks: Option<serde_json::Map<String, serde_json::Value>>,
    /// A secret shared with the issuer, 32 bytes at least, in place of keys; only with `algorithms = ["HS256"]`. Whoever has
    /// it can sign tokens, so prefer keys.
    pub secret: Option<SecretSource>,
    /// How it is asked about its opaque tokens (RFC 7662). Where it has no keys, signed tokens of it are refused.
    pub introspection: Option<Introspection>,
    /// Signature algorithms it may use, of `EdDSA`, ES256, ES384, PS256 to PS512, RS256 to RS512, or HS256 alone. RS256 and ES256 unless told.
    #[serde(default = "algorithms")]
    pub algorithms: Vec<String>,
    /// Values the token's `typ` may have; an empty list takes tokens without `typ` or with `JWT`. As usual for the preset
    /// unless told (`generic`: `at+jwt`).
    pub typ: Option<Vec<String>>,
    /// Tolerance for clocks that differ, in seconds: 0 to 300, 30 unless told.
    #[serde(default = "leeway")]
    pub leeway_seconds: i64,
    /// Longest lifetime of a token, in seconds: 1 to 31536000. As usual for the preset unless told (`generic`: 86400).
    pub max_lifetime_seconds: Option<i64>,
    /// Claims that must be there, besides `iss`, `aud` (but for preset `workos`), `exp` and `sub`, which always must.
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

fn leeway() -> i64 {
    30
}

/// `introspection`: an issuer's endpoint that says what its opaque tokens stand for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Introspection {
    /// Where it is.
    pub url: String,
    /// The client that AIOS is there.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretSource,
    /// How the secret is shown. `basic` unless told.
    #[serde(default)]
    pub authentication: ClientAuthentication,
    /// What its tokens begin with. Needed where several issuers are asked, so that none gets another's tokens.
    pub prefix: Option<String>,
    /// For how long an answer serves, in seconds: 0 to 60, 60 unless told; never past the token's end.
    #[serde(default = "sixty")]
    pub cache_seconds: u64,
    /// `client` where an answer without `sub` and `username` speaks of the client itself; refused unless told.
    pub without_sub: Option<WithoutSub>,
}

fn sixty() -> u64 {
    60
}

/// How a client shows its secret.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuthentication {
    /// In the header: `client_secret_basic`.
    #[default]
    Basic,
    /// In the form: `client_secret_post`.
    Post,
}

/// Whom an answer without a subject speaks of.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WithoutSub {
    /// The client that obtained the token, by its own credentials.
    Client,
}

/// Where a secret value is: never in the configuration itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum SecretSource {
    /// In an environment variable of this name.
    Env(String),
    /// In this file, as it is; one line break at its end does not count.
    File(String),
}

/// Which of Microsoft's clouds.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cloud {
    /// Azure China, operated by 21Vianet.
    China,
    /// Everywhere else.
    #[default]
    Global,
    /// Azure for the US government.
    Us,
}

/// Which clients an issuer's tokens may come from.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClientsWord {
    /// Those with a `[[client]]`.
    Registered,
}

/// `claims`: top-level claim names, each as usual for the preset unless told.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimNames {
    /// The tenant, text. `generic`: `tid`.
    pub tenant: Option<String>,
    /// Roles, a list of text. `generic`: `roles`.
    pub roles: Option<String>,
    /// Scopes, a list of text or text separated by spaces. `generic`: `scope`.
    pub scopes: Option<String>,
    /// Group ids, a list of text. `generic`: `groups`.
    pub groups: Option<String>,
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
