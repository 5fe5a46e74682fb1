//! Who is out, though their tokens still say otherwise.
//!
//! A [`Selector`] says who is meant, an [`Entry`] what is said of them in one tenant, and an [`Index`] answers from all
//! entries in their order whether a verified caller is out. Pure: entries are kept by a [`Revocations`], and the engine
//! asks it. The same store keeps which [`SingleUse`] was used.

mod entry;
mod error;
mod index;
mod mark;
mod port;
mod selector;
mod single;

pub use entry::{Entry, Verdict};
pub use error::Error;
pub use index::Index;
pub use mark::Mark;
pub use port::{PAGE, Revocations};
pub use selector::Selector;
pub use single::{SingleUse, Spent};

#[cfg(test)]
mod tests;
