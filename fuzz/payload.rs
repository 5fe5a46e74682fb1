//! libFuzzer's entrance to the reader of payloads.
#![no_main]

#[path = "readers/payload.rs"]
mod reader;

libfuzzer_sys::fuzz_target!(|data: &[u8]| reader::read(data));
