//! From a verified token to a principal: the only place that makes one.

use std::borrow::Cow;

use serde_json::json;

use super::check::Presented;
use super::claims::Claims;
use super::preset::{Reading, Subject};
use super::steps::{Step, Trail};
use super::{Client, Error, Issuer, Roles, actors, tenancy};
use crate::model::principal::{Binding, Facts};
use crate::model::{Kind, Principal, Timestamp};

/// Whose words the token carries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speaker<'a> {
    /// The client that obtained the token, where it is registered.
    pub(super) client: Option<&'a Client>,
    /// Whether the subject is a user or the client itself.
    pub(super) subject: Subject,
}

/// The principal of facts that were verified: nothing else may come here.
pub(super) fn principal(verified: Facts) -> Principal {
    Principal::new(verified)
}

/// What a token says of its bearer, in the words of this engine.
pub(super) fn facts<T: Trail>(
    presented: &Presented<'_>,
    expires_at: Timestamp,
    trail: &mut T,
) -> Result<Facts, Error> {
    let (claims, issuer) = (presented.claims, presented.issuer);
    let reading = trail.needed(Step::Subject, issuer.preset.read(presented))?;
    let client = reading.client_id.and_then(|id| presented.issuers.client(&issuer.name, id));
    let is_unknown = client.is_none() && issuer.registered_clients_only;
    trail.taken(Step::Client, if is_unknown { Err(Error::ClientNotAllowed) } else { Ok(()) }, ())?;
    let speaker = Speaker { client, subject: reading.subject };
    let (kind, attributes) = (kind(&reading, client), attributes(&reading));
    // Before roles: what another tenant's token says about roles is not worth reading.
    let tenant_id = trail.taken(Step::Tenant, tenancy::decide(presented, &speaker, reading.tenant), None)?;
    let claimed = trail.taken(Step::Roles, reading.roles, Vec::new())?;
    let actors = actors::with_agent(presented, &speaker, reading.actors);
    let actors = trail.taken(Step::Actors, actors, Vec::new())?;
    let signed_in = trail.needed(Step::Subject, SignedIn::read(claims))?;
    Ok(Facts {
        realm: presented.issuers.realm,
        issuer: issuer.name.clone(),
        tenant_id,
        subject: reading.id.to_owned(),
        kind,
        client_id: reading.client_id.map(str::to_owned),
        roles: roles(issuer, claimed),
        attributes,
        scopes: owned(&reading.scopes),
        permissions: owned(&reading.permissions),
        groups: owned(&reading.groups),
        groups_complete: reading.groups_complete,
        session_id: reading.session_id.map(str::to_owned),
        token_id: reading.token_id.map(str::to_owned),
        actors,
        auth_time: signed_in.at,
        acr: signed_in.class.map(str::to_owned),
        amr: owned(&signed_in.methods),
        expires_at,
        accepted_until: expires_at.plus_seconds(issuer.leeway_seconds),
        issued_at: claims.moment("iat")?,
        binding: Binding::None,
    })
}

/// When and how the user signed in.
struct SignedIn<'t> {
    at: Option<Timestamp>,
    class: Option<&'t str>,
    methods: Vec<&'t str>,
}

impl<'t> SignedIn<'t> {
    fn read(claims: &Claims<'t>) -> Result<Self, Error> {
        let (at, class) = (claims.moment("auth_time")?, claims.identifier("acr")?);
        Ok(Self { at, class, methods: claims.identifiers("amr")? })
    }
}

/// Whoever is an agent anywhere is one. A client is what it is registered as, and never the user of the same name.
fn kind(reading: &Reading<'_>, client: Option<&Client>) -> Kind {
    match (reading.kind, reading.subject) {
        (Some(Kind::Agent), _) => Kind::Agent,
        (_, Subject::User) => Kind::User,
        (said, Subject::Client) => {
            let said = if said == Some(Kind::Service) { Kind::Service } else { Kind::App };
            client.map_or(said, |client| client.kind)
        }
    }
}

fn attributes(reading: &Reading<'_>) -> serde_json::Map<String, serde_json::Value> {
    let consent = reading.consent.map(|id| json!({ "id": id, "scopes": reading.scopes }));
    consent.map(|consent| ("consent".to_owned(), consent)).into_iter().collect()
}

fn roles(issuer: &Issuer, claimed: Vec<Cow<'_, str>>) -> Vec<String> {
    let mut roles: Vec<String> = match &issuer.roles {
        Roles::All => claimed.into_iter().map(Cow::into_owned).collect(),
        Roles::Mapped(mapped) => {
            claimed.iter().filter_map(|role| mapped.get(role.as_ref())).flatten().cloned().collect()
        }
        Roles::Prefixed => claimed.iter().map(|role| format!("{}/{role}", issuer.name)).collect(),
    };
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(str::to_owned).collect()
}
