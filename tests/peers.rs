//! Software that was not written here: npm's oidc-provider, a process of its own, while AIOS runs.
//!
//! Real time and real HTTP: the engine has the system's clock, and its configuration allows plain HTTP on loopback.

mod introspection;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use aios_core::{Aios, Code, Credential, Outcome, Permit, Refusal, Request, Resource};
use serde_json::{Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");
const PATIENCE: Duration = Duration::from_secs(30);
const POLICIES: &str = r#"
@id("analysts") permit (principal in Aios::Role::"analyst", action == Aios::Action::"read", resource is Aios::Data);
@id("reporter") permit (principal == Aios::Service::"corp/reporter", action == Aios::Action::"read", resource is Aios::Data);
@id("helper") permit (principal == Aios::Agent::"corp/helper", action == Aios::Action::"read", resource is Aios::Data);
"#;

/// The provider's process. Dropped, it ends.
struct Provider {
    issuer: String,
    process: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
}

impl Provider {
    fn start() -> Self {
        assert!(
            Path::new(FOLDER).join("node_modules/.package-lock.json").is_file(),
            "oidc-provider is not installed: run `make test`, or `npm ci` in {FOLDER} (needs Node >= 20 with npm)"
        );
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new("node")
            .arg("provider.mjs")
            .current_dir(FOLDER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("stderr")).unwrap())
            .spawn()
            .expect("this test needs `node` (>= 20) on the path");
        let (commands, answers) = (process.stdin.take(), process.stdout.take().unwrap());
        let answers = BufReader::new(answers);
        let mut provider = Self { issuer: String::new(), process, commands, answers, folder };
        provider.answer()["issuer"].as_str().unwrap().clone_into(&mut provider.issuer);
        provider
    }

    /// Tells it to `replace` its keys, or to `overlap` new ones with the old.
    fn rotate(&mut self, how: &str) {
        writeln!(self.commands.as_mut().unwrap(), "{how}").unwrap();
        self.answer();
    }

    fn stop(&mut self) {
        drop(self.commands.take());
        self.process.wait().unwrap();
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| {
            let stderr = std::fs::read_to_string(self.folder.path().join("stderr"));
            panic!("the provider said {line:?} and ended: {}", stderr.unwrap_or_default())
        })
    }

    /// A fresh access token of a client, by its own credentials.
    fn token(&self, client: &str) -> Credential {
        self.token_for(client, "&resource=api://aios&scope=crm.read")
    }

    fn token_for(&self, client: &str, more: &str) -> Credential {
        let form =
            format!("grant_type=client_credentials&client_id={client}&client_secret={client}-secret{more}");
        let answer = post(&self.issuer, "/token", &form);
        Credential::Bearer(answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned())
    }

    /// An engine that knows this provider by discovery alone.
    fn engine(&self) -> Aios {
        self.engine_with(&json!({}))
    }

    /// As [`Self::engine`], with more about the issuer.
    fn engine_with(&self, more: &Value) -> Aios {
        let base = self.folder.path();
        std::fs::create_dir_all(base.join("policies")).unwrap();
        std::fs::write(base.join("policies/all.cedar"), POLICIES).unwrap();
        let mut configuration = json!({
            "deployment": "peers",
            "audience": ["api://aios"],
            "development": {"plaintext_loopback": true},
            "issuer": [{
                "name": "corp",
                "iss": self.issuer,
                "discovery": true,
                "tenants": {"acme": "t-acme", "globex": "t-globex"},
                "roles": {"analyst": "Analyst"},
            }],
            "client": [
                {"issuer": "corp", "id": "reporter", "kind": "service", "tenant": "acme"},
                {"issuer": "corp", "id": "helper", "kind": "agent", "tenant": "acme"},
                {"issuer": "corp", "id": "poacher", "kind": "service", "tenant": "acme"},
            ],
            "scopes": {"crm.read": ["read", "list"]},
            "policy": {"dir": "policies"},
            "store": {"url": "memory:"},
        });
        let issuer = configuration["issuer"][0].as_object_mut().unwrap();
        issuer.extend(more.as_object().unwrap().clone());
        Aios::builder(aios_core::config::from_value(configuration, base).unwrap()).build().unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Posts a form by plain HTTP and gives the JSON that comes back.
fn post(origin: &str, path: &str, form: &str) -> Value {
    let host = origin.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        form.len()
    );
    stream.write_all(format!("{head}{form}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap_or_default()
}

fn read(aios: &Aios, who: &Credential) -> Result<Permit, Refusal> {
    aios.authorize(&Request::new(who.clone(), "read", Resource::new("Aios::Data", "report-7").tenant("acme")))
}

/// `permitted`, or the code of the refusal.
fn answer(aios: &Aios, who: &Credential) -> String {
    let permitted = |permit: Permit| permit.complete(&Outcome::ok()).map(|()| "permitted".to_owned());
    read(aios, who).and_then(permitted).unwrap_or_else(|refusal| refusal.code().to_string())
}

#[test]
fn tokens_of_a_discovered_provider_are_permitted_or_refused_as_configured() {
    let provider = Provider::start();
    let aios = provider.engine();
    // By tenant claim and role, signed with RS256 and with ES256; then by the registry of clients.
    for (client, kind) in [("portal", "app"), ("mobile", "app"), ("reporter", "service"), ("helper", "agent")]
    {
        let permit = read(&aios, &provider.token(client)).unwrap();
        let facts = permit.view().principal.view();
        let tenant = facts.tenant_id.as_ref().map(ToString::to_string);
        assert_eq!((facts.subject.as_str(), facts.kind.as_str()), (client, kind));
        assert_eq!(tenant.as_deref(), Some("acme"));
        permit.complete(&Outcome::ok()).unwrap();
    }
    let cases = [
        ("portal", "&resource=api://other&scope=crm.read", Code::TokenWrongAudience),
        ("portal", "&resource=api://aios", Code::TokenInsufficientScope),
        // A tenant that the issuer may not assert; one that it may, by a client that belongs to another.
        ("liar", "&resource=api://aios&scope=crm.read", Code::TokenTenantNotAllowed),
        ("poacher", "&resource=api://aios&scope=crm.read", Code::TokenTenantNotAllowed),
    ];
    for (client, more, expected) in cases {
        let token = provider.token_for(client, more);
        assert_eq!(answer(&aios, &token), expected.to_string(), "{client}{more}");
    }
    assert!(aios.verify(None).unwrap().ok);
}

#[test]
fn an_opaque_token_of_the_provider_is_refused_without_a_fetch() {
    let mut provider = Provider::start();
    // Without a resource oidc-provider gives 43 characters that only itself can read.
    let opaque = provider.token_for("portal", "");
    provider.stop();
    // A fetch would have been `token.keys_unavailable`.
    assert_eq!(answer(&provider.engine(), &opaque), Code::TokenMalformed.to_string());
}

#[test]
fn rotated_keys_are_fetched_when_first_seen_and_removed_keys_are_refused_afterwards() {
    let mut provider = Provider::start();
    let aios = provider.engine();
    // An issuer has two fetches at once: one at first, one for the rotation.
    let old = provider.token("portal");
    assert_eq!(answer(&aios, &old), "permitted");
    provider.rotate("replace");
    assert_eq!(answer(&aios, &old), "permitted", "nothing was fetched since the keys were replaced");
    for client in ["portal", "mobile"] {
        assert_eq!(answer(&aios, &provider.token(client)), "permitted");
    }
    assert_eq!(answer(&aios, &old), Code::TokenUnknownKey.to_string());
    assert!(aios.verify(None).unwrap().ok);
}

#[test]
fn keys_that_overlap_are_both_accepted() {
    let mut provider = Provider::start();
    let aios = provider.engine();
    let old = provider.token("portal");
    assert_eq!(answer(&aios, &old), "permitted");
    provider.rotate("overlap");
    let new = provider.token("portal");
    for token in [&new, &old, &new] {
        assert_eq!(answer(&aios, token), "permitted");
    }
}

#[test]
fn known_keys_outlast_a_stopped_provider_and_a_fresh_engine_has_none() {
    let mut provider = Provider::start();
    let aios = provider.engine();
    assert_eq!(answer(&aios, &provider.token("portal")), "permitted");
    let (seen_after, fresh) = (provider.token("mobile"), provider.engine());
    provider.stop();
    assert_eq!(answer(&aios, &seen_after), "permitted");
    let refused = read(&fresh, &seen_after).map(drop).unwrap_err();
    assert_eq!(refused.code(), Code::TokenKeysUnavailable);
    assert!(!refused.is_denial());
}
