//! Revoking and reinstating: what is asked, and the operations on the handles that may ask.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::handles::{Engine, Principal};
use super::object;
use super::views::Done;
use super::wire::{Credential, who};
use crate::model::{self, Code, Refusal, Timestamp};
use crate::revocation;

/// Whom to revoke, or to reinstate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revoking {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Whom it means.
    #[serde(deserialize_with = "object::one")]
    pub selector: Selector,
}

/// Whose tokens of before a time to revoke.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokingBefore {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Whom it means.
    #[serde(deserialize_with = "object::one")]
    pub selector: Selector,
    /// Tokens issued before this, seconds since 1970.
    pub before: i64,
}

/// Whom a revocation means, within one tenant.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selector {
    /// What kind of thing it names.
    pub kind: SelectorKind,
    /// The issuer that vouches for it. Left out for a tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Its id there. Left out for a tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What a subject is; for subjects only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_kind: Option<model::Kind>,
}

/// What a revocation names.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SelectorKind {
    /// An agent, as the subject or anywhere among the actors: its sub-agents are out with it.
    Agent,
    /// A client: tokens that it obtained, and those in which it is an actor.
    Client,
    /// A session at an issuer.
    Session,
    /// Somebody, as the subject or as an actor.
    Subject,
    /// Everybody of the tenant, whoever revokes it included.
    Tenant,
    /// One token, by its `jti`.
    Token,
}

impl Selector {
    fn meant(&self) -> Result<revocation::Selector, Refusal> {
        // Each kind has its members, and issuers' names have their form: whoever reads them there says so.
        let read = serde_json::to_value(self).and_then(serde_json::from_value);
        read.map_err(|_| {
            let members = "issuer and id, for a subject also subject_kind, for a tenant neither";
            Refusal::new(Code::PolicyInput).at("selector").expected(members)
        })
    }
}

impl Engine {
    /// `revoke`.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke`].
    pub fn revoke(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.revoke(who(request.credential, None)?, &request.selector.meant()?).map(|()| Done {})
    }

    /// `revoke`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke`].
    pub async fn revoke_async(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0
            .revoke_async(who(request.credential, None)?, &request.selector.meant()?)
            .await
            .map(|()| Done {})
    }

    /// `revoke_before`.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke_before`].
    pub fn revoke_before(&self, request: RevokingBefore) -> Result<Done, Refusal> {
        self.0
            .revoke_before(
                who(request.credential, None)?,
                &request.selector.meant()?,
                Timestamp::from_seconds(request.before),
            )
            .map(|()| Done {})
    }

    /// `revoke_before`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke_before`].
    pub async fn revoke_before_async(&self, request: RevokingBefore) -> Result<Done, Refusal> {
        self.0
            .revoke_before_async(
                who(request.credential, None)?,
                &request.selector.meant()?,
                Timestamp::from_seconds(request.before),
            )
            .await
            .map(|()| Done {})
    }

    /// `reinstate`.
    ///
    /// # Errors
    /// As [`crate::Aios::reinstate`].
    pub fn reinstate(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.reinstate(who(request.credential, None)?, &request.selector.meant()?).map(|()| Done {})
    }

    /// `reinstate`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::reinstate`].
    pub async fn reinstate_async(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0
            .reinstate_async(who(request.credential, None)?, &request.selector.meant()?)
            .await
            .map(|()| Done {})
    }
}

impl Principal {
    /// `revoke`.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke`].
    pub fn revoke(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.revoke(who(request.credential, Some(&self.1))?, &request.selector.meant()?).map(|()| Done {})
    }

    /// `revoke`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke`].
    pub async fn revoke_async(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0
            .revoke_async(who(request.credential, Some(&self.1))?, &request.selector.meant()?)
            .await
            .map(|()| Done {})
    }

    /// `revoke_before`.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke_before`].
    pub fn revoke_before(&self, request: RevokingBefore) -> Result<Done, Refusal> {
        self.0
            .revoke_before(
                who(request.credential, Some(&self.1))?,
                &request.selector.meant()?,
                Timestamp::from_seconds(request.before),
            )
            .map(|()| Done {})
    }

    /// `revoke_before`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke_before`].
    pub async fn revoke_before_async(&self, request: RevokingBefore) -> Result<Done, Refusal> {
        self.0
            .revoke_before_async(
                who(request.credential, Some(&self.1))?,
                &request.selector.meant()?,
                Timestamp::from_seconds(request.before),
            )
            .await
            .map(|()| Done {})
    }

    /// `reinstate`.
    ///
    /// # Errors
    /// As [`crate::Aios::reinstate`].
    pub fn reinstate(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0
            .reinstate(who(request.credential, Some(&self.1))?, &request.selector.meant()?)
            .map(|()| Done {})
    }

    /// `reinstate`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::reinstate`].
    pub async fn reinstate_async(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0
            .reinstate_async(who(request.credential, Some(&self.1))?, &request.selector.meant()?)
            .await
            .map(|()| Done {})
    }
}
