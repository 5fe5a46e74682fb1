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
    log: Log,
}

/// Which file it is: device and inode.
type Log = (u64, u64);

impl Link {
    /// Opens the log by a first read, which makes it where there is none.
    pub(super) fn of(connection: Connection, database: &Path) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let path = PathBuf::from(path);
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(failed)?;
        let log = log_at(&path)?;
        Ok(Self { connection, path, log })
    }

    /// Whether the log is the one that was opened.
    ///
    /// # Errors
    /// It was taken away or replaced: what was just read or written may be lost.
    pub(super) fn still_holds(&self) -> Result<(), StoreError> {
        if log_at(&self.path)? == self.log { Ok(()) } else { Err(taken_away()) }
    }
}

fn log_at(path: &Path) -> Result<Log, StoreError> {
    match std::fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(taken_away()),
        Err(error) => Err(StoreError::Unavailable(error.to_string())),
    }
}

fn taken_away() -> StoreError {
    let told = "its write-ahead log was taken away: nothing else in this process may open or copy the file";
    StoreError::Unavailable(told.into())
}
