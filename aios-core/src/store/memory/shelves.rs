//! The port `Shelves` in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::store::{Item, SHELF_PAGE};

/// All shelves, by name.
#[derive(Debug, Default)]
pub(super) struct Kept(BTreeMap<String, Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    version: u64,
    versions: BTreeMap<String, u64>,
    rows: BTreeMap<(u64, String), Vec<u8>>,
}

impl Kept {
    pub(super) fn put_all(&mut self, shelf: &str, version: u64, rows: &[(&str, &[u8])]) -> bool {
        let shelf = self.0.entry(shelf.to_owned()).or_default();
        if shelf.version != version {
            return false;
        }
        if !rows.is_empty() {
            shelf.version += 1;
        }
        for (name, value) in rows {
            if let Some(before) = shelf.versions.insert((*name).to_owned(), shelf.version) {
                shelf.rows.remove(&(before, (*name).to_owned()));
            }
            shelf.rows.insert((shelf.version, (*name).to_owned()), value.to_vec());
        }
        true
    }

    pub(super) fn since(&self, shelf: &str, version: u64, name: &str) -> Vec<Item> {
        let Some(shelf) = self.0.get(shelf) else { return Vec::new() };
        let behind = (Bound::Excluded((version, name.to_owned())), Bound::Unbounded);
        let rows = shelf.rows.range::<(u64, String), _>(behind).take(SHELF_PAGE);
        rows.map(|((version, name), value)| Item {
            version: *version,
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
    }
}
