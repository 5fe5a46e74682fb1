//! What a tenant keeps in the store to be decided by, its entities and its own policies, as bytes: who wrote a row is known by a MAC under the tenant's own keys, and that no
//! row is missing or older than it should be by a sum over all of them in the shelf's head.
//!
//! Byte layout: `docs/formats/entities-v1.md`.

mod error;
mod keys;
mod policies;
mod row;

pub use error::Error;
pub use keys::{EntityKeys, master_context, master_key};
pub use policies::{POLICIES, PolicyRow};
pub use row::{HEAD, Row, Sum, Written, behind_rows, name, shelf};

#[cfg(test)]
mod tests;
