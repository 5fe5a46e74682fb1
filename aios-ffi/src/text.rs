//! Text as it crosses: borrowed on the way in, owned on the way out.

use std::ffi::c_char;
use std::{ptr, slice};

use crate::constants::REQUEST_LIMIT;
use crate::error::Trouble;

/// `aios_str`: text that the caller lends for one call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Str {
    data: *const c_char,
    len: usize,
}

/// `aios_buf`: text that the caller owns. A NUL stands behind it, which `len` does not count.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Buf {
    data: *mut c_char,
    len: usize,
}

impl Str {
    /// The text, checked.
    ///
    /// # Safety
    /// Where `data` is not NULL, `len` bytes up to the limit are readable there for `'a`.
    pub(crate) unsafe fn read<'a>(self) -> Result<&'a str, Trouble> {
        if self.len > REQUEST_LIMIT {
            return Err(Trouble::misuse("request", "16 MiB at most"));
        }
        if self.data.is_null() {
            return if self.len == 0 {
                Ok("")
            } else {
                Err(Trouble::misuse("request", "data where there is a length"))
            };
        }
        // SAFETY: neither NULL nor longer than an allocation can be; the caller vouches for the rest.
        let bytes = unsafe { slice::from_raw_parts(self.data.cast::<u8>(), self.len) };
        str::from_utf8(bytes).map_err(|_| Trouble::misuse("request", "UTF-8"))
    }
}

impl Buf {
    pub(crate) const NONE: Self = Self { data: ptr::null_mut(), len: 0 };

    /// Hands text over to the caller.
    pub(crate) fn of(text: String) -> Self {
        let len = text.len();
        let mut bytes = text.into_bytes();
        bytes.push(0);
        let data = Box::into_raw(bytes.into_boxed_slice());
        Self { data: data.cast(), len }
    }
}

/// Frees the text and leaves an empty one, so that freeing twice is harmless.
#[unsafe(no_mangle)]
unsafe extern "C" fn aios_buf_free(buf: *mut Buf) {
    // SAFETY: NULL, or the caller's own, which nobody else uses meanwhile.
    let Some(buf) = (unsafe { buf.as_mut() }) else { return };
    let Buf { data, len } = std::mem::replace(buf, Buf::NONE);
    if !data.is_null() {
        let whole = ptr::slice_from_raw_parts_mut(data.cast::<u8>(), len + 1);
        // SAFETY: made by `of`, which counted the NUL in; the caller does not change what it was given.
        drop(unsafe { Box::from_raw(whole) });
    }
}
