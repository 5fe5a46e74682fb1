//! From verified claims to a principal: the only place that makes one.

use super::check::Presented;
use super::{Client, Error, Issuer, Roles, actors, tenancy};
use crate::model::principal::{Binding, Facts};
use crate::model::{Kind, Principal, Timestamp};

/// Whose words the token carries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speaker<'a> {
    /// The client that obtained the token.
    pub(super) client_id: Option<&'a str>,
    /// That client, where it is registered.
    pub(super) client: Option<&'a Client>,
    /// What the subject is.
    pub(super) kind: Kind,
    /// Whether the subject is a user or the client itself.
    pub(super) subject: Subject,
}

/// Who the subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The client, by its own credentials.
    Client,
    /// Somebody else.
    User,
}

/// The principal that a verified token stands for.
pub(super) fn principal(presented: &Presented<'_>, expires_at: Timestamp) -> Result<Principal, Error> {
    let (claims, issuer) = (presented.claims, presented.issuer);
    let names = &issuer.claims;
    let subject = claims.required_identifier("sub")?;
    let speaker = speaker(presented, subject)?;
    // Before roles: what another tenant's token says about roles is not worth reading.
    let tenant_id = tenancy::decide(presented, &speaker)?;
    Ok(Principal::new(Facts {
        realm: presented.issuers.realm,
        issuer: issuer.name.clone(),
        tenant_id,
        subject: subject.to_owned(),
        kind: speaker.kind,
        client_id: speaker.client_id.map(str::to_owned),
        roles: roles(issuer, &claims.identifiers(&names.roles)?),
        scopes: owned(&claims.words(&names.scopes)?),
        permissions: Vec::new(),
        groups: owned(&claims.identifiers(&names.groups)?),
        groups_complete: groups_are_complete(presented)?,
        session_id: claims.identifier("sid")?.map(str::to_owned),
        token_id: claims.identifier("jti")?.map(str::to_owned),
        actors: actors::chain(presented, &speaker)?,
        auth_time: claims.moment("auth_time")?,
        acr: claims.identifier("acr")?.map(str::to_owned),
        amr: owned(&claims.identifiers("amr")?),
        expires_at,
        accepted_until: expires_at.plus_seconds(issuer.leeway_seconds),
        binding: Binding::None,
        attributes: serde_json::Map::new(),
    }))
}

fn speaker<'a>(presented: &Presented<'a>, subject: &str) -> Result<Speaker<'a>, Error> {
    let claims = presented.claims;
    let mut client_id = None;
    for name in ["azp", "client_id", "appid"] {
        client_id = client_id.or(claims.identifier(name)?);
    }
    let client = client_id.and_then(|id| presented.issuers.client(&presented.issuer.name, id));
    let has_no_user = matches!(claims.text("gty")?, Some("client-credentials" | "client_credentials"))
        || claims.text("idtyp")? == Some("app");
    if has_no_user || client_id == Some(subject) {
        let kind = client.map_or(Kind::App, |client| client.kind);
        return Ok(Speaker { client_id, client, kind, subject: Subject::Client });
    }
    Ok(Speaker { client_id, client, kind: Kind::User, subject: Subject::User })
}

fn roles(issuer: &Issuer, claimed: &[&str]) -> Vec<String> {
    let mut roles: Vec<String> = match &issuer.roles {
        Roles::All => owned(claimed),
        Roles::Mapped(mapped) => {
            claimed.iter().filter_map(|role| mapped.get(*role)).flatten().cloned().collect()
        }
        Roles::Prefixed => claimed.iter().map(|role| format!("{}/{role}", issuer.name)).collect(),
    };
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// An issuer with too many groups for a token says so instead of listing them.
fn groups_are_complete(presented: &Presented<'_>) -> Result<bool, Error> {
    let claims = presented.claims;
    let elsewhere = claims.object("_claim_names", "_claim_names.")?;
    let is_elsewhere =
        elsewhere.is_some_and(|names| names.has("groups") || names.has(&presented.issuer.claims.groups));
    Ok(!is_elsewhere && !claims.is_set("hasgroups"))
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(str::to_owned).collect()
}
