//! A small world for journeys: an issuer with inline keys, a folder of policies, an engine with a clock that tests move.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aios_core::crypto::signature::Algorithm;
use aios_core::model::Timestamp;
use aios_core::testing::{TestClock, TestIdp, engine};
use aios_core::{Aios, Credential, Refusal, Request, Resource, root_keys};
use serde_json::{Value, json};

/// The time at which every world begins.
pub(crate) const START: i64 = 1_800_000_000;

/// The policies of every world, unless a test writes its own.
const POLICIES: &str = r#"
@id("analysts-read") permit (principal in Aios::Role::"analyst", action == Aios::Action::"read", resource is Aios::Data);
@id("helper-reads") permit (principal == Aios::Agent::"corp/helper", action == Aios::Action::"read", resource is Aios::Data);
@id("auditors-export") permit (principal in Aios::Role::"auditor", action == Aios::Action::"export", resource is Aios::Audit);
@id("transfers") permit (principal in Aios::Role::"analyst", action == Aios::Action::"transfer", resource);
@id("limit") forbid (principal, action == Aios::Action::"transfer", resource) when { context.input.cents * 1000 > 100000000 };
"#;
const SCHEMA: &str = r"namespace Aios { action transfer appliesTo {
    principal: [User, Agent], resource: [Data], context: { input: { cents: Long } } }; }";

/// Everything a journey needs.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) idp: TestIdp,
    pub(crate) clock: Arc<TestClock>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("policies")).unwrap();
        std::fs::write(folder.path().join("policies/all.cedar"), POLICIES).unwrap();
        std::fs::write(folder.path().join("policies/schema.cedarschema"), SCHEMA).unwrap();
        root_keys::create(&folder.path().join("root.keys")).unwrap();
        let clock = Arc::new(TestClock::new(Timestamp::from_seconds(START)));
        Self { folder, idp: TestIdp::new("https://idp.example.com/"), clock }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A configuration on a store: `memory:` or `sqlite:aios.db`.
    pub(crate) fn configuration(&self, store: &str) -> Value {
        json!({
            "deployment": "test",
            "audience": ["api://aios"],
            "issuer": [{
                "name": "corp",
                "preset": "generic",
                "iss": self.idp.iss(),
                "jwks": self.idp.jwks(),
                "algorithms": ["ES256"],
                "typ": ["at+jwt"],
                "claims": {"tenant": "tid", "roles": "roles", "scopes": "scp"},
                "tenants": {"acme": "t-acme", "globex": "t-globex"},
                "roles": {"analyst": "Analyst", "auditor": "Auditor"},
            }],
            "client": [{"issuer": "corp", "id": "helper", "kind": "agent", "tenant": "acme"}],
            "policy": {"dir": "policies"},
            "store": {"url": store},
            "keys": {"file": "root.keys"},
        })
    }

    pub(crate) fn base(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn open(&self, store: &str) -> Aios {
        self.try_open(self.configuration(store)).unwrap()
    }

    pub(crate) fn try_open(&self, configuration: Value) -> Result<Aios, Refusal> {
        engine(configuration, self.base(), &self.clock)
    }

    /// A token of Ada, analyst and auditor of acme, with some claims replaced.
    pub(crate) fn ada(&self, changes: &Value) -> Credential {
        let mut claims = json!({
            "sub": "ada", "aud": "api://aios", "tid": "t-acme", "roles": ["Analyst", "Auditor"],
            "iat": START, "exp": START + 600,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        Credential::Bearer(self.idp.sign(claims, json!({}), Algorithm::Es256))
    }

    /// Ada reads acme's report.
    pub(crate) fn read(&self) -> Request {
        Request::new(self.ada(&json!({})), "read", Self::report())
    }

    pub(crate) fn report() -> Resource {
        Resource::new("Aios::Data", "report-7").tenant("acme")
    }
}
