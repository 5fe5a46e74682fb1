//! Keycloak: the payload says what kind of token it is, and roles belong to the realm or to one client.

use std::borrow::Cow;

use super::{Reading, Subject};
use crate::token::Error;
use crate::token::check::Presented;
use crate::token::error::shown;

/// The payload's own `typ` is this provider's word for the kind of token; the header says `JWT` for all.
pub(super) fn admits(presented: &Presented<'_>) -> Result<(), Error> {
    let actual = presented.claims.text("typ")?.unwrap_or_default();
    if actual == "Bearer" {
        return Ok(());
    }
    Err(Error::WrongType { expected: "Bearer".to_owned(), actual: shown(actual) })
}

pub(super) fn read<'t>(presented: &Presented<'t>) -> Result<Reading<'t>, Error> {
    let (claims, names) = (presented.claims, &presented.issuer.claims);
    let mut reading = Reading::usual(presented, &["azp", "client_id", "clientId"])?;
    if names.tenant.is_none() {
        reading.tenant = realm(presented);
    }
    if names.tenant.as_deref() == Some("organization") {
        reading.tenant = organization(presented);
    }
    if names.roles.is_none() {
        reading.roles = roles(presented);
    }
    reading.session_id = reading.session_id.or(claims.identifier("session_state")?);
    let own = claims.identifier("client_id")?.or(claims.identifier("clientId")?);
    let name = own.map(|id| format!("service-account-{id}"));
    // A user could choose such a name, but not the claim that only a service account has.
    if own.is_some() && claims.text("preferred_username")? == name.as_deref() {
        reading.subject = Subject::Client;
    }
    Ok(reading)
}

/// The realm is the last part of `iss`.
fn realm<'t>(presented: &Presented<'t>) -> Result<Option<&'t str>, Error> {
    let iss = presented.claims.text("iss")?.unwrap_or_default();
    Ok(iss.rsplit_once("/realms/").map(|(_, realm)| realm.trim_end_matches('/')))
}

/// The one organization: a list of aliases, or an object keyed by them.
fn organization<'t>(presented: &Presented<'t>) -> Result<Option<&'t str>, Error> {
    const CLAIM: &str = "organization";
    match presented.claims.names_or_texts(CLAIM)?.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        _ => Err(Error::TenantAmbiguous { claim: CLAIM.to_owned() }),
    }
}

/// `realm:<role>` and `<client>:<role>`, so that neither can pass for the other.
fn roles<'t>(presented: &Presented<'_>) -> Result<Vec<Cow<'t, str>>, Error> {
    let claims = presented.claims;
    let mut roles = Vec::new();
    if let Some(realm) = claims.object("realm_access", "realm_access.")? {
        roles.extend(realm.identifiers("roles")?.into_iter().map(|role| Cow::Owned(format!("realm:{role}"))));
    }
    let Some(clients) = claims.object("resource_access", "resource_access.")? else { return Ok(roles) };
    for client in clients.names() {
        // A client named `realm` would speak for the realm.
        if client == "realm" || client.contains(':') {
            continue;
        }
        if let Some(access) = clients.object(client, "resource_access.*.")? {
            roles.extend(
                access.identifiers("roles")?.into_iter().map(|role| Cow::Owned(format!("{client}:{role}"))),
            );
        }
    }
    Ok(roles)
}
