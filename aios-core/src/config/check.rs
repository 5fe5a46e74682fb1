//! From what is written to what is meant.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use url::Host;

use super::error::Problems;
use super::issuers::Known;
use super::{
    AuditSettings, Document, Error, PolicySettings, RevocationSettings, Settings, StoreUrl, VaultSettings,
    clients, crossings, folder, issuers, outbound,
};
use crate::crypto;
use crate::model::hex::hex;
use crate::model::{Kind, Realm, json};
use crate::net::{From, Origin, Outbound, Reach, Trust};
use crate::policy::BuiltInRole;
use crate::store::key_file::KeyFile;
use crate::token::{Issuer, Issuers, Limits, ProofRules, PublicUrl, Roles, Tenants};

/// Checks everything, and gives settings or every mistake.
pub(super) fn settings(document: &Document, value: &Value, base: &Path) -> Result<Settings, Error> {
    let mut problems = Problems::default();
    texts(document, &mut problems);
    numbers(document, &mut problems);
    let Known { issuers, origins: keys, endpoints } = issuers::check(document, base, &mut problems);
    let clients = clients::check(document, &mut problems);
    let outbound = outbound::check(document, base, &mut problems);
    let realm = problems.keep("", crypto::random());
    let policy = policy(document, base, &mut problems);
    operators(document, &issuers, &mut problems);
    let known = crossings::Known { issuers: &issuers, clients: &clients, policy: policy.as_ref() };
    let crossings = crossings::check(document, known, &mut problems);
    let store = store(document, base, &mut problems);
    let root_keys = root_keys(document, base, &mut problems);
    let public_url = public_url(document, &mut problems);
    let private_hosts = private_hosts(document, &mut problems);
    let parts = realm.zip(policy).zip(store);
    problems.finish(parts.map(|((realm, policy), store)| Settings {
        deployment: document.deployment.clone(),
        permit_seconds: document.permit_seconds,
        development_plaintext_loopback: document.development.plaintext_loopback,
        issuers: Issuers {
            realm: Realm(realm),
            audience: document.audience.clone(),
            limits: limits(document),
            issuers,
            clients,
            ceilings: document.scopes.clone(),
        },
        digest: digest(value, &keys, &outbound, &policy.files),
        keys,
        endpoints,
        outbound,
        crossings,
        policy,
        store,
        root_keys,
        audit: AuditSettings {
            deadline: Duration::from_secs(document.audit.deadline_seconds),
            queue_per_tenant: document.audit.queue_per_tenant,
        },
        revocation: revocation(document),
        proofs: ProofRules {
            public_url,
            past_seconds: document.dpop.past_seconds,
            future_seconds: document.dpop.future_seconds,
        },
        dpop_nonce: document.dpop.nonce,
        vault: vault(document, private_hosts),
    }))
}

fn vault(document: &Document, private_hosts: Vec<(String, u16)>) -> VaultSettings {
    VaultSettings {
        keep_versions: document.vault.keep_versions,
        private_hosts,
        reveal: document.vault.reveal,
    }
}

fn root_keys(document: &Document, base: &Path, problems: &mut Problems) -> Option<PathBuf> {
    let file = base.join(&document.keys.as_ref()?.file);
    problems.keep("keys.file", KeyFile::open(&file));
    Some(file)
}

fn texts(document: &Document, problems: &mut Problems) {
    let deployment = &document.deployment;
    problems.filled("deployment", deployment);
    if deployment.len() > 128 || deployment.chars().any(char::is_control) {
        problems.add("deployment", "must be at most 128 bytes without control characters");
    }
    if document.audience.is_empty() {
        problems.add("audience", "is empty; name what tokens for this deployment carry in `aud`");
    }
    for (index, audience) in document.audience.iter().enumerate() {
        problems.filled(format!("audience[{index}]"), audience);
    }
    for (scope, actions) in &document.scopes {
        problems.filled("scopes", scope);
        for action in actions {
            problems.filled(format!("scopes.{scope}"), action);
        }
    }
    for (index, action) in document.revocation.strict.iter().enumerate() {
        problems.filled(format!("revocation.strict[{index}]"), action);
    }
    for (index, shared) in document.policy.shared.iter().enumerate() {
        problems.filled(format!("policy.shared[{index}]"), shared);
    }
    let delegable = &document.policy.delegable;
    for (list, names) in [("actions", &delegable.actions), ("resources", &delegable.resources)] {
        for (index, name) in names.iter().enumerate() {
            problems.filled(format!("policy.delegable.{list}[{index}]"), name);
        }
    }
    for (kind, name) in &document.policy.types {
        problems.filled(format!("policy.types.{}", kind.as_str()), name);
    }
}

fn numbers(document: &Document, problems: &mut Problems) {
    problems.within("permit_seconds", document.permit_seconds, 1..=3600);
    let input = &document.input;
    problems.within("input.max_token_bytes", input.max_token_bytes, 1024..=1024 * 1024);
    problems.within("input.max_header_bytes", input.max_header_bytes, 256..=64 * 1024);
    problems.within("input.max_actor_depth", input.max_actor_depth, 1..=32);
    problems.within("audit.deadline_seconds", document.audit.deadline_seconds, 1..=60);
    problems.within("audit.queue_per_tenant", document.audit.queue_per_tenant, 1..=1024 * 1024);
    problems.within("revocation.bound_milliseconds", document.revocation.bound_milliseconds, 0..=60_000);
    let bound = document.policy.entities_bound_milliseconds;
    problems.within("policy.entities_bound_milliseconds", bound, 0..=60_000);
    problems.within("dpop.past_seconds", document.dpop.past_seconds, 1..=300);
    problems.within("dpop.future_seconds", document.dpop.future_seconds, 0..=60);
    problems.within("vault.keep_versions", document.vault.keep_versions, 2..=64);
    for (action, seconds) in &document.revocation.grace_seconds {
        problems.within(format!("revocation.grace_seconds.{action}"), *seconds, 1..=86_400);
    }
}

fn public_url(document: &Document, problems: &mut Problems) -> Option<PublicUrl> {
    let text = document.public_url.as_deref()?;
    // Nothing is fetched from it, so it may be at a private address.
    let reach = Reach { private: true, loopback: document.development.plaintext_loopback };
    problems.keep("public_url", reach.scheme(text))?;
    let parsed = PublicUrl::parse(text).ok_or("must be a URL without a query");
    problems.keep("public_url", parsed)
}

fn private_hosts(document: &Document, problems: &mut Problems) -> Vec<(String, u16)> {
    let mut hosts = Vec::new();
    for (index, text) in document.vault.private_hosts.iter().enumerate() {
        let parts = text.rsplit_once(':').and_then(|(host, port)| {
            let parsed = Host::parse(host).ok()?.to_string();
            // Another spelling would never be met.
            (parsed == host).then_some((parsed, port.parse().ok().filter(|port: &u16| *port > 0)?))
        });
        match parts {
            Some(host) => hosts.push(host),
            None => {
                problems
                    .add(format!("vault.private_hosts[{index}]"), "must be host:port, spelled as in URLs");
            }
        }
    }
    hosts
}

fn revocation(document: &Document) -> RevocationSettings {
    let revocation = &document.revocation;
    let grace = revocation.grace_seconds.iter();
    RevocationSettings {
        bound: Duration::from_millis(revocation.bound_milliseconds),
        strict: revocation.strict.clone(),
        grace: grace.map(|(action, seconds)| (action.clone(), Duration::from_secs(*seconds))).collect(),
    }
}

fn limits(document: &Document) -> Limits {
    Limits {
        max_token_bytes: document.input.max_token_bytes,
        max_header_bytes: document.input.max_header_bytes,
        max_actor_depth: document.input.max_actor_depth,
    }
}

fn policy(document: &Document, base: &Path, problems: &mut Problems) -> Option<PolicySettings> {
    let kinds = [Kind::Agent, Kind::App, Kind::Service, Kind::User];
    let mut types: Vec<_> = kinds.iter().map(|kind| user_type(document, *kind)).collect();
    types.sort_unstable();
    if types.windows(2).any(|pair| pair.first() == pair.last()) {
        problems
            .add("policy.types", "gives two kinds one type; an app must never be the user of the same id");
    }
    let files = problems.keep("policy.dir", folder::read(&base.join(&document.policy.dir)))?;
    Some(PolicySettings {
        files,
        user_types: document.policy.types.clone(),
        shared: document.policy.shared.clone(),
        roles: document.policy.roles.clone(),
        delegable: document.policy.delegable.clone(),
        entities_bound: Duration::from_millis(document.policy.entities_bound_milliseconds),
    })
}

const ROLE: &str = "platform_operator";

/// Whoever runs what all tenants share must not be named by whoever runs one of them.
fn operators(document: &Document, issuers: &[Issuer], problems: &mut Problems) {
    if !document.policy.roles.contains(&BuiltInRole::PlatformOperator) {
        return;
    }
    for issuer in issuers {
        let is_of_one = match &issuer.tenants {
            Tenants::Fixed(_) => true,
            Tenants::Listed(listed) => listed.values().all(|tenant| Some(tenant) == listed.values().next()),
            Tenants::Claim | Tenants::Prefixed => false,
        };
        let is_given = match &issuer.roles {
            Roles::All => true,
            Roles::Mapped(mapped) => !is_of_one && mapped.values().flatten().any(|role| role == ROLE),
            Roles::Prefixed => false,
        };
        if is_given {
            let name = &issuer.name;
            problems.add(
                "policy.roles",
                format!(
                    "{ROLE} could be claimed by tokens of {name}: map it by name, in an issuer of one tenant"
                ),
            );
        }
    }
}

fn user_type(document: &Document, kind: Kind) -> &str {
    let ours = match kind {
        Kind::Agent => "Aios::Agent",
        Kind::App => "Aios::App",
        Kind::Service => "Aios::Service",
        Kind::User => "Aios::User",
    };
    document.policy.types.get(&kind).map_or(ours, String::as_str)
}

fn store(document: &Document, base: &Path, problems: &mut Problems) -> Option<StoreUrl> {
    let url = document.store.url.as_str();
    if url == "memory:" {
        return Some(StoreUrl::Memory);
    }
    let Some(path) = url.strip_prefix("sqlite:").filter(|path| !path.is_empty() && *path != ":memory:")
    else {
        problems.add("store.url", "must be \"sqlite:<path>\" or \"memory:\"");
        return None;
    };
    if document.keys.is_none() {
        problems.add(
            "keys.file",
            "is missing; a store on disk needs a root key file, made with root_keys::create",
        );
    }
    Some(StoreUrl::Sqlite(base.join(path)))
}

/// What decides: the configuration, key sets given in place or in files, authorities, and the policy folder.
fn digest(value: &Value, keys: &[Origin], outbound: &Outbound, files: &[(String, Vec<u8>)]) -> Arc<str> {
    let mut configuration = Vec::new();
    json::canonical(value, &mut configuration);
    let mut parts = vec![configuration.as_slice()];
    for origin in keys {
        if let From::Set(bytes) = &origin.from {
            parts.extend([origin.issuer.as_str().as_bytes(), bytes.as_slice()]);
        }
    }
    match &outbound.trust {
        Trust::Only(pem) | Trust::PlatformAnd(pem) => parts.extend([b"ca".as_slice(), pem.as_slice()]),
        Trust::Platform => {}
    }
    for (name, bytes) in files {
        parts.extend([name.as_bytes(), bytes.as_slice()]);
    }
    hex(&crypto::sha256(&[&crypto::frame(&parts)])).into()
}
