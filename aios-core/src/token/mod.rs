//! Access tokens: text in, a verified principal out.

pub mod issuer;
pub use issuer::{ClaimNames, Client, Issuer, Issuers, Limits, Roles, Tenants};
