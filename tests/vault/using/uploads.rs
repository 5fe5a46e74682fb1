//! Requests whose bodies come in parts: decided and recorded before the first, and with an outcome however they end.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::pin::pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aios_core::engine::vault::{Sending, Upload};
use aios_core::{Code, Refusal};
use bytes::Bytes;
use http_body::Frame;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Upstream, Use, ask, body, code, reply};
use crate::hostile::awaiting::block_on;

/// What a server read behind a request's head until the connection ended, or the body did.
type Heard = Receiver<(String, Vec<u8>)>;

fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    let mut more = vec![0; 64 * 1024];
    while !read.ends_with(b"0\r\n\r\n") {
        match stream.read(&mut more) {
            Ok(0) | Err(_) => break,
            Ok(length) => read.extend(&more[..length]),
        }
    }
    read
}

/// Takes a chunked body to its end, says what it was, and answers.
fn taking() -> (Use, Heard) {
    let (told, hear) = channel();
    let server = Upstream::start(move |head, stream| {
        let read = rest(stream);
        told.send((head.to_ascii_lowercase(), read)).unwrap();
        reply(stream, "200 OK", "", "taken");
    });
    (Use::of(server), hear)
}

fn upload(this: &Use, length: Option<u64>) -> Upload {
    let asked = this.ask("/v1/files");
    Upload { outgoing: asked.outgoing, length, patience: asked.patience }
}

/// Waits until the server has so many requests' heads.
fn arrived(this: &Use, requests: usize) {
    while this.server.seen().len() < requests {
        std::thread::yield_now();
    }
}

fn begun(this: &Use) -> Sending {
    this.credential().upload(upload(this, None)).unwrap()
}

/// The outcomes of requests, without what every one says.
fn outcomes(this: &Use) -> Vec<Value> {
    let uses = this.recorded("outcome").into_iter().map(|says| says["outcome"].clone());
    uses.filter(|outcome| outcome["data"]["reference"] == "secret://acme/prod/key@1").collect()
}

#[test]
fn parts_go_out_as_they_come_behind_a_record_that_is_durable() {
    let (this, hear) = taking();
    let sending = begun(&this);
    // Read from the file, as it stands: nothing was flushed.
    let known = crate::bodies::bodies(&this.stage.world.path("aios.db"));
    let uses = known
        .iter()
        .filter(|body| body.says["type"] == "intent" && body.says["secret"]["operation"] == "use");
    assert_eq!(uses.count(), 1);
    for part in [b"one ".as_slice(), b"", b"two"] {
        assert!(sending.part(part.to_vec()).unwrap());
    }
    assert_eq!(outcomes(&this), Vec::<Value>::new());
    let answer = sending.answer().unwrap();
    assert_eq!((answer.status(), body(&answer).unwrap().as_str()), (200, "taken"));
    let (begin, read) = hear.recv().unwrap();
    assert!(
        begin.contains("transfer-encoding: chunked\r\n") && begin.contains("authorization: bearer sk-canary"),
        "{begin}"
    );
    assert!(!begin.contains("of-the-caller"), "{begin}");
    let text = String::from_utf8(read).unwrap();
    assert!(text.contains("one ") && text.contains("two") && text.ends_with("0\r\n\r\n"), "{text}");
    assert_eq!(outcomes(&this)[0]["data"]["status"], 200);
    assert_eq!(code(sending.part(b"more".to_vec())), Code::AuditPermitEnded);
    assert_eq!(code(sending.answer()), Code::AuditPermitEnded);
}

#[test]
fn awaited_parts_are_the_same() {
    let (this, hear) = taking();
    let answer = block_on(async {
        let sending = this.credential().upload_async(upload(&this, None)).await?;
        for _ in 0..40 {
            assert!(sending.part_async(vec![b'x'; 100_000]).await?);
        }
        sending.answer_async().await
    });
    assert_eq!(body(&answer.unwrap()).unwrap(), "taken");
    assert!(hear.recv().unwrap().1.len() > 4_000_000);
}

#[test]
fn a_length_that_is_known_is_told_and_kept_to() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let sending = this.credential().upload(upload(&this, Some(6))).unwrap();
    assert!(sending.part(b"abc".to_vec()).unwrap() && sending.part(b"def".to_vec()).unwrap());
    assert_eq!(body(&sending.answer().unwrap()).unwrap(), "done");
    let seen = this.server.seen().concat();
    assert!(seen.contains("content-length: 6\r\n") && seen.ends_with("\r\n\r\nabcdef"), "{seen}");

    let refused = |length: Option<u64>, part: usize, said: &str| {
        let sending = this.credential().upload(upload(&this, length)).unwrap();
        let refusal = sending.part(vec![0; part]).and_then(|_| sending.answer()).unwrap_err();
        let detail = refusal.detail();
        assert_eq!((refusal.code(), detail.at.as_deref()), (Code::PolicyInput, Some("body")), "{said}");
        assert!(detail.expected.as_deref().unwrap().contains(said), "{detail:?}");
        assert_eq!(code(sending.answer()), Code::AuditPermitEnded);
    };
    refused(Some(6), 7, "as was said");
    refused(Some(6), 5, "as was said");
    refused(None, (1 << 20) + 1, "1 MiB");
    let refusal = this.credential().upload(upload(&this, Some((1 << 30) + 1))).unwrap_err();
    assert_eq!((refusal.code(), refusal.detail().at.as_deref()), (Code::PolicyInput, Some("length")));
    let whole = this.server.seen().into_iter().filter(|seen| seen.contains("content-length"));
    assert_eq!(whole.count(), 1, "no body of another length is a request");
}

#[test]
fn a_body_that_breaks_off_is_no_body_and_has_an_outcome() {
    let (this, hear) = taking();
    let sending = begun(&this);
    assert!(sending.part(b"half".to_vec()).unwrap());
    arrived(&this, 1);
    sending.end();
    assert!(!hear.recv().unwrap().1.ends_with(b"0\r\n\r\n"));
    let [outcome] = &outcomes(&this)[..] else { panic!("one outcome") };
    assert_eq!((&outcome["status"], &outcome["data"]["body"]), (&json!("failed"), &json!("broken_off")));
    assert_eq!(outcome["data"]["fingerprint"].as_str().unwrap().len(), 16);
    sending.end();
    assert_eq!(code(sending.part(b"more".to_vec())), Code::AuditPermitEnded);

    let sending = begun(&this);
    arrived(&this, 2);
    drop(sending);
    assert!(!hear.recv().unwrap().1.ends_with(b"0\r\n\r\n"));
    let abandoned =
        this.recorded("outcome").into_iter().filter(|says| says["outcome"]["status"] == "abandoned");
    assert!(abandoned.count() >= 1);
    assert!(this.aios().verify(None).unwrap().ok);
}

/// A server that stops reading behind the head until it is let go.
fn deaf(answer: &'static [u8]) -> (Use, Sender<()>) {
    let (go, gone) = channel();
    let gone = Arc::new(Mutex::new(gone));
    let server = Upstream::start(move |_, stream| {
        stream.write_all(answer).unwrap();
        let _ = gone.lock().unwrap().recv();
    });
    (Use::of(server), go)
}

#[test]
fn a_server_that_takes_nothing_makes_the_caller_wait_and_memory_is_bounded() {
    let (this, go) = deaf(b"");
    let sending = begun(&this);
    let mut context = Context::from_waker(Waker::noop());
    let mut sent = 0;
    // What the system buffers, and no more.
    let is_held = (0..200).any(|_| {
        let mut part = pin!(sending.part_async(vec![0; 1 << 20]));
        for _ in 0..200_000 {
            if part.as_mut().poll(&mut context).is_ready() {
                sent += 1;
                return false;
            }
            std::thread::yield_now();
        }
        true
    });
    assert!(is_held, "{sent} MiB went nowhere");
    drop(go);
    let answer = (0..300).find(|_| !sending.part(vec![0; 1 << 20]).unwrap()).map(|_| sending.answer());
    assert_eq!(code(answer.unwrap()), Code::VaultUpstream);
    assert_eq!(outcomes(&this)[0]["data"]["code"], "vault.upstream");
}

#[test]
fn an_answer_before_the_body_is_complete_is_the_answer() {
    let (this, _go) =
        deaf(b"HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 4\r\n\r\nmuch");
    let sending = begun(&this);
    let wanted = (0..10_000).find(|_| !sending.part(vec![0; 1 << 16]).unwrap());
    assert!(wanted.is_some());
    assert!(!sending.part(b"more".to_vec()).unwrap());
    let answer = sending.answer().unwrap();
    assert_eq!((answer.status(), body(&answer).unwrap().as_str()), (413, "much"));
    assert_eq!(outcomes(&this)[0]["data"]["status"], 413);
}

#[test]
fn silence_of_the_server_or_the_caller_ends_it() {
    let short = Some(Duration::from_millis(100));
    let (this, _go) = deaf(b"");
    let sending = this.credential().upload(Upload { patience: short, ..upload(&this, None) }).unwrap();
    assert!(sending.part(b"all".to_vec()).unwrap());
    assert_eq!(code(sending.answer()), Code::VaultUpstream);
    let (this, hear) = taking();
    let sending = this.credential().upload(Upload { patience: short, ..upload(&this, None) }).unwrap();
    // Nothing is handed on: the connection ends by itself.
    assert!(!hear.recv().unwrap().1.ends_with(b"0\r\n\r\n"));
    assert!(!sending.part(b"late".to_vec()).unwrap());
    assert_eq!(code(sending.answer()), Code::VaultUpstream);
}

#[test]
fn what_may_not_go_is_refused_before_a_body_is_asked_for() {
    let (this, _hear) = taking();
    let credential = this.credential();
    let at = |path: &str| Upload { outgoing: this.ask(path).outgoing, ..upload(&this, None) };
    assert_eq!(code(credential.upload(at("/v1/forbidden"))), Code::PolicyDenied);
    assert_eq!(code(credential.upload(at("/v2/a"))), Code::VaultNotAdmitted);
    let elsewhere = ask("POST", "https://api.example.com/v1/a").outgoing;
    assert_eq!(
        code(credential.upload(Upload { outgoing: elsewhere, ..upload(&this, None) })),
        Code::VaultNotAdmitted
    );
    assert_eq!(this.server.seen(), Vec::<String>::new());
}

/// A body of `tower` services in so many parts of 1 MiB; it fails behind them where told.
fn streamed(
    parts: usize,
    end: Option<&'static str>,
) -> impl http_body::Body<Data = Bytes, Error = std::io::Error> {
    struct Parts(usize, Option<&'static str>);
    impl http_body::Body for Parts {
        type Data = Bytes;
        type Error = std::io::Error;
        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
            if self.0 == 0 {
                return Poll::Ready(self.1.take().map(|why| Err(std::io::Error::other(why))));
            }
            self.0 -= 1;
            Poll::Ready(Some(Ok(Frame::data(vec![b'y'; (1 << 20) + 1].into()))))
        }
    }
    Parts(parts, end)
}

#[test]
fn bodies_of_services_are_streamed_and_one_that_fails_is_recorded() {
    let (this, hear) = taking();
    let post = |body| http::Request::post(this.server.url("/v1/files")).body(body).unwrap();
    let response = block_on(this.credential().oneshot(post(streamed(5, None)))).unwrap();
    assert_eq!(response.status(), 200);
    assert!(hear.recv().unwrap().1.len() > 5 << 20);
    let refusal: Refusal =
        block_on(this.credential().oneshot(post(streamed(2, Some("broken"))))).unwrap_err();
    assert_eq!((refusal.code(), refusal.detail().at.as_deref()), (Code::PolicyInput, Some("body")));
    assert!(!hear.recv().unwrap().1.ends_with(b"0\r\n\r\n"));
    let last = outcomes(&this).pop().unwrap();
    assert_eq!((&last["status"], &last["data"]["body"]), (&json!("failed"), &json!("broken_off")));
}
