//! AIOS: an embeddable security SDK for platforms that run AI agents.

pub mod audit;
pub mod config;
pub mod crypto;
pub mod model;
pub mod net;
pub mod policy;
pub mod store;
pub mod tenant;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;

pub use model::{Code, Decision, Principal, Proof, Refusal, Request, Resource};
