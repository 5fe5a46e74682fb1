//! Secrets that are used and never seen: how one is named, sealed, kept and taken out of use.
//!
//! A [`SecretRef`] names a secret and leads to no value. [`seal`] puts a value into an envelope that opens only under its
//! tenant's keys ([`TenantKeys`]), at its place, in its version, and on the [`Terms`] that were fixed with it. [`Kept`]
//! is a secret with all its versions, and `row` the bytes in which it stands in a store. Pure: rows are read and written,
//! and keys unwrapped, by the engine, which alone knows whether somebody may.
//!
//! Byte layout: `docs/formats/envelope-v1.md`.

mod context;
mod echo;
mod envelope;
mod error;
mod injection;
mod keys;
mod limits;
mod payload;
mod reference;
mod register;
pub mod row;
mod schedule;
mod seal;
mod secret;
mod stage;
mod target;
mod terms;

pub use context::{Binding, master as master_context};
pub use echo::Echo;
pub use envelope::{Envelope, MAX_SECRET, MOST_WRAPS, Provider, Wrap, from_text, to_text};
pub use error::Error;
pub use injection::{Carrier, Outgoing};
pub use keys::TenantKeys;
pub use limits::{Counts, Limits};
pub use payload::{PayloadOf, PayloadOpening, PayloadSealing};
pub use reference::{InvalidReference, LONGEST_REFERENCE, SecretPath, SecretRef, Version};
pub use register::{HeldMaster, Register};
pub use schedule::{Age, Due, OnOverdue, Schedule};
pub use seal::{WrappingKey, is_under, open, rewrap, seal, verify};
pub use secret::{Fresh, Kept, KeptVersion, check_metadata};
pub use stage::Stage;
pub use target::Target;
pub use terms::{Http, Owner, Terms};

#[cfg(test)]
mod tests;
