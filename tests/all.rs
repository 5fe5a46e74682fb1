//! Journeys across rooms, hostile input, real peers and processes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod bodies;
mod documents;
mod hostile;
mod journey;
mod processes;
mod stores;
mod world;
mod wycheproof;
