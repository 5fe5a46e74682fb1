//! A verified caller. Nobody outside `token/` can make one.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{IssuerName, TenantId, Timestamp};

/// What a caller is. A service is a workload of our own trust domain, an app any other client.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A program acting with some autonomy.
    Agent,
    /// A client that got its token by its own credentials.
    App,
    /// A workload of our own trust domain.
    Service,
    /// A person.
    User,
}

impl Kind {
    /// The kind in lower case, as tokens' mappings and records spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::App => "app",
            Self::Service => "service",
            Self::User => "user",
        }
    }
}

/// Somebody acting for the subject (RFC 8693 section 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Actor {
    /// What the actor is.
    pub kind: Kind,
    /// The issuer that vouched for it.
    pub issuer: IssuerName,
    /// Its id at that issuer.
    pub id: String,
}

/// How a token is bound to its sender, who showed it when the token was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Binding {
    /// To a key whose holder signs each request (RFC 9449); maybe to a certificate as well.
    Dpop,
    /// To the certificate of the client's connection (RFC 8705).
    Mtls,
    /// A bearer token: whoever holds it may use it.
    None,
}

/// The engine a proof belongs to; random, so that no other engine's proofs are taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Realm(pub(crate) [u8; 16]);

impl fmt::Debug for Realm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Realm")
    }
}

/// What was verified about a caller.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Facts {
    /// The engine whose issuers vouched for the caller.
    #[serde(skip)]
    pub(crate) realm: Realm,
    /// The issuer's configured name.
    pub issuer: IssuerName,
    /// The tenant, where the token or the client registration names one.
    pub tenant_id: Option<TenantId>,
    /// The subject's id at its issuer.
    pub subject: String,
    /// What the subject is; an app never becomes the user of the same id.
    pub kind: Kind,
    /// The client that obtained the token.
    pub client_id: Option<String>,
    /// AIOS roles, after the issuer's mapping.
    pub roles: Vec<String>,
    /// Scopes of the token, ceilings for whatever the roles allow.
    pub scopes: Vec<String>,
    /// Permissions the issuer states.
    pub permissions: Vec<String>,
    /// Group ids at the issuer.
    pub groups: Vec<String>,
    /// False where the issuer left groups out of the token.
    pub groups_complete: bool,
    /// The session at the issuer.
    pub session_id: Option<String>,
    /// The token's own id (`jti`).
    pub token_id: Option<String>,
    /// Who acts for the subject, the current actor first.
    pub actors: Vec<Actor>,
    /// When the user authenticated.
    pub auth_time: Option<Timestamp>,
    /// Authentication context class.
    pub acr: Option<String>,
    /// Authentication methods.
    pub amr: Vec<String>,
    /// When the token ends, without leeway.
    pub expires_at: Timestamp,
    /// Until when it is accepted: `expires_at` plus the issuer's leeway.
    #[serde(skip)]
    pub accepted_until: Timestamp,
    /// When the token was issued, where it says so.
    #[serde(skip)]
    pub issued_at: Option<Timestamp>,
    /// How the token is bound to its sender.
    pub binding: Binding,
    /// Other claims worth keeping.
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

/// A verified caller: proof that an issuer we trust vouched for these facts.
///
/// Cheap to clone. Has no public constructor:
///
/// ```compile_fail
/// let forged = aios_core::Principal::new(todo!());
/// ```
#[derive(Clone, Debug)]
pub struct Principal(Arc<Facts>);

impl Principal {
    // INVARIANT: called only from `token/` (tests/architecture.rs).
    pub(crate) fn new(facts: Facts) -> Self {
        Self(Arc::new(facts))
    }

    /// What was verified.
    #[must_use]
    pub fn view(&self) -> &Facts {
        &self.0
    }

    /// The current actor, where somebody acts for the subject.
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.0.actors.first()
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_i64(self.seconds())
    }
}
