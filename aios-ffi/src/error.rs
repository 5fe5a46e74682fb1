//! What C gets about a refusal: a class as the function's value, and an object that says everything.

use std::ffi::{CString, c_char};

use aios_core::facade::json;
use aios_core::{Code, Refusal};

use crate::Status;
use crate::constants::{DENIED, FAILED, MISUSE};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Trouble {
    status: Status,
    refusal: Refusal,
}

/// `aios_error`. It owns the texts that it lends.
#[derive(Debug)]
pub(crate) struct Error {
    code: CString,
    message: CString,
    json: CString,
    http: u16,
}

impl Trouble {
    /// The function was called wrongly: which argument, and what it has to be.
    pub(crate) fn misuse(argument: &str, expected: &str) -> Self {
        Self { status: MISUSE, refusal: Refusal::new(Code::PolicyInput).at(argument).expected(expected) }
    }

    /// The class, and the object, which the caller will own.
    pub(crate) fn hand_over(self) -> (Status, *mut Error) {
        (self.status, Box::into_raw(Box::new(Error::of(&self.refusal))))
    }

    pub(crate) fn status(&self) -> Status {
        self.status
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self { status: if refusal.is_denial() { DENIED } else { FAILED }, refusal }
    }
}

impl Error {
    fn of(refusal: &Refusal) -> Self {
        Self {
            code: text(refusal.code().as_str()),
            message: text(&refusal.to_string()),
            json: text(&json::refusal(refusal)),
            http: refusal.code().status(),
        }
    }
}

/// Text for C. A NUL, which a name in a request can hold, would end it early.
fn text(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

/// Lends one of the texts; where there is no error, an empty one.
unsafe fn lend(error: *const Error, part: impl FnOnce(&Error) -> &CString) -> *const c_char {
    // SAFETY: NULL, or an error that the caller has not freed.
    unsafe { error.as_ref() }.map_or(c"".as_ptr(), |error| part(error).as_ptr())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn aios_error_code(error: *const Error) -> *const c_char {
    // SAFETY: the caller's promise is the same.
    unsafe { lend(error, |error| &error.code) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn aios_error_message(error: *const Error) -> *const c_char {
    // SAFETY: the caller's promise is the same.
    unsafe { lend(error, |error| &error.message) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn aios_error_json(error: *const Error) -> *const c_char {
    // SAFETY: the caller's promise is the same.
    unsafe { lend(error, |error| &error.json) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn aios_error_status(error: *const Error) -> i32 {
    // SAFETY: NULL, or an error that the caller has not freed.
    unsafe { error.as_ref() }.map_or(500, |error| error.http.into())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn aios_error_free(error: *mut Error) {
    // SAFETY: NULL, or made by `hand_over` and not freed before.
    unsafe { crate::call::free(error) };
}
