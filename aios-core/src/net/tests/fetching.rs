//! One fetch: what is asked, what is refused, how long anybody waits.

use super::*;

#[test]
fn new_starts_nothing_and_sets_in_place_need_no_network() {
    let bench = Bench::of(vec![origin("corp", "https://corp", From::Set(jwks("a").into_bytes()))]);
    assert!(bench.known().is_some() && bench.fetch("unknown").is_ok());
    assert!(bench.keys.fetch(&corp(), "unknown", Wait::Never).is_ok());
    assert!(bench.keys.door.is_idle());
    let broken = origin("corp", "https://corp", From::Set(b"[]".to_vec()));
    assert_eq!(Keys::new(vec![broken], Arc::new(|| Duration::ZERO), &door()).unwrap_err(), Error::KeySet);
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
    let strict =
        |url: String| Origin { plaintext_loopback: false, ..origin("corp", "https://corp", From::Url(url)) };
    for (url, expected) in [
        (server.url("/keys"), "plaintext_loopback"),
        (format!("https://127.0.0.1:{port}/keys"), "not public"),
    ] {
        let refused = Keys::new(vec![strict(url)], Arc::new(|| Duration::ZERO), &door()).unwrap_err();
        assert!(refused.to_string().contains(expected), "{refused}");
    }
    // By name: refused once it is resolved.
    let bench = Bench::of(vec![strict(format!("https://localhost:{port}/keys"))]);
    assert!(bench.fetch("a").is_err());
    assert_eq!(bench.keys.last_failure(&corp()), Some(Error::AddressNotAllowed));
    assert_eq!(server.hits(), 0);
}

#[test]
fn localhost_by_name_is_asked_with_the_flag() {
    let server = serves("200 OK", jwks("a"));
    let url = format!("http://localhost:{}/keys", server.address.port());
    Bench::of(vec![origin("corp", "https://corp", From::Url(url))]).fetch("a").unwrap();
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
    let cost = Cost { total: Duration::from_millis(50), ..Cost::default() };
    let slow = origin("corp", "https://corp", From::Url(server.url("/keys")));
    let bench = Bench::with(vec![slow], cost);
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

#[test]
fn metadata_of_rfc_8414_is_found_where_there_is_no_openid_configuration() {
    let server = Server::start(Box::new(|path, address, stream| match path {
        "/.well-known/oauth-authorization-server/a" => {
            let iss = format!("http://{address}/a");
            reply(
                stream,
                "200 OK",
                &format!(r#"{{"issuer": "{iss}", "jwks_uri": "http://{address}/keys"}}"#),
            );
        }
        "/keys" => reply(stream, "200 OK", &jwks("a")),
        _ => reply(stream, "404 Not Found", ""),
    }));
    let bench = Bench::of(vec![origin("corp", &server.url("/a"), From::Discovery)]);
    assert!(bench.fetch("a").unwrap().find("a").is_some());
    assert_eq!(server.hits(), 3);
}

#[test]
fn a_compressed_answer_is_not_unpacked() {
    let bomb = Server::start(Box::new(|_, _, stream| {
        let head =
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n";
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&[0x1f, 0x8b, 8, 0]));
    }));
    let bench = Bench::at(&bomb);
    assert!(bench.fetch("a").is_err());
    assert_eq!(bench.keys.last_failure(&corp()), Some(Error::KeySet));
}
