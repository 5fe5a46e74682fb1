//! Adapters: where things are kept. They store bytes; they decide, encrypt and verify nothing.

pub mod key_file;
pub mod memory;
mod rows;
mod shelves;
pub mod sqlite;

pub use rows::{Row, Rows, StoreError};
pub use shelves::{Item, SHELF_PAGE, Shelves};
