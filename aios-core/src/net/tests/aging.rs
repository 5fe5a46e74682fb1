//! What becomes of a set in time: rotation, revocation, outages, floods.

use super::*;

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
fn a_thousand_unknown_ids_cost_a_fetch_for_each_cooldown_and_known_keys_wait_for_none() {
    let (server, gate) = gated(jwks("a"));
    let bench = Bench::at(&server);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| bench.fetch("a").unwrap());
        gate.send(()).unwrap();
        first.join().unwrap();
        for fetches in [2, 3, 4] {
            let flood = |from: usize| (0..250).map(move |id| format!("unknown-{from}-{id}"));
            let callers: Vec<_> = (0..4)
                .map(|from| {
                    let bench = &bench;
                    scope.spawn(move || flood(from).filter(|kid| bench.fetch(kid).is_ok()).count())
                })
                .collect();
            while server.hits() < fetches {
                std::thread::yield_now();
            }
            // The server answers only when told, below: whoever waited for it here would wait for ever.
            for _ in 0..1000 {
                assert!(bench.known().unwrap().find("a").is_some());
                assert!(bench.keys.fetch(&corp(), "a", Wait::Never).unwrap().find("a").is_some());
            }
            gate.send(()).unwrap();
            let answered: usize = callers.into_iter().map(|caller| caller.join().unwrap()).sum();
            assert_eq!((answered, server.hits()), (1000, fetches));
            bench.advance(30);
        }
    });
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
fn revoked_key_goes_within_ten_minutes() {
    let (server, answer) = changing(Ok(jwks("a")));
    let bench = Bench::at(&server);
    bench.fetch("a").unwrap();
    *answer.lock().unwrap() = Ok(jwks("b"));
    // Ahead of its ten minutes by a fifth, more or less.
    bench.advance(431);
    let old = bench.known().unwrap();
    assert_eq!(server.hits(), 1);
    bench.advance(98);
    // Nobody waits: the old set serves while the new one is fetched behind.
    assert!(Arc::ptr_eq(&bench.known().unwrap(), &old));
    bench.settle();
    assert!(!Arc::ptr_eq(&bench.known().unwrap(), &old));
    assert_eq!(server.hits(), 2);
}

/// A server that says how long its set lasts and knows its tag.
fn tagged(cache: &'static str) -> Server {
    Server::start(Box::new(move |_, _, stream| {
        let body = jwks("a");
        let head = format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n{cache}etag: \"v1\"\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
    }))
}

#[test]
fn a_set_lasts_as_long_as_its_server_says_within_bounds() {
    for (cache, seconds) in [
        ("", 600),
        ("cache-control: public, max-age=3600\r\n", 3600),
        ("cache-control: Max-Age=\"3600\"\r\n", 3600),
        ("cache-control: max-age=1\r\n", 300),
        ("cache-control: no-store\r\n", 300),
        ("cache-control: max-age=31536000\r\n", 86400),
        ("cache-control: max-age=soon\r\n", 600),
    ] {
        let server = tagged(cache);
        let bench = Bench::at(&server);
        bench.fetch("a").unwrap();
        bench.advance(seconds * 72 / 100 - 1);
        bench.known().unwrap();
        bench.settle();
        assert_eq!(server.hits(), 1, "{cache}: asked too early");
        bench.advance(seconds * 16 / 100 + 1);
        bench.known().unwrap();
        bench.settle();
        assert_eq!(server.hits(), 2, "{cache}: asked too late");
    }
}

#[test]
fn a_set_that_did_not_change_stays_the_same_set() {
    let same = serves("200 OK", jwks("a"));
    let not_modified = Server::start(Box::new(|path, _, stream| {
        if path.ends_with("#tag") {
            let _ = stream.write_all(b"HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n");
        } else {
            let body = jwks("a");
            let head = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\netag: \"v1\"\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        }
    }));
    for server in [&same, &not_modified] {
        let bench = Bench::at(server);
        let before = bench.fetch("a").unwrap();
        bench.advance(540);
        bench.known().unwrap();
        bench.settle();
        assert_eq!(server.hits(), 2);
        assert_eq!(bench.keys.last_failure(&corp()), None);
        assert!(Arc::ptr_eq(&bench.known().unwrap(), &before), "tokens would have to be verified again");
        bench.advance(400);
        assert!(bench.known().is_some());
        assert_eq!(server.hits(), 2, "it lasts anew");
    }
}

#[test]
fn unknown_keys_of_many_issuers_cause_no_flood_either() {
    let server = serves("200 OK", jwks("a"));
    let name = |n: usize| -> IssuerName { format!("i{n}").parse().unwrap() };
    let origins = (0..30).map(|n| origin(name(n).as_str(), "https://corp", From::Url(server.url("/keys"))));
    let bench = Bench::of(origins.collect());
    for n in 0..30 {
        bench.keys.fetch(&name(n), "a", patient()).unwrap();
    }
    assert_eq!(server.hits(), 30, "a first fetch is nobody's flood");
    for n in 0..30 {
        assert!(bench.keys.fetch(&name(n), "x", patient()).unwrap().find("x").is_none());
    }
    assert_eq!(server.hits(), 40);
    bench.advance(3);
    for n in 0..30 {
        bench.keys.fetch(&name(n), "x", patient()).unwrap();
    }
    assert_eq!(server.hits(), 41);
}

#[test]
fn another_processs_keys_serve_while_the_issuer_is_away_for_a_day_at_most() {
    let first = serves("200 OK", jwks("a"));
    let bench = Bench::at(&first);
    bench.fetch("a").unwrap();
    bench.advance(100);
    let kept = bench.keys.kept().pop().unwrap();
    assert_eq!((kept.issuer.clone(), kept.age.as_secs()), (corp(), 100));

    let (server, answer) = changing(Err(()));
    let bench = Bench::at(&server);
    bench.keys.keep(kept.clone()).unwrap();
    assert!(bench.fetch("a").unwrap().find("a").is_some(), "the issuer is away");
    assert_eq!(server.hits(), 1, "it was asked first");
    bench.advance(86_400 - 101);
    assert!(bench.fetch("a").is_ok());
    bench.advance(1);
    assert!(bench.fetch("a").is_err(), "a day after it was fetched");
    *answer.lock().unwrap() = Ok(jwks("b"));
    bench.advance(60);
    let newest = bench.fetch("b").unwrap();
    bench.keys.keep(kept.clone()).unwrap();
    assert!(Arc::ptr_eq(&bench.known().unwrap(), &newest), "what is at hand is newer");
    assert!(bench.keys.keep(KeptKeys { issuer: "other".parse().unwrap(), ..kept.clone() }).is_err());
    assert!(bench.keys.keep(KeptKeys { document: b"{}".to_vec(), ..kept }).is_err());
}
