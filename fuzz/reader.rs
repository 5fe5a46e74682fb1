//! Whatever bytes say: the reader of tokens does not panic, an explanation ends as verification does, and nothing is accepted
//! that the issuer did not sign.

use std::sync::{Arc, OnceLock};

use aios_core::crypto::signature::Algorithm;
use aios_core::model::{Credential, Timestamp};
use aios_core::testing::TestIdp;
use aios_core::token::{Issuers, KeySet, ProofRules, Stop, explain, verify};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;

/// An input is a token as it is; or a header and claims, one line each, for a token with a signature that does not fit; or
/// claims alone, which the issuer signs.
pub(crate) fn read(data: &[u8]) {
    static WORLDS: OnceLock<Vec<World>> = OnceLock::new();
    let (first, rest) = data.split_first().unwrap_or((&0, &[]));
    let worlds = WORLDS.get_or_init(|| PRESETS.iter().map(World::new).collect());
    let world = &worlds[usize::from(*first) % worlds.len()];
    if let Ok(text) = std::str::from_utf8(rest) {
        assert!(!world.accepts(text), "nobody signed {text:?}");
    }
    let line = rest.iter().position(|byte| *byte == b'\n');
    if let Some((header, claims)) = line.map(|at| (&rest[..at], &rest[at + 1..])) {
        let parts = [header, claims, &[7; 64]].map(|part| URL_SAFE_NO_PAD.encode(part));
        assert!(!world.accepts(&parts.join(".")), "nobody signed {rest:?}");
    }
    if let Ok(claims @ Value::Object(_)) = serde_json::from_slice(rest) {
        world.accepts(&world.idp.sign(claims, json!({"typ": world.typ}), Algorithm::Ed25519));
    }
}

/// Preset, `typ` of its tokens, and what its `[[issuer]]` has besides.
const PRESETS: [(&str, &str, &str); 9] = [
    ("generic", "at+jwt", r#"{"iss": "https://idp.test/"}"#),
    (
        "entra",
        "JWT",
        r#"{"iss": "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0"}"#,
    ),
    ("keycloak", "JWT", r#"{"iss": "https://kc.test/realms/acme"}"#),
    ("okta", "JWT", r#"{"iss": "https://acme.okta.com/oauth2/default"}"#),
    ("auth0", "at+jwt", r#"{"iss": "https://acme.eu.auth0.com/"}"#),
    ("workos", "JWT", r#"{"client_id": "client_01"}"#),
    ("workos-connect", "JWT", r#"{"iss": "https://acme.authkit.app"}"#),
    ("google", "JWT", "{}"),
    ("openiddict", "at+jwt", r#"{"iss": "https://oid.test/"}"#),
];

struct World {
    idp: TestIdp,
    issuers: Issuers,
    proofs: ProofRules,
    keys: Arc<KeySet>,
    typ: &'static str,
}

impl World {
    fn new((preset, typ, more): &(&'static str, &'static str, &'static str)) -> Self {
        let idp = TestIdp::new("https://unused.test/");
        let mut issuer = json!({
            "name": "idp", "preset": preset, "jwks": idp.jwks(), "algorithms": ["EdDSA"], "tenants": "claim", "roles": "all",
        });
        let more: Value = serde_json::from_str(more).unwrap();
        issuer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let document = json!({
            "deployment": "fuzz", "audience": ["api://aios"], "issuer": [issuer],
            "policy": {"dir": "policies"}, "store": {"url": "memory:"},
        });
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("policies")).unwrap();
        let settings = aios_core::config::from_value(document, folder.path()).unwrap();
        let keys = KeySet::from_jwks(idp.jwks().to_string().as_bytes(), &[Algorithm::Ed25519]).unwrap();
        Self { idp, issuers: settings.issuers, proofs: settings.proofs, keys: Arc::new(keys), typ }
    }

    fn accepts(&self, token: &str) -> bool {
        let now = Timestamp::from_seconds(NOW);
        let keys = |_: &_| Some(Arc::clone(&self.keys));
        let end = verify(token, &self.issuers, &keys, now).map_err(|stop| match stop {
            Stop::Needs(needs) => needs.into_refusal(),
            Stop::Refused(error) => error,
        });
        let (sent, proofs) = (Credential::Bearer(token.to_owned()), &self.proofs);
        let end = end.and_then(|unproven| unproven.proven(&sent, proofs, None, now));
        let told = explain(&sent, (&self.issuers, proofs), &keys, now);
        assert_eq!(told.refusal.as_ref(), end.as_ref().err(), "{token:?}");
        end.is_ok()
    }
}
