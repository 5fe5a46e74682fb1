//! `[[client]]`: what a registered client is, and whose.

use std::collections::BTreeSet;

use super::document::{self, Document};
use super::error::Problems;
use crate::model::{Kind, TenantId};
use crate::token::Client;

/// The clients without mistakes.
pub(super) fn check(document: &Document, problems: &mut Problems) -> Vec<Client> {
    let mut seen = BTreeSet::new();
    let mut clients = Vec::new();
    for (index, raw) in document.client.iter().enumerate() {
        let path = format!("client[{index}]");
        problems.filled(format!("{path}.id"), &raw.id);
        if !document.issuer.iter().any(|issuer| issuer.name == raw.issuer) {
            problems.add(format!("{path}.issuer"), "is the name of no [[issuer]]");
        }
        if !seen.insert((&raw.issuer, &raw.id)) {
            problems.add(&path, "is registered already: issuer and id stand in another [[client]]");
        }
        if raw.kind == Kind::User {
            problems.add(format!("{path}.kind"), "must be \"agent\", \"app\" or \"service\"");
        }
        for (index, scope) in raw.scopes.iter().enumerate() {
            problems.filled(format!("{path}.scopes[{index}]"), scope);
        }
        let tenant = tenant(raw, &path, problems);
        // A name that is none was reported with its issuer.
        let Ok(issuer) = raw.issuer.parse() else { continue };
        clients.push(Client {
            issuer,
            id: raw.id.clone(),
            kind: raw.kind,
            tenant,
            scopes: raw.scopes.clone(),
        });
    }
    clients
}

fn tenant(raw: &document::Client, path: &str, problems: &mut Problems) -> Option<TenantId> {
    let at = format!("{path}.tenant");
    match (&raw.tenant, raw.platform) {
        (Some(_), true) => problems.add(at, "excludes `platform`; say one of them"),
        (None, false) => problems.add(path, "belongs to nobody; say `tenant`, or platform = true"),
        (Some(tenant), false) if tenant == TenantId::PLATFORM => {
            problems.add(at, "is reserved; say platform = true");
        }
        (Some(tenant), false) => return problems.keep(at, tenant.parse()),
        (None, true) => return problems.keep(at, TenantId::PLATFORM.parse()),
    }
    None
}
