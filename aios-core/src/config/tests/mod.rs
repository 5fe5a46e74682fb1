//! What a configuration means, and what it reads.

mod crossings;
mod kinds;
mod mistakes;
mod outbound;
mod presets;

use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use self::outbound::authority;
use super::*;
use crate::store::key_file;
use crate::token::{Roles, Tenants};

/// A folder with policies and root keys, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let id: [u8; 8] = crate::crypto::random().unwrap();
        let path = std::env::temp_dir().join(format!("aios-config-{:016x}", u64::from_be_bytes(id)));
        std::fs::create_dir_all(path.join("policies/entities")).unwrap();
        key_file::create(&path.join("root.keys")).unwrap();
        let folder = Self(path);
        folder.write("policies/main.cedar", "permit (principal, action, resource);");
        folder.write("policies/entities/acme.json", "[]");
        folder
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    fn settings(&self, value: &Value) -> Settings {
        from_value(value.clone(), &self.0).unwrap()
    }

    /// The mistakes, a line each.
    fn mistakes(&self, value: &Value) -> Vec<String> {
        let error = from_value(value.clone(), &self.0).unwrap_err();
        error.problems().iter().map(ToString::to_string).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn minimal() -> Value {
    json!({
        "deployment": "test",
        "audience": ["api://aios"],
        "issuer": [issuer("corp")],
        "policy": {"dir": "policies"},
        "store": {"url": "memory:"},
    })
}

fn issuer(name: &str) -> Value {
    json!({"name": name, "iss": format!("https://{name}.example.com/"), "discovery": true, "tenant": "acme"})
}

fn client() -> Value {
    json!({"issuer": "corp", "id": "sales-agent", "kind": "agent", "tenant": "acme"})
}

/// `minimal` with a member replaced, or removed where the value is null.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = minimal();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(name)
    } else {
        parent.insert(name.to_owned(), value)
    };
    document
}

const EXAMPLE: &str = r#"
    deployment = "prod-eu"
    audience = ["api://aios"]
    permit_seconds = 60
    [development]
    plaintext_loopback = true
    [input]
    max_token_bytes = 16384
    max_header_bytes = 4096
    max_actor_depth = 8
    [net]
    ca_file = "ca.pem"
    ca = "only"
    proxy = { url = "http://proxy:3128", user = "aios", password = { file = "proxy.password" }, except = ["IDP.example.com"] }
    [[issuer]]
    name = "corp"
    preset = "generic"
    iss = "https://idp.example.com/"
    discovery = true
    algorithms = ["RS256", "ES256"]
    typ = ["application/AT+JWT"]
    leeway_seconds = 30
    max_lifetime_seconds = 86400
    required = ["iss", "aud", "exp", "sub", "tid"]
    claims = { tenant = "tid", roles = "roles", scopes = "scp" }
    tenants = { acme = "72f988bf-86f1" }
    allow_private = false
    roles = { analyst = "Analyst", reader = "Analyst" }
    scopes = "none"
    [[client]]
    issuer = "corp"
    id = "sales-agent"
    kind = "agent"
    platform = true
    scopes = ["crm.read"]
    [scopes]
    "crm.read" = ["read", "list"]
    [policy]
    dir = "policies"
    types = { user = "Acme::Person" }
    shared = ["Aios::Model", "Aios::Tool"]
    [store]
    url = "sqlite:aios.db"
    [keys]
    file = "root.keys"
    [audit]
    deadline_seconds = 2
    queue_per_tenant = 10
    [revocation]
    bound_milliseconds = 500
    strict = ["revoke"]
    grace_seconds = { read = 20 }
"#;

#[test]
fn file_of_the_documentation_means_what_it_says() {
    let folder = Folder::new();
    folder.write("aios.toml", EXAMPLE);
    folder.write("ca.pem", &authority());
    folder.write("proxy.password", "s3cret\n");
    let settings = read(&folder.0.join("aios.toml")).unwrap();
    assert_eq!((settings.deployment.as_str(), settings.permit_seconds), ("prod-eu", 60));
    assert!(settings.development_plaintext_loopback);
    assert_eq!(settings.store, StoreUrl::Sqlite(folder.0.join("aios.db")));
    assert_eq!(settings.root_keys, Some(folder.0.join("root.keys")));
    assert_eq!((settings.audit.deadline, settings.audit.queue_per_tenant), (Duration::from_secs(2), 10));
    let revocation = &settings.revocation;
    assert_eq!((revocation.bound, revocation.strict.len()), (Duration::from_millis(500), 1));
    assert_eq!(revocation.grace["read"], Duration::from_secs(20));
    let names: Vec<_> = settings.policy.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["entities/acme.json", "main.cedar"]);
    assert_eq!(settings.policy.user_types[&Kind::User], "Acme::Person");
    let issuer = &settings.issuers.issuers[0];
    assert_eq!(issuer.typ, ["at+jwt"]);
    assert_eq!(
        (issuer.claims.scopes.as_deref(), issuer.claims.groups.as_deref()),
        (Some("scp"), Some("groups"))
    );
    assert_eq!(issuer.required, ["iss", "aud", "exp", "sub", "tid"]);
    assert!(issuer.unscoped);
    let Tenants::Listed(tenants) = &issuer.tenants else { panic!("{:?}", issuer.tenants) };
    assert_eq!(tenants["72f988bf-86f1"].as_str(), "acme");
    let Roles::Mapped(roles) = &issuer.roles else { panic!("{:?}", issuer.roles) };
    assert_eq!(roles["Analyst"], ["analyst", "reader"]);
    assert_eq!(settings.issuers.clients[0].tenant.as_ref().unwrap().as_str(), "platform");
    assert_eq!(settings.issuers.ceilings["crm.read"], ["read", "list"]);
    assert!(matches!(settings.keys[0].from, crate::net::From::Discovery));
    assert!(settings.keys[0].plaintext_loopback && !settings.keys[0].allow_private);
    let proxy = settings.outbound.proxy.as_ref().unwrap();
    assert_eq!(settings.outbound.trust, crate::net::Trust::Only(authority().into_bytes()));
    assert_eq!(
        (proxy.url.as_str(), &proxy.except[..]),
        ("http://proxy:3128/", &["idp.example.com".to_owned()][..])
    );
    let (user, password) = proxy.credentials.as_ref().unwrap();
    assert_eq!((user.as_str(), password.expose()), ("aios", b"s3cret".as_slice()));
    assert!(!format!("{settings:?}").contains("s3cret"));
    // The same tree as a value is the same configuration.
    let value = serde_json::to_value(EXAMPLE.parse::<toml::Table>().unwrap()).unwrap();
    assert_eq!(folder.settings(&value).digest, settings.digest);
}

#[test]
fn defaults_are_those_of_the_documentation() {
    let settings = Folder::new().settings(&minimal());
    let issuer = &settings.issuers.issuers[0];
    assert_eq!((settings.permit_seconds, settings.audit.queue_per_tenant), (60, 1024));
    assert_eq!(settings.audit.deadline, Duration::from_secs(5));
    assert_eq!(settings.revocation.bound, Duration::from_secs(1));
    assert_eq!(settings.revocation.strict, ["administer", "export", "reveal", "revoke", "secret_admin"]);
    assert!(settings.revocation.grace.is_empty());
    assert_eq!((settings.vault.keep_versions, settings.vault.reveal), (5, false));
    assert!(!settings.development_plaintext_loopback && !settings.keys[0].allow_private && !issuer.unscoped);
    assert_eq!((issuer.leeway_seconds, issuer.max_lifetime_seconds, issuer.algorithms.len()), (30, 86400, 2));
    assert_eq!(
        (issuer.claims.tenant.as_deref(), issuer.claims.scopes.as_deref()),
        (Some("tid"), Some("scope"))
    );
    assert!(
        matches!(&issuer.roles, Roles::Mapped(roles) if roles.is_empty()),
        "roles are dropped unless named"
    );
    assert!(settings.policy.shared.is_empty() && settings.issuers.ceilings.is_empty());
    assert_eq!(settings.store, StoreUrl::Memory);
    assert_eq!(settings.root_keys, None);
}

#[test]
fn each_engine_has_its_own_realm() {
    let folder = Folder::new();
    assert!(folder.settings(&minimal()).issuers.realm != folder.settings(&minimal()).issuers.realm);
}

#[test]
fn key_sets_are_read_and_must_be_public() {
    let folder = Folder::new();
    let public = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "a",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]});
    folder.write("jwks.json", &public.to_string());
    folder.write("broken.json", "[");
    let document = |name: &str, value: Value| {
        let mut issuer = issuer("corp");
        issuer["discovery"] = json!(false);
        issuer["algorithms"] = json!(["EdDSA"]);
        issuer[name] = value;
        with("/issuer", json!([issuer]))
    };
    for good in [document("jwks", public.clone()), document("jwks_file", json!("jwks.json"))] {
        let settings = folder.settings(&good);
        let crate::net::From::Set(bytes) = &settings.keys[0].from else { panic!("{:?}", settings.keys) };
        assert_eq!(serde_json::from_slice::<Value>(bytes).unwrap(), public);
    }
    let url = folder.settings(&document("jwks_url", json!("https://a/keys")));
    assert!(matches!(&url.keys[0].from, crate::net::From::Url(url) if url == "https://a/keys"));
    for (name, value, expected) in [
        ("jwks", json!({"keys": [{"kty": "OKP", "d": "secret"}]}), "issuer[0].jwks: holds a private"),
        ("jwks", json!({"keys": [{"kty": "oct", "k": "secret"}]}), "issuer[0].jwks: holds a private"),
        ("jwks", json!({"kees": []}), "issuer[0].jwks: "),
        ("jwks_file", json!("none.json"), "cannot be read"),
        ("jwks_file", json!("broken.json"), "issuer[0].jwks_file: "),
        ("jwks_url", json!("http://a/keys"), "issuer[0].jwks_url: must begin with https://"),
        ("jwks_url", json!("https://192.168.0.1/"), "issuer[0].jwks_url: the host is at an address"),
    ] {
        let mistakes = folder.mistakes(&document(name, value));
        assert!(mistakes.len() == 1 && mistakes[0].contains(expected), "{expected}: {mistakes:?}");
        assert!(!mistakes[0].contains("secret"));
    }
}

#[test]
fn unreadable_files_are_refused_with_their_place() {
    let folder = Folder::new();
    folder.write("aios.toml", "deployment = \"x\"\naudience = [\n");
    let problem = read(&folder.0.join("aios.toml")).unwrap_err().problems()[0].clone();
    assert!(problem.path.contains("aios.toml:"), "{problem}");
    assert!(read(&folder.0.join("none.toml")).unwrap_err().to_string().contains("cannot be read"));
    std::fs::write(folder.0.join("binary.toml"), [0xff, 0xfe]).unwrap();
    assert!(read(&folder.0.join("binary.toml")).unwrap_err().to_string().contains("is not UTF-8"));
    folder.write("huge.toml", &"#".repeat(2 * 1024 * 1024));
    assert!(read(&folder.0.join("huge.toml")).unwrap_err().to_string().contains("larger than"));
}

#[test]
fn policy_folder_holds_only_what_is_in_it() {
    let (folder, other) = (Folder::new(), Folder::new());
    folder.write("policies/.swap", "hidden");
    symlink(folder.0.join("policies/main.cedar"), folder.0.join("policies/again.cedar")).unwrap();
    let settings = folder.settings(&minimal());
    let names: Vec<_> = settings.policy.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["again.cedar", "entities/acme.json", "main.cedar"]);
    let link = folder.0.join("policies/link");
    for (target, expected) in [
        (other.0.join("policies/main.cedar"), "policy.dir: link is a link out of the folder"),
        (other.0.join("policies"), "policy.dir: link is a link out of the folder"),
        (folder.0.join("policies/entities"), "policy.dir: link is a link to a folder"),
        (folder.0.join("policies/none"), "policy.dir: link cannot be read"),
    ] {
        symlink(target, &link).unwrap();
        let mistakes = folder.mistakes(&minimal());
        assert!(mistakes.len() == 1 && mistakes[0].contains(expected), "{mistakes:?}");
        std::fs::remove_file(&link).unwrap();
    }
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &link, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert_eq!(folder.mistakes(&minimal()), ["policy.dir: link is not a regular file"]);
    std::fs::remove_file(&link).unwrap();
    std::fs::create_dir_all(folder.0.join("policies").join("d/".repeat(16))).unwrap();
    assert_eq!(folder.mistakes(&minimal()), ["policy.dir: nests folders deeper than 16"]);
    std::fs::remove_dir_all(folder.0.join("policies/d")).unwrap();
    // Sparse: takes no room on the disk.
    std::fs::File::create(&link).unwrap().set_len(64 * 1024 * 1024).unwrap();
    assert!(folder.mistakes(&minimal())[0].contains("is larger than"));
}

#[test]
fn digest_changes_with_configuration_and_policies_alone() {
    let folder = Folder::new();
    let digest = folder.settings(&minimal()).digest;
    assert!(digest.len() == 64 && digest.bytes().all(|byte| b"0123456789abcdef".contains(&byte)));
    assert_eq!(folder.settings(&minimal()).digest, digest);
    assert_eq!(Folder::new().settings(&minimal()).digest, digest, "the folder's place is no part of it");
    assert_ne!(folder.settings(&with("/deployment", json!("other"))).digest, digest);
    folder.write("policies/main.cedar", "forbid (principal, action, resource);");
    let changed = folder.settings(&minimal()).digest;
    assert_ne!(changed, digest);
    std::fs::rename(folder.0.join("policies/main.cedar"), folder.0.join("policies/other.cedar")).unwrap();
    assert_ne!(folder.settings(&minimal()).digest, changed);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "UPDATE=1 asks for the file to be written anew")]
fn committed_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/aios.schema.json");
    let schema = schemars::schema_for!(Document);
    let current = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
    if std::env::var("UPDATE").is_ok_and(|update| update == "1") {
        std::fs::write(&path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "docs/aios.schema.json is stale: run the tests with UPDATE=1 and commit it"
    );
}
