//! What the story needs: a folder, two identity providers on loopback, a configuration, an engine.

use std::error::Error;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use aios_core::crypto::signature::Algorithm;
use aios_core::testing::{Served, TestIdp};
use aios_core::{Aios, Credential, root_keys};
use serde_json::{Value, json};

/// Everything on stage. Dropped, the servers stop and the folder is gone.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) aios: Aios,
    pub(crate) database: PathBuf,
    pub(crate) corp: TestIdp,
    pub(crate) partner: TestIdp,
    _served: [Served; 2],
    _folder: tempfile::TempDir,
}

impl Stage {
    /// Starts the providers and opens the engine from a file, as a service would.
    pub(crate) fn open() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let (corp, partner) = (TestIdp::new("corp"), TestIdp::new("partner"));
        let served = [corp.serve()?, partner.serve()?];
        root_keys::create(&folder.path().join("root.keys"))?;
        let configuration = folder.path().join("aios.toml");
        std::fs::write(&configuration, configuration_text(&corp.iss(), &partner.iss()))?;
        let aios = Aios::open(&configuration)?;
        let database = folder.path().join("aios.db");
        Ok(Self { aios, database, corp, partner, _served: served, _folder: folder })
    }
}

fn configuration_text(corp: &str, partner: &str) -> String {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/quickstart/policies");
    format!(
        r#"
deployment = "quickstart"
audience = ["api://aios"]
[development]
plaintext_loopback = true
[[issuer]]
name = "corp"
preset = "generic"
iss = "{corp}"
discovery = true
algorithms = ["RS256"]
typ = ["at+jwt"]
claims = {{ tenant = "tid", roles = "roles" }}
tenants = {{ acme = "t-acme" }}
roles = {{ analyst = "Analyst" }}
[[issuer]]
name = "partner"
preset = "generic"
iss = "{partner}"
discovery = true
algorithms = ["RS256"]
typ = ["at+jwt"]
claims = {{ tenant = "tid", roles = "roles" }}
tenants = {{ globex = "t-globex" }}
roles = {{ analyst = "Analyst" }}
[policy]
dir = "{policies}"
[store]
url = "sqlite:aios.db"
[keys]
file = "root.keys"
"#
    )
}

/// The claims of Ada, an analyst of acme, whose token ends in ten minutes.
pub(crate) fn ada() -> Value {
    let now = UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    json!({
        "sub": "ada", "aud": "api://aios", "tid": "t-acme", "roles": ["Analyst"],
        "iat": now, "exp": now + 600,
    })
}

/// Claims with some of them replaced.
pub(crate) fn with(mut claims: Value, changes: Value) -> Value {
    if let (Value::Object(claims), Value::Object(changes)) = (&mut claims, changes) {
        claims.extend(changes);
    }
    claims
}

/// A token signed by a provider's RS256 key.
pub(crate) fn token(idp: &TestIdp, claims: Value) -> Credential {
    Credential::Bearer(idp.sign(claims, json!({}), Algorithm::Rs256))
}
