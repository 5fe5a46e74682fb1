//! The C interface of the AIOS security SDK: every operation of the facade's table as exported functions.
//!
//! `include/aios.h` is generated from the same table and is the documentation. [`emit`] makes the functions, [`call`] is what
//! each of them does, [`notifier`] is the thread on which callbacks are called.
#![expect(unsafe_code, reason = "C passes pointers; each use says why it is sound")]

mod answer;
mod call;
mod emit;
mod error;
mod notifier;
mod text;
mod version;

use std::ffi::c_char;

/// What a function says: 0, or the class of a refusal.
type Status = i32;

/// It did what was asked.
const OK: Status = 0;
/// Refused, and it is the caller's affair (401, 403, 429).
const DENIED: Status = 1;
/// Refused, because something of ours failed.
const FAILED: Status = 2;
/// The function was called wrongly; nothing was done.
const MISUSE: Status = 3;
/// Given up before it was done.
const CANCELLED: Status = 4;

#[unsafe(no_mangle)]
extern "C" fn aios_abi_version() -> u32 {
    version::ABI
}

#[unsafe(no_mangle)]
extern "C" fn aios_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
