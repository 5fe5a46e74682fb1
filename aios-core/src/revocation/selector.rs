//! Whom a revocation means.

use serde::{Deserialize, Serialize};

use crate::model::{IssuerName, Kind};

/// Whom a revocation means, within one tenant. Ids are those of a principal's facts.
///
/// In other languages an object: `{"kind": "session", "issuer": "corp", "id": "…"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", from = "Written")]
pub enum Selector {
    /// An agent, as the subject or anywhere among the actors: its sub-agents are out with it.
    ///
    /// Clients of an issuer share one space of ids, and many issuers do not say which of them are agents, so whatever
    /// is not a user counts.
    Agent {
        /// The issuer that vouches for it.
        issuer: IssuerName,
        /// Its id there.
        id: String,
    },
    /// A client: tokens that it obtained, for users and for itself, and those in which it is an actor.
    Client {
        /// The issuer it is a client of.
        issuer: IssuerName,
        /// Its id there.
        id: String,
    },
    /// A session at an issuer.
    Session {
        /// The issuer.
        issuer: IssuerName,
        /// The session's id there.
        id: String,
    },
    /// Somebody, as the subject or as an actor.
    Subject {
        /// The issuer that vouches for them.
        issuer: IssuerName,
        /// What they are.
        subject_kind: Kind,
        /// Their id there.
        id: String,
    },
    /// Everybody of the tenant, whoever revokes it included: nobody is left who could reinstate it. What is meant is
    /// mostly everybody's tokens of before a time.
    Tenant,
    /// One token.
    Token {
        /// The issuer that signed it.
        issuer: IssuerName,
        /// Its id (`jti`).
        id: String,
    },
}

impl Selector {
    /// The kind in lower case, as it is written.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Agent { .. } => "agent",
            Self::Client { .. } => "client",
            Self::Session { .. } => "session",
            Self::Subject { .. } => "subject",
            Self::Tenant => "tenant",
            Self::Token { .. } => "token",
        }
    }

    /// The issuer whose id it names.
    #[must_use]
    pub const fn issuer(&self) -> Option<&IssuerName> {
        match self {
            Self::Agent { issuer, .. }
            | Self::Client { issuer, .. }
            | Self::Session { issuer, .. }
            | Self::Subject { issuer, .. }
            | Self::Token { issuer, .. } => Some(issuer),
            Self::Tenant => None,
        }
    }
}

/// How it is read: serde lets a variant without members pass with any, so that the tenant has an empty table here.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Written {
    Agent { issuer: IssuerName, id: String },
    Client { issuer: IssuerName, id: String },
    Session { issuer: IssuerName, id: String },
    Subject { issuer: IssuerName, subject_kind: Kind, id: String },
    Tenant {},
    Token { issuer: IssuerName, id: String },
}

impl From<Written> for Selector {
    fn from(written: Written) -> Self {
        match written {
            Written::Agent { issuer, id } => Self::Agent { issuer, id },
            Written::Client { issuer, id } => Self::Client { issuer, id },
            Written::Session { issuer, id } => Self::Session { issuer, id },
            Written::Subject { issuer, subject_kind, id } => Self::Subject { issuer, subject_kind, id },
            Written::Tenant {} => Self::Tenant,
            Written::Token { issuer, id } => Self::Token { issuer, id },
        }
    }
}
