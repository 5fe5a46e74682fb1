//! What a method holds while it works, and how its refusal is thrown.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use aios_core::facade::json;
use aios_core::{Code, Refusal};

/// A handle until it is released.
#[derive(Debug)]
pub(crate) struct Held<T>(Mutex<Option<T>>);

impl<T> Held<T> {
    pub(crate) fn new(handle: T) -> Self {
        Self(Mutex::new(Some(handle)))
    }

    /// The handle; `engine.closed` once it was released.
    pub(crate) fn handle(&self) -> Result<T, Refusal>
    where
        T: Clone,
    {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone().ok_or_else(|| Refusal::new(Code::EngineClosed).at("handle"))
    }

    /// Lets go of the handle now, and not when the host's collector comes by.
    pub(crate) fn release(&self) {
        let released = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Outside the lock: dropping a permit records that it was abandoned.
        drop(released);
    }
}

impl<T> Drop for Held<T> {
    /// The host's collector calls this, and it must not see a panic.
    fn drop(&mut self) {
        // Nobody is there to be told.
        let _ = catch_unwind(AssertUnwindSafe(|| self.release()));
    }
}

/// A refusal becomes an error of which the message is the refusal's JSON text; the package makes a class of it.
pub(crate) fn thrown<T>(answer: Result<T, Refusal>) -> napi::Result<T> {
    answer.map_err(|refusal| napi::Error::from_reason(json::refusal(&refusal)))
}
