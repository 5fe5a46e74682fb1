//! A value is shown to a person where the operator and a policy say so, and leaves a trace of everything but itself.

use aios_core::model::Timestamp;
use aios_core::vault::{OnOverdue, Schedule, Stage};
use aios_core::{Aios, Code, Credential, Selector};
use serde_json::{Value, json};

use super::{CANARY, Site, code, configuration, put, reference, rotation};

const POLICY: &str = r#"
@id("shown") permit (principal in Aios::Role::"admin", action == Aios::Action::"reveal", resource is Aios::Secret)
    when { resource has namespace && resource.namespace == "prod" };
@id("revoking") permit (principal in Aios::Role::"admin", action == Aios::Action::"revoke", resource);
"#;
const AT: &str = "secret://acme/prod/a";

/// A site whose operator says so, with one secret.
fn open() -> (Site, Aios) {
    let site = Site::new();
    std::fs::write(site.world.path("policies/reveal.cedar"), POLICY).unwrap();
    site.put(AT, CANARY).unwrap();
    let aios = site.world.try_open(saying(&site, true)).unwrap();
    (site, aios)
}

fn saying(site: &Site, reveal: bool) -> Value {
    let mut configuration = configuration(&site.world);
    configuration["vault"] = json!({"reveal": reveal});
    configuration
}

fn records(site: &Site, aios: &Aios) -> Vec<Value> {
    aios.flush().unwrap();
    crate::bodies::bodies(&site.world.path("aios.db")).into_iter().map(|body| body.says).collect()
}

#[test]
fn a_value_is_shown_and_its_record_says_which_and_to_whom_and_never_what() {
    let (site, aios) = open();
    let shown = aios.vault().reveal(site.admin(), &reference(AT)).unwrap();
    assert_eq!(
        (shown.value.expose(), &shown.reference),
        (CANARY.as_bytes(), &reference("secret://acme/prod/a@1"))
    );
    assert!(!format!("{shown:?}").contains("CANARY"));
    let records = records(&site, &aios);
    let says = json!({"operation": "reveal", "reference": AT});
    let intent = records.iter().find(|says| says["action"] == "reveal").unwrap();
    assert_eq!((&intent["type"], &intent["secret"]), (&json!("intent"), &says));
    let data = json!({"reference": "secret://acme/prod/a@1", "version": 1, "fingerprint": shown.fingerprint});
    assert!(records.iter().any(|says| says["outcome"]["data"] == data), "{records:?}");
    assert!(!format!("{records:?}").contains("CANARY"));
    assert_eq!(site.verify(&aios).faults, []);
    // What a reader of the wire sees is the one answer that has it.
    let text = aios_core::facade::json::call;
    let engine = aios_core::facade::json::Handle::Engine(aios_core::facade::handles::Engine::of(aios));
    let Ok(aios_core::facade::json::Answer::Handle(vault)) = text(&engine, "vault", "{}") else {
        panic!("no vault")
    };
    let asked = json!({"credential": site.admin().token(), "reference": AT}).to_string();
    let Ok(aios_core::facade::json::Answer::Data(answer)) = text(&vault, "reveal", &asked) else {
        panic!("refused")
    };
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["value_base64"], "c2stQ0FOQVJZLTdmM2Etbm90LWEtcmVhbC1rZXk=");
}

#[test]
fn whoever_is_refused_leaves_a_record_and_no_row_was_read() {
    let (site, on) = open();
    let off = site.again();
    site.database().execute("UPDATE row SET value = x'00' WHERE key LIKE 'vault/%'", []).unwrap();
    let analyst = site.world.ada(&json!({"roles": ["Analyst"]}));
    let agent = site.world.ada(&json!({"sub": "helper", "azp": "helper", "roles": ["Admin"]}));
    let through = site.world.ada(&json!({"azp": "helper", "roles": ["Admin"]}));
    let asked =
        |aios: &Aios, who: &Credential, at: &str| code(aios.vault().reveal(who.clone(), &reference(at)));
    let admin = site.admin();
    for (aios, who, at, expected) in [
        (&off, &admin, AT, Code::VaultRevealOff),
        (&on, &analyst, AT, Code::PolicyDenied),
        (&on, &admin, "secret://acme/dev/a", Code::PolicyDenied),
        (&on, &agent, AT, Code::VaultRevealAgent),
        (&on, &through, AT, Code::VaultRevealAgent),
        (&on, &admin, "secret://globex/prod/a", Code::TenantMismatch),
    ] {
        assert_eq!(asked(aios, who, at), expected, "{at}");
    }
    off.flush().unwrap();
    let refused = records(&site, &on);
    let refused =
        refused.iter().filter(|says| says["type"] == "event" && says["secret"]["operation"] == "reveal");
    assert_eq!(refused.count(), 6);
    // Permitted: the intent stands before the row is read, which nobody can open.
    assert_eq!(asked(&on, &admin, AT), Code::VaultUndecryptable);
    let after = records(&site, &on);
    assert_eq!(after.iter().filter(|says| says["type"] == "intent" && says["action"] == "reveal").count(), 1);
    let failed = json!({"status": "failed", "data": {"code": "vault.undecryptable"}});
    assert!(after.iter().any(|says| says["outcome"] == failed));
}

#[test]
fn what_may_not_be_used_is_not_shown() {
    let (site, aios) = open();
    let (vault, admin) = (aios.vault(), site.admin());
    let shown = |at: &str| {
        let shown = vault.reveal(admin.clone(), &reference(at)).map_err(|refusal| refusal.code())?;
        Ok::<_, Code>(String::from_utf8_lossy(shown.value.expose()).into_owned())
    };
    vault.rotate(admin.clone(), &rotation("secret://acme/prod/a@1", "sk-second", Stage::Pending)).unwrap();
    assert_eq!(shown("secret://acme/prod/a@2"), Ok("sk-second".into()), "pending, by its number");
    vault.promote(admin.clone(), &reference("secret://acme/prod/a@2")).unwrap();
    assert_eq!(shown("secret://acme/prod/a@1"), Ok(CANARY.into()), "previous, by its number");
    assert_eq!(shown(AT), Ok("sk-second".into()));
    vault.revoke(admin.clone(), &reference("secret://acme/prod/a@1")).unwrap();
    assert_eq!(shown("secret://acme/prod/a@1"), Err(Code::VaultEnded));
    vault.delete(admin.clone(), &reference(AT)).unwrap();
    assert_eq!(shown(AT), Err(Code::VaultEnded));
    vault.restore(admin.clone(), &reference(AT)).unwrap();
    let schedule = Schedule::new(None, Some(60), OnOverdue::Deny).unwrap();
    vault.schedule(admin.clone(), &reference(AT), Some(schedule)).unwrap();
    let mut order = put("secret://acme/prod/a@2", "sk-third");
    order.lifetime.not_before = Some(Timestamp::from_seconds(crate::world::START + 5));
    order.lifetime.expires = Some(Timestamp::from_seconds(crate::world::START + 90));
    vault.put(admin.clone(), &order).unwrap();
    for (moves, expected) in [
        (0, Err(Code::VaultEnded)),
        (5, Ok("sk-third".into())),
        (60, Err(Code::VaultOverdue)),
        (30, Err(Code::VaultEnded)),
    ] {
        site.world.clock.advance_seconds(moves);
        assert_eq!(shown(AT), expected);
    }
}

#[test]
fn whoever_is_revoked_elsewhere_is_shown_nothing_from_that_moment_on() {
    let (site, _) = open();
    let mut configuration = saying(&site, true);
    configuration["revocation"] = json!({"bound_milliseconds": 60000});
    let aios = site.world.try_open(configuration).unwrap();
    let root = aios.authenticate(&site.admin()).unwrap();
    aios.vault().reveal(&root, &reference(AT)).unwrap();
    let elsewhere = site.world.try_open(saying(&site, true)).unwrap();
    let issuer = "corp".parse().unwrap();
    let whom = Selector::Subject { issuer, subject_kind: aios_core::model::Kind::User, id: "root".into() };
    elsewhere.revoke(site.world.ada(&json!({"sub": "other", "roles": ["Admin"]})), &whom).unwrap();
    assert_eq!(code(aios.vault().reveal(&root, &reference(AT))), Code::TokenRevoked);
}
