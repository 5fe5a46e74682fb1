//! What other languages see: one table of operations, plain data in and out, and opaque handles.
//!
//! A binding is an emitter over [`operations!`](crate::operations). For each row it makes a method in its language's idiom, which decodes
//! the request, calls the function of that name on the receiver (or its `_async` twin) inside [`guard`], and encodes the
//! answer. [`json`] is the emitter for everybody who passes JSON text.

pub mod json;
mod receivers;
pub mod views;
pub mod wire;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::model::{Code, Refusal};
pub use receivers::{Engine, Permit, Principal};

/// The whole contract with other languages, by receiver: `name(Request) -> data Answer | handle Kind, waits | now;`.
///
/// What `waits` has an awaiting form beside it, `name_async`.
///
/// Requests are types of [`wire`], answers of [`views`], handles are [`Engine`], [`Principal`] and [`Permit`].
#[macro_export]
macro_rules! operations {
    ($emit:ident) => {
        $emit! {
            Engine {
                /// Turns a credential into a verified caller.
                authenticate(Presented) -> handle Principal, waits;
                /// Decides, and records the decision before anyone can act on it.
                authorize(Request) -> handle Permit, waits;
                /// The same decision as data; nothing is recorded or consumed.
                check(Request) -> data Decision, waits;
                /// Verifies the audit chains of a tenant, or of everybody.
                verify(Trail) -> data Report, waits;
                /// Waits until every outcome and refusal recorded so far is durable.
                flush(Nothing) -> data Done, waits;
                /// Flushes, ends the chains and closes the store.
                close(Nothing) -> data Done, waits;
            }
            Principal {
                /// What was verified about the caller.
                view(Nothing) -> data PrincipalView, now;
                /// As the engine's, asked by this principal.
                authorize(Request) -> handle Permit, waits;
                /// As the engine's, asked by this principal.
                check(Request) -> data Decision, waits;
            }
            Permit {
                /// What is allowed, to whom and until when.
                view(Nothing) -> data PermitView, now;
                /// Records how the call ended. Does not wait.
                complete(Outcome) -> data Done, now;
            }
        }
    };
}

/// Runs an operation; a panic anywhere in it is the failure `internal`.
///
/// # Errors
/// The operation's, or `internal`.
pub fn guard<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Refusal::new(Code::Internal)))
}
