//! The numbers that the header says too. The build script and the header's generator read this file.

/// The version of the binary interface: the number in `libaios.so.N`, which grows when an old program would no longer run.
pub(crate) const ABI: u32 = 0;

/// Most bytes of a request, configurations with key sets and entities included.
pub(crate) const REQUEST_LIMIT: usize = 16 << 20;

macro_rules! statuses {
    ($($name:ident $number:literal $sentence:literal;)*) => {
        $(#[doc = $sentence] pub(crate) const $name: i32 = $number;)*

        /// Name, number and meaning of everything a function can say.
        pub(crate) const STATUSES: &[(&str, i32, &str)] = &[$((stringify!($name), $number, $sentence)),*];
    };
}

statuses! {
    OK 0 "It did what was asked.";
    DENIED 1 "Refused, and it is the caller's affair (HTTP 401, 403, 429).";
    FAILED 2 "Refused, because something on this side failed (HTTP 500, 503).";
    MISUSE 3 "The function was called wrongly; nothing was done.";
    CANCELLED 4 "Cancelled as the caller asked. What was recorded until then stays recorded.";
}
