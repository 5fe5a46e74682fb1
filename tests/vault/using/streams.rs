//! Answers that come part by part, waited for and awaited.

use std::future::Future;
use std::io::Write;
use std::pin::pin;
use std::sync::Arc;
use std::sync::{Condvar, Mutex};
use std::task::{Context, Waker};

use aios_core::Code;

use super::{CANARY, Upstream, Use, code};
use crate::hostile::awaiting::block_on;

/// More than threads wait for tasks.
const MANY: usize = 70;

/// Keeps streams from ending until it is opened.
#[derive(Debug, Default)]
struct Gate(Mutex<bool>, Condvar);

impl Gate {
    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn wait(&self) {
        drop(self.1.wait_while(self.0.lock().unwrap(), |open| !*open).unwrap());
    }
}

fn gated() -> (Use, Arc<Gate>) {
    let gate = Arc::<Gate>::default();
    let held = Arc::clone(&gate);
    let server = Upstream::start(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\ndata: one\n\n").unwrap();
        held.wait();
        let _ = stream.write_all(format!("data: {CANARY}\n\n").as_bytes());
    });
    (Use::of(server), gate)
}

#[test]
fn i13_awaited_streams_hold_no_thread_and_what_comes_back_of_the_secret_is_masked() {
    let (this, gate) = gated();
    let permit = block_on(this.aios().authorize_async(&this.stage.world.read())).unwrap();
    let credential = block_on(permit.credential_async("prod/key")).unwrap();
    let answers: Vec<_> =
        (0..MANY).map(|_| block_on(credential.fetch_async(this.ask("/v1/a"))).unwrap()).collect();
    for answer in &answers {
        assert_eq!(block_on(answer.next_async()).unwrap().unwrap(), b"data: one\n\n");
    }
    let mut waiting: Vec<_> = answers.iter().map(|answer| Box::pin(answer.next_async())).collect();
    let mut context = Context::from_waker(Waker::noop());
    assert!(waiting.iter_mut().all(|next| next.as_mut().poll(&mut context).is_pending()));
    // What needs a waiting thread finds one.
    block_on(this.aios().flush_async()).unwrap();
    gate.open();
    for next in waiting {
        assert_eq!(
            block_on(next).unwrap().unwrap(),
            format!("data: {}\n\n", "*".repeat(CANARY.len())).as_bytes()
        );
    }
    for answer in &answers {
        assert_eq!(block_on(answer.next_async()).unwrap(), None);
        assert_eq!(block_on(answer.next_async()).unwrap(), None);
    }
}

#[test]
fn so_many_requests_are_under_way_at_once_and_those_that_ended_count_no_longer() {
    let (this, gate) = gated();
    let credential = this.credential();
    let mut answers: Vec<_> = (0..256).map(|_| credential.fetch(this.ask("/v1/a")).unwrap()).collect();
    assert_eq!(code(credential.fetch(this.ask("/v1/a"))), Code::LimitWaiting);
    answers[0].end();
    assert_eq!(answers[0].next().unwrap(), None);
    answers[1] = credential.fetch(this.ask("/v1/a")).unwrap();
    // The one that it took the place of was dropped after it began.
    answers.push(credential.fetch(this.ask("/v1/a")).unwrap());
    assert_eq!(code(credential.fetch(this.ask("/v1/a"))), Code::LimitWaiting);
    gate.open();
    while answers[2].next().unwrap().is_some() {}
    assert!(credential.fetch(this.ask("/v1/a")).is_ok(), "a body that was read to its end still counts");
}

#[test]
fn a_body_that_breaks_off_is_no_end() {
    let server = Upstream::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
    });
    let this = Use::of(server);
    let answer = this.credential().fetch(this.ask("/v1/a")).unwrap();
    let ended = std::iter::repeat_with(|| answer.next()).find(|part| !matches!(part, Ok(Some(_))));
    assert_eq!(code(ended.unwrap()), Code::VaultUpstream);
}

#[test]
fn a_request_whose_caller_went_away_is_recorded_as_abandoned() {
    let (this, gate) = gated();
    let server = Upstream::start({
        let gate = Arc::clone(&gate);
        move |_, _| gate.wait()
    });
    let silent = Use::of(server);
    let credential = silent.credential();
    {
        let mut fetch = pin!(credential.fetch_async(silent.ask("/v1/a")));
        let mut context = Context::from_waker(Waker::noop());
        while silent.server.seen().is_empty() {
            assert!(fetch.as_mut().poll(&mut context).is_pending());
            std::thread::yield_now();
        }
    }
    gate.open();
    let left = (0..200).find(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        silent.recorded("outcome").iter().any(|says| says["outcome"]["status"] == "abandoned")
    });
    assert!(left.is_some());
    drop(this);
}
