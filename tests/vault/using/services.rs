//! Rust clients that are made of `tower` services: the secret's use is the innermost one.

use std::future::Future;
use std::io::{Read, Write};
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use aios_core::engine::vault::{AnswerBody, SecretUse};
use aios_core::vault::SecretRef;
use aios_core::{Code, Refusal};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Full};
use tower::{BoxError, Service, ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

use super::{CANARY, Upstream, Use, code, reference, reply};

type Body = Full<&'static [u8]>;

/// What a client's own program runs on.
fn run<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(what)
}

fn post(url: String) -> Request<Body> {
    let request = Request::post(url).header("authorization", "Bearer of-the-caller").header("x-a", "1");
    request.body(Full::new(b"{}".as_slice())).unwrap()
}

/// Without a body, so that a layer that follows redirects can send it again.
fn get(url: String) -> Request<Body> {
    Request::get(url).header("authorization", "Bearer of-the-caller").body(Full::default()).unwrap()
}

async fn text(response: Response<AnswerBody>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// What a layer above made of a refusal.
fn refused<T>(answer: Result<T, BoxError>) -> Code {
    answer.err().unwrap().downcast_ref::<Refusal>().expect("the refusal itself").code()
}

// As docs/vault.md shows it, word for word.
fn layered(
    credential: SecretUse,
) -> impl Service<Request<Body>, Response = Response<AnswerBody>, Error = BoxError> {
    ServiceBuilder::new()
        .timeout(Duration::from_secs(60))
        .layer(FollowRedirectLayer::new())
        .service(credential)
}

async fn ask(mut credential: SecretUse, asked: reqwest::RequestBuilder) -> Result<String, BoxError> {
    let request = Request::try_from(asked.build()?)?;
    let answer = credential.call(request).await?.map(reqwest::Body::wrap);
    Ok(reqwest::Response::from(answer).error_for_status()?.text().await?)
}
// The end of what it shows.

#[test]
fn the_page_shows_what_is_tested_here() {
    let (here, page) = (include_str!("services.rs"), include_str!("../../../docs/vault.md"));
    let shown = here.split("word for word.\n").nth(1).unwrap().split("// The end of what").next().unwrap();
    assert!(page.contains(&format!("```rust\n{}```", shown.trim_end().to_owned() + "\n")));
}

#[test]
fn i05_i09_a_request_through_layers_carries_the_secret_and_the_answer_says_which() {
    let this = Use::of(Upstream::saying("201 Created", "done"));
    let response = run(layered(this.credential()).oneshot(post(this.server.url("/v1/chat?a=b")))).unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["content-length"], "4");
    let used = response.extensions().get::<SecretRef>().unwrap();
    assert_eq!(used, &reference("secret://acme/prod/key@1"));
    assert_eq!(run(text(response)), "done");
    let seen = this.server.seen();
    assert!(
        seen[0].starts_with("POST /v1/chat?a=b HTTP/1.1\r\n") && seen[0].ends_with("\r\n\r\n{}"),
        "{}",
        seen[0]
    );
    assert!(
        seen[0].contains(&format!("authorization: Bearer {CANARY}\r\n")) && seen[0].contains("x-a: 1\r\n")
    );
    assert!(!seen[0].contains("of-the-caller"), "{}", seen[0]);
    assert_eq!(this.recorded("intent").len(), 1);
}

#[test]
fn i08_a_layer_that_follows_redirects_asks_for_each_hop_and_carries_nothing_elsewhere() {
    let elsewhere = Upstream::saying("200 OK", "stolen");
    let to = elsewhere.url("/v1/a");
    let this = Use::of(Upstream::start(move |asked, stream| match asked.split(' ').nth(1).unwrap() {
        "/v1/here" => reply(stream, "307 Temporary Redirect", "location: /v1/there\r\n", ""),
        "/v1/there" => reply(stream, "200 OK", "", "there"),
        _ => reply(stream, "307 Temporary Redirect", &format!("location: {to}\r\n"), ""),
    }));
    let mut client = layered(this.credential());
    let response = run(async { client.call(get(this.server.url("/v1/here"))).await.unwrap() });
    assert_eq!(run(text(response)), "there");
    assert_eq!(this.recorded("intent").len(), 2);
    let answer = run(layered(this.credential()).oneshot(get(this.server.url("/v1/away"))));
    assert_eq!(refused(answer), Code::VaultNotAdmitted);
    assert_eq!(elsewhere.seen(), Vec::<String>::new());
    assert_eq!(this.recorded("intent").len(), 4, "also what was refused was decided and recorded");
}

#[test]
fn i13_an_answer_is_streamed_and_what_comes_back_of_the_secret_is_masked() {
    let (more, heard) = mpsc::channel::<()>();
    let heard = std::sync::Mutex::new(heard);
    let this = Use::of(Upstream::start(move |_, stream| {
        let begin = format!("HTTP/1.1 200 OK\r\nconnection: close\r\nx-key: {CANARY}\r\n\r\ndata: one\n\n");
        stream.write_all(begin.as_bytes()).unwrap();
        // The rest is sent only once this was read.
        heard.lock().unwrap().recv().unwrap();
        let (first, rest) = CANARY.split_at(5);
        stream.write_all(first.as_bytes()).unwrap();
        stream.flush().unwrap();
        stream.write_all(rest.as_bytes()).unwrap();
    }));
    run(async {
        let response = this.credential().oneshot(post(this.server.url("/v1/a"))).await.unwrap();
        let masked = "*".repeat(CANARY.len());
        assert_eq!(response.headers()["x-key"], masked.as_str());
        let mut body = response.into_body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "data: one\n\n");
        more.send(()).unwrap();
        assert_eq!(body.collect().await.unwrap().to_bytes(), masked);
    });
}

/// A server that says when its connection ended; it answers at all only where told.
fn listening(begins: bool) -> (Upstream, mpsc::Receiver<usize>) {
    let (ended, end) = mpsc::channel();
    let server = Upstream::start(move |_, stream| {
        if begins {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nx").unwrap();
        }
        ended.send(stream.read(&mut [0; 64]).unwrap_or(0)).unwrap();
    });
    (server, end)
}

#[test]
fn a_caller_that_goes_away_ends_the_connection() {
    let (server, end) = listening(true);
    let this = Use::of(server);
    let response = run(this.credential().oneshot(post(this.server.url("/v1/a")))).unwrap();
    drop(response);
    assert_eq!(end.recv().unwrap(), 0);

    let (server, end) = listening(false);
    let this = Use::of(server);
    run(async {
        let mut waiting = Box::pin(this.credential().oneshot(post(this.server.url("/v1/a"))));
        while this.server.seen().is_empty() {
            let pending = std::future::poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context))).await;
            assert!(pending.is_pending());
            std::thread::yield_now();
        }
    });
    assert_eq!(end.recv().unwrap(), 0);

    let (server, _end) = listening(false);
    let this = Use::of(server);
    let impatient = ServiceBuilder::new().timeout(Duration::from_millis(50)).service(this.credential());
    assert!(
        run(impatient.oneshot(post(this.server.url("/v1/a"))))
            .unwrap_err()
            .is::<tower::timeout::error::Elapsed>()
    );
}

#[test]
fn what_is_no_request_or_not_permitted_is_refused_as_it_is() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let credential = this.credential();
    for (url, expected) in [
        ("/v1/a".to_owned(), Code::PolicyInput),
        (this.server.url("/v1/forbidden"), Code::PolicyDenied),
        (this.server.url("/v2/a"), Code::VaultNotAdmitted),
    ] {
        let request = Request::get(url).body(Empty::<&[u8]>::new()).unwrap();
        assert_eq!(code(run(credential.clone().oneshot(request))), expected);
    }
    assert_eq!(this.server.seen(), Vec::<String>::new());
}

#[test]
fn requests_and_answers_of_reqwest_go_through_it() {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
    let request = client.post(this.server.url("/v1/chat")).bearer_auth("unused").body("{}");
    let text = run(ask(this.credential(), request)).unwrap();
    assert_eq!(text, "done");
    assert!(this.server.seen()[0].ends_with("{}") && !this.server.seen()[0].contains("unused"));
}
