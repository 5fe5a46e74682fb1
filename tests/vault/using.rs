//! A permit's credential goes out with a request that was decided for it, and is seen nowhere else.

mod between;
mod limits;
mod refused;
mod services;
mod streams;
mod uploads;

use std::time::Duration;

use aios_core::engine::vault::{Answer, Fetch, SecretUse};
use aios_core::vault::{Http, Outgoing, Terms};
use aios_core::{Aios, Code, Outcome, Permit, Refusal, Request};
use serde_json::{Value, json};

use super::upstream::{Upstream, reply};
use super::{CANARY, Site, code, configuration, put, reference};
use crate::world::World;

/// Whose policies permit what: an analyst may use what is in `prod`, but not everywhere, and not for everything.
const POLICY: &str = r#"
@id("uses") permit (principal in Aios::Role::"analyst", action == Aios::Action::"use", resource is Aios::Secret)
    when { resource has namespace && ["prod", "default"].contains(resource.namespace) };
@id("not-there") forbid (principal, action == Aios::Action::"use", resource)
    when { context has path && context.path like "/v1/forbidden*" };
@id("no-deleting") forbid (principal, action == Aios::Action::"use", resource)
    when { context has method && context.method == "DELETE" && context has host && context.host like "127.0.0.1:*" };
@id("not-for-exports") forbid (principal, action == Aios::Action::"use", resource)
    when { context has call && context.call.action == "export" && context.call.type == "Aios::Audit" && context.call.id == "acme" };
"#;

/// A world whose engine may go to loopback, and a server there.
pub(crate) struct Use {
    pub(crate) stage: Site,
    pub(crate) server: Upstream,
}

impl Use {
    /// With the secret `prod/key`, for that server alone.
    pub(crate) fn of(server: Upstream) -> Self {
        let world = World::new();
        std::fs::write(world.path("policies/vault.cedar"), super::POLICY).unwrap();
        std::fs::write(world.path("policies/use.cedar"), POLICY).unwrap();
        let aios = world.try_open(open_to_loopback(&world)).unwrap();
        let this = Self { stage: Site { world, aios }, server };
        this.put("secret://acme/prod/key", CANARY);
        this
    }

    pub(crate) fn put(&self, at: &str, value: &str) {
        let mut order = put(at, value);
        order.terms = Terms::of(order.terms.owner).http(Http {
            hosts: vec![self.server.host()],
            methods: Vec::new(),
            paths: vec!["/v1/".into()],
            header: "authorization".into(),
            template: "Bearer {}".into(),
        });
        self.stage.aios.vault().put(self.stage.admin(), &order).unwrap();
    }

    pub(crate) fn aios(&self) -> &Aios {
        &self.stage.aios
    }

    /// A permit of Ada's to read a report.
    pub(crate) fn permit(&self) -> Permit {
        self.aios().authorize(&self.stage.world.read()).unwrap()
    }

    pub(crate) fn credential(&self) -> SecretUse {
        self.permit().credential("prod/key").unwrap()
    }

    pub(crate) fn ask(&self, path: &str) -> Fetch {
        ask("POST", &self.server.url(path))
    }

    /// What stands in acme's records of a kind, about the use of secrets.
    pub(crate) fn recorded(&self, kind: &str) -> Vec<Value> {
        self.aios().flush().unwrap();
        let bodies = crate::bodies::bodies(&self.stage.world.path("aios.db"));
        let says = bodies.into_iter().map(|body| body.says).filter(|says| says["type"] == kind);
        match kind {
            "outcome" => says.filter(|says| says["outcome"]["data"].get("revision").is_none()).collect(),
            _ => says.filter(|says| says["secret"]["operation"] == "use").collect(),
        }
    }
}

fn open_to_loopback(world: &World) -> Value {
    let mut configuration = configuration(world);
    configuration["issuer"][0]["roles"]["auditor"] = json!("Auditor");
    configuration["development"] = json!({"plaintext_loopback": true});
    configuration
}

pub(crate) fn ask(method: &str, url: &str) -> Fetch {
    let headers = vec![("authorization".to_owned(), b"Bearer of-the-caller".to_vec())];
    let outgoing = Outgoing { method: method.into(), url: url.into(), headers };
    Fetch { outgoing, body: b"{}".to_vec(), patience: Some(Duration::from_secs(20)) }
}

pub(crate) fn body(answer: &Answer) -> Result<String, Refusal> {
    let mut body = Vec::new();
    while let Some(part) = answer.next()? {
        body.extend(part);
    }
    Ok(String::from_utf8(body).unwrap())
}

#[test]
fn i05_i09_a_permits_credential_goes_out_in_its_header_and_only_there() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let permit = this.permit();
    let credential = permit.credential("prod/key").unwrap();
    assert_eq!(this.recorded("intent"), Vec::<Value>::new(), "nothing was done yet");
    let answer = credential.fetch(this.ask("/v1/chat?key=hidden")).unwrap();
    assert_eq!((answer.status(), answer.is_rejection()), (200, false));
    assert_eq!(answer.reference(), &reference("secret://acme/prod/key@1"));
    assert_eq!(body(&answer).unwrap(), "done");
    permit.complete(&Outcome::ok()).unwrap();
    let seen = this.server.seen();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with("POST /v1/chat?key=hidden HTTP/1.1\r\n"), "{}", seen[0]);
    assert!(seen[0].contains(&format!("authorization: Bearer {CANARY}\r\n")), "{}", seen[0]);
    assert!(!seen[0].contains("of-the-caller"), "{}", seen[0]);
    assert!(!format!("{permit:?} {credential:?} {answer:?}").contains("CANARY"));
}

#[test]
fn i18_each_request_is_recorded_before_and_after_without_path_query_or_headers() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let permit = this.permit();
    let answer = permit.credential("prod/key").unwrap().fetch(this.ask("/v1/chat?key=hidden")).unwrap();
    drop(answer);
    let intents = this.recorded("intent");
    assert_eq!(intents.len(), 1);
    let says = json!({"operation": "use", "reference": "secret://acme/prod/key", "permit": permit.view().id,
        "host": this.server.host(), "method": "POST"});
    assert_eq!((&intents[0]["secret"], &intents[0]["action"]), (&says, &json!("use")));
    let outcomes = this.recorded("outcome");
    let data = &outcomes.last().unwrap()["outcome"]["data"];
    let fingerprint = data["fingerprint"].as_str().unwrap();
    assert_eq!(fingerprint.len(), 16);
    let said = json!({"status": 200, "reference": "secret://acme/prod/key@1", "version": 1, "fingerprint": fingerprint});
    assert_eq!(data, &said);
    let all = format!("{intents:?}{outcomes:?}");
    assert!(!all.contains("/v1/") && !all.contains("hidden") && !all.contains("of-the-caller"), "{all}");
    assert!(this.aios().verify(None).unwrap().ok);
    assert_eq!(this.stage.verify(this.aios()).faults, []);
}

#[test]
fn a_name_is_one_of_the_permits_own_tenant() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    this.put("secret://acme/default/openai", "sk-default-1");
    let permit = this.permit();
    for (name, at) in [
        ("openai", "secret://acme/default/openai"),
        ("prod/key", "secret://acme/prod/key"),
        ("prod/key@1", "secret://acme/prod/key@1"),
        ("secret://acme/prod/key@1", "secret://acme/prod/key@1"),
    ] {
        let credential = permit.credential(name).unwrap();
        assert_eq!(credential.reference(), &reference(at), "{name}");
        assert_eq!(credential.fetch(this.ask("/v1/a")).unwrap().status(), 200, "{name}");
    }
    assert_eq!(code(permit.credential("secret://globex/prod/key")), Code::TenantMismatch);
    for name in ["", "prod/", "PROD/key", "prod/../key", "prod/key@0", "secret://acme/prod"] {
        let refusal = permit.credential(name).unwrap_err();
        assert_eq!(
            (refusal.code(), refusal.detail().at.as_deref()),
            (Code::PolicyInput, Some("name")),
            "{name}"
        );
    }
}

#[test]
fn i15_a_credential_that_the_server_rejects_is_said_so() {
    for (status, text) in [(401, "401 Unauthorized"), (403, "403 Forbidden")] {
        let this = Use::of(Upstream::saying(text, "no"));
        let answer = this.credential().fetch(this.ask("/v1/a")).unwrap();
        assert_eq!((answer.status(), answer.is_rejection()), (status, true));
        let outcomes = this.recorded("outcome");
        let said = outcomes.iter().find(|says| says["outcome"]["data"]["status"] == status).unwrap();
        assert_eq!(said["outcome"]["data"]["credential"], "rejected");
    }
}

#[test]
fn i08_a_redirect_is_an_answer_and_each_hop_is_asked_for_anew() {
    let elsewhere = Upstream::saying("200 OK", "stolen");
    let to = elsewhere.url("/v1/a");
    let this = Use::of(Upstream::start(move |_, stream| {
        reply(stream, "307 Temporary Redirect", &format!("location: {to}\r\n"), "");
    }));
    let credential = this.credential();
    let answer = credential.fetch(this.ask("/v1/a")).unwrap();
    assert_eq!(answer.status(), 307);
    let (_, location) = answer.headers().iter().find(|(name, _)| name == "location").unwrap();
    let next = ask("POST", std::str::from_utf8(location).unwrap());
    assert_eq!(code(credential.fetch(next)), Code::VaultNotAdmitted);
    assert_eq!(elsewhere.seen(), Vec::<String>::new());
    assert_eq!(this.recorded("intent").len(), 2);
}

#[test]
fn a_long_lived_clients_requests_are_each_decided_for_its_principal() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let (world, at) = (&this.stage.world, reference("secret://acme/prod/key"));
    let principal = this.aios().authenticate(&world.ada(&json!({}))).unwrap();
    let client = this.aios().vault().client(&principal, &at).unwrap();
    assert_eq!(body(&client.fetch(this.ask("/v1/a")).unwrap()).unwrap(), "done");
    assert_eq!(code(client.fetch(this.ask("/v1/forbidden"))), Code::PolicyDenied);
    assert!(this.recorded("intent")[0]["secret"].get("permit").is_none());
    world.clock.advance_seconds(3600);
    assert_eq!(code(client.fetch(this.ask("/v1/a"))), Code::TokenExpired);
    let eve = world.ada(&json!({"sub": "eve", "roles": ["Auditor"], "iat": crate::world::START + 3600, "exp": crate::world::START + 4000}));
    assert_eq!(code(this.aios().vault().client(eve, &at)), Code::PolicyDenied);
    assert_eq!(this.server.seen().len(), 1);
}

#[test]
fn what_a_permit_is_for_decides_what_it_may_use() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let trail = aios_core::Resource::new("Aios::Audit", "acme").tenant("acme");
    let export = Request::new(this.stage.world.ada(&json!({})), "export", trail);
    let permit = this.aios().authorize(&export).unwrap();
    let refusal = permit.credential("prod/key").unwrap_err();
    assert_eq!(
        (refusal.code(), refusal.detail().policies.as_slice()),
        (Code::PolicyDenied, &["not-for-exports".to_owned()][..])
    );
    assert!(this.permit().credential("prod/key").is_ok());
}
