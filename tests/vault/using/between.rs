//! Several processes use one secret.

use std::process::{Child, Stdio};
use std::time::Duration;

use aios_core::Code;
use aios_core::model::Deadline;
use aios_core::vault::Limits;
use serde_json::{Value, json};

use super::{CANARY, Upstream, Use, open_to_loopback, put, reference, reply};
use crate::processes::{helper, logged};
use crate::vault::code;

fn give_job(this: &Use) {
    let job = json!({
        "configuration": open_to_loopback(&this.stage.world), "token": this.stage.world.ada(&json!({})).token(),
        "now": crate::world::START, "url": this.server.url("/v1/a"),
    });
    std::fs::write(this.stage.world.path("job.json"), job.to_string()).unwrap();
}

/// A process that is killed when its test ends.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_for(this: &Use, name: &str, word: &str) -> Vec<String> {
    let deadline = Deadline::after(Duration::from_secs(60));
    loop {
        let text = std::fs::read_to_string(this.stage.world.path(&format!("{name}.log"))).unwrap_or_default();
        if text.lines().any(|line| line.starts_with(word)) {
            return text.lines().map(str::to_owned).collect();
        }
        assert!(!deadline.has_passed(), "{name} never says {word}: {text}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The secret in every form in which it could stand somewhere.
fn assert_nowhere(bytes: &[u8], whence: &str) {
    use base64::Engine;
    let hex = CANARY.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let base64 = base64::engine::general_purpose::STANDARD.encode(CANARY);
    for form in [CANARY.as_bytes(), hex.as_bytes(), hex.to_uppercase().as_bytes(), &base64.as_bytes()[..36]] {
        assert!(!bytes.windows(form.len()).any(|window| window == form), "it stands in {whence}");
    }
}

fn assert_in_no_file(folder: &std::path::Path) -> usize {
    let mut looked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            looked += assert_in_no_file(&path);
        } else {
            assert_nowhere(&std::fs::read(&path).unwrap(), &path.display().to_string());
            looked += 1;
        }
    }
    looked
}

#[test]
fn i19_what_one_process_revokes_no_other_uses_again_by_an_open_permit_or_a_client_that_lives_long() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    give_job(&this);
    let _kept = Kept(helper(&this.stage.world, "other", "holds", 0).spawn().unwrap());
    wait_for(&this, "other", "ready");
    assert_eq!(this.server.seen().len(), 2);
    this.aios().vault().revoke(this.stage.admin(), &reference("secret://acme/prod/key")).unwrap();
    // From here on: no time passes that would have to.
    std::fs::write(this.stage.world.path("late"), "").unwrap();
    let said = wait_for(&this, "other", "anew");
    assert_eq!(said[1..], ["permit vault.not_found", "client vault.not_found", "anew vault.not_found"]);
    assert_eq!(this.server.seen().len(), 2);
}

#[test]
fn i19_processes_that_use_a_secret_together_never_exceed_what_its_terms_allow() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let mut order = put("secret://acme/prod/key@1", CANARY);
    order.terms.limits = Some(Limits { uses: Some(7), per_seconds: Some(3600), total: None });
    order.terms.http.as_mut().unwrap().hosts = vec![this.server.host()];
    this.aios().vault().put(this.stage.admin(), &order).unwrap();
    give_job(&this);
    let names = ["one", "two", "three"];
    let children = names.map(|name| helper(&this.stage.world, name, "uses", 5).spawn().unwrap());
    std::fs::write(this.stage.world.path("go"), "").unwrap();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let all =
        |word: &str| names.iter().flat_map(|name| logged(&this.stage.world, name, word)).collect::<Vec<_>>();
    let limited = all("limited");
    assert_eq!((limited.len(), this.server.seen().len()), (8, 7));
    // A part of the span is 72 seconds long, and the time stood still.
    assert!(
        limited.iter().all(|said| *said == format!("limit.rate {}", crate::world::START + 3672)),
        "{limited:?}"
    );
    // A process that starts afterwards has no more either.
    let fresh = this.stage.world.try_open(open_to_loopback(&this.stage.world)).unwrap();
    let client =
        fresh.vault().client(this.stage.world.ada(&json!({})), &reference("secret://acme/prod/key")).unwrap();
    assert_eq!(code(client.fetch(this.ask("/v1/a"))), Code::LimitRate);
    assert_eq!(this.stage.verify(&fresh).faults, []);
}

#[test]
fn r24_no_file_of_the_store_has_the_value_while_it_is_in_use_and_after_the_process_was_killed() {
    let this = Use::of(Upstream::start(|asked, stream| reply(stream, "200 OK", "", asked)));
    give_job(&this);
    let mut kept = Kept(helper(&this.stage.world, "other", "holds", 0).spawn().unwrap());
    wait_for(&this, "other", "ready");
    let files = assert_in_no_file(this.stage.world.base());
    assert!(this.stage.world.path("aios.db-wal").exists() && files >= 8, "{files} files");
    kept.0.kill().unwrap();
    kept.0.wait().unwrap();
    assert_in_no_file(this.stage.world.base());
    this.aios().close().unwrap();
    assert_in_no_file(this.stage.world.base());
}

#[test]
fn r24_logs_at_every_level_panics_and_backtraces_have_no_value() {
    let this = Use::of(Upstream::start(|asked, stream| reply(stream, "200 OK", "", asked)));
    give_job(&this);
    let mut command = helper(&this.stage.world, "loud", "traces", 0);
    let command = command.env("RUST_BACKTRACE", "full").stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{shown}");
    assert_eq!(logged(&this.stage.world, "loud", "thread"), ["true"]);
    assert_eq!(logged(&this.stage.world, "loud", "caught"), ["true"]);
    for word in
        ["in a thread that uses a secret: ", "inside the library: ", "stack backtrace:", "TRACE", "event "]
    {
        assert!(shown.contains(word), "nothing says {word}: {shown}");
    }
    assert_nowhere(&output.stderr, "standard error");
    assert_nowhere(&output.stdout, "standard output");
    assert_in_no_file(this.stage.world.base());
    assert_eq!(this.recorded("event"), Vec::<Value>::new());
}

#[test]
fn i12_a_proxy_of_the_environment_is_not_asked() {
    let trap = Upstream::saying("502 Bad Gateway", "trapped");
    let this = Use::of(Upstream::saying("200 OK", "done"));
    give_job(&this);
    std::fs::write(this.stage.world.path("go"), "").unwrap();
    let mut command = helper(&this.stage.world, "proxied", "uses", 2);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, format!("http://{}", trap.host()));
    }
    assert!(command.status().unwrap().success());
    assert_eq!((this.server.seen().len(), trap.seen()), (2, Vec::new()));
}
