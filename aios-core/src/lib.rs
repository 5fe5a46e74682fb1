//! AIOS: an embeddable security SDK for platforms that run AI agents.

pub mod audit;
pub mod config;
pub mod crypto;
pub mod engine;
pub mod entities;
pub mod facade;
pub mod model;
pub mod net;
pub mod policy;
pub mod revocation;
pub mod store;
pub mod tenant;
#[cfg(feature = "testing")]
pub mod testing;
pub mod token;
pub mod vault;

pub use engine::raw;
pub use engine::{Aios, Builder, Outcome, Permit, Report, forbid_core_dumps};
pub use model::{
    BoundToken, Code, Credential, Decision, EntityRef, HttpRequest, Principal, Proof, Refusal, Request,
    Resource, Secret, TenantId,
};
pub use revocation::Selector;

/// Making the local root key file.
pub mod root_keys {
    pub use crate::store::key_file::{KeyFileError, create};
}
