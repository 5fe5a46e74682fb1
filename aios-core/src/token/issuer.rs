//! What the configuration says about issuers and clients: who may speak, for whom, and how much.

use std::collections::BTreeMap;

use super::{Introspects, Preset, Speaks};
use crate::model::{IssuerName, Kind, Realm, TenantId};

/// All that verification needs to know besides keys and time.
#[derive(Debug, Clone)]
pub struct Issuers {
    /// Stamped into each principal, so that only this engine takes it.
    pub realm: Realm,
    /// Audiences of which a token must name at least one.
    pub audience: Vec<String>,
    /// Limits that hold before anything is parsed.
    pub limits: Limits,
    /// The issuers; no `iss` is two of theirs.
    pub issuers: Vec<Issuer>,
    /// Registered clients, each (issuer, id) once.
    pub clients: Vec<Client>,
    /// `[scopes]`: scope to the actions it covers. Empty: scopes are no ceiling.
    pub ceilings: BTreeMap<String, Vec<String>>,
}

impl Issuers {
    /// The issuer whose tokens say this `iss`.
    #[must_use]
    pub fn speaking_as(&self, iss: &str) -> Option<&Issuer> {
        self.issuers.iter().find(|issuer| issuer.iss.is(iss))
    }

    /// The issuer of this name.
    #[must_use]
    pub fn named(&self, name: &IssuerName) -> Option<&Issuer> {
        self.issuers.iter().find(|issuer| issuer.name == *name)
    }

    /// The client registered at an issuer under this id.
    #[must_use]
    pub fn client(&self, issuer: &IssuerName, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id && client.issuer == *issuer)
    }
}

/// `[input]`.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest token in bytes.
    pub max_token_bytes: usize,
    /// Largest header in bytes, decoded.
    pub max_header_bytes: usize,
    /// Most actors behind one another.
    pub max_actor_depth: usize,
}

/// `[[issuer]]`.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Short, stable name.
    pub name: IssuerName,
    /// What kind of provider it is.
    pub preset: Preset,
    /// What `iss` must say.
    pub iss: Speaks,
    /// Algorithms it may use.
    pub algorithms: Vec<crate::crypto::signature::Algorithm>,
    /// Values `typ` may have, lower case, without `application/`; the empty text takes its absence. Empty list: `typ`
    /// must be absent or `JWT`.
    pub typ: Vec<String>,
    /// Tolerance for clocks, 0 to 300.
    pub leeway_seconds: i64,
    /// Longest lifetime from `iat` (or now, where `iat` is absent) to `exp`.
    pub max_lifetime_seconds: i64,
    /// Claims that must be there.
    pub required: Vec<String>,
    /// Where tenant, roles and scopes stand.
    pub claims: ClaimNames,
    /// Which tenants it may speak for.
    pub tenants: Tenants,
    /// Which roles it may assert.
    pub roles: Roles,
    /// Whether tokens of clients that are not registered are refused.
    pub registered_clients_only: bool,
    /// Whether its tokens carry scopes at all (`scopes = "none"`: no ceiling).
    pub unscoped: bool,
    /// How its opaque tokens are read, where they are.
    pub introspection: Option<Introspects>,
}

/// `claims = { tenant, roles, scopes, groups }`: top-level claim names. None: where the preset has it, or nowhere.
#[derive(Debug, Clone, Default)]
pub struct ClaimNames {
    /// Text.
    pub tenant: Option<String>,
    /// A list of text.
    pub roles: Option<String>,
    /// A list of text, or text separated by spaces.
    pub scopes: Option<String>,
    /// A list of text.
    pub groups: Option<String>,
}

/// Which tenants an issuer may speak for.
#[derive(Debug, Clone)]
pub enum Tenants {
    /// The claim is the tenant. Only where it is the one issuer.
    Claim,
    /// Always this tenant; the claim is not read.
    Fixed(TenantId),
    /// From the claim's value to the tenant; other values are refused.
    Listed(BTreeMap<String, TenantId>),
    /// `<issuer>/<claim>`.
    Prefixed,
}

/// Which roles an issuer may assert.
#[derive(Debug, Clone)]
pub enum Roles {
    /// As they are. Only where it is the one issuer.
    All,
    /// From the issuer's role to AIOS roles; others are dropped.
    Mapped(BTreeMap<String, Vec<String>>),
    /// `<issuer>/<role>`.
    Prefixed,
}

/// `[[client]]`.
#[derive(Debug, Clone)]
pub struct Client {
    /// The issuer it is registered at.
    pub issuer: IssuerName,
    /// Its id there (`azp`, `client_id` or `appid`).
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Whose it is. `platform` for `platform = true`.
    pub tenant: Option<TenantId>,
    /// Its own ceiling. Empty: none.
    pub scopes: Vec<String>,
}
