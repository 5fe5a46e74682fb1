//! The port `Rows` on SQLite.

use rusqlite::{OptionalExtension, params};

use super::{Sqlite, failed};
use crate::model::Deadline;
use crate::store::{Row, Rows, StoreError};

impl Rows for Sqlite {
    fn get(&self, key: &str) -> Result<Option<Row>, StoreError> {
        self.read(|connection| {
            let mut find =
                connection.prepare_cached("SELECT version, value FROM row WHERE key = ?1").map_err(failed)?;
            find.query_row([key], |row| Ok(Row { version: row.get(0)?, value: row.get(1)? }))
                .optional()
                .map_err(failed)
        })
    }

    fn put_if(&self, key: &str, version: u64, value: &[u8]) -> Result<bool, StoreError> {
        let sql = match version {
            0 => "INSERT INTO row (key, version, value) VALUES (?1, 1 + ?2, ?3) ON CONFLICT DO NOTHING",
            _ => "UPDATE row SET version = 1 + ?2, value = ?3 WHERE key = ?1 AND version = ?2",
        };
        self.write(Deadline::after(self.patience), |connection| {
            let changed = connection.execute(sql, params![key, version, value]).map_err(failed)?;
            Ok(changed == 1)
        })
    }
}
