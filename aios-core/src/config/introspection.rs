//! `introspection`: who is asked about opaque tokens, and whose each of them is.

use std::sync::Arc;
use std::time::Duration;

use super::document::{self, ClientAuthentication};
use super::error::Problems;
use super::issuers::Place;
use super::secrets;
use crate::model::{IssuerName, Secret};
use crate::net::{Endpoint, Shows};
use crate::token::{Introspects, Issuer};

/// How an issuer's opaque tokens are read, and where it is asked; nothing where they are not.
#[expect(clippy::option_option, reason = "none: a mistake; some none: nothing to say")]
pub(super) fn check(
    here: &Place<'_>,
    name: &IssuerName,
    problems: &mut Problems,
) -> Option<Option<(Introspects, Endpoint)>> {
    let Some(raw) = &here.raw.introspection else { return Some(None) };
    let at = |key: &str| here.at(&format!("introspection.{key}"));
    problems.filled(at("client_id"), &raw.client_id);
    problems.within(at("cache_seconds"), raw.cache_seconds, 0..=60);
    prefix(here, raw, problems);
    let reach = here.reach();
    let is_in_reach = problems.keep(at("url"), reach.url(&raw.url)).is_some();
    let client_secret = secret(here, raw, problems);
    let endpoint = Endpoint {
        issuer: name.clone(),
        url: raw.url.clone(),
        client_id: raw.client_id.clone(),
        client_secret: client_secret?,
        shows: match raw.authentication {
            ClientAuthentication::Basic => Shows::Basic,
            ClientAuthentication::Post => Shows::Post,
        },
        reach,
        keep: Duration::from_secs(raw.cache_seconds),
    };
    let unnamed_is_client = raw.without_sub.is_some();
    is_in_reach.then(|| Some((Introspects { prefix: raw.prefix.clone(), unnamed_is_client }, endpoint)))
}

fn secret(here: &Place<'_>, raw: &document::Introspection, problems: &mut Problems) -> Option<Arc<Secret>> {
    let path = here.at("introspection.client_secret");
    let secret = problems.keep(path.as_str(), secrets::read(&raw.client_secret, here.base))?;
    if secret.is_empty() || std::str::from_utf8(&secret).is_err() {
        problems.add(path, "is missing, or not UTF-8 text");
        return None;
    }
    Some(Arc::new(Secret::new(secret)))
}

fn prefix(here: &Place<'_>, raw: &document::Introspection, problems: &mut Problems) {
    let path = here.at("introspection.prefix");
    let Some(prefix) = &raw.prefix else {
        let asked = here.document.issuer.iter().filter(|other| other.introspection.is_some());
        if asked.count() > 1 {
            problems.add(path, "is missing; several issuers are asked, and none may get another's tokens");
        }
        return;
    };
    let is_clean = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
    if !is_clean
        || !(2..=64).contains(&prefix.len())
        || prefix.starts_with("ey")
        || "aios_".starts_with(prefix.as_str())
    {
        problems.add(
            path,
            "must be 2 to 64 characters of a token, and not how signed tokens or keys of AIOS begin",
        );
    }
}

/// No token may be two issuers': the order would say whose it is.
pub(super) fn apart(issuers: &[Issuer], path: &str, problems: &mut Problems) {
    let prefixes = || issuers.iter().filter_map(|issuer| issuer.introspection.as_ref()?.prefix.as_deref());
    let Some(last) = issuers.last().and_then(|last| last.introspection.as_ref()?.prefix.as_deref()) else {
        return;
    };
    let overlaps = |other: &&str| other.starts_with(last) || last.starts_with(*other);
    if prefixes().filter(overlaps).count() > 1 {
        problems.add(format!("{path}.introspection.prefix"), "begins another issuer's, or is begun by it");
    }
}
