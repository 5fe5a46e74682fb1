//! libFuzzer's entrance to the reader of tokens.
#![no_main]

mod reader;

libfuzzer_sys::fuzz_target!(|data: &[u8]| reader::read(data));
