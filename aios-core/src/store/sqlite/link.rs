//! A connection, and the write-ahead log that it writes to.
//!
//! Another copy of SQLite in this process, or a program that copies the file in it, drops our locks when it closes the file
//! (POSIX, `fcntl`). Whoever closes it last then takes the log away under us, and what we commit goes to a file without a name:
//! synced, acknowledged and lost. So the log must still be the one that was opened before anything counts.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{StoreError, failed};

/// An open connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) connection: Connection,
    path: PathBuf,
    log: Option<Log>,
}

/// Which file it is: device and inode.
type Log = (u64, u64);

impl Link {
    /// Opens the log by a first read.
    pub(super) fn of(connection: Connection, database: &Path) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let path = PathBuf::from(path);
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(failed)?;
        let log = log_at(&path)?;
        Ok(Self { connection, path, log })
    }

    /// Whether the log is where it was. A new file has none before its first write.
    ///
    /// # Errors
    /// It was taken away or replaced: what was just read or written may be lost.
    pub(super) fn still_holds(&mut self) -> Result<(), StoreError> {
        let now = log_at(&self.path)?;
        if self.log.is_none() {
            self.log = now;
        }
        if self.log == now {
            return Ok(());
        }
        let told = "its write-ahead log was taken away; no other program of this process may open the file, nor copy it there";
        Err(StoreError::Unavailable(told.into()))
    }
}

fn log_at(path: &Path) -> Result<Option<Log>, StoreError> {
    match std::fs::metadata(path) {
        Ok(found) => Ok(Some((found.dev(), found.ino()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::Unavailable(error.to_string())),
    }
}
