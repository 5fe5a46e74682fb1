use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use super::*;
use crate::crypto::signature::Algorithm;
use crate::model::Deadline;

/// What a test's server does with a path: writes to the connection, and may wait for the test.
type Script = Box<dyn Fn(&str, SocketAddr, &mut TcpStream) + Send + Sync>;

struct Server {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
    stop: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (hits, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counter, stopped) = (Arc::clone(&hits), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            std::thread::scope(|scope| {
                while let Ok((mut stream, _)) = listener.accept() {
                    if stopped.load(Ordering::SeqCst) > 0 {
                        return;
                    }
                    counter.fetch_add(1, Ordering::SeqCst);
                    let script = &script;
                    scope.spawn(move || {
                        let path = request_path(&mut stream);
                        script(&path, address, &mut stream);
                    });
                }
            });
        });
        Self { address, hits, stop, thread: Some(thread) }
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(1, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn request_path(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        request.push(byte[0]);
    }
    String::from_utf8(request).unwrap().split(' ').nth(1).unwrap_or_default().to_owned()
}

fn reply(stream: &mut TcpStream, status: &str, body: &str) {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}

fn jwks(kid: &str) -> String {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    serde_json::json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": kid, "x": x}]})
        .to_string()
}

fn serves(status: &'static str, body: String) -> Server {
    Server::start(Box::new(move |_, _, stream| reply(stream, status, &body)))
}

fn origin(name: &str, iss: &str, from: From) -> Origin {
    Origin {
        issuer: name.parse().unwrap(),
        iss: iss.to_owned(),
        algorithms: vec![Algorithm::Ed25519],
        from,
        allow_private: false,
        plaintext_loopback: true,
    }
}

/// Keys with a clock that the test moves.
struct Bench {
    keys: Keys,
    seconds: Arc<AtomicU64>,
}

impl Bench {
    fn of(origins: Vec<Origin>) -> Self {
        Self::with(origins, Limits::default())
    }

    fn with(origins: Vec<Origin>, limits: Limits) -> Self {
        let seconds = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&seconds);
        let uptime: Uptime = Arc::new(move || Duration::from_secs(clock.load(Ordering::SeqCst)));
        Self { keys: Keys::with_limits(origins, uptime, limits).unwrap(), seconds }
    }

    fn at(server: &Server) -> Self {
        Self::of(vec![origin("corp", "https://corp", From::Url(server.url("/keys")))])
    }

    fn advance(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn fetch(&self, kid: &str) -> Result<Arc<KeySet>, KeySourceError> {
        self.keys.fetch(&corp(), kid, patient())
    }

    fn known(&self) -> Option<Arc<KeySet>> {
        self.keys.known(&corp())
    }

    /// Waits for a fetch that runs behind.
    fn settle(&self) {
        self.keys.slots[&corp()].settle();
    }
}

fn corp() -> IssuerName {
    "corp".parse().unwrap()
}

fn patient() -> Wait {
    Wait::Until(Deadline::after(Duration::from_secs(20)))
}

#[test]
fn new_starts_nothing_and_sets_in_place_need_no_network() {
    let bench = Bench::of(vec![origin("corp", "https://corp", From::Set(jwks("a").into_bytes()))]);
    assert!(bench.known().is_some() && bench.fetch("unknown").is_ok());
    assert!(bench.keys.fetch(&corp(), "unknown", Wait::Never).is_ok());
    assert!(bench.keys.worker.lock().unwrap().is_none());
    let broken = origin("corp", "https://corp", From::Set(b"[]".to_vec()));
    assert_eq!(Keys::new(vec![broken], Arc::new(|| Duration::ZERO)).unwrap_err(), Error::KeySet);
    let stranger = "stranger".parse().unwrap();
    assert!(bench.keys.known(&stranger).is_none());
    assert_eq!(bench.keys.fetch(&stranger, "a", patient()).unwrap_err(), KeySourceError::Unavailable);
}

#[test]
fn keys_come_by_discovery_and_stay_known() {
    let server = Server::start(Box::new(|path, address, stream| match path {
        "/realm/.well-known/openid-configuration" => {
            let body =
                format!(r#"{{"issuer": "http://{address}/realm/", "jwks_uri": "http://{address}/keys"}}"#);
            reply(stream, "200 OK", &body);
        }
        "/keys" => reply(stream, "200 OK", &jwks("a")),
        _ => reply(stream, "404 Not Found", ""),
    }));
    let bench = Bench::of(vec![origin("corp", &server.url("/realm/"), From::Discovery)]);
    assert!(bench.known().is_none());
    assert_eq!(bench.keys.fetch(&corp(), "a", Wait::Never).unwrap_err(), KeySourceError::WouldWait);
    assert_eq!(server.hits(), 0);
    bench.fetch("a").unwrap();
    assert!(bench.known().is_some());
    // The key is there by now: no need to ask again.
    bench.fetch("a").unwrap();
    assert_eq!(server.hits(), 2);
}

#[test]
fn bad_answers_are_refused_with_their_reason() {
    let elsewhere = serves("200 OK", jwks("a"));
    let location = elsewhere.url("/keys");
    let redirect = Server::start(Box::new(move |_, _, stream| {
        let head = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
    }));
    let endless = Server::start(Box::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        for _ in 0..80 {
            if stream.write_all(chunk.as_bytes()).is_err() {
                return;
            }
        }
    }));
    let silent = Server::start(Box::new(|_, _, _| {}));
    for (server, expected) in [
        (&redirect, Error::Status(302)),
        (&serves("500 Oops", jwks("a")), Error::Status(500)),
        (&serves("204 No Content", String::new()), Error::Status(204)),
        (&serves("200 OK", " ".repeat(5_000_000)), Error::BodyTooLarge),
        (&endless, Error::BodyTooLarge),
        (&silent, Error::Connect),
        (&serves("200 OK", "<html>".to_owned()), Error::KeySet),
        (&serves("200 OK", "{}".to_owned()), Error::KeySet),
        (&serves("200 OK", r#"{"keys": []}"#.to_owned()), Error::NoKeys),
    ] {
        let bench = Bench::at(server);
        assert_eq!(bench.fetch("a").unwrap_err(), KeySourceError::Unavailable, "{expected}");
        assert_eq!(bench.keys.last_failure(&corp()), Some(expected));
        assert!(bench.known().is_none());
    }
    assert_eq!(elsewhere.hits(), 0, "a redirect was followed");
}

#[test]
fn discovery_cannot_lead_out_of_reach() {
    for (body, expected) in [
        (r#"{"issuer": "https://other", "jwks_uri": "http://ADDRESS/keys"}"#, Error::IssuerMismatch),
        (r#"{"issuer": "http://ADDRESS", "jwks_uri": "https://10.0.0.1/keys"}"#, Error::AddressNotAllowed),
        (r#"{"issuer": "http://ADDRESS", "jwks_uri": "https://169.254.169.254/"}"#, Error::AddressNotAllowed),
        (
            r#"{"issuer": "http://ADDRESS", "jwks_uri": "http://idp.example.com/"}"#,
            Error::Url("must begin with https://"),
        ),
        (r#"{"issuer": "http://ADDRESS", "jwks_uri": "file:///etc/passwd"}"#, Error::Url("names no host")),
        (r#"{"issuer": "http://ADDRESS"}"#, Error::Discovery),
        ("[", Error::Discovery),
    ] {
        let server = Server::start(Box::new(move |_, address, stream| {
            reply(stream, "200 OK", &body.replace("ADDRESS", &address.to_string()));
        }));
        let bench = Bench::of(vec![origin("corp", &server.url(""), From::Discovery)]);
        assert!(bench.fetch("a").is_err());
        assert_eq!((bench.keys.last_failure(&corp()), server.hits()), (Some(expected), 1), "{body}");
    }
}

#[test]
fn loopback_is_not_asked_without_the_development_flag() {
    let server = serves("200 OK", jwks("a"));
    let port = server.address.port();
    for (url, expected) in [
        (server.url("/keys"), "plaintext_loopback"),
        (format!("https://127.0.0.1:{port}/keys"), "not public"),
        // By name: refused once it is resolved.
        (format!("https://localhost:{port}/keys"), "not public"),
    ] {
        let strict = Origin { plaintext_loopback: false, ..origin("corp", "https://corp", From::Url(url)) };
        let bench = Bench::of(vec![strict]);
        assert!(bench.fetch("a").is_err());
        let reason = bench.keys.last_failure(&corp()).unwrap().to_string();
        assert!(reason.contains(expected), "{reason}");
    }
    assert_eq!(server.hits(), 0);
}

#[test]
fn localhost_by_name_is_asked_with_the_flag() {
    let server = serves("200 OK", jwks("a"));
    let url = format!("http://localhost:{}/keys", server.address.port());
    Bench::of(vec![origin("corp", "https://corp", From::Url(url))]).fetch("a").unwrap();
}

/// A server that answers only when the test says so.
fn gated(body: String) -> (Server, std::sync::mpsc::Sender<()>) {
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let server = Server::start(Box::new(move |_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{");
        let _ = gate.lock().unwrap().recv();
        let _ = stream.write_all(&body.as_bytes()[1..]);
    }));
    (server, open)
}

#[test]
fn caller_waits_no_longer_than_its_deadline_and_the_fetch_goes_on() {
    let (server, gate) = gated(jwks("a"));
    let bench = Bench::at(&server);
    let hurried = Wait::Until(Deadline::after(Duration::from_millis(30)));
    assert_eq!(bench.keys.fetch(&corp(), "a", hurried).unwrap_err(), KeySourceError::Unavailable);
    assert_eq!(bench.keys.fetch(&corp(), "a", Wait::Never).unwrap_err(), KeySourceError::WouldWait);
    gate.send(()).unwrap();
    bench.fetch("a").unwrap();
    assert_eq!(server.hits(), 1);
}

#[test]
fn slow_server_is_given_up() {
    let (server, gate) = gated(jwks("a"));
    let limits = Limits { total: Duration::from_millis(50), ..Limits::default() };
    let slow = origin("corp", "https://corp", From::Url(server.url("/keys")));
    let bench = Bench::with(vec![slow], limits);
    assert!(bench.fetch("a").is_err());
    assert_eq!(bench.keys.last_failure(&corp()), Some(Error::Timeout));
    drop(gate);
}

#[test]
fn slow_issuer_holds_up_no_other_and_callers_share_one_fetch() {
    let (slow, gate) = gated(jwks("a"));
    let quick = serves("200 OK", jwks("b"));
    let bench = Bench::of(vec![
        origin("corp", "https://corp", From::Url(slow.url("/keys"))),
        origin("quick", "https://quick", From::Url(quick.url("/keys"))),
    ]);
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..8).map(|_| scope.spawn(|| bench.fetch("a"))).collect();
        bench.keys.fetch(&"quick".parse().unwrap(), "b", patient()).unwrap();
        gate.send(()).unwrap();
        for caller in waiting {
            caller.join().unwrap().unwrap();
        }
    });
    assert_eq!((slow.hits(), quick.hits()), (1, 1));
}

#[test]
fn dropping_the_keys_ends_a_fetch_under_way() {
    let (server, gate) = gated(jwks("a"));
    let bench = Bench::at(&server);
    let slot = Arc::clone(&bench.keys.slots[&corp()]);
    let hurried = Wait::Until(Deadline::after(Duration::from_millis(30)));
    assert!(bench.keys.fetch(&corp(), "a", hurried).is_err());
    drop(bench);
    assert_eq!(slot.failure(), Some(Error::Stopped));
    drop(gate);
}

/// A server whose answer the test changes.
fn changing(first: Result<String, ()>) -> (Server, Arc<Mutex<Result<String, ()>>>) {
    let answer = Arc::new(Mutex::new(first));
    let current = Arc::clone(&answer);
    let server = Server::start(Box::new(move |_, _, stream| match &*current.lock().unwrap() {
        Ok(body) => reply(stream, "200 OK", body),
        Err(()) => reply(stream, "503 Down", ""),
    }));
    (server, answer)
}

#[test]
fn rotated_key_is_fetched_and_unknown_ids_cause_no_flood() {
    let (server, answer) = changing(Ok(jwks("a")));
    let bench = Bench::at(&server);
    bench.fetch("a").unwrap();
    *answer.lock().unwrap() = Ok(jwks("b"));
    let before = bench.known().unwrap();
    let after = bench.fetch("b").unwrap();
    assert!(!Arc::ptr_eq(&before, &after) && Arc::ptr_eq(&after, &bench.known().unwrap()));
    assert_eq!(server.hits(), 2);
    for kid in ["../dev/null", "c", "d", "e"] {
        assert!(Arc::ptr_eq(&bench.fetch(kid).unwrap(), &after));
        assert!(bench.keys.fetch(&corp(), kid, Wait::Never).is_ok());
    }
    assert_eq!(server.hits(), 2, "the burst is spent");
    bench.advance(29);
    bench.fetch("c").unwrap();
    assert_eq!(server.hits(), 2);
    bench.advance(1);
    bench.fetch("c").unwrap();
    bench.fetch("d").unwrap();
    assert_eq!(server.hits(), 3, "one more each thirty seconds");
    bench.advance(3600);
    bench.known();
    bench.settle();
    bench.fetch("c").unwrap();
    bench.fetch("d").unwrap();
    assert_eq!(server.hits(), 5, "never more than two at once");
}

#[test]
fn failures_spend_the_bucket_too() {
    let (server, answer) = changing(Err(()));
    let bench = Bench::at(&server);
    for _ in 0..5 {
        assert_eq!(bench.fetch("a").unwrap_err(), KeySourceError::Unavailable);
    }
    assert_eq!(server.hits(), 2);
    *answer.lock().unwrap() = Ok(jwks("a"));
    bench.advance(30);
    bench.fetch("a").unwrap();
}

#[test]
fn outage_serves_the_old_set_for_a_day_and_hides_no_key() {
    let (server, answer) = changing(Ok(jwks("a")));
    let bench = Bench::at(&server);
    bench.fetch("a").unwrap();
    for outage in [Err(()), Ok(r#"{"keys": []}"#.to_owned())] {
        *answer.lock().unwrap() = outage;
        bench.advance(3600);
        bench.known();
        bench.settle();
        assert!(bench.known().is_some());
        bench.settle();
        assert!(bench.fetch("a").is_ok(), "a held key serves");
        assert_eq!(
            bench.fetch("new").unwrap_err(),
            KeySourceError::Unavailable,
            "not unknown, but not to be had"
        );
    }
    bench.advance(24 * 3600);
    assert!(bench.known().is_none());
    assert_eq!(bench.fetch("a").unwrap_err(), KeySourceError::Unavailable);
}

#[test]
fn set_long_unasked_is_not_served_before_the_issuer_was_asked() {
    let (server, gate) = gated(jwks("a"));
    let bench = Bench::at(&server);
    gate.send(()).unwrap();
    bench.fetch("a").unwrap();
    bench.advance(1199);
    assert!(bench.known().is_some());
    bench.advance(1);
    assert!(bench.known().is_none());
    gate.send(()).unwrap();
    bench.fetch("a").unwrap();
    assert!(bench.known().is_some());
    assert_eq!(server.hits(), 2);
}

#[test]
fn revoked_key_goes_soon_after_ten_minutes() {
    let (server, answer) = changing(Ok(jwks("a")));
    let bench = Bench::at(&server);
    bench.fetch("a").unwrap();
    *answer.lock().unwrap() = Ok(jwks("b"));
    bench.advance(599);
    let old = bench.known().unwrap();
    assert_eq!(server.hits(), 1);
    bench.advance(1);
    // Nobody waits: the old set serves while the new one is fetched behind.
    assert!(Arc::ptr_eq(&bench.known().unwrap(), &old));
    bench.settle();
    assert!(!Arc::ptr_eq(&bench.known().unwrap(), &old));
    assert_eq!(server.hits(), 2);
}
