//! A process of its own, for tests that kill, fork or race processes.
fn main() {}
