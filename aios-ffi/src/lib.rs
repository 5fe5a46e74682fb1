//! The C interface of the AIOS security SDK: every operation of the facade's table as exported functions.
//!
//! `include/aios.h` is generated from the same table and is the documentation. [`emit`] makes the functions, [`call`] is what
//! each of them does, [`notifier`] is the thread on which callbacks are called.
#![expect(unsafe_code, reason = "C passes pointers; each use says why it is sound")]

mod answer;
mod call;
#[expect(dead_code, reason = "the header's generator needs more of them")]
mod constants;
mod emit;
mod error;
mod notifier;
mod text;

use std::ffi::c_char;

/// What a function says: [`constants::OK`], or the class of a refusal.
type Status = i32;

#[unsafe(no_mangle)]
extern "C" fn aios_abi_version() -> u32 {
    constants::ABI
}

#[unsafe(no_mangle)]
extern "C" fn aios_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
