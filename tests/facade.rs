//! The operations as other languages will call them: JSON text in, JSON text or a handle out.

use aios_core::Code;
use aios_core::facade::guard;
use aios_core::facade::handles::{Engine, Host};
use aios_core::facade::json::{Answer, Handle, OPERATIONS, TESTING_OPERATIONS, call, refusal};
use aios_core::facade::testing::Kit;
use serde_json::{Value, json};

use crate::world::{START, World};

fn engine(world: &World) -> Handle {
    Handle::Engine(Engine::of(world.open("memory:")))
}

fn token(world: &World) -> String {
    world.ada(&json!({})).token().to_owned()
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
    data(call(&permit, "still_open", "{}").unwrap());
    assert_eq!((&view["action"], &view["principal"]["subject"]), (&json!("read"), &json!("ada")));
    assert_eq!(
        data(call(&permit, "complete", r#"{"status": "ok", "data": {"rows": 3}}"#).unwrap()),
        json!({})
    );
    assert_eq!(call(&permit, "still_open", "{}").unwrap_err().code(), Code::AuditPermitEnded);
    let again = call(&permit, "complete", r#"{"status": "ok"}"#).unwrap_err();
    assert_eq!(again.code(), Code::AuditCompleted);

    let presented = json!({"credential": token(&world)}).to_string();
    let ada = handle(call(&engine, "authenticate", &presented).unwrap());
    assert_eq!(data(call(&ada, "view", "{}").unwrap())["tenant_id"], "acme");
    let write = json!({"action": "write", "resource": report}).to_string();
    let decision = data(call(&ada, "check", &write).unwrap());
    assert_eq!((&decision["allowed"], &decision["code"]), (&json!(false), &json!("policy.denied")));
    let audit = handle(call(&engine, "audit", "{}").unwrap());
    let report = data(call(&audit, "verify", r#"{"tenant": "acme"}"#).unwrap());
    assert_eq!(
        (&report["ok"], &report["level"], &report["dangling"]),
        (&json!(true), &json!("head"), &json!([]))
    );
    data(call(&engine, "close", "{}").unwrap());
    assert_eq!(call(&engine, "flush", "{}").unwrap_err().code(), Code::EngineClosed);
}

/// Operation, request, and the code and place of the refusal.
const NO_REQUESTS: &[(&str, &str, Code, &str)] = &[
    ("authorize", "", Code::PolicyInput, "."),
    ("authorize", "{} {}", Code::PolicyInput, "."),
    ("authorize", r#"[null, "read", {"type": "A", "id": "x"}, {}, {}, null, null]"#, Code::PolicyInput, "."),
    (
        "authorize",
        r#"{"action": "read", "resource": ["A", "x", null, {}, []]}"#,
        Code::PolicyInput,
        "resource",
    ),
    (
        "authorize",
        r#"{"action": "read", "resource": {"type": "A", "id": "x", "parents": [["B", "y"]]}}"#,
        Code::PolicyInput,
        "resource.parents[0]",
    ),
    (
        "authorize",
        r#"{"action": "read", "resource": {"type": "A", "id": "x"}, "input": {"amount": 150, "amount": 1}}"#,
        Code::PolicyInput,
        "input",
    ),
    (
        "authorize",
        r#"{"action": "read", "resource": {"type": "A", "id": "x", "attrs": {"a": [{"b": 1, "\u0062": 2}]}}}"#,
        Code::PolicyInput,
        "resource.attrs.a[0]",
    ),
    ("authenticate", r#"{"credential": ["secret-1"]}"#, Code::PolicyInput, "credential"),
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

#[test]
fn what_is_no_request_is_refused_with_its_place_and_without_its_values() {
    let world = World::new();
    let engine = engine(&world);
    let audit = handle(call(&engine, "audit", "{}").unwrap());
    for &(operation, request, code, at) in NO_REQUESTS {
        let receiver = if operation == "verify" { &audit } else { &engine };
        let refused = call(receiver, operation, request).unwrap_err();
        assert_eq!(
            (refused.code(), refused.detail().at.as_deref()),
            (code, Some(at)),
            "{operation} {request}"
        );
        assert!(!refusal(&refused).contains("secret-1"), "{request}");
    }
}

#[test]
fn a_name_in_a_refusal_forges_no_line_of_a_log() {
    let world = World::new();
    let engine = engine(&world);
    let resource = json!({"type": "Aios::Data", "id": "x"});
    let input = r#"{"a\nFAKE \u001b[31m\u202e": {"b": 1, "b": 2}}"#;
    let asked = format!(r#"{{"action": "read", "resource": {resource}, "input": {input}}}"#);
    let told = refusal(&call(&engine, "authorize", &asked).unwrap_err());
    let told: Value = serde_json::from_str(&told).unwrap();
    let message = told["message"].as_str().unwrap();
    assert!(
        message.contains("FAKE") && !message.chars().any(|c| c.is_control() || c == '\u{202e}'),
        "{message}"
    );
}

#[test]
fn whoever_asks_is_named_once() {
    let world = World::new();
    let engine = engine(&world);
    let resource = json!({"type": "Aios::Data", "id": "x"});
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
    let mut names = [OPERATIONS, TESTING_OPERATIONS].concat();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), OPERATIONS.len(), TESTING_OPERATIONS.len()), (97, 83, 14));
}

#[test]
fn an_engine_opens_from_a_file_or_a_value_and_lives_by_a_tests_clock() {
    let world = World::new();
    let host = Handle::Host(Host);
    for wrong in [json!({}), json!({"path": "a", "configuration": {}}), json!({"path": "a", "base": "."})] {
        let refused = call(&host, "open", &wrong.to_string()).unwrap_err();
        assert_eq!(
            (refused.code(), refused.detail().at.as_deref()),
            (Code::ConfigInvalid, Some("opening")),
            "{wrong}"
        );
    }
    let kit = Handle::Kit(Kit);
    let clock = handle(call(&kit, "clock", &json!({"seconds": START}).to_string()).unwrap());
    let idp = handle(call(&kit, "idp", &json!({"iss": world.idp.iss()}).to_string()).unwrap());
    let mut configuration = world.configuration("memory:");
    configuration["issuer"][0]["jwks"] = data(call(&idp, "jwks", "{}").unwrap());
    let opening = json!({"configuration": configuration, "base": world.base()}).to_string();
    let engine = handle(call(&clock, "engine", &opening).unwrap());
    let claims =
        json!({"sub": "ada", "aud": "api://aios", "tid": "t-acme", "iat": START, "exp": START + 600});
    let signed = data(call(&idp, "sign", &json!({"claims": claims}).to_string()).unwrap());
    let presented = json!({"credential": signed["token"]}).to_string();
    let ada = handle(call(&engine, "authenticate", &presented).unwrap());
    assert_eq!(data(call(&ada, "view", "{}").unwrap())["tenant_id"], "acme");
    data(call(&clock, "set", &json!({"seconds": START + 9999}).to_string()).unwrap());
    assert_eq!(call(&engine, "authenticate", &presented).unwrap_err().code(), Code::TokenExpired);
}

#[test]
fn a_check_that_may_not_wait_says_so_until_keys_are_at_hand() {
    let world = World::new();
    let _served = world.idp.serve().unwrap();
    let mut configuration = world.configuration("memory:");
    configuration["development"] = json!({"plaintext_loopback": true});
    let issuer = configuration["issuer"][0].as_object_mut().unwrap();
    issuer.remove("jwks");
    issuer.insert("discovery".into(), json!(true));
    issuer.insert("allow_private".into(), json!(true));
    let engine = Handle::Engine(Engine::of(world.try_open(configuration).unwrap()));
    let resource = json!({"type": "Aios::Data", "id": "report-7", "tenant": "acme"});
    let asked = json!({"credential": token(&world), "action": "read", "resource": resource}).to_string();
    assert_eq!(call(&engine, "check_now", &asked).unwrap_err().code(), Code::WouldWait);
    assert_eq!(data(call(&engine, "check", &asked).unwrap())["allowed"], true);
    assert_eq!(data(call(&engine, "check_now", &asked).unwrap())["allowed"], true);
}
