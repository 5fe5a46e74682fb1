//! The awaiting forms on a hand-written executor: no runtime is needed, and a future may be dropped at any moment.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::Duration;

use aios_core::model::Deadline;
use aios_core::{Code, Outcome, Permit, Refusal, Request};
use serde_json::json;

use super::{SQLITE, code, is_whole};
use crate::world::World;

/// Remembers that it was woken, and wakes the thread that polls.
struct Woken(AtomicBool, Thread);

impl Woken {
    fn here() -> Arc<Self> {
        Arc::new(Self(AtomicBool::new(false), thread::current()))
    }

    /// Waits until somebody wakes; a future that is never woken fails the test.
    fn wait(&self) {
        let deadline = Deadline::after(Duration::from_secs(20));
        while !self.0.swap(false, Ordering::AcqRel) {
            assert!(!deadline.has_passed(), "a future is never woken");
            thread::park_timeout(deadline.remaining());
        }
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
        self.1.unpark();
    }
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let woken = Woken::here();
    let waker = Arc::clone(&woken).into();
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => woken.wait(),
        }
    }
}

/// Polls all of them together on this thread.
fn block_on_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<Pin<Box<F>>> = futures.map(Box::pin).collect();
    let (mut answers, woken) = (Vec::new(), Woken::here());
    let waker = Arc::clone(&woken).into();
    loop {
        waiting.retain_mut(|future| match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => {
                answers.push(answer);
                false
            }
            Poll::Pending => true,
        });
        if waiting.is_empty() {
            return answers;
        }
        woken.wait();
    }
}

#[test]
fn awaiting_forms_answer_like_the_waiting_ones() {
    for store in ["memory:", SQLITE] {
        let world = World::new();
        let aios = world.open(store);
        let requests = [
            world.read(),
            Request::new(world.ada(&json!({})), "write", World::report()),
            Request::new(world.ada(&json!({"exp": 5})), "read", World::report()),
            Request::new(world.ada(&json!({})), "transfer", World::report()).input("cents", i64::MAX),
        ];
        let end = |answer: Result<Permit, Refusal>| {
            answer.map(|permit| permit.complete(&Outcome::ok()).unwrap()).map_err(|refusal| refusal.code())
        };
        for request in &requests {
            let awaited = end(block_on(aios.authorize_async(request)));
            assert_eq!(awaited, end(aios.authorize(request)), "{request:?}");
            assert_eq!(block_on(aios.check_async(request)), aios.check(request), "{request:?}");
        }
        let ada = block_on(aios.authenticate_async(&world.ada(&json!({})))).unwrap();
        let again = aios.authenticate(&world.ada(&json!({}))).unwrap();
        assert_eq!(ada.view().subject, again.view().subject);
        block_on(aios.flush_async()).unwrap();
        let report = block_on(aios.verify_async(None)).unwrap();
        assert_eq!(report, aios.verify(None).unwrap());
        assert!(report.ok && report.dangling.is_empty(), "{report:?}");
        assert!(block_on(aios.verify_async(Some(&"acme".parse().unwrap()))).unwrap().ok);
        block_on(aios.close_async()).unwrap();
        assert_eq!(code(block_on(aios.authorize_async(&world.read()))), Code::EngineClosed);
        assert_eq!(block_on(aios.close_async()).unwrap_err().code(), Code::EngineClosed);
    }
}

#[test]
fn two_hundred_awaited_calls_complete_together() {
    let world = World::new();
    let aios = world.open(SQLITE);
    let first = super::call(&world, &aios);
    let request = world.read();
    let permits = block_on_all((0..200).map(|_| aios.authorize_async(&request)));
    let mut ids: Vec<String> =
        permits.iter().map(|permit| permit.as_ref().unwrap().view().id.clone()).collect();
    for permit in permits {
        permit.unwrap().complete(&Outcome::ok()).unwrap();
    }
    ids.push(first);
    is_whole(&world, &aios, &ids);
}

/// Polls a call once and lets it be; says whether it was done at once.
fn poll_once(call: Pin<&mut impl Future<Output = Result<Permit, Refusal>>>, woken: &Arc<Woken>) -> bool {
    let waker = Arc::clone(woken).into();
    call.poll(&mut Context::from_waker(&waker)).is_ready()
}

#[test]
fn a_call_dropped_half_way_is_recorded_as_abandoned() {
    let world = World::new();
    let aios = world.open(SQLITE);
    let request = world.read();
    let mut dropped = 0;
    // Cold at first, so that also the form on another thread is dropped.
    for round in 0..40 {
        let woken = Woken::here();
        let mut call = Box::pin(aios.authorize_async(&request));
        if !poll_once(call.as_mut(), &woken) && round % 2 == 0 {
            // Durable and answered, but never polled again.
            woken.wait();
        }
        drop(call);
        dropped += 1;
    }
    // Answers that were on their way to a dropped call end on other threads.
    let deadline = Deadline::after(Duration::from_secs(10));
    loop {
        aios.flush().unwrap();
        let report = aios.verify(None).unwrap();
        assert!(report.ok, "{report:?}");
        if report.dangling.is_empty() {
            break;
        }
        assert!(!deadline.has_passed(), "dropped calls dangle: {report:?}");
    }
    let records = is_whole(&world, &aios, &[]);
    let of = |kind: &str| records.iter().filter(|record| record.is(kind)).count();
    assert!(
        of("intent") >= dropped / 2 && of("intent") == of("outcome"),
        "{} {}",
        of("intent"),
        of("outcome")
    );
    let abandoned = |record: &crate::bodies::Body| record.says["outcome"]["status"] == "abandoned";
    assert!(records.iter().filter(|record| record.is("outcome")).all(abandoned));
}
