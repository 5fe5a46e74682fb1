//! The operations as other languages will call them: JSON text in, JSON text or a handle out.

use aios_core::facade::json::{Answer, Handle, OPERATIONS, call, refusal};
use aios_core::facade::{Engine, guard};
use aios_core::{Code, Credential};
use serde_json::{Value, json};

use crate::world::World;

fn engine(world: &World) -> Handle {
    Handle::Engine(Engine::of(world.open("memory:")))
}

fn token(world: &World) -> String {
    let Credential::Bearer(token) = world.ada(&json!({}));
    token
}

fn data(answer: Answer) -> Value {
    let Answer::Data(text) = answer else { panic!("a handle came") };
    serde_json::from_str(&text).unwrap()
}

fn handle(answer: Answer) -> Handle {
    let Answer::Handle(handle) = answer else { panic!("data came") };
    handle
}

#[test]
fn a_call_goes_through_the_table_from_token_to_outcome() {
    let world = World::new();
    let engine = engine(&world);
    let report = json!({"type": "Aios::Data", "id": "report-7", "tenant": "acme"});
    let asked =
        json!({"credential": {"bearer": token(&world)}, "action": "read", "resource": report}).to_string();
    assert_eq!(data(call(&engine, "check", &asked).unwrap())["allowed"], true);
    let permit = handle(call(&engine, "authorize", &asked).unwrap());
    let view = data(call(&permit, "view", "{}").unwrap());
    assert_eq!((&view["action"], &view["principal"]["subject"]), (&json!("read"), &json!("ada")));
    assert_eq!(
        data(call(&permit, "complete", r#"{"status": "ok", "data": {"rows": 3}}"#).unwrap()),
        json!({})
    );
    let again = call(&permit, "complete", r#"{"status": "ok"}"#).unwrap_err();
    assert_eq!(again.code(), Code::AuditCompleted);

    let presented = json!({"credential": token(&world)}).to_string();
    let ada = handle(call(&engine, "authenticate", &presented).unwrap());
    assert_eq!(data(call(&ada, "view", "{}").unwrap())["tenant_id"], "acme");
    let write = json!({"action": "write", "resource": report}).to_string();
    let decision = data(call(&ada, "check", &write).unwrap());
    assert_eq!((&decision["allowed"], &decision["code"]), (&json!(false), &json!("policy.denied")));
    let report = data(call(&engine, "verify", r#"{"tenant": "acme"}"#).unwrap());
    assert_eq!(
        (&report["ok"], &report["level"], &report["dangling"]),
        (&json!(true), &json!("head"), &json!([]))
    );
    data(call(&engine, "close", "{}").unwrap());
    assert_eq!(call(&engine, "flush", "{}").unwrap_err().code(), Code::EngineClosed);
}

#[test]
fn what_is_no_request_is_refused_with_its_place_and_without_its_values() {
    let world = World::new();
    let engine = engine(&world);
    let resource = json!({"type": "Aios::Data", "id": "x"});
    let cases = [
        ("authorize", "", Code::PolicyInput, "."),
        ("authorize", "{} {}", Code::PolicyInput, "."),
        (
            "authorize",
            r#"{"action": "read", "resource": {"type": "A", "id": "x", "colour": "secret-1"}}"#,
            Code::PolicyInput,
            "resource.colour",
        ),
        ("authorize", r#"{"action": ["secret-1"]}"#, Code::PolicyInput, "action"),
        ("fly", "{}", Code::PolicyInput, "operation"),
        ("complete", r#"{"status": "ok"}"#, Code::PolicyInput, "operation"),
        ("verify", r#"{"tenant": "no such tenant"}"#, Code::PolicyInput, "tenant"),
    ];
    for (operation, request, code, at) in cases {
        let refused = call(&engine, operation, request).unwrap_err();
        assert_eq!(
            (refused.code(), refused.detail().at.as_deref()),
            (code, Some(at)),
            "{operation} {request}"
        );
        assert!(!refusal(&refused).contains("secret-1"), "{request}");
    }
    let nobody = json!({"action": "read", "resource": resource}).to_string();
    assert_eq!(call(&engine, "authorize", &nobody).unwrap_err().code(), Code::TokenMissing);
    let presented = json!({"credential": token(&world)}).to_string();
    let ada = handle(call(&engine, "authenticate", &presented).unwrap());
    let twice = json!({"credential": token(&world), "action": "read", "resource": resource}).to_string();
    assert_eq!(call(&ada, "authorize", &twice).unwrap_err().detail().at.as_deref(), Some("credential"));
}

#[test]
fn a_panic_is_the_failure_internal() {
    let caught = guard::<()>(|| panic!("secret-1")).unwrap_err();
    assert_eq!((caught.code(), caught.is_denial()), (Code::Internal, false));
    let told: Value = serde_json::from_str(&refusal(&caught)).unwrap();
    assert_eq!((&told["status"], &told["retry"]), (&json!(500), &json!("no")));
    assert!(!told.to_string().contains("secret-1"));
}

#[test]
fn the_table_names_each_operation_once() {
    let mut names = OPERATIONS.to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), OPERATIONS.len()), (11, 11));
}
