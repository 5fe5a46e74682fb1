//! Policies that tenants keep in the store: who may, what decisions make of them, and what is found when somebody else writes.

mod journey;
mod processes;
mod refusals;
mod tampering;

use aios_core::engine::layer::{NamedPolicy, PolicyChanges};
use aios_core::{Aios, Code, Credential, Request, Resource};
use serde_json::{Value, json};

use crate::entities::Site;

const ADMINS: &str = r#"@id("layers") permit (principal in Aios::Role::"keeper", action == Aios::Action::"administer", resource is Aios::Policies);
@id("own-files") permit (principal in Aios::Role::"filer", action == Acme::Action::"open", resource is Acme::Doc);"#;
/// What Ada needs to open acme's plan.
pub(crate) const OPENS: &str =
    r#"permit (principal == Aios::User::"corp/ada", action == Acme::Action::"open", resource is Acme::Doc);"#;
pub(crate) const STOPS: &str = "forbid (principal, action, resource);";

/// The site of kept entities, where tenants may decide about documents.
pub(crate) fn site() -> Site {
    let site = Site::new();
    std::fs::write(site.world.path("policies/layers.cedar"), ADMINS).unwrap();
    site
}

pub(crate) fn configuration(site: &Site, store: &str) -> Value {
    let mut configuration = site.configuration(store);
    configuration["policy"]["delegable"] = json!({"actions": ["open"], "resources": ["Acme::Doc"]});
    configuration
}

pub(crate) fn open(site: &Site, store: &str) -> Aios {
    site.build(configuration(site, store)).build().unwrap()
}

pub(crate) fn policy(name: &str, text: &str) -> NamedPolicy {
    NamedPolicy { name: name.to_owned(), text: text.to_owned() }
}

pub(crate) fn puts(policies: &[(&str, &str)]) -> PolicyChanges {
    let put = policies.iter().map(|(name, text)| policy(name, text)).collect();
    PolicyChanges { put, remove: Vec::new() }
}

/// Whoever administers globex.
pub(crate) fn globex(site: &Site) -> Credential {
    site.world.ada(&json!({"sub": "root", "tid": "t-globex", "roles": ["Keeper"]}))
}

/// A filer of globex, whom the platform permits, opens globex's plan.
pub(crate) fn their_answer(site: &Site, aios: &Aios) -> String {
    let who = site.world.ada(&json!({"sub": "gus", "tid": "t-globex", "roles": ["Filer"]}));
    let request = Request::new(who, "open", Resource::new("Acme::Doc", "plan").tenant("globex"));
    match aios.check(&request) {
        Ok(decision) => decision.code.map_or("allowed", Code::as_str).to_owned(),
        Err(refusal) => refusal.code().to_string(),
    }
}
