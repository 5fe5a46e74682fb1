//! Port: shelves, each a set of rows that are written together and read as what changed.

use super::StoreError;

/// Most rows of one answer.
pub const SHELF_PAGE: usize = 512;

/// A row of a shelf as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The write of the shelf that put it there: the first is 1, and each is one higher than the last.
    pub version: u64,
    /// Its name on the shelf.
    pub name: String,
    /// The content.
    pub value: Vec<u8>,
}

/// Keeps rows by shelf and name. Each adapter runs the conformance suite in `testing`.
///
/// A shelf's version is that of its last write. A row that is written again moves to the end, and none is ever deleted:
/// whoever reads on from the last row until there are no more has seen the shelf as it stands at the last answer.
pub trait Shelves: Send + Sync + std::fmt::Debug {
    /// Writes rows of a shelf durably, all or none, if the shelf's version is still `version` (0: if nothing was ever written), and says
    /// whether it did. The names differ from one another. May wait for other writers.
    ///
    /// # Errors
    /// The store cannot be written. The rows may have been written all the same, then all of them.
    fn put_all(&self, place: &str, version: u64, rows: &[(&str, &[u8])]) -> Result<bool, StoreError>;

    /// The first [`SHELF_PAGE`] rows of a shelf behind `(version, name)`, by version and then by the bytes of the name; fewer mean that there
    /// are no more. Never waits for writers, and not for long for anything else: callers that may not wait ask it on their own
    /// thread.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where it would have to wait for somebody, else what is wrong with the store.
    fn since(&self, place: &str, version: u64, name: &str) -> Result<Vec<Item>, StoreError>;
}
