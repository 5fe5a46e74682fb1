//! Payloads: policy decides about their entity, the record comes first, and they open for nobody else.

use std::sync::Arc;

use aios_core::engine::vault::{Payload, PayloadOrder};
use aios_core::model::Kind;
use aios_core::revocation::Selector;
use aios_core::{Aios, Code, Credential, Refusal, Resource};
use serde_json::{Map, Value, json};

use super::escape::{PYTHON, run};
use super::{Site, code, configuration};
use crate::bodies::{Body, bodies};
use crate::hostile::awaiting::block_on;
use crate::world::World;

const POLICY: &str = r#"
@id("pipeline") permit (principal in Aios::Role::"pipeline", action in [Aios::Action::"read", Aios::Action::"write"], resource is Aios::Memory);
@id("readers") permit (principal in Aios::Role::"analyst", action == Aios::Action::"read", resource is Aios::Memory);
@id("revokes") permit (principal in Aios::Role::"admin", action == Aios::Action::"revoke", resource);
"#;

fn site() -> Site {
    let world = World::new();
    std::fs::write(world.path("policies/vault.cedar"), super::POLICY).unwrap();
    std::fs::write(world.path("policies/payloads.cedar"), POLICY).unwrap();
    let aios = world.try_open(configuration(&world)).unwrap();
    Site { world, aios }
}

fn order(id: &str) -> PayloadOrder {
    let resource = Resource::new("Aios::Memory", id).tenant("acme");
    PayloadOrder { resource, context: Map::new(), trace: None }
}

fn step(site: &Site) -> Credential {
    site.world.ada(&json!({"sub": "step", "roles": ["Pipeline"]}))
}

fn sealed(site: &Site, id: &str, content: &[u8]) -> Vec<u8> {
    let payload = site.aios.vault().encrypt(step(site), order(id)).unwrap();
    whole(&payload, content).unwrap()
}

fn whole(payload: &Payload, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut out = payload.update(bytes)?;
    out.extend(payload.finish()?);
    Ok(out)
}

fn opened(aios: &Aios, who: Credential, id: &str, payload: &[u8]) -> Result<Vec<u8>, Refusal> {
    whole(&aios.vault().decrypt(who, order(id))?, payload)
}

fn content(length: usize) -> Vec<u8> {
    (0..=255).cycle().take(length).collect()
}

#[test]
fn what_one_step_seals_another_opens_in_another_process_and_after_the_masters_were_replaced() {
    let site = site();
    let content = content(1_000_000);
    let payload = sealed(&site, "run-7", &content);
    assert!(!payload.windows(64).any(|window| window == &content[..64]));
    let reader = site.world.ada(&json!({}));
    assert_eq!(opened(&site.aios, reader.clone(), "run-7", &payload).unwrap(), content);
    let other = site.again();
    assert_eq!(opened(&other, reader.clone(), "run-7", &payload).unwrap(), content);
    site.aios.vault().rewrap(site.admin(), 100).unwrap();
    assert_ne!(sealed(&site, "run-7", b"").get(..24), payload.get(..24), "another master");
    assert_eq!(opened(&other, reader, "run-7", &payload).unwrap(), content);
}

#[test]
fn who_may_not_write_seals_nothing_and_who_may_not_read_opens_nothing() {
    let site = site();
    let payload = sealed(&site, "run-7", b"content");
    let (reader, nobody) = (site.world.ada(&json!({})), site.world.ada(&json!({"sub": "eve", "roles": []})));
    let vault = site.aios.vault();
    assert_eq!(code(vault.encrypt(reader, order("run-7"))), Code::PolicyDenied);
    assert_eq!(code(vault.encrypt(nobody.clone(), order("run-7"))), Code::PolicyDenied);
    assert_eq!(code(opened(&site.aios, nobody, "run-7", &payload)), Code::PolicyDenied);
    let mut foreign = order("run-7");
    foreign.resource.tenant = Some("globex".to_owned());
    assert_eq!(code(vault.decrypt(step(&site), foreign)), Code::TenantMismatch);
}

#[test]
fn for_another_entity_or_tenant_it_is_no_payload() {
    let site = site();
    let payload = sealed(&site, "run-7", b"content");
    assert_eq!(code(opened(&site.aios, step(&site), "run-8", &payload)), Code::VaultUndecryptable);
    let globex = site.world.ada(&json!({"sub": "step", "roles": ["Pipeline"], "tid": "t-globex"}));
    let mut there = order("run-7");
    there.resource.tenant = Some("globex".to_owned());
    let theirs = site.aios.vault().decrypt(globex, there).unwrap();
    assert_eq!(code(whole(&theirs, &payload)), Code::VaultUndecryptable);
}

#[test]
fn once_refused_or_ended_nothing_more_comes_of_it() {
    let site = site();
    let payload = sealed(&site, "run-7", &content(40_000));
    let opening = || site.aios.vault().decrypt(step(&site), order("run-7")).unwrap();
    let broken = opening();
    assert_eq!(code(broken.update(b"no payload at all")), Code::VaultUndecryptable);
    assert_eq!(code(broken.update(&payload)), Code::AuditPermitEnded);
    assert_eq!(code(broken.finish()), Code::AuditPermitEnded);
    let cut = opening();
    cut.update(&payload[..payload.len() - 1]).unwrap();
    assert_eq!(code(cut.finish()), Code::VaultUndecryptable);
    let empty = opening();
    assert_eq!(code(empty.finish()), Code::VaultUndecryptable);
    let ended = opening();
    whole(&ended, &payload).unwrap();
    assert_eq!(code(ended.update(b"")), Code::AuditPermitEnded);
    assert_eq!(code(ended.finish()), Code::AuditPermitEnded);
}

#[test]
fn whoever_does_not_wait_for_a_part_gets_no_further_one() {
    let site = site();
    let payload = sealed(&site, "run-7", &content(40_000));
    let opening = Arc::new(site.aios.vault().decrypt(step(&site), order("run-7")).unwrap());
    let mut part = Box::pin(opening.update_async(payload[..20_000].to_vec()));
    let waker = std::task::Waker::noop();
    let _ = part.as_mut().poll(&mut std::task::Context::from_waker(waker));
    drop(part);
    assert_eq!(code(opening.update(&payload[20_000..])), Code::AuditPermitEnded);
    assert_eq!(code(opening.finish()), Code::AuditPermitEnded);
    let awaited = Arc::new(site.aios.vault().decrypt(step(&site), order("run-7")).unwrap());
    let mut out = block_on(awaited.update_async(payload.clone())).unwrap();
    out.extend(block_on(awaited.finish_async()).unwrap());
    assert_eq!(out, content(40_000));
}

#[test]
fn whoever_is_revoked_opens_no_further_byte() {
    let site = site();
    let payload = sealed(&site, "run-7", &content(40_000));
    let opening = site.aios.vault().decrypt(step(&site), order("run-7")).unwrap();
    opening.update(&payload[..20_000]).unwrap();
    let issuer = "corp".parse().unwrap();
    let them = Selector::Subject { issuer, subject_kind: Kind::User, id: "step".into() };
    site.aios.revoke(site.admin(), &them).unwrap();
    assert_eq!(code(opening.update(&payload[20_000..])), Code::TokenRevoked);
    assert_eq!(code(opening.finish()), Code::AuditPermitEnded);
}

#[test]
fn the_intent_is_durable_before_and_the_outcome_says_how_it_ended() {
    let site = site();
    let payload = sealed(&site, "run-7", b"content");
    drop(site.aios.vault().decrypt(step(&site), order("run-7")).unwrap());
    let _ = opened(&site.aios, step(&site), "run-7", b"no payload");
    site.aios.flush().unwrap();
    let told = bodies(&site.world.path("aios.db"));
    let intents: Vec<_> = told.iter().filter(|body| body.says["payload"].is_object()).collect();
    let operations: Vec<_> = intents.iter().map(|body| &body.says["payload"]["operation"]).collect();
    assert_eq!(operations, ["encrypt", "decrypt", "decrypt"]);
    let ends = |body: &Body, intent: &Body| {
        let named = &body.says["intent"];
        named["seq"] == intent.seq && named["chain"].as_str().is_some_and(|chain| chain == intent.chain)
    };
    let outcome = |intent: &Body| {
        let ends = told.iter().find(|body| ends(body, intent));
        let says = &ends.unwrap().says["outcome"];
        (says["status"].clone(), says["data"].clone())
    };
    let outcomes: Vec<_> = intents.into_iter().map(outcome).collect();
    let expected = [
        (json!("ok"), json!({"bytes": 7})),
        (json!("abandoned"), json!({})),
        (json!("failed"), json!({"code": "vault.undecryptable"})),
    ];
    assert_eq!(outcomes, expected);
    assert!(site.aios.verify(None).unwrap().ok && !payload.is_empty());
}

#[test]
fn without_a_durable_record_no_byte_is_sealed() {
    let site = site();
    site.database().execute_batch("DROP TABLE audit_record").unwrap();
    let answer = site.aios.vault().encrypt(step(&site), order("run-7"));
    assert!(answer.is_err_and(|refusal| refusal.code().status() >= 500));
}

#[test]
fn both_decoders_open_it_with_the_root_key_file_alone() {
    let site = site();
    for length in [0, 5, 16 * 1024, 5_000_000] {
        let content = content(length);
        let path = site.world.path("payload");
        std::fs::write(&path, sealed(&site, "run-7", &content)).unwrap();
        let [database, roots, path] = ["aios.db", "root.keys", "payload"]
            .map(|name| site.world.path(name).to_str().unwrap().to_owned());
        let of = ["acme", "Aios::Memory", "run-7"];
        let arguments = [&["open_payload.py", &database, &roots, "test", &path][..], &of].concat();
        let said: Value = serde_json::from_str(&run(PYTHON, &arguments, "")).unwrap();
        let hash = aios_core::crypto::sha256(&[&content]).map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(said["sha256"], hash, "{length}");
        let key = said["key"].as_str().unwrap();
        let arguments = [&["open_payload.mjs", key, &path][..], &of].concat();
        assert_eq!(run("node", &arguments, "").trim(), hash, "{length}");
    }
}
