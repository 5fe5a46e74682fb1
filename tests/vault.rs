//! Administering secrets: who may, what is recorded, what is found when somebody else writes to the store, and that no
//! value is seen anywhere.

mod doctor;
mod escape;
mod masters;
mod payloads;
mod processes;
mod revealing;
mod roots;
mod schedules;
mod tampering;
mod traces;
pub(crate) mod upstream;
mod using;

use aios_core::engine::vault::{Lifetime, Put, Rotation, VaultReport, Written};
use aios_core::vault::{Http, Owner, SecretRef, Stage, Terms};
use aios_core::{Aios, Code, Credential, Refusal, Secret};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::world::World;

/// A value that must be seen nowhere.
pub(crate) const CANARY: &str = "sk-CANARY-7f3a-not-a-real-key";
const POLICY: &str = r#"
@id("admins") permit (principal in Aios::Role::"admin", action == Aios::Action::"secret_admin", resource);
@id("rotators") permit (principal in Aios::Role::"rotator", action == Aios::Action::"secret_admin", resource is Aios::Secret)
    when { context.operation == "rotate" && resource has namespace && resource.namespace == "prod" };
"#;

/// A world with policies for secrets and a store on disk.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) aios: Aios,
}

impl Site {
    pub(crate) fn new() -> Self {
        let world = World::new();
        std::fs::write(world.path("policies/vault.cedar"), POLICY).unwrap();
        let aios = world.try_open(configuration(&world)).unwrap();
        Self { world, aios }
    }

    /// The store as another process opens it.
    pub(crate) fn again(&self) -> Aios {
        self.world.try_open(configuration(&self.world)).unwrap()
    }

    pub(crate) fn admin(&self) -> Credential {
        self.world.ada(&json!({"sub": "root", "roles": ["Admin"]}))
    }

    pub(crate) fn put(&self, reference: &str, value: &str) -> Result<Written, Refusal> {
        self.aios.vault().put(self.admin(), &put(reference, value))
    }

    pub(crate) fn verify(&self, aios: &Aios) -> VaultReport {
        aios.vault().verify(self.admin()).unwrap()
    }

    pub(crate) fn database(&self) -> Connection {
        Connection::open(self.world.path("aios.db")).unwrap()
    }
}

pub(crate) fn configuration(world: &World) -> Value {
    let mut configuration = world.configuration("sqlite:aios.db");
    configuration["issuer"][0]["roles"] =
        json!({"analyst": "Analyst", "admin": "Admin", "pipeline": "Pipeline", "rotator": "Rotator"});
    configuration
}

pub(crate) fn reference(text: &str) -> SecretRef {
    text.parse().unwrap()
}

/// A value of at least so many bytes as one that goes into a header has.
fn value(text: &str) -> Secret {
    Secret::new(format!("{text:-<8}").into_bytes())
}

pub(crate) fn put(at: &str, text: &str) -> Put {
    let owner =
        Owner { kind: aios_core::model::Kind::User, issuer: "corp".parse().unwrap(), id: "alice".into() };
    let http = Http {
        hosts: vec!["api.openai.com".into()],
        methods: vec!["POST".into()],
        paths: vec!["/v1/".into()],
        header: "authorization".into(),
        template: "Bearer {}".into(),
    };
    Put {
        at: reference(at),
        value: value(text),
        terms: Terms::of(owner).http(http),
        metadata: [("provider".to_owned(), "openai".to_owned())].into(),
        schedule: None,
        stage: Stage::Current,
        lifetime: Lifetime::default(),
    }
}

pub(crate) fn rotation(at: &str, text: &str, stage: Stage) -> Rotation {
    Rotation { at: reference(at), value: value(text), stage, lifetime: Lifetime::default() }
}

fn code<T>(answer: Result<T, Refusal>) -> Code {
    answer.err().expect("refused").code()
}

#[test]
fn a_secret_is_put_rotated_promoted_revoked_deleted_restored_and_destroyed() {
    let stage = Site::new();
    let (vault, admin) = (stage.aios.vault(), stage.admin());
    let first = stage.put("secret://acme/prod/openai/main", CANARY).unwrap();
    assert_eq!(first.reference.to_string(), "secret://acme/prod/openai/main@1");
    assert_eq!((first.stage, first.fingerprint.as_ref().unwrap().len()), (Some(Stage::Current), 16));
    assert_eq!(code(stage.put("secret://acme/prod/openai/main", "other")), Code::VaultConflict);

    let rotated =
        |at: &str, value: &str, stage: Stage| vault.rotate(admin.clone(), &rotation(at, value, stage));
    let second = rotated("secret://acme/prod/openai/main@1", "sk-2", Stage::Pending).unwrap();
    assert_eq!(
        (second.reference.to_string().as_str(), second.stage),
        ("secret://acme/prod/openai/main@2", Some(Stage::Pending))
    );
    assert_ne!(second.fingerprint, first.fingerprint);
    assert_eq!(
        code(rotated("secret://acme/prod/openai/main@1", "sk-3", Stage::Current)),
        Code::VaultConflict
    );
    assert_eq!(code(rotated("secret://acme/prod/openai/main", "sk-3", Stage::Current)), Code::PolicyInput);
    assert_eq!(code(rotated("secret://acme/prod/nobody@1", "sk-3", Stage::Current)), Code::VaultNotFound);
    assert_eq!(
        code(rotated("secret://acme/prod/openai/main@2", "a\r\nb: c", Stage::Current)),
        Code::PolicyInput
    );

    let at = |text: &str| reference(&format!("secret://acme/prod/openai/main{text}"));
    assert_eq!(vault.promote(admin.clone(), &at("@2")).unwrap().stage, Some(Stage::Current));
    assert_eq!(code(vault.promote(admin.clone(), &at("@2"))), Code::VaultEnded);
    assert_eq!(stages(&stage), [Stage::Previous, Stage::Current]);
    assert_eq!(vault.revoke(admin.clone(), &at("@1")).unwrap().stage, Some(Stage::Retired));
    vault.delete(admin.clone(), &at("")).unwrap();
    assert_eq!(code(rotated("secret://acme/prod/openai/main@2", "sk-3", Stage::Current)), Code::VaultEnded);
    assert_eq!(code(vault.delete(admin.clone(), &at("@2"))), Code::PolicyInput);
    vault.restore(admin.clone(), &at("")).unwrap();
    let changed = stage.put("secret://acme/prod/openai/main@2", "sk-3").unwrap();
    assert_eq!(changed.reference, at("@3"));
    vault.destroy(admin.clone(), &at("@1")).unwrap();
    assert_eq!(stages(&stage), [Stage::Destroyed, Stage::Previous, Stage::Current]);
    let report = stage.verify(&stage.aios);
    assert_eq!((report.secrets, report.versions, report.faults.len()), (1, 2, 0));
    vault.destroy(admin.clone(), &at("")).unwrap();
    assert_eq!(stages(&stage), [Stage::Destroyed; 3]);
    assert_eq!(code(vault.revoke(admin, &at("@9"))), Code::VaultNotFound);
}

fn stages(stage: &Site) -> Vec<Stage> {
    let listed = stage.aios.vault().list(stage.admin(), Some("prod")).unwrap();
    listed[0].versions.iter().map(|version| version.stage).collect()
}

#[test]
fn a_list_says_everything_but_the_value_and_stays_within_tenant_and_namespace() {
    let stage = Site::new();
    stage.put("secret://acme/prod/openai/main", CANARY).unwrap();
    stage.put("secret://acme/dev/openai/main", CANARY).unwrap();
    let vault = stage.aios.vault();
    let all = vault.list(stage.admin(), None).unwrap();
    let names: Vec<_> = all.iter().map(|one| one.path.to_string()).collect();
    assert_eq!(names, ["secret://acme/dev/openai/main", "secret://acme/prod/openai/main"]);
    assert_eq!(all[0].metadata["provider"], "openai");
    assert_eq!(all[0].versions[0].owner.id, "alice");
    assert_eq!(vault.list(stage.admin(), Some("dev")).unwrap().len(), 1);
    assert_eq!(vault.list(stage.admin(), Some("nowhere")).unwrap().len(), 0);
    assert!(!format!("{all:?}").contains("CANARY"));
    let theirs = stage.world.ada(&json!({"sub": "eve", "roles": ["Admin"], "tid": "t-globex"}));
    assert_eq!(vault.list(theirs, None).unwrap(), []);
}

#[test]
fn whoever_may_not_is_denied_before_anything_is_read_and_a_policy_can_narrow() {
    let stage = Site::new();
    let vault = stage.aios.vault();
    let analyst = stage.world.ada(&json!({"roles": ["Analyst"]}));
    assert_eq!(code(vault.put(analyst.clone(), &put("secret://acme/prod/a", CANARY))), Code::PolicyDenied);
    assert_eq!(code(vault.list(analyst.clone(), None)), Code::PolicyDenied);
    assert_eq!(code(vault.verify(analyst.clone())), Code::PolicyDenied);
    let rows = |stage: &Site| -> i64 {
        let sql = "SELECT count(*) FROM row WHERE key LIKE 'vault/%'";
        stage.database().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(rows(&stage), 0, "a denied call made a row");
    // What does not exist is denied like what does.
    for at in ["secret://acme/prod/a", "secret://acme/prod/b"] {
        assert_eq!(code(vault.revoke(analyst.clone(), &reference(at))), Code::PolicyDenied);
    }
    stage.put("secret://acme/prod/a", CANARY).unwrap();
    stage.put("secret://acme/dev/a", CANARY).unwrap();
    let rotator = stage.world.ada(&json!({"roles": ["Rotator"]}));
    let rotated = |at: &str| vault.rotate(rotator.clone(), &rotation(at, "sk-2", Stage::Current));
    assert!(rotated("secret://acme/prod/a@1").is_ok());
    assert_eq!(code(rotated("secret://acme/dev/a@1")), Code::PolicyDenied);
    assert_eq!(code(vault.revoke(rotator.clone(), &reference("secret://acme/prod/a"))), Code::PolicyDenied);
}

#[test]
fn another_tenants_secret_is_out_of_reach_for_every_administrator() {
    let stage = Site::new();
    stage.put("secret://acme/prod/a", CANARY).unwrap();
    let eve = stage.world.ada(&json!({"sub": "eve", "roles": ["Admin"], "tid": "t-globex"}));
    let vault = stage.aios.vault();
    let ours = reference("secret://acme/prod/a");
    for refused in [
        vault.put(eve.clone(), &put("secret://acme/prod/b", "x")),
        vault.rotate(eve.clone(), &rotation("secret://acme/prod/a@1", "x", Stage::Current)),
        vault.revoke(eve.clone(), &ours),
        vault.destroy(eve.clone(), &ours),
        vault.delete(eve, &ours),
    ] {
        assert_eq!(code(refused), Code::TenantMismatch);
    }
    assert_eq!(stage.verify(&stage.aios).faults, []);
}

#[test]
fn the_configured_number_of_versions_keeps_its_value() {
    let stage = Site::new();
    let mut configuration = configuration(&stage.world);
    configuration["vault"] = json!({"keep_versions": 2});
    let aios = stage.world.try_open(configuration.clone()).unwrap();
    aios.vault().put(stage.admin(), &put("secret://acme/prod/a", "sk-1")).unwrap();
    for version in 1..5 {
        let order = rotation(&format!("secret://acme/prod/a@{version}"), "sk", Stage::Current);
        aios.vault().rotate(stage.admin(), &order).unwrap();
    }
    assert_eq!(stage.verify(&aios).versions, 2);
    for bad in [json!({"keep_versions": 1}), json!({"keep_versions": 65}), json!({"keep": 3})] {
        configuration["vault"] = bad;
        assert_eq!(code(stage.world.try_open(configuration.clone())), Code::ConfigInvalid);
    }
}
