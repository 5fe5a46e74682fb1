//! Hostile servers on loopback, asked about tokens, and a clock that the tests move.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use super::*;
use crate::crypto::sha256;
use crate::model::{Secret, Timestamp};
use crate::net::door::tests::{Server, head, reply};
use crate::net::{Outbound, Reach};

const NOW: i64 = 1_800_000_000;
const ACTIVE: &str = r#"{"active": true, "sub": "ada", "exp": 1800000600}"#;

/// The endpoint of one issuer, with a clock.
struct Bench {
    asked: Introspection,
    uptime: Arc<AtomicU64>,
    corp: IssuerName,
}

impl Bench {
    fn at(server: &Server, changes: impl FnOnce(&mut Endpoint)) -> Self {
        Self::costing(server, Asked::COST, changes)
    }

    fn costing(server: &Server, cost: Cost, changes: impl FnOnce(&mut Endpoint)) -> Self {
        let corp: IssuerName = "corp".parse().unwrap();
        let mut endpoint = Endpoint {
            issuer: corp.clone(),
            url: format!("http://127.0.0.1:{}/introspect", server.port()),
            client_id: "aios".into(),
            client_secret: Arc::new(Secret::new(b"client-s3cret".to_vec())),
            shows: Shows::Basic,
            reach: Reach { private: false, loopback: true },
            keep: Duration::from_secs(60),
        };
        changes(&mut endpoint);
        let uptime = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&uptime);
        let told: Uptime = Arc::new(move || Duration::from_secs(clock.load(Ordering::SeqCst)));
        let door = Arc::new(Door::new(Outbound::default()));
        Self { asked: Introspection::at_cost(vec![endpoint], told, &door, cost).unwrap(), uptime, corp }
    }

    fn ask(&self, token: &str, wait: Wait) -> Result<Arc<Answer>, IntrospectionError> {
        self.ask_at(token, wait, NOW)
    }

    fn ask_at(&self, token: &str, wait: Wait, now: i64) -> Result<Arc<Answer>, IntrospectionError> {
        let (digest, now) = (sha256(&[token.as_bytes()]), Timestamp::from_seconds(now));
        self.asked.ask(Question { issuer: &self.corp, token, digest: &digest, now }, wait)
    }

    /// Asks, and gives what stands in the way.
    fn reason(&self, token: &str) -> String {
        match self.ask(token, patient()).unwrap_err() {
            IntrospectionError::Unavailable { reason } => reason,
            IntrospectionError::WouldWait => panic!("it may wait"),
        }
    }
}

fn patient() -> Wait {
    Wait::Until(Deadline::after(Duration::from_secs(20)))
}

/// Reads a question and gives its head and its form.
fn question(stream: &mut TcpStream) -> (String, String) {
    let head = head(stream);
    let lower = head.to_ascii_lowercase();
    let length =
        lower.split_once("content-length: ").map_or("0", |(_, rest)| rest.split("\r\n").next().unwrap());
    let mut form = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut form).unwrap();
    (head, String::from_utf8(form).unwrap())
}

fn says(status: &'static str, content_type: &'static str, body: String) -> Server {
    Server::start(move |mut stream| {
        question(&mut stream);
        reply(&mut stream, status, &format!("content-type: {content_type}\r\n"), &body);
    })
}

fn says_json(body: &str) -> Server {
    says("200 OK", "application/json", body.to_owned())
}

#[test]
fn the_client_shows_its_secret_as_it_is_told_to() {
    let seen: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let theirs = Arc::clone(&seen);
    let server = Server::start(move |mut stream| {
        theirs.lock().unwrap().push(question(&mut stream));
        reply(&mut stream, "200 OK", "content-type: Application/JSON; charset=utf-8\r\n", ACTIVE);
    });
    let awkward = |endpoint: &mut Endpoint| {
        endpoint.client_id = "a:b".into();
        endpoint.client_secret = Arc::new(Secret::new(b"c d/%&=".to_vec()));
    };
    Bench::at(&server, awkward).ask("to+ken", patient()).unwrap();
    let post = |endpoint: &mut Endpoint| {
        awkward(endpoint);
        endpoint.shows = Shows::Post;
    };
    Bench::at(&server, post).ask("to+ken", patient()).unwrap();
    let seen = seen.lock().unwrap();
    // a%3Ab:c+d%2F%25%26%3D
    assert!(seen[0].0.contains("authorization: Basic YSUzQWI6YytkJTJGJTI1JTI2JTNE\r\n"), "{}", seen[0].0);
    assert_eq!(seen[0].1, "token=to%2Bken&token_type_hint=access_token");
    assert!(seen.iter().all(|(head, _)| head.starts_with("POST /introspect HTTP/1.1\r\n")));
    let secret = "&client_id=a%3Ab&client_secret=c+d%2F%25%26%3D";
    assert!(seen[1].1.ends_with(secret) && !seen[1].0.contains("authorization"), "{:?}", seen[1]);
}

#[test]
fn what_is_no_answer_is_a_failure_with_its_reason_and_is_not_kept() {
    let redirected = Server::start(|mut stream| {
        question(&mut stream);
        reply(&mut stream, "302 Found", "location: http://127.0.0.1:1/\r\n", "");
    });
    let bomb = Server::start(|mut stream| {
        question(&mut stream);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n";
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&[0x1f, 0x8b, 8, 0]));
    });
    let silent = Server::start(|mut stream| drop(question(&mut stream)));
    let no_answer = "does not say whether the token is active";
    for (server, expected) in [
        (&redirected, "status 302"),
        (&bomb, no_answer),
        (&silent, "cannot be reached"),
        (&says("401 Unauthorized", "application/json", ACTIVE.into()), "status 401"),
        (&says("500 Oops", "application/json", ACTIVE.into()), "status 500"),
        (&says("200 OK", "application/token-introspection+jwt", "eyJ.eyJ.a".into()), "not application/json"),
        (&says("200 OK", "text/html", ACTIVE.into()), "not application/json"),
        (&says_json(&" ".repeat(5_000_000)), "too large"),
        (&says_json(r#"{"active": "true"}"#), no_answer),
        (&says_json(r#"{"active": 1}"#), no_answer),
        (&says_json(r#"{"sub": "ada"}"#), no_answer),
        (&says_json(r#"{"active": false, "active": true}"#), no_answer),
        (&says_json(r#"{"active": true, "sub": "ada", "sub": "eve"}"#), no_answer),
        (&says_json(r#"[{"active": true}]"#), no_answer),
        (&says_json(r#"{"active": true} x"#), no_answer),
        (&says_json(""), no_answer),
    ] {
        let bench = Bench::at(server, |_| {});
        let before = server.hits();
        for _ in 0..2 {
            let reason = bench.reason("token");
            assert!(reason.contains(expected), "{expected}: {reason}");
            assert!(!reason.contains("s3cret") && !reason.contains("token-"), "{reason}");
        }
        assert_eq!(server.hits() - before, 2, "{expected}");
    }
}

#[test]
fn a_slow_server_is_given_up_and_nobody_waits_past_the_deadline() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let slow = Server::start(move |mut stream| {
        question(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{");
        let _ = gate.lock().unwrap().recv();
    });
    let cost = Cost { total: Duration::from_millis(50), ..Asked::COST };
    assert_eq!(Bench::costing(&slow, cost, |_| {}).reason("token"), Error::Timeout.to_string());
    let bench = Bench::at(&slow, |_| {});
    let hurried = Wait::Until(Deadline::after(Duration::from_millis(30)));
    let gone = IntrospectionError::Unavailable { reason: Error::Timeout.to_string() };
    assert_eq!(bench.ask("token", hurried).unwrap_err(), gone);
    assert_eq!(bench.ask("token", Wait::Never).unwrap_err(), IntrospectionError::WouldWait);
    drop(open);
}

#[test]
fn an_answer_serves_for_its_time_and_not_past_the_tokens_end() {
    let server = says_json(ACTIVE);
    let bench = Bench::at(&server, |_| {});
    assert_eq!(bench.ask("token", Wait::Never).unwrap_err(), IntrospectionError::WouldWait);
    for (uptime, now, hits) in
        [(0, NOW, 1), (59, NOW, 1), (60, NOW, 2), (61, NOW + 599, 2), (62, NOW + 600, 3)]
    {
        bench.uptime.store(uptime, Ordering::SeqCst);
        assert!(bench.ask_at("token", patient(), now).unwrap().is_active());
        assert_eq!(server.hits(), hits, "{uptime} {now}");
    }
    bench.ask("token", Wait::Never).unwrap();
    // Each token has its own answer.
    assert!(bench.ask("token2", Wait::Never).is_err());
}

#[test]
fn a_token_that_is_not_active_is_asked_about_again_soon_and_less_is_kept_where_it_is_told() {
    let server = says_json(r#"{"active": false}"#);
    for (keep, hits) in [(60, [1, 1, 2]), (3, [1, 2, 3]), (0, [1, 2, 3])] {
        let before = server.hits();
        let bench = Bench::at(&server, |endpoint| endpoint.keep = Duration::from_secs(keep));
        for (uptime, hits) in [0, 4, 9].into_iter().zip(hits) {
            bench.uptime.store(uptime, Ordering::SeqCst);
            assert!(!bench.ask("token", patient()).unwrap().is_active());
            assert_eq!(server.hits() - before, hits, "{keep} {uptime}");
        }
    }
}

#[test]
fn one_question_serves_all_who_wait_and_only_so_many_are_under_way() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let (here, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (Arc::clone(&here), Arc::clone(&most));
    let server = Server::start(move |mut stream| {
        question(&mut stream);
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let _ = gate.lock().unwrap().recv();
        now.fetch_sub(1, Ordering::SeqCst);
        reply(&mut stream, "200 OK", "content-type: application/json\r\n", ACTIVE);
    });
    let bench = &Bench::at(&server, |_| {});
    std::thread::scope(|scope| {
        let mut callers: Vec<_> = (0..8).map(|_| scope.spawn(|| bench.ask("same", patient()))).collect();
        callers.extend((0..40).map(|token| scope.spawn(move || bench.ask(&format!("t{token}"), patient()))));
        while here.load(Ordering::SeqCst) < 16 {
            std::thread::yield_now();
        }
        for _ in 0..41 {
            open.send(()).unwrap();
        }
        for caller in callers {
            caller.join().unwrap().unwrap();
        }
    });
    assert_eq!((server.hits(), most.load(Ordering::SeqCst)), (41, 16));
}

#[test]
fn no_secret_shows_in_what_is_printed() {
    let server = says_json(ACTIVE);
    let bench = Bench::at(&server, |_| {});
    let digest = sha256(&[b"opaque-token"]);
    let question = Question {
        issuer: &bench.corp,
        token: "opaque-token",
        digest: &digest,
        now: Timestamp::from_seconds(NOW),
    };
    let asked = &bench.asked.asked[&bench.corp];
    let printed =
        format!("{:?} {asked:?} {question:?} {:?}", bench.asked, asked.call("opaque-token").unwrap().headers);
    assert!(!printed.contains("s3cret") && !printed.contains("opaque-token"), "{printed}");
    assert!(!printed.contains("YWlvczpjbGllbnQtczNjcmV0"), "{printed}");
}
