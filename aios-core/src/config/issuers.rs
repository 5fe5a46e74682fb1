//! `[[issuer]]`: who may vouch for callers, for whom, with what.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::document::{self, Document, RoleWord, ScopeWord, TenantWord};
use super::error::Problems;
use super::presets::Usual;
use super::{introspection, keys, presets};
use crate::crypto::signature::Algorithm;
use crate::model::{IssuerName, TenantId};
use crate::net::{Endpoint, Origin, Reach};
use crate::token::{Issuer, Roles, Tenants};

/// What no token may lack, whatever the configuration says.
const ALWAYS: [&str; 4] = ["iss", "aud", "exp", "sub"];
const YEAR: i64 = 365 * 24 * 60 * 60;

/// What is known of issuers without mistakes.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) issuers: Vec<Issuer>,
    /// Where their keys come from.
    pub(super) origins: Vec<Origin>,
    /// Who is asked about opaque tokens.
    pub(super) endpoints: Vec<Endpoint>,
}

/// The issuers without mistakes.
pub(super) fn check(document: &Document, base: &Path, problems: &mut Problems) -> Known {
    let mut seen = BTreeSet::new();
    let Known { mut issuers, mut origins, mut endpoints } = Known::default();
    if document.issuer.is_empty() {
        problems.add("issuer", "is missing; name at least one [[issuer]] to trust");
    }
    for (index, raw) in document.issuer.iter().enumerate() {
        let here = Place { path: format!("issuer[{index}]"), raw, document, base };
        if !seen.insert(&raw.name) {
            problems.add(here.at("name"), "stands in another [[issuer]] already");
        }
        if let Some((issuer, origin, endpoint)) = one(&here, problems) {
            // Else the order would say whose tokens they are. Left out, it is whatever the preset knows.
            if issuers.iter().any(|other: &Issuer| other.iss.overlaps(&issuer.iss)) {
                problems.add(here.at("iss"), "stands in another [[issuer]] already, or is left out in both");
            }
            issuers.push(issuer);
            introspection::apart(&issuers, &here.path, problems);
            origins.push(origin);
            endpoints.extend(endpoint);
        }
    }
    Known { issuers, origins, endpoints }
}

/// An issuer and where it stands.
pub(super) struct Place<'a> {
    pub(super) path: String,
    pub(super) raw: &'a document::Issuer,
    pub(super) document: &'a Document,
    pub(super) base: &'a Path,
}

impl Place<'_> {
    pub(super) fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    pub(super) fn reach(&self) -> Reach {
        Reach { private: self.raw.allow_private, loopback: self.document.development.plaintext_loopback }
    }

    fn is_the_only_one(&self) -> bool {
        self.document.issuer.len() == 1
    }
}

fn one(here: &Place<'_>, problems: &mut Problems) -> Option<(Issuer, Origin, Option<Endpoint>)> {
    let raw = here.raw;
    let name = problems.keep(here.at("name"), raw.name.parse::<IssuerName>());
    let speaks = presets::speaks(here, problems);
    let usual = presets::usual(raw.preset);
    let lifetime = raw.max_lifetime_seconds.unwrap_or(usual.max_lifetime_seconds);
    presets::parameters(here, problems);
    problems.within(here.at("leeway_seconds"), raw.leeway_seconds, 0..=300);
    problems.within(here.at("max_lifetime_seconds"), lifetime, 1..=YEAR);
    let algorithms = algorithms(here, problems);
    claims_are_named(here, problems);
    let tenants = tenants(here, problems);
    let roles = roles(here, problems);
    let from = keys::source(here, &algorithms, problems);
    let name = name?;
    let introspection = introspection::check(here, &name, problems);
    let (speaks, tenants, from) = (speaks?, tenants?, from?);
    let (introspection, endpoint) = introspection?.unzip();
    let origin = Origin {
        issuer: name.clone(),
        // Presets that know their `iss` know their keys' URL, too.
        iss: raw.iss.clone().unwrap_or_default(),
        algorithms: algorithms.clone(),
        from,
        allow_private: raw.allow_private,
        plaintext_loopback: here.document.development.plaintext_loopback,
    };
    let issuer = Issuer {
        name,
        preset: raw.preset,
        iss: speaks,
        algorithms,
        typ: typ(here, &usual),
        leeway_seconds: raw.leeway_seconds,
        max_lifetime_seconds: lifetime,
        required: required(here, problems),
        claims: usual.claims(&raw.claims),
        tenants,
        roles,
        registered_clients_only: raw.clients.is_some(),
        unscoped: matches!(raw.scopes, Some(ScopeWord::None)),
        introspection,
    };
    Some((issuer, origin, endpoint))
}

fn algorithms(here: &Place<'_>, problems: &mut Problems) -> Vec<Algorithm> {
    if here.raw.algorithms.is_empty() {
        problems.add(here.at("algorithms"), "is empty; name the algorithms this issuer signs with");
    }
    let mut found = BTreeSet::new();
    for (index, name) in here.raw.algorithms.iter().enumerate() {
        match Algorithm::from_name(name) {
            Some(algorithm) => drop(found.insert(algorithm)),
            None => problems.add(
                here.at(&format!("algorithms[{index}]")),
                "is not known; the known ones are EdDSA, ES256, ES384, HS256, PS256, PS384, PS512, RS256, RS384, RS512",
            ),
        }
    }
    found.into_iter().collect()
}

/// `application/` may be left out of `typ`, whose case does not matter (RFC 7515 section 4.1.9).
fn media_type(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ)
}

fn required(here: &Place<'_>, problems: &mut Problems) -> Vec<String> {
    let mut required: Vec<String> = ALWAYS.map(str::to_owned).into();
    if here.raw.preset.is_without_audience() {
        required.retain(|claim| claim != "aud");
    }
    for (index, claim) in here.raw.required.iter().enumerate() {
        problems.filled(here.at(&format!("required[{index}]")), claim);
        if !required.contains(claim) {
            required.push(claim.clone());
        }
    }
    required
}

fn claims_are_named(here: &Place<'_>, problems: &mut Problems) {
    let raw = &here.raw.claims;
    for (key, name) in
        [("tenant", &raw.tenant), ("roles", &raw.roles), ("scopes", &raw.scopes), ("groups", &raw.groups)]
    {
        if let Some(name) = name {
            problems.filled(here.at(&format!("claims.{key}")), name);
        }
    }
}

fn typ(here: &Place<'_>, usual: &Usual) -> Vec<String> {
    match &here.raw.typ {
        Some(told) => told.iter().map(|typ| media_type(typ)).collect(),
        None => usual.typ.iter().map(|typ| (*typ).to_owned()).collect(),
    }
}

fn tenants(here: &Place<'_>, problems: &mut Problems) -> Option<Tenants> {
    match (&here.raw.tenants, &here.raw.tenant) {
        (Some(_), Some(_)) => {
            problems.add(here.at("tenant"), "excludes `tenants`; say one of them");
            None
        }
        (None, None) => {
            problems.add(&here.path, "names no tenant; say `tenants` or `tenant`");
            None
        }
        (None, Some(fixed)) => tenant(here.at("tenant"), fixed, problems).map(Tenants::Fixed),
        (Some(document::Tenants::Word(TenantWord::Prefixed)), None) => Some(Tenants::Prefixed),
        (Some(document::Tenants::Word(TenantWord::Claim)), None) => {
            if !here.is_the_only_one() {
                problems.add(
                    here.at("tenants"),
                    "may be \"claim\" only where there is one issuer: others could name its tenants",
                );
            }
            Some(Tenants::Claim)
        }
        (Some(document::Tenants::Listed(table)), None) => {
            Some(Tenants::Listed(listed(here, table, problems)))
        }
    }
}

fn listed(
    here: &Place<'_>,
    table: &BTreeMap<String, String>,
    problems: &mut Problems,
) -> BTreeMap<String, TenantId> {
    let mut by_claim = BTreeMap::new();
    if table.is_empty() {
        problems.add(here.at("tenants"), "is empty; name the tenants this issuer may speak for");
    }
    for (id, claim) in table {
        let path = here.at(&format!("tenants.{id}"));
        problems.filled(path.as_str(), claim);
        let Some(id) = tenant(path.clone(), id, problems) else { continue };
        if by_claim.insert(claim.clone(), id).is_some() {
            problems.add(path, "has the claim's value of another tenant");
        }
    }
    by_claim
}

fn tenant(path: String, text: &str, problems: &mut Problems) -> Option<TenantId> {
    if text == TenantId::PLATFORM {
        problems.add(path, "is reserved: no issuer may speak for the tenant `platform`");
        return None;
    }
    problems.keep(path, text.parse())
}

fn roles(here: &Place<'_>, problems: &mut Problems) -> Roles {
    match &here.raw.roles {
        None => Roles::Mapped(BTreeMap::new()),
        Some(document::Roles::Word(RoleWord::Prefixed)) => Roles::Prefixed,
        Some(document::Roles::Word(RoleWord::All)) => {
            if !here.is_the_only_one() {
                problems.add(
                    here.at("roles"),
                    "may be \"all\" only where there is one issuer: others could assert its roles",
                );
            }
            Roles::All
        }
        Some(document::Roles::Mapped(table)) => {
            let mut by_issuers_role: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (role, theirs) in table {
                problems.filled(here.at("roles"), role);
                problems.filled(here.at(&format!("roles.{role}")), theirs);
                by_issuers_role.entry(theirs.clone()).or_default().push(role.clone());
            }
            Roles::Mapped(by_issuers_role)
        }
    }
}
