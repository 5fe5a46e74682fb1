//! What happened, so that it cannot be unsaid: one chain of records per tenant and writer.
//!
//! [`append`] turns entries into the bytes to store and the next state of the chain; [`Verifier`] walks stored bytes and
//! names the first that does not belong. Both are pure: storing is a [`Ledger`]'s affair, and only the engine turns a
//! stored intent into a permit. Byte layout: `docs/formats/audit-v1.md`.

pub mod body;
mod chain;
mod disclosure;
mod error;
mod ledger;
mod pairing;
mod record;
mod uuid;
mod verify;

pub use chain::{Appended, Chain, ChainId, Entry, Head, Master, Owner, append};
pub use error::Error;
pub use ledger::{ChainCommit, Commit, Ledger, LedgerError, StoredChain, StoredRecord, Turn};
pub use pairing::Pairing;
pub use record::{HEADER, Header, Kind, MAC, Parts, parse};
pub use verify::{Fault, Level, Verifier, Violation};

#[cfg(test)]
mod tests;
