//! A tenant's master is replaced, and destroyed.

use aios_core::crypto::signature::Algorithm;
use aios_core::engine::vault::{Fault, Moved};
use aios_core::testing::TestIdp;
use aios_core::vault::Stage;
use aios_core::{Aios, Code, Credential, TenantId};
use rusqlite::params;
use serde_json::{Value, json};

use crate::world::{START, World};

use super::{CANARY, Site, code, configuration, put, reference, rotation};

const TENANT: &str = "vault/tenant/acme";

fn bodies_of(site: &Site, name: &str) -> Vec<Vec<u8>> {
    let sql = "SELECT value FROM row WHERE key = ?1";
    let row: Vec<u8> =
        site.database().query_row(sql, [format!("vault/secret/acme/prod/{name}")], |row| row.get(0)).unwrap();
    let kept: Value = serde_json::from_slice(&row[32..]).unwrap();
    let envelopes =
        kept["versions"].as_array().unwrap().iter().map(|version| version["envelope"].as_str().unwrap());
    let body = |text: &str| {
        let bytes = aios_core::vault::from_text(text).unwrap();
        aios_core::vault::Envelope::parse(&bytes).unwrap().body.to_vec()
    };
    envelopes.filter(|text| !text.is_empty()).map(body).collect()
}

fn filled() -> Site {
    let site = Site::new();
    for name in ["a", "b", "c", "d"] {
        site.put(&format!("secret://acme/prod/{name}"), CANARY).unwrap();
    }
    let order = rotation("secret://acme/prod/a@1", "sk-2", Stage::Pending);
    site.aios.vault().rotate(site.admin(), &order).unwrap();
    site.aios.vault().destroy(site.admin(), &reference("secret://acme/prod/d")).unwrap();
    site
}

fn rewrap(site: &Site, aios: &Aios, most: usize) -> Moved {
    aios.vault().rewrap(site.admin(), most).unwrap()
}

#[test]
fn r17_a_new_master_takes_over_every_secret_and_bodies_keep_their_bytes() {
    let site = filled();
    let before = ["a", "b", "c", "d"].map(|name| bodies_of(&site, name));
    let first = rewrap(&site, &site.aios, 1);
    assert_eq!((first.moved, first.left, first.is_finished), (1, 3, false));
    // In the middle everything can be used, read and changed, here and elsewhere, and the next call goes on.
    let elsewhere = site.again();
    assert_eq!(site.verify(&elsewhere).faults, []);
    let order = rotation("secret://acme/prod/b@1", "sk-b2", Stage::Current);
    elsewhere.vault().rotate(site.admin(), &order).unwrap();
    let second = rewrap(&site, &elsewhere, 100);
    assert_eq!((&second.master, second.moved, second.left, second.is_finished), (&first.master, 3, 0, false));
    // It is finished once nobody can be under way who read the old master.
    site.world.clock.advance_seconds(299);
    assert!(!rewrap(&site, &site.aios, 100).is_finished);
    site.world.clock.advance_seconds(1);
    let last = rewrap(&site, &site.aios, 100);
    assert_eq!((&last.master, last.moved, last.is_finished), (&first.master, 0, true));
    let after = ["a", "b", "c", "d"].map(|name| bodies_of(&site, name));
    assert_eq!((&after[0], &after[2], &after[3]), (&before[0], &before[2], &before[3]));
    assert_eq!(after[1][0], before[1][0]);
    let report = site.verify(&site.again());
    assert_eq!((report.secrets, report.versions, report.faults.len()), (4, 5, 0));
    // Another one begins another master; the root wraps all of them.
    assert_ne!(rewrap(&site, &site.aios, 100).master, first.master);
    let wraps = site.aios.rewrap_masters(aios_core::engine::Rewrap::DryRun).unwrap().wraps;
    assert_eq!(wraps.values().sum::<usize>(), 2 + 3, "two trails, three masters of the vault");
}

#[test]
fn r17_a_secret_that_cannot_be_moved_is_named_and_keeps_the_old_master_in_use() {
    let site = filled();
    let sql = "UPDATE row SET value = zeroblob(80) WHERE key = 'vault/secret/acme/prod/c'";
    site.database().execute(sql, []).unwrap();
    for _ in 0..2 {
        let moved = rewrap(&site, &site.aios, 100);
        let fault =
            Fault { reference: Some(reference("secret://acme/prod/c")), code: Code::VaultUndecryptable };
        assert_eq!((moved.faults, moved.is_finished), (vec![fault], false));
        site.world.clock.advance_seconds(299);
    }
}

#[test]
fn a_new_master_takes_secret_admin_and_moves_the_tenants_own_secrets_only() {
    let site = filled();
    let analyst = site.world.ada(&json!({"roles": ["Analyst"]}));
    assert_eq!(code(site.aios.vault().rewrap(analyst, 5)), Code::PolicyDenied);
    let theirs = site.world.ada(&json!({"sub": "eve", "roles": ["Admin"], "tid": "t-globex"}));
    let none = site.aios.vault().rewrap(theirs, 5).unwrap();
    assert_eq!((none.master, none.moved, none.is_finished), (None, 0, true));
}

/// An engine that also knows the staff, of whom some run the platform.
fn platform(site: &Site) -> (Aios, Credential) {
    let staff = TestIdp::new("https://staff.example.com/");
    let mut configuration = configuration(&site.world);
    configuration["policy"]["shared"] = json!(["Aios::Tenant"]);
    configuration["policy"]["roles"] = json!(["platform_operator"]);
    let mut issuer = configuration["issuer"][0].clone();
    issuer["name"] = json!("staff");
    issuer["iss"] = json!(staff.iss());
    issuer["jwks"] = staff.jwks();
    issuer["tenants"] = json!({"ops": "t-ops"});
    issuer["roles"] = json!({"platform_operator": "Operator"});
    configuration["issuer"].as_array_mut().unwrap().push(issuer);
    let claims = json!({
        "sub": "op", "aud": "api://aios", "tid": "t-ops", "roles": ["Operator"], "iat": START, "exp": START + 600,
    });
    let operator = staff.sign(claims, json!({}), Algorithm::Es256);
    (site.world.try_open(configuration).unwrap(), Credential::Bearer(operator))
}

#[test]
fn no_tenant_ends_another_by_calling_something_of_its_own_so() {
    let world = World::new();
    let folder = world.path("policies/tenants/acme/entities");
    std::fs::create_dir_all(&folder).unwrap();
    let said =
        r#"[{"uid": {"type": "Aios::Tenant", "id": "globex"}, "attrs": {"tenant": "acme"}, "parents": []}]"#;
    std::fs::write(folder.join("own.json"), said).unwrap();
    let owner = r#"permit (principal in Aios::Role::"admin", action, resource);"#;
    std::fs::write(world.path("policies/owner.cedar"), owner).unwrap();
    let aios = world.try_open(configuration(&world)).unwrap();
    let of = |tenant: &str| world.ada(&json!({"sub": "root", "roles": ["Admin"], "tid": tenant}));
    aios.vault().put(of("t-globex"), &put("secret://globex/prod/a", "sk-1")).unwrap();
    let globex: TenantId = "globex".parse().unwrap();
    assert_eq!(code(aios.vault().offboard(of("t-acme"), &globex)), Code::TenantMissing);
    // Nor may anything be kept under such a name.
    let uid = aios_core::model::EntityRef::new("Aios::Tenant", "initech");
    let (attrs, tags) = (serde_json::Map::new(), serde_json::Map::new());
    let kept = aios_core::engine::entities::NewEntity { uid, attrs, parents: Vec::new(), tags };
    assert_eq!(code(aios.entities().put(of("t-acme"), kept, None)), Code::PolicyInput);
    assert_eq!(aios.vault().list(of("t-globex"), None).unwrap().len(), 1);
}

#[test]
fn r18_an_offboarded_tenants_secrets_open_for_nobody_and_none_is_taken_any_more() {
    let site = filled();
    let ((aios, operator), acme): (_, TenantId) = (platform(&site), "acme".parse().unwrap());
    let running = site.again();
    assert_eq!(site.verify(&running).versions, 4);
    let row = |site: &Site| -> (i64, Vec<u8>) {
        let sql = "SELECT version, value FROM row WHERE key = ?1";
        site.database().query_row(sql, [TENANT], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let before = row(&site);
    for refused in [site.admin(), site.world.ada(&json!({"roles": ["Analyst", "Auditor"]}))] {
        assert_eq!(code(aios.vault().offboard(refused, &acme)), Code::PolicyDenied);
    }
    assert_eq!(row(&site), before);
    let done = aios.vault().offboard(operator.clone(), &acme).unwrap();
    assert!(done.had_secrets);
    assert!(!aios.vault().offboard(operator.clone(), &acme).unwrap().had_secrets, "done is done");
    for engine in [&aios, &running, &site.aios, &site.again()] {
        let vault = engine.vault();
        let order = rotation("secret://acme/prod/a@2", "sk-3", Stage::Current);
        assert_eq!(code(vault.rotate(site.admin(), &order)), Code::VaultOffboarded);
        assert_eq!(
            code(vault.put(site.admin(), &put("secret://acme/prod/z", "sk-z"))),
            Code::VaultOffboarded
        );
        assert_eq!(code(vault.list(site.admin(), None)), Code::VaultOffboarded);
        assert_eq!(code(vault.rewrap(site.admin(), 5)), Code::VaultOffboarded);
        // The trail says so, so nothing is wrong; the trail itself is as readable as ever.
        assert_eq!(site.verify(engine).faults, []);
    }
    assert!(site.aios.verify(Some(&acme)).unwrap().ok);
    let theirs = site.world.ada(&json!({"sub": "eve", "roles": ["Admin"], "tid": "t-globex"}));
    assert!(aios.vault().put(theirs, &put("secret://globex/prod/a", "sk-1")).is_ok());
    // Nothing wraps what is gone, so no root key is kept for it.
    assert_eq!(
        aios.rewrap_masters(aios_core::engine::Rewrap::DryRun).unwrap().wraps.values().sum::<usize>(),
        5
    );
    // Masters that somebody put back open again, as a backup does: processes that saw the end refuse, and verify finds it.
    let sql = "UPDATE row SET version = ?2, value = ?3 WHERE key = ?1";
    site.database().execute(sql, params![TENANT, before.0, before.1]).unwrap();
    assert_eq!(code(running.vault().list(site.admin(), None)), Code::VaultRolledBack);
    assert!(
        site.verify(&site.again()).faults.contains(&Fault { reference: None, code: Code::VaultRolledBack })
    );
}

#[test]
fn r18_the_end_is_recorded_before_and_after_and_a_forged_one_is_found() {
    let site = filled();
    let (aios, operator) = platform(&site);
    aios.vault().offboard(operator.clone(), &"acme".parse().unwrap()).unwrap();
    aios.flush().unwrap();
    let records = crate::bodies::bodies(&site.world.path("aios.db"));
    let states: Vec<_> = records
        .iter()
        .filter(|body| body.tenant == "acme" && body.says["event"] == "vault.offboard")
        .map(|body| body.says["state"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(states, ["begins", "done"]);
    let intent = records.iter().find(|body| body.says["action"] == "offboard").unwrap();
    assert_eq!((intent.tenant.as_str(), intent.says["resource"]["id"].as_str()), ("ops", Some("acme")));
    assert!(records.iter().any(|body| body.says["outcome"]["data"]["had_secrets"] == true));
    // Somebody writes the end of another tenant into the store.
    let theirs = || site.world.ada(&json!({"sub": "eve", "roles": ["Admin"], "tid": "t-globex"}));
    aios.vault().put(theirs(), &put("secret://globex/prod/a", "sk-1")).unwrap();
    let forged = [&[0; 32], br#"{"destroyed":1}"#.as_slice()].concat();
    let sql = "UPDATE row SET version = version + 1, value = ?2 WHERE key = ?1";
    site.database().execute(sql, params!["vault/tenant/globex", forged]).unwrap();
    let faults = site.again().vault().verify(theirs()).unwrap().faults;
    assert_eq!(faults, [Fault { reference: None, code: Code::VaultUndecryptable }]);
}
