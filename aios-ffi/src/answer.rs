//! What an operation gives, until it is put into C's hands.

use std::fmt::Debug;
use std::ptr;

use aios_core::Refusal;
use aios_core::facade::json;
use serde::Serialize;

use crate::text::Buf;

/// An answer that C has a type for.
pub(crate) trait Answer: Send + 'static {
    /// That type.
    type Raw: Copy + Debug;
    /// Its value where there is no answer.
    const NONE: Self::Raw;

    /// Hands it over to the caller, who frees it.
    fn hand_over(self) -> Self::Raw;
}

/// Data as JSON text.
#[derive(Debug)]
pub(crate) struct Data(String);

/// A handle.
#[derive(Debug)]
pub(crate) struct Handle<T>(T);

/// Makes data of an answer.
pub(crate) fn data(value: &impl Serialize) -> Result<Data, Refusal> {
    json::encode(value).map(Data)
}

/// Makes a handle of an answer.
#[expect(clippy::unnecessary_wraps, reason = "an emitter calls it or `data`")]
pub(crate) fn handle<T>(value: T) -> Result<Handle<T>, Refusal> {
    Ok(Handle(value))
}

impl Answer for Data {
    type Raw = Buf;
    const NONE: Buf = Buf::NONE;

    fn hand_over(self) -> Buf {
        Buf::of(self.0)
    }
}

impl<T: Debug + Send + Sync + 'static> Answer for Handle<T> {
    type Raw = *mut T;
    const NONE: *mut T = ptr::null_mut();

    fn hand_over(self) -> *mut T {
        Box::into_raw(Box::new(self.0))
    }
}
