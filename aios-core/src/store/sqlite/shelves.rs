//! The port `Shelves` on SQLite.

use rusqlite::{TransactionBehavior, params};

use super::{Sqlite, failed};
use crate::model::Deadline;
use crate::store::{Item, SHELF_PAGE, Shelves, StoreError};

impl Shelves for Sqlite {
    fn put_all(&self, place: &str, version: u64, rows: &[(&str, &[u8])]) -> Result<bool, StoreError> {
        const AT: &str = "SELECT coalesce(max(version), 0) FROM shelf WHERE shelf = ?1";
        const PUT: &str = "INSERT INTO shelf (shelf, name, version, value) VALUES (?1, ?2, 1 + ?3, ?4) \
            ON CONFLICT (shelf, name) DO UPDATE SET version = excluded.version, value = excluded.value";
        self.write(Deadline::after(self.patience), |connection| {
            let writing =
                connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
            let at: u64 = writing.query_row(AT, [place], |row| row.get(0)).map_err(failed)?;
            if at != version {
                return Ok(false);
            }
            {
                let mut put = writing.prepare_cached(PUT).map_err(failed)?;
                for (name, value) in rows {
                    put.execute(params![place, name, version, value]).map_err(failed)?;
                }
            }
            writing.commit().map_err(failed)?;
            Ok(true)
        })
    }

    fn since(&self, place: &str, version: u64, name: &str) -> Result<Vec<Item>, StoreError> {
        const SQL: &str = "SELECT version, name, value FROM shelf \
            WHERE shelf = ?1 AND (version, name) > (?2, ?3) ORDER BY version, name LIMIT ?4";
        self.glance(|connection| {
            let mut find = connection.prepare_cached(SQL).map_err(failed)?;
            let rows = find.query_map(params![place, version, name, SHELF_PAGE], |row| {
                Ok(Item { version: row.get(0)?, name: row.get(1)?, value: row.get(2)? })
            });
            rows.map_err(failed)?.map(|row| row.map_err(failed)).collect()
        })
    }
}
