//! What an operation leaves behind: records, and no value anywhere.

use aios_core::Code;
use aios_core::vault::Stage;
use serde_json::{Value, json};

use super::{CANARY, Site, code, put, reference, rotation};

#[test]
fn every_operation_is_recorded_before_and_after_with_reference_actor_and_fingerprint() {
    let stage = Site::new();
    let written = stage.put("secret://acme/prod/a", CANARY).unwrap();
    assert_eq!(code(stage.put("secret://acme/prod/a", "x")), Code::VaultConflict);
    let denied = stage.world.ada(&json!({"roles": ["Analyst"]}));
    let _ = stage.aios.vault().revoke(denied, &reference("secret://acme/prod/a"));
    stage.aios.flush().unwrap();
    let bodies = crate::bodies::bodies(&stage.world.path("aios.db"));
    let said: Vec<Value> =
        bodies.into_iter().filter(|body| body.tenant == "acme").map(|body| body.says).collect();
    let intents: Vec<_> = said.iter().filter(|body| body["type"] == "intent").collect();
    assert_eq!(intents.len(), 2);
    assert_eq!(intents[0]["action"], "secret_admin");
    assert_eq!(intents[0]["secret"], json!({"operation": "put", "reference": "secret://acme/prod/a"}));
    assert_eq!(intents[0]["resource"], json!({"type": "Aios::Secret", "id": "prod/a", "tenant": "acme"}));
    let outcomes: Vec<_> = said.iter().filter(|body| body["type"] == "outcome").collect();
    assert_eq!(outcomes[0]["outcome"]["status"], "ok");
    let data = json!({"reference": "secret://acme/prod/a@1", "fingerprint": written.fingerprint.unwrap(),
        "revision": 1, "stage": "current"});
    assert_eq!(outcomes[0]["outcome"]["data"], data);
    assert_eq!(outcomes[1]["outcome"], json!({"status": "failed", "data": {"code": "vault.conflict"}}));
    let events: Vec<_> = said.iter().filter(|body| body["type"] == "event").collect();
    assert_eq!(events[0]["secret"]["operation"], "revoke");
    assert_eq!(events[0]["decision"]["code"], "policy.denied");
    assert!(stage.aios.verify(None).unwrap().ok);
}

#[test]
fn r24_the_value_stands_in_no_file_message_or_debug_output() {
    let stage = Site::new();
    let too_large = CANARY.repeat(3000);
    let shown = [
        format!("{:?}", put("secret://acme/prod/a", CANARY)),
        format!("{:?}", stage.put("secret://acme/prod/a", CANARY).unwrap()),
        format!("{:?}", stage.put("secret://acme/prod/a", CANARY).unwrap_err()),
        format!("{:?}", stage.put("secret://acme/prod/b", &too_large).unwrap_err()),
        format!("{:?}", stage.put("secret://acme/prod/b", &format!("{CANARY}\n")).unwrap_err()),
        format!("{:?} {:?}", stage.aios, stage.verify(&stage.aios)),
    ];
    let shown = shown.join(" ");
    stage.aios.flush().unwrap();
    assert!(!shown.contains("CANARY"), "{shown}");
    for entry in std::fs::read_dir(stage.world.base()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(6).any(|window| window == b"CANARY"), "{}", path.display());
        }
    }
}

#[test]
fn a_full_disk_refuses_and_the_secret_is_as_it_was() {
    let stage = Site::new();
    stage.put("secret://acme/prod/a", "sk-1").unwrap();
    let pages: u32 = stage.database().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    stage.aios.limit_pages(pages + 6).unwrap();
    // The record of the intent has room, the new row of 90 KB has none.
    let large = "x".repeat(60_000);
    let refused =
        stage.aios.vault().rotate(stage.admin(), &rotation("secret://acme/prod/a@1", &large, Stage::Current));
    assert_eq!(code(refused), Code::StoreUnavailable);
    stage.aios.limit_pages(0).unwrap();
    let report = stage.verify(&stage.aios);
    assert_eq!((report.versions, report.faults.len()), (1, 0));
    let rotated =
        stage.aios.vault().rotate(stage.admin(), &rotation("secret://acme/prod/a@1", &large, Stage::Current));
    assert_eq!(rotated.unwrap().reference, reference("secret://acme/prod/a@2"));
}

#[test]
fn r13_no_answer_of_the_vault_has_a_member_for_a_value_but_the_one_behind_the_operators_switch() {
    use aios_core::facade::views;
    // What a person is shown, where `[vault] reveal` and policy say so, and nowhere else: it is closed unless told.
    let shown = schemars::schema_for!(views::RevealedSecret).to_value();
    let members: Vec<&String> = shown["properties"].as_object().unwrap().keys().collect();
    assert_eq!(members, ["reference", "fingerprint", "value_base64"]);
    let schemas = [
        schemars::schema_for!(views::WrittenSecret),
        schemars::schema_for!(views::SecretList),
        schemars::schema_for!(views::SecretReport),
        schemars::schema_for!(views::SecretsDue),
        schemars::schema_for!(views::MovedSecrets),
    ];
    for schema in schemas {
        let text = schema.to_value().to_string();
        assert!(text.contains("reference"));
        for member in ["value", "secret", "envelope", "value_base64", "terms", "plaintext"] {
            assert!(!text.contains(&format!("\"{member}\":")), "{text}");
        }
    }
}
