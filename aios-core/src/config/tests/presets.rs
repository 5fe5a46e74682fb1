//! What each preset takes and makes of it, from configuration to principal.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::crypto::signature::Algorithm;
use crate::model::{Code, Credential, Kind, Principal, Refusal, TenantId, Timestamp};
use crate::testing::TestIdp;
use crate::token::{self, KeySet};

const VECTORS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/data/provider_claims.json"));
const DIRECTORY: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// An issuer of a preset, configured, with keys of its own.
pub(super) struct Provider {
    settings: Settings,
    idp: TestIdp,
    keys: Arc<KeySet>,
}

impl Provider {
    /// `more` are members of the `[[issuer]]` besides keys, tenants and roles.
    pub(super) fn new(audience: &Value, more: Value) -> Self {
        let idp = TestIdp::new("https://unused.test/");
        let mut issuer = json!({
            "name": "idp", "jwks": idp.jwks(), "algorithms": ["RS256"], "tenants": "claim", "roles": "all",
        });
        let Value::Object(more) = more else { panic!("members are an object") };
        issuer.as_object_mut().unwrap().extend(more);
        let document = json!({
            "deployment": "test", "audience": audience, "issuer": [issuer],
            "policy": {"dir": "policies"}, "store": {"url": "memory:"},
        });
        let mut settings = Folder::new().settings(&document);
        // The samples say 1970 in `iat`.
        settings.issuers.issuers[0].max_lifetime_seconds = i64::from(u32::MAX);
        let keys = KeySet::from_jwks(idp.jwks().to_string().as_bytes(), &[Algorithm::Rs256]).unwrap();
        Self { settings, idp, keys: Arc::new(keys) }
    }

    pub(super) fn verify(&self, header: &Value, claims: &Value) -> Result<Principal, Refusal> {
        let mut header = header.clone();
        header["kid"] = json!("rs256-1");
        if header.get("typ").is_none() {
            header["typ"] = Value::Null;
        }
        let token = self.idp.sign(claims.clone(), header, Algorithm::Rs256);
        let now = Timestamp::from_seconds(claims["exp"].as_i64().unwrap_or(1) - 1);
        self.verified(&token, now)
    }

    pub(super) fn verify_text(&self, token: &str) -> Result<Principal, Refusal> {
        self.verified(token, Timestamp::from_seconds(0))
    }

    fn verified(&self, token: &str, now: Timestamp) -> Result<Principal, Refusal> {
        let verified = token::verify(token, &self.settings.issuers, &|_| Some(Arc::clone(&self.keys)), now);
        let verified = verified.map_err(|stop| match stop {
            token::Stop::Needs(needs) => Refusal::from(needs.into_refusal()),
            token::Stop::Refused(error) => error.into(),
        })?;
        Ok(verified
            .proven(&Credential::Bearer(token.to_owned()), &self.settings.proofs, None, now)?
            .principal)
    }
}

/// The samples' issuers as one would configure them.
pub(super) fn provider(sample: &Value) -> Provider {
    let (preset, claims) = (&sample["preset"], &sample["claims"]);
    let audience = match &claims["aud"] {
        Value::Null => json!(["aios-api"]),
        Value::String(one) => json!([one]),
        many @ (Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => many.clone(),
    };
    let more = match preset.as_str().unwrap() {
        "entra" | "google" => json!({"preset": preset}),
        "workos" => json!({"preset": preset, "client_id": "client_01"}),
        _ => json!({"preset": preset, "iss": claims["iss"]}),
    };
    Provider::new(&audience, more)
}

fn samples() -> Vec<Value> {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let list = file.as_object().unwrap().values().find_map(Value::as_array).unwrap();
    assert_eq!(list.len(), 23);
    list.clone()
}

pub(super) fn sample(id: &str) -> Value {
    samples().into_iter().find(|sample| sample["id"] == id).unwrap()
}

/// The principal in the samples' words.
fn told(principal: &Principal, issuer: &Value) -> Value {
    let facts = principal.view();
    let actors: Vec<Value> = facts
        .actors
        .iter()
        .map(|actor| json!({"subject": actor.id, "kind": actor.kind.as_str(), "issuer": issuer}))
        .collect();
    json!({
        "tenant_id": facts.tenant_id.as_ref().map(TenantId::as_str), "subject": facts.subject,
        "kind": facts.kind.as_str(), "client_id": facts.client_id, "scopes": facts.scopes,
        "permissions": facts.permissions, "groups": facts.groups, "groups_complete": facts.groups_complete,
        "session_id": facts.session_id, "token_id": facts.token_id, "actors": actors,
    })
}

#[test]
fn every_providers_sample_maps_to_exactly_its_principal() {
    for sample in samples() {
        let (id, expected) = (&sample["id"], &sample["expect"]);
        let verified = provider(&sample).verify(&sample["header"], &sample["claims"]);
        if let Some(code) = expected.get("error") {
            let refusal = verified.unwrap_err();
            assert_eq!(json!(refusal.code().as_str()), *code, "{id}");
            if let Some(claim) = expected.get("claim") {
                assert_eq!(json!(refusal.detail().at), *claim, "{id}");
            }
            continue;
        }
        let principal = verified.unwrap_or_else(|refusal| panic!("{id}: {refusal}"));
        let mut expected = expected.clone();
        let roles: BTreeSet<String> = serde_json::from_value(expected["roles"].take()).unwrap();
        expected.as_object_mut().unwrap().remove("roles");
        assert_eq!(told(&principal, &sample["claims"]["iss"]), expected, "{id}");
        assert_eq!(principal.view().roles.iter().cloned().collect::<BTreeSet<_>>(), roles, "{id}");
    }
}

/// A sample with claims replaced, or removed where the value is null: its principal, or the code and the hint.
fn changed(id: &str, changes: &Value) -> Result<Principal, (String, String)> {
    let mut sample = sample(id);
    let provider = provider(&sample);
    for (name, value) in changes.as_object().unwrap() {
        sample["claims"][name] = value.clone();
    }
    let refused =
        |refusal: Refusal| (refusal.code().to_string(), refusal.detail().hint.clone().unwrap_or_default());
    provider.verify(&sample["header"], &sample["claims"]).map_err(refused)
}

#[test]
fn a_directory_speaks_for_itself_alone() {
    let iss = |directory: &str| format!("https://login.microsoftonline.com/{directory}/v2.0");
    let other = "9188040d-6c67-4c5b-b112-36a304b66dad";
    for (changes, code) in [
        (json!({"tid": other}), "token.claim_type"),
        (json!({"tid": null}), "token.claim_missing"),
        (json!({"tid": "common", "iss": iss("common")}), "token.unknown_issuer"),
        (json!({"iss": iss("{tenantid}")}), "token.unknown_issuer"),
        (json!({"iss": iss(other)}), "token.claim_type"),
        (
            json!({"iss": format!("https://login.microsoftonline.us/{DIRECTORY}/v2.0")}),
            "token.unknown_issuer",
        ),
    ] {
        assert_eq!(changed("entra-v2-app-only", &changes).unwrap_err().0, code, "{changes}");
    }
    assert!(changed("entra-v2-app-only", &json!({"tid": other, "iss": iss(other)})).is_ok());
}

#[test]
fn a_key_of_another_directory_signs_nothing_here() {
    let sample = sample("entra-v2-app-only");
    let mut provider = provider(&sample);
    for (whose, fits) in [
        (json!("https://login.microsoftonline.com/{tenantid}/v2.0"), true),
        (json!(format!("https://login.microsoftonline.com/{DIRECTORY}/v2.0")), true),
        (json!("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"), false),
    ] {
        let mut jwks = provider.idp.jwks();
        for key in jwks["keys"].as_array_mut().unwrap() {
            key["issuer"] = whose.clone();
        }
        provider.keys =
            Arc::new(KeySet::from_jwks(jwks.to_string().as_bytes(), &[Algorithm::Rs256]).unwrap());
        let verified = provider.verify(&sample["header"], &sample["claims"]);
        assert_eq!(
            verified.map(drop).map_err(|refusal| refusal.code()),
            if fits { Ok(()) } else { Err(Code::TokenUnknownKey) },
            "{whose}"
        );
    }
}

#[test]
fn what_only_looks_like_a_user_or_an_agent_is_told_apart() {
    for (id, changes, expected) in [
        // A delegated token of an app whose `sub` happens to be its user's `oid`.
        ("entra-v2-app-only-no-idtyp", json!({"scp": "a"}), "user"),
        ("entra-v2-app-only", json!({"xms_mirid": "/subscriptions/1"}), "service"),
        ("entra-v2-app-only", json!({"xms_sub_fct": "9 11 3"}), "agent"),
        ("entra-v2-app-only", json!({"xms_sub_fct": "111"}), "app"),
        // A person may choose a service account's name, but not the claim that only it has.
        ("keycloak-user", json!({"preferred_username": "service-account-web"}), "user"),
        ("keycloak-service-account", json!({"preferred_username": "alice"}), "user"),
        ("auth0-user", json!({"sub": "x@clients"}), "app"),
        ("auth0-m2m", json!({"sub_profile": "user"}), "app"),
        ("google-service-account", json!({"email": "sa@gserviceaccount.com.evil.test"}), "user"),
        ("google-id-user", json!({"email": "sa@proj.iam.gserviceaccount.com"}), "user"),
        ("workos-agent-delegated", json!({"act": null}), "agent"),
    ] {
        assert_eq!(changed(id, &changes).unwrap().view().kind.as_str(), expected, "{id} {changes}");
    }
}

#[test]
fn a_token_that_leaves_open_who_asks_is_refused() {
    for (id, changes, code) in [
        ("entra-agent-obo-user", json!({"azp": null}), "token.wrong_type"),
        ("entra-v2-app-only", json!({"oid": null}), "token.claim_missing"),
        ("okta-user", json!({"uid": null}), "token.claim_missing"),
        ("workos-agent-delegated", json!({"act": {}}), "token.claim_missing"),
        ("workos-impersonated", json!({"aud": "another-client"}), "token.wrong_audience"),
        ("keycloak-user", json!({"typ": null}), "token.wrong_type"),
        ("keycloak-user", json!({"typ": "Refresh"}), "token.wrong_type"),
        ("keycloak-user", json!({"typ": "bearer"}), "token.wrong_type"),
        ("keycloak-user", json!({"resource_access": {"web": {"roles": "admin"}}}), "token.claim_type"),
    ] {
        assert_eq!(changed(id, &changes).unwrap_err().0, code, "{id} {changes}");
    }
}

#[test]
fn an_actor_goes_by_the_name_its_provider_gives_it() {
    for (id, acting) in [("keycloak-user", "worker"), ("auth0-agent-obo", "3b1d")] {
        let act = json!({"act": {"sub": "3b1d", "client_id": "worker"}});
        let principal = changed(id, &act).unwrap();
        assert_eq!(principal.actor().map(|actor| actor.id.as_str()), Some(acting), "{id}");
    }
}

#[test]
fn a_keycloak_client_cannot_speak_for_the_realm() {
    let clients = json!({"realm": {"roles": ["admin"]}, "a:b": {"roles": ["x"]}, "web": {"roles": ["y"]}});
    let principal =
        changed("keycloak-user", &json!({"realm_access": null, "resource_access": clients})).unwrap();
    assert_eq!(principal.view().roles, ["web:y"]);
}

#[test]
fn one_organization_is_the_tenant_and_several_are_ambiguous() {
    let sample = sample("keycloak-user");
    let claims = json!({"tenant": "organization"});
    let more = json!({"preset": "keycloak", "iss": sample["claims"]["iss"], "claims": claims});
    let provider = Provider::new(&json!(["aios-api"]), more);
    for (organization, expected) in [
        (json!({"globex": {"id": "1"}}), Ok(Some("globex"))),
        (json!(["globex"]), Ok(Some("globex"))),
        (json!([]), Ok(None)),
        (json!(["globex", "acme"]), Err(Code::TokenTenantAmbiguous)),
        (json!({"globex": {}, "acme": {}}), Err(Code::TokenTenantAmbiguous)),
        (json!("globex"), Err(Code::TokenClaimType)),
    ] {
        let mut claims = sample["claims"].clone();
        claims["organization"] = organization.clone();
        let verified = provider.verify(&sample["header"], &claims);
        let tenant = verified.as_ref().map(|found| found.view().tenant_id.as_ref().map(TenantId::as_str));
        assert_eq!(tenant.map_err(Refusal::code), expected, "{organization}");
    }
}

#[test]
fn clients_have_to_be_registered_where_the_issuer_says_so() {
    let sample = sample("auth0-user");
    let more = json!({"preset": "auth0", "iss": sample["claims"]["iss"], "clients": "registered"});
    let mut provider = Provider::new(&json!(["https://api.test"]), more);
    let refused = provider.verify(&sample["header"], &sample["claims"]).unwrap_err();
    assert_eq!(refused.code(), Code::TokenClientNotAllowed);
    provider.settings.issuers.clients = vec![token::Client {
        issuer: "idp".parse().unwrap(),
        id: "cid1".into(),
        kind: Kind::Agent,
        tenant: None,
        scopes: Vec::new(),
    }];
    let principal = provider.verify(&sample["header"], &sample["claims"]).unwrap();
    assert_eq!(principal.actor().map(|actor| actor.id.as_str()), Some("cid1"));
}

#[test]
fn consent_is_kept_and_is_no_session() {
    let mut sample = sample("workos-m2m");
    sample["claims"]["sub"] = json!("user_1");
    sample["claims"]["sid"] = json!("consent_1");
    let principal = provider(&sample).verify(&sample["header"], &sample["claims"]).unwrap();
    assert_eq!(principal.view().session_id, None);
    assert_eq!(principal.view().attributes["consent"], json!({"id": "consent_1", "scopes": ["a", "b"]}));
}

#[test]
fn refusals_say_what_to_do_at_this_provider() {
    for (id, changes, hint) in [
        (
            "keycloak-user",
            json!({"aud": "other"}),
            "aud is [other]; add an audience mapper for 'aios-api' to the client in Keycloak",
        ),
        ("keycloak-user", json!({"aud": null}), "add an audience mapper"),
        ("keycloak-id-token", json!({}), "send the access token"),
        ("entra-v2-app-only", json!({"aud": "api://x"}), "App ID URI"),
        ("okta-user", json!({"aud": "x"}), "api://default"),
        ("auth0-user", json!({"iss": "https://acme.eu.auth0.com"}), "ends with a slash"),
        ("google-id-user", json!({"aud": "x"}), "list its id"),
    ] {
        let (_, told) = changed(id, &changes).unwrap_err();
        assert!(told.contains(hint), "{id} {changes}: {told}");
    }
}

#[test]
fn tokens_that_cannot_be_read_are_told_apart_by_what_is_configured() {
    let version_2 = format!("https://login.microsoftonline.com/{DIRECTORY}/v2.0");
    for (more, token, code, hint) in [
        (
            json!({"preset": "entra", "iss": version_2}),
            None,
            "token.unknown_issuer",
            "requestedAccessTokenVersion",
        ),
        (
            json!({"preset": "openiddict", "iss": "https://a/"}),
            Some("a.b.c.d.e"),
            "token.encrypted_unsupported",
            "DisableAccess",
        ),
        (json!({"preset": "google"}), Some("ya29.abc"), "token.malformed", "send the ID token"),
    ] {
        let provider = Provider::new(&json!(["x"]), more.clone());
        let version_1 = sample("entra-v1-user");
        let refused = match token {
            None => provider.verify(&version_1["header"], &version_1["claims"]).unwrap_err(),
            Some(token) => {
                let now = Timestamp::from_seconds(1);
                Refusal::from(
                    token::verify(token, &provider.settings.issuers, &|_| None, now)
                        .map_err(|stop| {
                            let token::Stop::Refused(error) = stop else { panic!("{stop:?}") };
                            error
                        })
                        .unwrap_err(),
                )
            }
        };
        let told = refused.detail().hint.clone().unwrap_or_default();
        assert!(refused.code().as_str() == code && told.contains(hint), "{more}: {refused} {told}");
    }
}

#[test]
fn parameters_of_a_preset_are_checked() {
    let issuer = |more: Value| {
        let mut issuer = json!({"name": "idp", "tenants": {"acme": "x"}});
        issuer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        issuer
    };
    let folder = Folder::new();
    for (issuers, mistake) in [
        (json!([issuer(json!({"preset": "keycloak", "discovery": true}))]), "issuer[0].iss: is missing"),
        (json!([issuer(json!({"preset": "workos"}))]), "issuer[0].client_id: is missing"),
        (
            json!([issuer(json!({"preset": "workos", "client_id": "a/../b"}))]),
            "issuer[0].client_id: is missing",
        ),
        (json!([issuer(json!({"preset": "google", "cloud": "us"}))]), "issuer[0].cloud: is for preset"),
        (
            json!([issuer(json!({"preset": "google", "client_id": "x"}))]),
            "issuer[0].client_id: is for preset",
        ),
        (json!([issuer(json!({"preset": "google", "discovery": true}))]), "issuer[0].discovery: needs `iss`"),
        (
            json!([issuer(json!({"preset": "entra"})), issuer(json!({"name": "b", "preset": "entra"}))]),
            "issuer[1].iss: stands in another [[issuer]] already, or is left out in both",
        ),
        (
            json!([
                issuer(json!({"preset": "entra", "tenants": {"acme": DIRECTORY}})),
                issuer(
                    json!({"name": "b", "iss": format!("https://sts.windows.net/{DIRECTORY}/"), "discovery": true})
                ),
            ]),
            "issuer[1].iss: stands in another [[issuer]] already",
        ),
        (
            json!([issuer(json!({"preset": "entra", "tenants": {"acme": "acme.onmicrosoft.com"}}))]),
            "issuer[0].tenants.acme: is no directory",
        ),
        (
            json!([issuer(json!({"preset": "entra", "tenants": {"acme": DIRECTORY.to_uppercase()}}))]),
            "issuer[0].tenants.acme: is no directory",
        ),
    ] {
        let mistakes = folder.mistakes(&with("/issuer", issuers.clone()));
        assert!(mistakes.iter().any(|line| line.starts_with(mistake)), "{mistake}: {mistakes:?}");
    }
}

#[test]
fn presets_that_know_their_keys_need_no_url() {
    let folder = Folder::new();
    for (more, url) in [
        (
            json!({"preset": "entra", "tenants": {"acme": DIRECTORY}}),
            format!("https://login.microsoftonline.com/{DIRECTORY}/discovery/v2.0/keys"),
        ),
        (
            json!({"preset": "entra", "tenants": "prefixed", "cloud": "us"}),
            "https://login.microsoftonline.us/common/discovery/v2.0/keys".into(),
        ),
        (
            json!({"preset": "workos", "tenants": "prefixed", "client_id": "client_01"}),
            "https://api.workos.com/sso/jwks/client_01".into(),
        ),
        (
            json!({"preset": "google", "tenants": "prefixed"}),
            "https://www.googleapis.com/oauth2/v3/certs".into(),
        ),
    ] {
        let mut issuer = json!({"name": "idp"});
        issuer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let settings = folder.settings(&with("/issuer", json!([issuer])));
        let crate::net::From::Url(found) = &settings.keys[0].from else { panic!("{more}") };
        assert_eq!(*found, url);
    }
}

#[test]
fn a_shared_secret_stands_alone_and_is_long_enough() {
    let folder = Folder::new();
    folder.write("good", "0123456789abcdef0123456789abcdef\n");
    folder.write("short", "0123456789abcdef0123456789abcde\n");
    folder.write("weak", &"a".repeat(64));
    let issuer = |more: Value| {
        let mut issuer = json!({
            "name": "idp", "iss": "https://idp.test/", "tenant": "acme", "algorithms": ["HS256"], "secret": {"file": "good"},
        });
        issuer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with("/issuer", json!([issuer]))
    };
    assert!(from_value(issuer(json!({})), &folder.0).is_ok());
    let weak = "issuer[0].secret: is missing, shorter";
    for (more, mistake) in [
        (json!({"secret": {"file": "short"}}), weak),
        (json!({"secret": {"file": "weak"}}), weak),
        (json!({"secret": {"env": "AIOS_NO_SUCH_VARIABLE"}}), weak),
        (json!({"secret": {"file": "none"}}), "issuer[0].secret: "),
        (json!({"secret": "inline"}), "issuer[0].secret: "),
        (json!({"algorithms": ["HS256", "RS256"]}), "issuer[0].secret: needs algorithms"),
        (json!({"algorithms": ["RS256"]}), "issuer[0].secret: needs algorithms"),
        (json!({"discovery": true}), "issuer[0].secret: excludes"),
        (json!({"secret": null, "discovery": true}), "issuer[0].algorithms: holds HS256"),
    ] {
        let mistakes = folder.mistakes(&issuer(more.clone()));
        assert!(mistakes[0].starts_with(mistake), "{more}: {mistakes:?}");
    }
}
