//! What keeps a secret from going out.

use std::time::Duration;

use aios_core::model::Timestamp;
use aios_core::{Code, Outcome, Selector};
use serde_json::{Value, json};

use super::{CANARY, Upstream, Use, ask, body, code, open_to_loopback, put, reference, reply};
use crate::vault::{Site, configuration};
use crate::world::START;

#[test]
fn i17_denied_means_no_row_was_read_and_nothing_was_asked_of_anybody() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    this.put("secret://acme/dev/key", "sk-development");
    let permit = this.permit();
    // What is there and what is not are denied alike, also where the store would say that it was tampered with.
    this.stage.database().execute("UPDATE row SET value = x'00' WHERE key LIKE 'vault/%'", []).unwrap();
    for name in ["dev/key", "dev/nothing"] {
        assert_eq!(code(permit.credential(name)), Code::PolicyDenied, "{name}");
    }
    let credential = permit.credential("prod/key").unwrap();
    let forbidden = ["/v1/forbidden", "/v1/forbidden/more"].map(|path| this.ask(path));
    let deleting = ask("DELETE", &this.server.url("/v1/a"));
    for asked in forbidden.into_iter().chain([deleting]) {
        assert_eq!(code(credential.fetch(asked)), Code::PolicyDenied);
    }
    assert_eq!(code(credential.fetch(this.ask("/v1/a"))), Code::VaultUndecryptable);
    assert_eq!(this.server.seen(), Vec::<String>::new());
    assert_eq!(this.recorded("event").len(), 5, "each refusal is recorded");
    assert_eq!(this.recorded("intent").len(), 1);
}

#[test]
fn i16_a_secret_that_is_sent_where_it_may_not_go_is_refused_and_recorded() {
    let other = Upstream::saying("200 OK", "stolen");
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let credential = this.credential();
    let elsewhere = [other.url("/v1/a"), this.server.url("/v2/a"), "https://api.openai.com/v1/a".to_owned()];
    for url in &elsewhere {
        assert_eq!(code(credential.fetch(ask("POST", url))), Code::VaultNotAdmitted, "{url}");
    }
    let mut spoofed = this.ask("/v1/a");
    spoofed.outgoing.headers.push(("host".into(), b"api.openai.com".to_vec()));
    assert_eq!(code(credential.fetch(spoofed)), Code::VaultNotAdmitted);
    assert_eq!((other.seen().len(), this.server.seen().len()), (0, 0));
    let outcomes: Vec<Value> =
        this.recorded("outcome").into_iter().map(|says| says["outcome"].clone()).collect();
    let refused = json!({"status": "failed", "data": {"code": "vault.not_admitted"}});
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == refused).count(), 4, "{outcomes:?}");
}

#[test]
fn what_is_no_request_is_refused_before_anybody_is_asked() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let credential = this.credential();
    let good = this.server.url("/v1/a");
    for (method, url) in [
        ("post", good.as_str()),
        ("CONNECT", good.as_str()),
        ("POST", "/v1/a"),
        ("POST", &this.server.url("/v1/../a")),
        ("POST", &this.server.url("/v1/a%2fb")),
        ("POST", &good.replace("http://", "http://user@")),
        ("POST", &format!("{good}#part")),
    ] {
        assert_eq!(code(credential.fetch(ask(method, url))), Code::PolicyInput, "{method} {url}");
    }
    for patience in [Duration::ZERO, Duration::from_secs(3601)] {
        let asked = aios_core::engine::vault::Fetch { patience: Some(patience), ..this.ask("/v1/a") };
        assert_eq!(code(credential.fetch(asked)), Code::PolicyInput);
    }
    let mut long = this.ask("/v1/a");
    long.body = vec![0; 64 * 1024 * 1024 + 1];
    assert_eq!(code(credential.fetch(long)), Code::PolicyInput);
    assert_eq!(this.recorded("intent"), Vec::<Value>::new());
}

#[test]
fn i19_an_open_permit_cannot_use_what_was_taken_out_of_use() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let (vault, admin, at) = (this.aios().vault(), this.stage.admin(), reference("secret://acme/prod/key"));
    let credential = this.credential();
    let used =
        || credential.fetch(this.ask("/v1/a")).map(|answer| answer.status()).map_err(|error| error.code());
    assert_eq!(used(), Ok(200));
    vault.delete(admin.clone(), &at).unwrap();
    assert_eq!(used(), Err(Code::VaultEnded));
    vault.restore(admin.clone(), &at).unwrap();
    assert_eq!(used(), Ok(200));
    // Another process takes it out of use; this one reads it anew each time.
    let elsewhere = this.stage.world.try_open(open_to_loopback(&this.stage.world)).unwrap();
    elsewhere.vault().revoke(admin.clone(), &at).unwrap();
    assert_eq!(used(), Err(Code::VaultNotFound));
    let pinned = this.permit().credential("prod/key@1").unwrap();
    assert_eq!(code(pinned.fetch(this.ask("/v1/a"))), Code::VaultEnded);
    vault.destroy(admin, &at).unwrap();
    assert_eq!(code(pinned.fetch(this.ask("/v1/a"))), Code::VaultEnded);
    assert_eq!(this.server.seen().len(), 2);
}

#[test]
fn a_version_is_used_within_its_lifetime_alone() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let mut order = put("secret://acme/prod/key@1", "sk-second-key");
    order.terms.http.as_mut().unwrap().hosts = vec![this.server.host()];
    order.lifetime.not_before = Some(Timestamp::from_seconds(START + 10));
    order.lifetime.expires = Some(Timestamp::from_seconds(START + 20));
    this.aios().vault().put(this.stage.admin(), &order).unwrap();
    let credential = this.credential();
    let used =
        || credential.fetch(this.ask("/v1/a")).map(|answer| answer.status()).map_err(|error| error.code());
    for (moves, expected) in
        [(0, Err(Code::VaultEnded)), (10, Ok(200)), (9, Ok(200)), (1, Err(Code::VaultEnded))]
    {
        this.stage.world.clock.advance_seconds(moves);
        assert_eq!(used(), expected);
    }
}

#[test]
fn a_permit_that_ended_and_a_caller_who_is_revoked_use_nothing() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let permit = this.permit();
    let credential = permit.credential("prod/key").unwrap();
    permit.complete(&Outcome::ok()).unwrap();
    assert_eq!(code(credential.fetch(this.ask("/v1/a"))), Code::AuditPermitEnded);
    assert_eq!(code(permit.credential("prod/key")), Code::AuditPermitEnded);
    let credential = this.credential();
    let revokes = r#"permit (principal in Aios::Role::"admin", action == Aios::Action::"revoke", resource);"#;
    std::fs::write(this.stage.world.path("policies/revoke.cedar"), revokes).unwrap();
    let elsewhere = this.stage.world.try_open(open_to_loopback(&this.stage.world)).unwrap();
    let issuer = "corp".parse().unwrap();
    let ada = Selector::Subject { issuer, subject_kind: aios_core::model::Kind::User, id: "ada".into() };
    // The same process would know at once; the other's word counts within the bound.
    elsewhere.revoke(this.stage.admin(), &ada).unwrap();
    let seen = (0..100).find(|_| {
        std::thread::sleep(Duration::from_millis(50));
        credential.fetch(this.ask("/v1/a")).err().map(|error| error.code()) == Some(Code::TokenRevoked)
    });
    assert!(seen.is_some(), "the caller is revoked, and the secret still goes out");
}

#[test]
fn i02_i11_plaintext_and_private_addresses_take_the_operators_word() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    // The same store, without the development flag.
    let strict = this.stage.world.try_open(configuration(&this.stage.world)).unwrap();
    let permit = strict.authorize(&this.stage.world.read()).unwrap();
    let credential = permit.credential("prod/key").unwrap();
    assert_eq!(code(credential.fetch(this.ask("/v1/a"))), Code::VaultNotAdmitted);
    for host in ["10.0.0.5:8443", "169.254.169.254", "192.168.0.1", "100.64.0.1"] {
        let mut order = put(&format!("secret://acme/prod/{}", host.replace(':', "-")), "sk-private-key");
        order.terms.http.as_mut().unwrap().hosts = vec![host.into()];
        let written = this.aios().vault().put(this.stage.admin(), &order).unwrap();
        let credential = this.permit().credential(&written.reference.to_string()).unwrap();
        let refusal = credential.fetch(ask("POST", &format!("https://{host}/v1/a"))).unwrap_err();
        assert_eq!(
            (refusal.code(), refusal.detail().at.as_deref()),
            (Code::VaultNotAdmitted, Some("url")),
            "{host}"
        );
    }
    assert_eq!(this.server.seen(), Vec::<String>::new());
}

#[test]
fn a_server_that_cannot_be_asked_or_whose_answer_cannot_be_read_is_told_as_such() {
    let gone = Upstream::saying("200 OK", "");
    let (host, url) = (gone.host(), gone.url("/v1/a"));
    drop(gone);
    let this = Use::of(Upstream::start(|asked, stream| {
        if asked.contains("/v1/packed") {
            reply(stream, "200 OK", "content-encoding: gzip\r\n", "packed");
        } else {
            std::thread::park_timeout(Duration::from_secs(5));
        }
    }));
    let mut order = put("secret://acme/prod/gone", CANARY);
    order.terms.http.as_mut().unwrap().hosts = vec![host];
    this.aios().vault().put(this.stage.admin(), &order).unwrap();
    let refusal = this.permit().credential("prod/gone").unwrap().fetch(ask("POST", &url)).unwrap_err();
    assert_eq!((refusal.code(), refusal.is_denial()), (Code::VaultUpstream, false));
    let refusal = this.credential().fetch(this.ask("/v1/packed")).unwrap_err();
    assert_eq!(refusal.code(), Code::VaultUpstream);
    assert!(refusal.detail().hint.as_ref().unwrap().contains("packed"));
    let mut slow = this.ask("/v1/slow");
    slow.patience = Some(Duration::from_millis(50));
    assert_eq!(code(this.credential().fetch(slow)), Code::VaultUpstream);
    let failed = this.recorded("outcome");
    let failed = failed.iter().filter(|says| says["outcome"]["data"]["code"] == "vault.upstream");
    assert_eq!(failed.filter(|says| says["outcome"]["data"]["version"] == 1).count(), 3);
}

#[test]
fn i20_i24_the_value_stands_in_no_file_message_or_debug_output() {
    let this = Use::of(Upstream::start(|asked, stream| {
        // Everything that was sent comes back, three times over.
        let length = asked.len();
        reply(stream, "500 Oops", &format!("x-echo: Bearer {CANARY}\r\n"), &format!("{asked}{length}"));
    }));
    let permit = this.permit();
    let credential = permit.credential("prod/key").unwrap();
    let answer = credential.fetch(this.ask("/v1/a")).unwrap();
    let mut shown = format!("{answer:?} {credential:?} {permit:?} {:?}", answer.headers());
    shown += &String::from_utf8_lossy(
        &answer.headers().iter().flat_map(|(_, value)| value.clone()).collect::<Vec<_>>(),
    );
    shown += &body(&answer).unwrap();
    let refused = credential.fetch(ask("POST", "https://evil.example.com/")).unwrap_err();
    let beside = format!("{refused:?} {:?}", this.recorded("intent"));
    shown += &beside;
    assert!(shown.contains("Bearer ***") && !shown.contains("CANARY"), "{shown}");
    this.aios().flush().unwrap();
    for entry in std::fs::read_dir(this.stage.world.base()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(6).any(|window| window == b"CANARY"), "{}", path.display());
        }
    }
}

#[test]
fn a_stage_without_the_word_for_it_gives_no_credential() {
    let stage = Site::new();
    let permit = stage.aios.authorize(&stage.world.read()).unwrap();
    assert_eq!(code(permit.credential("prod/key")), Code::PolicyDenied);
    let world = stage.world;
    drop(stage.aios);
    assert_eq!(code(permit.credential("prod/key")), Code::EngineClosed);
    drop(world);
}
