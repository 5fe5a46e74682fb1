//! What policies refuse to load and how they decide.

mod across;
mod closed;
mod conditions;
mod decide;
mod delegated;
mod differential;
mod extremes;
mod input;
mod kept;
mod layers;
mod links;
mod load;
mod memory;
pub(super) mod random;
mod raw;
mod roles;
mod sides;
mod speed;
mod stored;
mod whole;

use crate::model::principal::Binding;
use crate::model::{Actor, Admitted, Facts, Kind, Principal, Realm, Refusal, Request, Resource, Timestamp};
use crate::policy::{Desk, Kept, Policies, Problem, Source, Verdict};
use crate::tenant::{Border, Crossings, guard};

/// A user of acme without roles.
pub(super) fn facts() -> Facts {
    Facts {
        realm: Realm([0; 16]),
        issuer: "corp".parse().unwrap(),
        tenant_id: Some("acme".parse().unwrap()),
        subject: "42".to_owned(),
        kind: Kind::User,
        client_id: Some("web".to_owned()),
        roles: Vec::new(),
        scopes: vec!["crm.read".to_owned()],
        permissions: Vec::new(),
        groups: Vec::new(),
        groups_complete: true,
        session_id: None,
        token_id: None,
        actors: Vec::new(),
        auth_time: Some(Timestamp::from_seconds(1_000)),
        acr: None,
        amr: Vec::new(),
        expires_at: Timestamp::from_seconds(2_000),
        accepted_until: Timestamp::from_seconds(2_000),
        issued_at: None,
        binding: Binding::None,
        attributes: serde_json::Map::new(),
    }
}

pub(super) fn user(roles: &[&str]) -> Principal {
    Principal::new(Facts { roles: roles.iter().map(ToString::to_string).collect(), ..facts() })
}

pub(super) fn with_actor(roles: &[&str], id: &str) -> Principal {
    let actor = Actor { kind: Kind::Agent, issuer: "corp".parse().unwrap(), id: id.to_owned() };
    let roles = roles.iter().map(ToString::to_string).collect();
    Principal::new(Facts { roles, actors: vec![actor], ..facts() })
}

pub(super) fn source(files: &[(&str, &str)]) -> Source {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    Source { files, ..Source::default() }
}

pub(super) fn load(files: &[(&str, &str)]) -> Desk {
    desk(&source(files))
}

pub(super) fn desk(source: &Source) -> Desk {
    let policies = Policies::load(source).unwrap_or_else(|problems| panic!("{problems:#?}"));
    Desk::new(policies.into())
}

pub(super) fn problems(files: &[(&str, &str)]) -> Vec<Problem> {
    Policies::load(&source(files)).expect_err("loads")
}

/// Data of acme.
pub(super) fn data(id: &str) -> Resource {
    Resource::new("Aios::Data", id).tenant("acme")
}

pub(super) fn admit<'r>(policies: &Desk, principal: &Principal, request: &'r Request) -> Admitted<'r> {
    try_admit(policies, principal, request).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn try_admit<'r>(
    policies: &Desk,
    principal: &Principal,
    request: &'r Request,
) -> Result<Admitted<'r>, Refusal> {
    admit_by((policies, &Kept::default()), principal, request, &Crossings::default())
}

/// As the gate admits where acme keeps these in the store.
fn try_admit_with<'r>(
    of: (&Desk, &Kept),
    principal: &Principal,
    request: &'r Request,
) -> Result<Admitted<'r>, Refusal> {
    admit_by(of, principal, request, &Crossings::default())
}

pub(super) fn admit_by<'r>(
    (policies, kept): (&Desk, &Kept),
    principal: &Principal,
    request: &'r Request,
    crossings: &Crossings,
) -> Result<Admitted<'r>, Refusal> {
    let whose = |tenant: &crate::model::TenantId, entity: &_| {
        let kept = (tenant.as_str() == "acme").then_some(kept);
        policies.policies().whose(tenant, kept, entity)
    };
    let shared = |kind: &str| policies.policies().is_shared_type(kind);
    let border = Border { whose: &whose, shared: &shared, crossings, now: Timestamp::from_seconds(1_500) };
    Ok(guard(principal.clone(), request, &border)?)
}

/// Guard and decision, as the engine asks them.
pub(super) fn check(
    policies: &Desk,
    principal: &Principal,
    action: &str,
    resource: Resource,
) -> Result<Verdict, Refusal> {
    check_request(policies, principal, &Request::new(principal, action, resource))
}

pub(super) fn check_request(
    policies: &Desk,
    principal: &Principal,
    request: &Request,
) -> Result<Verdict, Refusal> {
    let admitted = try_admit(policies, principal, request)?;
    Ok(policies.decide(&admitted, &Kept::default())?)
}

/// `allowed`, or the code and the place of the refusal.
pub(super) fn word(answer: Result<Verdict, Refusal>) -> String {
    match answer {
        Ok(_) => "allowed".to_owned(),
        Err(refusal) => match &refusal.detail().at {
            Some(at) => format!("{} {at}", refusal.code()),
            None => refusal.code().to_string(),
        },
    }
}
