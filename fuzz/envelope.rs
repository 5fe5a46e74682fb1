//! libFuzzer's entrance to the reader of envelopes.
#![no_main]

#[path = "readers/envelope.rs"]
mod reader;

libfuzzer_sys::fuzz_target!(|data: &[u8]| reader::read(data));
