//! What stands around every operation: a panic anywhere is a failure, and the host lives on.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use crate::model::{Code, Refusal};

/// Runs an operation; a panic anywhere in it is the failure `internal`.
///
/// # Errors
/// The operation's, or `internal`.
pub fn guard<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    let guarded = || {
        #[cfg(feature = "testing")]
        super::testing::panic_if_asked();
        work()
    };
    catch_unwind(AssertUnwindSafe(guarded)).unwrap_or_else(|_| Err(Refusal::new(Code::Internal)))
}

/// Runs an awaited operation; a panic in any of its turns is the failure `internal`, and it is not polled again.
///
/// # Errors
/// The operation's, or `internal`.
pub async fn guard_async<T>(work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    let mut work = Box::pin(work);
    poll_fn(|context| match guard(|| Ok(work.as_mut().poll(context))) {
        Ok(polled) => polled,
        Err(caught) => Poll::Ready(Err(caught)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_later_turn_of_awaited_work_is_the_failure_internal() {
        let mut polls = 0;
        let work = poll_fn(move |_| {
            polls += 1;
            assert!(polls < 2, "secret-1");
            Poll::<Result<(), Refusal>>::Pending
        });
        let mut guarded = std::pin::pin!(guard_async(work));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(guarded.as_mut().poll(&mut context).is_pending());
        let Poll::Ready(Err(caught)) = guarded.as_mut().poll(&mut context) else { panic!("it goes on") };
        assert_eq!(caught.code(), Code::Internal);
    }
}
