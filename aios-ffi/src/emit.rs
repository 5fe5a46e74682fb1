//! The exported functions: one per row of the operations table, a second for each row that `waits`, and one per handle to free it.

use std::ffi::c_void;

use aios_core::facade::handles::{
    Audit, Engine, Entities, Host, Layer, Payload, Permit, PolicySet, Principal, SecretAnswer, SecretSending,
    SecretUse, Vault,
};
use aios_core::facade::testing::{Clock, Idp, Kit, Served};

use crate::Status;
use crate::answer;
use crate::call::{Callback, Out, Reply, awaiting, free, waiting};
use crate::error::Error;
use crate::text::{Buf, Str};

/// Emits a table.
macro_rules! functions {
    ($($receiver:ident { $($(#[$doc:meta])* $name:ident($request:ident) -> $kind:ident $answer:ident, $when:ident;)* })*) => {
        $(
            receiver!($receiver);
            $(row!($receiver $name $kind $answer $when);)*
        )*
    };
}

/// The function that frees a handle; what needs no opening has none.
macro_rules! receiver {
    (Host) => {};
    (Kit) => {};
    ($receiver:ident) => {
        pastey::paste! {
            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<aios_ $receiver:snake _free>](handle: *mut $receiver) {
                // SAFETY: the header asks for NULL or a handle that is not freed yet and not in use.
                unsafe { free(handle) };
            }
        }
    };
}

/// The functions of a row: with a receiver among the arguments, or without one.
macro_rules! row {
    (Host $($row:tt)*) => { forms!([] [&Host] Host $($row)*); };
    (Kit $($row:tt)*) => { forms!([] [&Kit] Kit $($row)*); };
    ($receiver:ident $($row:tt)*) => { forms!([on: *const $receiver,] [on] $receiver $($row)*); };
}

macro_rules! forms {
    ($arguments:tt $on:tt $receiver:ident $name:ident $kind:ident $answer:ident now) => {
        waiting_form!($arguments $on $receiver $name $kind raw!($kind $answer));
    };
    ($arguments:tt $on:tt $receiver:ident $name:ident $kind:ident $answer:ident waits) => {
        waiting_form!($arguments $on $receiver $name $kind raw!($kind $answer));
        awaiting_form!($arguments $on $receiver $name $kind raw!($kind $answer));
    };
}

/// C's type of an answer.
macro_rules! raw {
    (data $answer:ident) => { Buf };
    (handle $answer:ident) => { *mut $answer };
}

macro_rules! waiting_form {
    ([$($arguments:tt)*] [$on:expr] $receiver:ident $name:ident $kind:ident $raw:ty) => {
        pastey::paste! {
            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<aios_ $receiver:snake _ $name>](
                $($arguments)*
                request: Str,
                answer: *mut $raw,
                error: *mut *mut Error,
            ) -> Status {
                let run = |on: &$receiver, request| on.$name(request).and_then(|given| given!($kind given));
                // SAFETY: the header asks for what `waiting` asks for.
                unsafe { waiting($on, request, &Out { answer, error }, run) }
            }
        }
    };
}

macro_rules! awaiting_form {
    ([$($arguments:tt)*] [$on:expr] $receiver:ident $name:ident $kind:ident $raw:ty) => {
        pastey::paste! {
            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<aios_ $receiver:snake _ $name _async>](
                $($arguments)*
                request: Str,
                callback: Callback<$raw>,
                user_data: *mut c_void,
                ticket: *mut u64,
            ) -> Status {
                let run = |on: $receiver, request| async move {
                    on.[<$name _async>](request).await.and_then(|given| given!($kind given))
                };
                // SAFETY: the header asks for what `awaiting` asks for.
                unsafe { awaiting($on, request, &Reply { callback, user_data, ticket }, run) }
            }
        }
    };
}

macro_rules! given {
    (data $given:ident) => {
        answer::data(&$given)
    };
    (handle $given:ident) => {
        answer::handle($given)
    };
}

aios_core::operations!(functions);
aios_core::testing_operations!(functions);
