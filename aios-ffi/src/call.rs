//! What every exported function does: look at its arguments, run the operation guarded, hand over what it gives.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use aios_core::Refusal;
use aios_core::facade::json::decode;
use aios_core::facade::{guard, guard_async};
use serde::de::DeserializeOwned;

use crate::Status;
use crate::answer::Answer;
use crate::constants::{MISUSE, OK};
use crate::error::{Error, Trouble};
use crate::notifier::{Notifier, Promise};
use crate::text::Str;

/// The function that gets the answer of awaited work.
pub(crate) type Callback<Raw> = Option<unsafe extern "C" fn(*mut c_void, Status, Raw, *mut Error)>;

/// Where an answer goes once it is there.
#[derive(Debug)]
pub(crate) struct Reply<Raw> {
    pub(crate) callback: Callback<Raw>,
    pub(crate) user_data: *mut c_void,
    pub(crate) ticket: *mut u64,
}

/// Where an answer goes at once.
#[derive(Debug)]
pub(crate) struct Out<Raw> {
    pub(crate) answer: *mut Raw,
    pub(crate) error: *mut *mut Error,
}

/// Runs an operation on this thread.
///
/// # Safety
/// Every pointer is NULL or valid for its type, and nobody else uses the out pointers meanwhile.
pub(crate) unsafe fn waiting<R: Sync, Q: DeserializeOwned, A: Answer>(
    on: *const R,
    request: Str,
    out: &Out<A::Raw>,
    run: impl FnOnce(&R, Q) -> Result<A, Refusal>,
) -> Status {
    let Out { answer, error } = *out;
    // SAFETY: NULL or writable, as the caller promised; nothing is read.
    let (answer, error) = unsafe { (cleared(answer, A::NONE), cleared(error, ptr::null_mut())) };
    // SAFETY: as the caller promised.
    let arguments = unsafe { receiver(on).and_then(|on| Ok((on, request.read()?))) };
    let made = arguments.and_then(|(on, text)| {
        let answer = answer.ok_or_else(|| Trouble::misuse("answer", "a pointer to write the answer to"))?;
        *answer = guard(|| run(on, decode(text)?))?.hand_over();
        Ok(())
    });
    let Err(trouble) = made else { return OK };
    let Some(error) = error else { return trouble.status() };
    let (status, object) = trouble.hand_over();
    *error = object;
    status
}

/// Starts an operation on this thread; the notifier calls back.
///
/// # Safety
/// Every pointer but `user_data` is NULL or valid for its type; the callback may be called on another thread with `user_data`.
pub(crate) unsafe fn awaiting<R, Q, A, W>(
    on: *const R,
    request: Str,
    reply: &Reply<A::Raw>,
    run: impl FnOnce(R, Q) -> W + Send + 'static,
) -> Status
where
    R: Clone + Send + Sync + 'static,
    Q: DeserializeOwned + Send,
    A: Answer,
    W: Future<Output = Result<A, Refusal>> + Send,
{
    let Reply { callback, user_data, ticket } = *reply;
    // SAFETY: NULL or writable, as the caller promised.
    let ticket = unsafe { cleared(ticket, 0) };
    let Some(callback) = callback else { return MISUSE };
    let notifier = match Notifier::of_this_process() {
        Ok(notifier) => notifier,
        Err(refusal) => return Trouble::from(refusal).status(),
    };
    let promise = Promise::<A>::new(notifier, callback, user_data);
    // SAFETY: as the caller promised; copies are made, because the work outlives this call.
    let arguments = unsafe { receiver(on).and_then(|on| Ok((on.clone(), request.read()?.to_owned()))) };
    let number = notifier.start(async move {
        promise.keep(match arguments {
            Err(misuse) => Err(misuse),
            Ok((on, text)) => {
                guard_async(async move { run(on, decode(&text)?).await }).await.map_err(Trouble::from)
            }
        });
    });
    if let Some(ticket) = ticket {
        *ticket = number;
    }
    OK
}

/// Frees what a `hand_over` made.
///
/// # Safety
/// NULL, or made by `Box::into_raw`, not freed before, and used by nobody.
pub(crate) unsafe fn free<T>(owned: *mut T) {
    if !owned.is_null() {
        // SAFETY: as the caller promised. A panic must not reach C, and what it left undone is leaked.
        drop(catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(owned) }))));
    }
}

unsafe fn receiver<'a, R>(on: *const R) -> Result<&'a R, Trouble> {
    // SAFETY: the caller's promise: NULL, or a handle that is not freed during the call.
    unsafe { on.as_ref() }.ok_or_else(|| Trouble::misuse("receiver", "a handle, not NULL"))
}

/// An out pointer whose target is defined from now on. None where it is NULL.
unsafe fn cleared<'a, T>(out: *mut T, none: T) -> Option<&'a mut T> {
    if out.is_null() {
        return None;
    }
    // SAFETY: not NULL, and writable by the caller's promise; what stands there may be uninitialised, so it is only overwritten.
    unsafe {
        out.write(none);
        Some(&mut *out)
    }
}
