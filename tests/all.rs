//! Journeys across rooms, hostile input, real peers and processes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod auditor;
mod bodies;
mod contract;
mod crossing;
mod documents;
mod entities;
mod facade;
mod fuzz;
mod hostile;
mod journey;
mod keys;
mod layer;
mod peers;
mod policy_guide;
mod processes;
mod proofs;
mod raw;
mod revocation;
mod stores;
mod vault;
mod vectors;
mod world;
mod wycheproof;
