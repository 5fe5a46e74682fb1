//! `[[cross_tenant]]`: between which tenants, for whom, until when. What policies know of types and actions is looked at
//! with them.

use std::collections::BTreeSet;

use super::PolicySettings;
use super::document::{CrossTenant, Document};
use super::error::Problems;
use crate::model::{Crossing, IssuerName, Kind, Party, TenantId, Timestamp};
use crate::token::{Client, Issuer, Tenants};

/// Most bytes of a grant's name.
const MAX_NAME: usize = 64;

/// Who can be a tenant.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    pub(super) issuers: &'k [Issuer],
    pub(super) clients: &'k [Client],
    pub(super) policy: Option<&'k PolicySettings>,
}

/// The grants without mistakes.
pub(super) fn check(document: &Document, known: Known<'_>, problems: &mut Problems) -> Vec<Crossing> {
    let mut names = BTreeSet::new();
    let mut crossings: Vec<Crossing> = Vec::new();
    for (index, raw) in document.cross_tenant.iter().enumerate() {
        let path = format!("cross_tenant[{index}]");
        name(&raw.name, &path, problems);
        if !names.insert(&raw.name) {
            problems.add(format!("{path}.name"), "stands in another [[cross_tenant]]");
        }
        lists(raw, &path, problems);
        let expires = problems.keep(format!("{path}.expires"), moment(&raw.expires));
        let from = problems.keep(format!("{path}.from"), raw.from.parse::<TenantId>());
        let to = problems.keep(format!("{path}.to"), raw.to.parse::<TenantId>());
        let Some((from, to)) = from.zip(to) else { continue };
        tenants((&from, &to), known, &path, problems);
        let principals = principals(raw, (&from, known), &path, problems);
        let Some(expires) = expires else { continue };
        crossings.push(Crossing {
            name: raw.name.clone(),
            from,
            to,
            principals,
            resource_types: raw.resource_types.clone(),
            actions: raw.actions.clone(),
            expires,
        });
    }
    crossings
}

fn name(name: &str, path: &str, problems: &mut Problems) {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(fits) {
        problems.add(format!("{path}.name"), format!("must be 1 to {MAX_NAME} characters of a-z 0-9 -"));
    }
}

/// A list that is empty means nobody and nothing, never everybody.
fn lists(raw: &CrossTenant, path: &str, problems: &mut Problems) {
    if raw.principals.is_empty() {
        problems.add(format!("{path}.principals"), "is empty; name each principal");
    }
    for (list, names) in [("resource_types", &raw.resource_types), ("actions", &raw.actions)] {
        if names.is_empty() {
            problems.add(format!("{path}.{list}"), "is empty; name each");
        }
        let mut seen = BTreeSet::new();
        for (index, name) in names.iter().enumerate() {
            problems.filled(format!("{path}.{list}[{index}]"), name);
            if !seen.insert(name) {
                problems.add(format!("{path}.{list}[{index}]"), "stands there twice");
            }
        }
    }
}

fn moment(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(|_| "must be a time such as \"2027-01-01T00:00:00Z\" (RFC 3339), as text")
}

fn tenants((from, to): (&TenantId, &TenantId), known: Known<'_>, path: &str, problems: &mut Problems) {
    if from == to {
        problems.add(format!("{path}.to"), "is the principals' own tenant, which needs no grant");
    }
    for (name, tenant) in [("from", from), ("to", to)] {
        // What has policies or entities is a tenant too, though nobody of it ever asks.
        let has_files = || {
            let folder = format!("tenants/{tenant}/");
            known.policy.is_none_or(|policy| policy.files.iter().any(|(file, _)| file.starts_with(&folder)))
        };
        let is_known = known.issuers.iter().any(|issuer| speaks_for(issuer, tenant))
            || known.clients.iter().any(|client| client.tenant.as_ref() == Some(tenant));
        let is_known = is_known || (name == "to" && has_files());
        if !is_known {
            problems.add(format!("{path}.{name}"), "is a tenant that no [[issuer]] or [[client]] has");
        }
    }
}

fn principals(
    raw: &CrossTenant,
    (from, known): (&TenantId, Known<'_>),
    path: &str,
    problems: &mut Problems,
) -> Vec<Party> {
    let mut parties: Vec<Party> = Vec::new();
    for (index, principal) in raw.principals.iter().enumerate() {
        let path = format!("{path}.principals[{index}]");
        problems.filled(format!("{path}.id"), &principal.id);
        let Some(issuer) = known.issuers.iter().find(|issuer| issuer.name.as_str() == principal.issuer)
        else {
            problems.add(format!("{path}.issuer"), "is the name of no [[issuer]]");
            continue;
        };
        let party = Party { kind: principal.kind, issuer: issuer.name.clone(), id: principal.id.clone() };
        if !speaks_for(issuer, from) && !is_client(known.clients, &party, from) {
            problems.add(format!("{path}.issuer"), "has nobody in the tenant that `from` says");
        }
        if parties.contains(&party) {
            problems.add(&path, "stands there twice");
        }
        parties.push(party);
    }
    parties
}

fn is_client(clients: &[Client], party: &Party, tenant: &TenantId) -> bool {
    let Party { kind, issuer, id } = party;
    let is_it = |client: &Client| {
        client.issuer == *issuer && client.id == *id && client.tenant.as_ref() == Some(tenant)
    };
    *kind != Kind::User && clients.iter().any(is_it)
}

/// Whether an issuer's tokens may be of a tenant.
fn speaks_for(issuer: &Issuer, tenant: &TenantId) -> bool {
    match &issuer.tenants {
        Tenants::Claim => tenant.as_str() != TenantId::PLATFORM,
        Tenants::Fixed(only) => only == tenant,
        Tenants::Listed(listed) => listed.values().any(|listed| listed == tenant),
        Tenants::Prefixed => is_prefixed(&issuer.name, tenant),
    }
}

fn is_prefixed(issuer: &IssuerName, tenant: &TenantId) -> bool {
    tenant.as_str().split_once('/').is_some_and(|(prefix, _)| prefix == issuer.as_str())
}
