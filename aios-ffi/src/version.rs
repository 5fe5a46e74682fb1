//! The version of the binary interface: the number in `libaios.so.N`, which grows when an old program would no longer run.

pub(crate) const ABI: u32 = 0;
