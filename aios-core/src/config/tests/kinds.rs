//! Kinds exclude each other: no validator takes what is of another kind, though the issuer's right key signed it for us.
//!
//! A new kind is a row of `kinds`, a new validator one of `validators`; each validator names the one kind that it takes.

use super::presets::{Provider, provider, sample};
use super::*;
use crate::model::Code;

/// A kind as it is met in the world: header and claims, beside what makes it acceptable to an issuer otherwise.
struct Shape(&'static str, Value, Value);

fn kinds() -> Vec<Shape> {
    let logout = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let changed = json!({"https://schemas.openid.net/secevent/caep/event-type/session-revoked": {}});
    vec![
        Shape("ID token", json!({"typ": "JWT"}), json!({"nonce": "n-0S6", "amr": ["pwd"]})),
        Shape("ID token of the code flow", json!({"typ": "JWT"}), json!({"at_hash": "MTIz", "sid": "s1"})),
        Shape("ID token of a long typ", json!({"typ": "application/JWT"}), json!({"nonce": "n"})),
        Shape("ID token of a hybrid flow", json!({}), json!({"c_hash": "MTIz", "s_hash": "MTIz"})),
        Shape("logout token", json!({"typ": "logout+jwt"}), json!({"events": logout, "sid": "s1"})),
        Shape(
            "logout token of before its type",
            json!({"typ": "JWT"}),
            json!({"events": logout, "sid": "s1"}),
        ),
        Shape("security event", json!({"typ": "secevent+jwt"}), json!({"events": changed})),
        Shape("security event without type", json!({}), json!({"events": changed})),
        Shape(
            "DPoP proof",
            json!({"typ": "dpop+jwt", "jwk": {"kty": "EC"}}),
            json!({"htm": "GET", "htu": "https://api/"}),
        ),
        Shape(
            "DPoP proof that hides its type",
            json!({"typ": "JWT"}),
            json!({"htm": "GET", "htu": "https://api/"}),
        ),
        Shape("client assertion", json!({"typ": "client-authentication+jwt"}), json!({"jti": "1"})),
        Shape(
            "client assertion of before its type",
            json!({"typ": "JWT"}),
            json!({"sub": "$iss", "jti": "1"}),
        ),
        Shape("ID-JAG", json!({"typ": "oauth-id-jag+jwt"}), json!({"client_id": "c", "scope": "read"})),
        Shape(
            "answer of introspection",
            json!({"typ": "token-introspection+jwt"}),
            json!({"token_introspection": {"active": true}}),
        ),
        Shape(
            "answer of introspection without type",
            json!({}),
            json!({"token_introspection": {"active": true}}),
        ),
    ]
}

/// What is no signed token at all.
const OPAQUE: [&str; 4] = [
    "aios_live_8Jd92kfLm20sKfPq73hsLw01",
    "aios_admin_8Jd92kfLm20sKfPq73hsLw01",
    "Fe26.2**c2Vzc2lvbg*c2VhbGVk*bWFj",
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
];

/// An access token that each validator takes. Whatever is asked of an issuer's tokens, the other kinds have it here as well.
fn validators() -> Vec<(Value, Provider)> {
    let samples = [
        "entra-v2-app-only",
        "entra-v1-user",
        "keycloak-user",
        "okta-user",
        "auth0-user",
        "auth0-agent-obo",
        "workos-impersonated",
        "workos-m2m",
        "google-id-user",
        "openiddict-user",
    ];
    let preset = samples.into_iter().map(|id| {
        let sample = sample(id);
        let provider = provider(&sample);
        (sample, provider)
    });
    let claims = json!({
        "iss": "https://corp.test/", "sub": "u1", "aud": "aios-api", "exp": 2000, "iat": 1000, "tid": "t1", "client_id": "c",
    });
    let typed = |typ: Value, header: Value| {
        let more = json!({"iss": "https://corp.test/", "typ": typ});
        (
            json!({"id": "generic", "header": header, "claims": claims}),
            Provider::new(&json!(["aios-api"]), more),
        )
    };
    let generic = [
        typed(json!(["at+jwt"]), json!({"typ": "at+jwt"})),
        typed(json!(["jwt", ""]), json!({"typ": "JWT"})),
    ];
    preset.chain(generic).collect()
}

#[test]
fn every_other_kind_is_refused_by_every_validator_though_signed_by_the_right_key() {
    for (sample, provider) in validators() {
        let (id, good) = (&sample["id"], &sample["claims"]);
        assert!(provider.verify(&sample["header"], good).is_ok(), "{id}");
        for Shape(kind, header, more) in kinds() {
            // Google's ID tokens are what its preset is for.
            if *id == "google-id-user" && kind.starts_with("ID token") {
                continue;
            }
            let mut claims = good.clone();
            for (name, value) in more.as_object().unwrap() {
                claims[name] = if value == "$iss" { good["iss"].clone() } else { value.clone() };
            }
            // This provider's word for it; a type that Bearer tokens have would be the provider's own mistake.
            if id.as_str().unwrap().starts_with("keycloak") {
                claims["typ"] = json!(if kind.starts_with("ID") { "ID" } else { "Logout" });
            }
            let refused = provider.verify(&header, &claims).map(|principal| principal.view().clone());
            assert_eq!(refused.map_err(|refusal| refusal.code()), Err(Code::TokenWrongType), "{id}: {kind}");
        }
    }
}

#[test]
fn an_id_token_of_an_api_that_signs_its_own_users_in_is_no_access_token() {
    // Without any mark, and for the audience that the API's access tokens have.
    for (id, without) in [
        ("entra-groups-overage", ["azp", "appid"]),
        ("entra-v1-user", ["azp", "appid"]),
        ("okta-user", ["cid", "scp"]),
        ("auth0-user", ["azp", "client_id"]),
    ] {
        let mut sample = sample(id);
        let provider = provider(&sample);
        for name in without {
            sample["claims"].as_object_mut().unwrap().remove(name);
        }
        let refused = provider.verify(&sample["header"], &sample["claims"]).map(|_| ());
        assert_eq!(refused.map_err(|refusal| refusal.code()), Err(Code::TokenWrongType), "{id}");
    }
}

#[test]
fn what_is_no_signed_token_is_malformed_or_encrypted() {
    for (_, provider) in validators() {
        for text in OPAQUE {
            let code = provider.verify_text(text).unwrap_err().code();
            assert!(matches!(code, Code::TokenMalformed | Code::TokenEncryptedUnsupported), "{text}: {code}");
        }
    }
}
