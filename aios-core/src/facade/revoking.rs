//! Revoking and reinstating: what is asked, and the operations on the handles that may ask.
#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation takes its request, which emitters decode, by value"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::handles::{Engine, Principal};
use super::object;
use super::views::Done;
use super::wire::Credential;
use crate::model::{self, Code, Refusal, Timestamp, Who};
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

/// Who asks: a principal, or who the credential stands for, and never both.
fn who(credential: Option<&Credential>, principal: Option<&model::Principal>) -> Result<Who, Refusal> {
    match (credential, principal) {
        (None, Some(principal)) => Ok(Who::Principal(principal.clone())),
        (Some(credential), None) => Ok(Who::Credential(credential.clone().into())),
        (None, None) => Err(Code::TokenMissing.into()),
        (Some(_), Some(_)) => {
            Err(Refusal::new(Code::PolicyInput).at("credential").expected("none, because a principal asks"))
        }
    }
}

impl Revoking {
    pub(super) fn who(&self, principal: Option<&model::Principal>) -> Result<Who, Refusal> {
        who(self.credential.as_ref(), principal)
    }

    pub(super) fn selector(&self) -> Result<revocation::Selector, Refusal> {
        self.selector.meant()
    }
}

impl RevokingBefore {
    pub(super) fn who(&self, principal: Option<&model::Principal>) -> Result<Who, Refusal> {
        who(self.credential.as_ref(), principal)
    }

    pub(super) fn selector(&self) -> Result<revocation::Selector, Refusal> {
        self.selector.meant()
    }

    pub(super) fn time(&self) -> Timestamp {
        Timestamp::from_seconds(self.before)
    }
}

impl Selector {
    fn meant(&self) -> Result<revocation::Selector, Refusal> {
        // One spelling, two types: issuers' names are checked where the other one is read.
        let read = serde_json::to_value(self).and_then(serde_json::from_value);
        read.map_err(|_| {
            Refusal::new(Code::PolicyInput).at("selector").expected("the name of an issuer, and an id")
        })
    }
}

impl Engine {
    /// `revoke`.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke`].
    pub fn revoke(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.revoke(request.who(None)?, &request.selector()?).map(|()| Done {})
    }

    /// `revoke`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke`].
    pub async fn revoke_async(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.revoke_async(request.who(None)?, &request.selector()?).await.map(|()| Done {})
    }

    /// `revoke_before`.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke_before`].
    pub fn revoke_before(&self, request: RevokingBefore) -> Result<Done, Refusal> {
        self.0.revoke_before(request.who(None)?, &request.selector()?, request.time()).map(|()| Done {})
    }

    /// `revoke_before`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke_before`].
    pub async fn revoke_before_async(&self, request: RevokingBefore) -> Result<Done, Refusal> {
        self.0
            .revoke_before_async(request.who(None)?, &request.selector()?, request.time())
            .await
            .map(|()| Done {})
    }

    /// `reinstate`.
    ///
    /// # Errors
    /// As [`crate::Aios::reinstate`].
    pub fn reinstate(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.reinstate(request.who(None)?, &request.selector()?).map(|()| Done {})
    }

    /// `reinstate`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::reinstate`].
    pub async fn reinstate_async(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.reinstate_async(request.who(None)?, &request.selector()?).await.map(|()| Done {})
    }
}

impl Principal {
    /// `revoke`.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke`].
    pub fn revoke(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.revoke(request.who(Some(&self.1))?, &request.selector()?).map(|()| Done {})
    }

    /// `revoke`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke`].
    pub async fn revoke_async(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.revoke_async(request.who(Some(&self.1))?, &request.selector()?).await.map(|()| Done {})
    }

    /// `revoke_before`.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke_before`].
    pub fn revoke_before(&self, request: RevokingBefore) -> Result<Done, Refusal> {
        self.0
            .revoke_before(request.who(Some(&self.1))?, &request.selector()?, request.time())
            .map(|()| Done {})
    }

    /// `revoke_before`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::revoke_before`].
    pub async fn revoke_before_async(&self, request: RevokingBefore) -> Result<Done, Refusal> {
        self.0
            .revoke_before_async(request.who(Some(&self.1))?, &request.selector()?, request.time())
            .await
            .map(|()| Done {})
    }

    /// `reinstate`.
    ///
    /// # Errors
    /// As [`crate::Aios::reinstate`].
    pub fn reinstate(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.reinstate(request.who(Some(&self.1))?, &request.selector()?).map(|()| Done {})
    }

    /// `reinstate`, awaited.
    ///
    /// # Errors
    /// As [`crate::Aios::reinstate`].
    pub async fn reinstate_async(&self, request: Revoking) -> Result<Done, Refusal> {
        self.0.reinstate_async(request.who(Some(&self.1))?, &request.selector()?).await.map(|()| Done {})
    }
}
