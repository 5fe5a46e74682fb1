//! AIOS: an embeddable security SDK for platforms that run AI agents.
#![forbid(unsafe_code)]

pub mod crypto;
pub mod model;
pub mod policy;
pub mod tenant;
pub mod token;

pub use model::{Code, Decision, Principal, Proof, Refusal, Request, Resource};
