//! Journeys across rooms, hostile input, real peers and processes.

mod documents;
mod journey;
mod peers;
mod processes;
mod world;
