//! What is usual for a kind of provider, so that its configuration can leave it out.

use super::document::{self, Cloud};
use super::error::Problems;
use super::issuers::Place;
use crate::token::{ClaimNames, Preset, Speaks, is_directory};

/// What an issuer has where its configuration does not say otherwise.
pub(super) struct Usual {
    pub(super) typ: &'static [&'static str],
    pub(super) max_lifetime_seconds: i64,
    claims: [Option<&'static str>; 4],
}

/// `typ` absent or `JWT`.
const JWT_OR_NONE: &[&str] = &[];
const DAY: i64 = 24 * 60 * 60;
/// Microsoft's tokens live up to 28 hours where access is evaluated continuously.
const LONGER: i64 = 29 * 60 * 60;

pub(super) fn usual(preset: Preset) -> Usual {
    let (typ, max_lifetime_seconds): (&[&str], i64) = match preset {
        Preset::Auth0 => (&["at+jwt", "jwt"], DAY),
        Preset::Entra => (JWT_OR_NONE, LONGER),
        Preset::Generic | Preset::Openiddict => (&["at+jwt"], DAY),
        Preset::Google | Preset::Keycloak | Preset::Okta | Preset::Workos | Preset::WorkosConnect => {
            (JWT_OR_NONE, DAY)
        }
    };
    // Tenant, roles, scopes, groups. None: where the preset has it, or nowhere.
    let claims = match preset {
        Preset::Auth0 | Preset::Workos | Preset::WorkosConnect => [Some("org_id"), None, Some("scope"), None],
        Preset::Entra => [Some("tid"), Some("roles"), Some("scp"), Some("groups")],
        Preset::Generic => [Some("tid"), Some("roles"), Some("scope"), Some("groups")],
        Preset::Google => [Some("hd"), None, None, None],
        Preset::Keycloak => [None, None, Some("scope"), Some("groups")],
        Preset::Okta => [None, None, Some("scp"), Some("groups")],
        Preset::Openiddict => [Some("tenantId"), None, Some("scope"), None],
    };
    Usual { typ, max_lifetime_seconds, claims }
}

impl Usual {
    /// The claims' names, where the configuration leaves them to the preset.
    pub(super) fn claims(&self, raw: &document::ClaimNames) -> ClaimNames {
        let [tenant, roles, scopes, groups] = self.claims;
        let name =
            |told: &Option<String>, usual: Option<&str>| told.clone().or_else(|| usual.map(str::to_owned));
        ClaimNames {
            tenant: name(&raw.tenant, tenant),
            roles: name(&raw.roles, roles),
            scopes: name(&raw.scopes, scopes),
            groups: name(&raw.groups, groups),
        }
    }
}

/// What `iss` may say: as configured, or as the preset knows it.
pub(super) fn speaks(here: &Place<'_>, problems: &mut Problems) -> Option<Speaks> {
    let raw = here.raw;
    if let Some(iss) = &raw.iss {
        problems.keep(here.at("iss"), here.reach().scheme(iss))?;
        return Some(Speaks::exactly(iss.clone()));
    }
    match raw.preset {
        Preset::Entra => {
            let (login, sts) = hosts(raw.cloud.unwrap_or_default());
            Some(Speaks::any_of(&[&format!("https://{login}/{{}}/v2.0"), &format!("https://{sts}/{{}}/")]))
        }
        Preset::Google => Some(Speaks::any_of(&["https://accounts.google.com", "accounts.google.com"])),
        Preset::Workos => Some(Speaks::exactly("https://api.workos.com")),
        Preset::Auth0
        | Preset::Generic
        | Preset::Keycloak
        | Preset::Okta
        | Preset::Openiddict
        | Preset::WorkosConnect => {
            problems.add(here.at("iss"), "is missing; give exactly what the issuer's tokens say in `iss`");
            None
        }
    }
}

/// Where the keys are, for presets that know.
pub(super) fn keys_url(raw: &document::Issuer) -> Option<String> {
    match raw.preset {
        Preset::Entra => {
            let (login, _) = hosts(raw.cloud.unwrap_or_default());
            let directory = match &raw.tenants {
                Some(document::Tenants::Listed(table)) if table.len() == 1 => table.values().next()?.as_str(),
                Some(_) | None => "common",
            };
            Some(format!("https://{login}/{directory}/discovery/v2.0/keys"))
        }
        Preset::Google => Some("https://www.googleapis.com/oauth2/v3/certs".to_owned()),
        Preset::Workos => {
            let client = raw.client_id.as_deref()?;
            Some(format!("https://api.workos.com/sso/jwks/{client}"))
        }
        Preset::Auth0
        | Preset::Generic
        | Preset::Keycloak
        | Preset::Okta
        | Preset::Openiddict
        | Preset::WorkosConnect => None,
    }
}

/// Parameters that only one preset has.
pub(super) fn parameters(here: &Place<'_>, problems: &mut Problems) {
    let raw = here.raw;
    if raw.cloud.is_some() && raw.preset != Preset::Entra {
        problems.add(here.at("cloud"), "is for preset = \"entra\" only");
    }
    if let (Preset::Entra, Some(document::Tenants::Listed(table))) = (raw.preset, &raw.tenants) {
        for id in table.iter().filter(|(_, directory)| !is_directory(directory)).map(|(id, _)| id) {
            let told = "is no directory: give its tenant id, a GUID in lower case, and not its domain";
            problems.add(here.at(&format!("tenants.{id}")), told);
        }
    }
    if raw.preset != Preset::Workos {
        if raw.client_id.is_some() {
            problems.add(here.at("client_id"), "is for preset = \"workos\" only");
        }
        return;
    }
    let is_id = |id: &str| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match raw.client_id.as_deref() {
        Some(id) if !id.is_empty() && is_id(id) => {}
        // Its tokens name no audience: whose they are is told by the client's own key set.
        _ => problems.add(
            here.at("client_id"),
            "is missing or none; WorkOS's key set belongs to a client, so name it",
        ),
    }
}

/// Where tokens of version 2 and of version 1 come from.
fn hosts(cloud: Cloud) -> (&'static str, &'static str) {
    match cloud {
        Cloud::China => ("login.partner.microsoftonline.cn", "sts.chinacloudapi.cn"),
        Cloud::Global => ("login.microsoftonline.com", "sts.windows.net"),
        Cloud::Us => ("login.microsoftonline.us", "sts.windows.net"),
    }
}
