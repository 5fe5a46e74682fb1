//! The AIOS security SDK for Node: the native layer of the package `@aios/node`.
//!
//! Every operation of both tables becomes a method that takes and gives JSON text; the TypeScript in `ts/` makes the idiom.
#![expect(
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    missing_docs,
    reason = "the callers are JavaScript; operations are documented in their table"
)]

mod answer;
pub mod receivers;
pub mod shared;
pub mod tables;
