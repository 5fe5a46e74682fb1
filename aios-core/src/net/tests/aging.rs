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
