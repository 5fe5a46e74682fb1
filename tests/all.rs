//! Journeys across rooms, hostile input, real peers and processes.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod documents;
mod journey;
mod processes;
mod world;
