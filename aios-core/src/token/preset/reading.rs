//! A verified token in words that all providers share.

use std::borrow::Cow;

use crate::model::{Actor, Kind};
use crate::token::check::Presented;
use crate::token::{Error, actors};

/// What a token says of its bearer. Tenant and roles are the provider's words: the registry decides what they mean here.
#[derive(Debug)]
pub(in crate::token) struct Reading<'t> {
    /// The subject's id, one that its provider never gives to another.
    pub(in crate::token) id: &'t str,
    /// Who the subject is.
    pub(in crate::token) subject: Subject,
    /// What the subject is, where the provider says so.
    pub(in crate::token) kind: Option<Kind>,
    /// The client that obtained the token.
    pub(in crate::token) client_id: Option<&'t str>,
    /// What the registry maps to a tenant. A mistake counts where the registry asks.
    pub(in crate::token) tenant: Result<Option<&'t str>, Error>,
    /// What the registry maps to roles. A mistake counts once the tenant is settled.
    pub(in crate::token) roles: Result<Vec<Cow<'t, str>>, Error>,
    pub(in crate::token) scopes: Vec<&'t str>,
    pub(in crate::token) permissions: Vec<&'t str>,
    pub(in crate::token) groups: Vec<&'t str>,
    /// False where the provider left groups out because there are too many.
    pub(in crate::token) groups_complete: bool,
    pub(in crate::token) session_id: Option<&'t str>,
    pub(in crate::token) token_id: Option<&'t str>,
    /// Who acts for the subject, the current actor first.
    pub(in crate::token) actors: Vec<Actor>,
    /// The id of the user's consent to what the client does, where the provider asks for it.
    pub(in crate::token) consent: Option<&'t str>,
}

/// Who the subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::token) enum Subject {
    /// The client, by its own credentials.
    Client,
    /// Somebody else.
    User,
}

impl<'t> Reading<'t> {
    /// The claims that RFC 9068 and most providers name alike; what is special is set afterwards.
    pub(super) fn usual(presented: &Presented<'t>, client_claims: &[&str]) -> Result<Self, Error> {
        let (claims, names) = (presented.claims, &presented.issuer.claims);
        let id = claims.required_identifier("sub")?;
        let mut client_id = None;
        for name in client_claims {
            client_id = client_id.or(claims.identifier(name)?);
        }
        let subject = if client_id == Some(id) { Subject::Client } else { Subject::User };
        Ok(Self {
            id,
            subject,
            kind: None,
            client_id,
            tenant: names.tenant.as_deref().map_or(Ok(None), |name| claims.identifier(name)),
            roles: names
                .roles
                .as_deref()
                .map_or(Ok(Vec::new()), |name| claims.identifiers(name))
                .map(as_they_are),
            scopes: names.scopes.as_deref().map(|name| claims.words(name)).transpose()?.unwrap_or_default(),
            permissions: Vec::new(),
            groups: names
                .groups
                .as_deref()
                .map(|name| claims.identifiers(name))
                .transpose()?
                .unwrap_or_default(),
            groups_complete: groups_are_complete(presented)?,
            session_id: claims.identifier("sid")?,
            token_id: claims.identifier("jti")?,
            actors: actors::chain(presented)?,
            consent: None,
        })
    }
}

/// Names of roles that the token's own text holds.
pub(super) fn as_they_are(names: Vec<&str>) -> Vec<Cow<'_, str>> {
    names.into_iter().map(Cow::Borrowed).collect()
}

/// An issuer with too many groups for a token says so instead of listing them. Where it says they are is never followed.
fn groups_are_complete(presented: &Presented<'_>) -> Result<bool, Error> {
    let claims = presented.claims;
    let elsewhere = claims.object("_claim_names", "_claim_names.")?;
    let named = presented.issuer.claims.groups.as_deref();
    let is_elsewhere =
        elsewhere.is_some_and(|names| names.has("groups") || named.is_some_and(|name| names.has(name)));
    Ok(!is_elsewhere && !claims.is_set("hasgroups"))
}
