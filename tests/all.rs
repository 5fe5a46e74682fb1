//! Journeys across rooms, hostile input, real peers and processes.

mod documents;
mod journey;
mod processes;
mod world;
