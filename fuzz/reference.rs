//! libFuzzer's entrance to the reader of references.
#![no_main]

#[path = "readers/reference.rs"]
mod reader;

libfuzzer_sys::fuzz_target!(|data: &[u8]| reader::read(data));
