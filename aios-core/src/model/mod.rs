//! The words everybody shares: ids, time, principals, requests, decisions, permits, refusals.
//!
//! Knows no token format, policy language or database, and does no I/O except asking the clock.

pub mod admitted;
pub mod challenge;
pub mod code;
pub mod credential;
pub mod crossing;
pub mod decision;
pub mod entity;
pub mod hex;
pub mod id;
pub mod json;
pub mod permit;
pub mod principal;
pub mod refusal;
pub mod request;
pub mod secret;
pub mod time;
pub mod trace;

pub use admitted::Admitted;
pub use challenge::PROOF_ALGORITHMS;
pub use code::Code;
pub use credential::{BoundToken, Credential, HttpRequest};
pub use crossing::{Crossing, Party};
pub use decision::Decision;
pub use entity::{EntityRef, Ownership};
pub use id::{IssuerName, TenantId};
pub use permit::Proof;
pub use principal::{Actor, Facts, Kind, Principal, Realm};
pub use refusal::Refusal;
pub use request::{Request, Resource, Who};
pub use secret::Secret;
pub use time::{Clock, Deadline, Stopwatch, SystemClock, Timestamp, Wait};
pub use trace::Trace;
