//! The port `Shelves` in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::store::{Item, SHELF_PAGE, StoreError};

/// All shelves, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    shelves: BTreeMap<String, Shelf>,
    /// Whether nobody knows what stood there.
    is_lost: bool,
}

#[derive(Clone, Debug, Default)]
struct Shelf {
    version: u64,
    versions: BTreeMap<String, u64>,
    rows: BTreeMap<(u64, String), Vec<u8>>,
}

impl Kept {
    pub(super) fn lost() -> Self {
        Self { is_lost: true, ..Self::default() }
    }

    pub(super) fn put_all(
        &mut self,
        place: &str,
        version: u64,
        rows: &[(&str, &[u8])],
    ) -> Result<bool, StoreError> {
        self.is_known()?;
        let kept = self.shelves.entry(place.to_owned()).or_default();
        if kept.version != version {
            return Ok(false);
        }
        if !rows.is_empty() {
            kept.version += 1;
        }
        for (name, value) in rows {
            if let Some(before) = kept.versions.insert((*name).to_owned(), kept.version) {
                kept.rows.remove(&(before, (*name).to_owned()));
            }
            kept.rows.insert((kept.version, (*name).to_owned()), value.to_vec());
        }
        Ok(true)
    }

    pub(super) fn since(&self, place: &str, version: u64, name: &str) -> Result<Vec<Item>, StoreError> {
        self.is_known()?;
        let Some(kept) = self.shelves.get(place) else { return Ok(Vec::new()) };
        let behind = (Bound::Excluded((version, name.to_owned())), Bound::Unbounded);
        let rows = kept.rows.range::<(u64, String), _>(behind).take(SHELF_PAGE);
        let item = |((version, name), value): (&(u64, String), &Vec<u8>)| Item {
            version: *version,
            name: name.clone(),
            value: value.clone(),
        };
        Ok(rows.map(item).collect())
    }

    fn is_known(&self) -> Result<(), StoreError> {
        if !self.is_lost {
            return Ok(());
        }
        Err(StoreError::Unavailable("its content was being written when the process was forked".into()))
    }
}
