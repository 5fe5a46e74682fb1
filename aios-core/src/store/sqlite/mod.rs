//! One SQLite file for everything durable: WAL, `synchronous=FULL`, one writer at a time per machine.
//!
//! An error while writing closes the connection: after a failed `fsync` the page cache may lie, so nothing is tried
//! again on the same handle.

mod fork;
mod ledger;
mod link;
mod revocations;
mod rows;
mod shelves;
mod turn;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use self::link::Link;
use self::turn::Turn;
use super::StoreError;
use crate::model::Deadline;

const APPLICATION: i64 = 0x4149_4F53; // "AIOS"
/// Layout 1 had no revocations, layout 2 no ids that are used once, layout 3 no shelves.
const LAYOUT: i64 = 4;
const TABLES: &str = include_str!("schema.sql");
const REVOCATION: &str = include_str!("revocation.sql");
const SPENT: &str = include_str!("spent.sql");
const SHELF: &str = include_str!("shelf.sql");

/// The connections and the lock files, opened when first used. A fork closes them.
#[derive(Debug, Default)]
struct Connections {
    writer: Mutex<Option<Link>>,
    reader: Mutex<Option<Link>>,
    /// Reads revocations and shelves, so that nobody has to wait for a long read before a call.
    watcher: Mutex<Option<Link>>,
    turn: Mutex<Option<Arc<Turn>>>,
}

impl Connections {
    /// Closes all. The caller is inside ([`fork::enter`]), or is the fork itself.
    fn close(&self) {
        for connection in [&self.writer, &self.reader, &self.watcher] {
            lock(connection).take();
        }
        lock(&self.turn).take();
    }
}

/// A store in one file, shared by any number of processes of one machine.
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    connections: Arc<Connections>,
    patience: Duration,
    #[cfg(feature = "testing")]
    page_limit: std::sync::atomic::AtomicU32,
}

impl Sqlite {
    /// Opens or makes the file. `patience` bounds each wait for other processes.
    ///
    /// # Errors
    /// It cannot be opened or made, is damaged, belongs to another program, or was written by a newer version.
    pub fn open(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let store = Self {
            path: path.to_owned(),
            connections: Arc::default(),
            patience,
            #[cfg(feature = "testing")]
            page_limit: std::sync::atomic::AtomicU32::new(0),
        };
        make(path).map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
        fork::register(&store.connections);
        store.write(Deadline::after(patience), prepare)?;
        Ok(store)
    }

    /// Moves what the write-ahead log holds into the file and closes the connections.
    ///
    /// # Errors
    /// The log could not be moved; it stays, and the next opening reads it.
    pub fn close(&self) -> Result<(), StoreError> {
        self.write(Deadline::after(self.patience), |connection| {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(failed)
        })?;
        self.disconnect();
        Ok(())
    }

    /// Bounds the file's size from the next connection on, to see what a full disk does.
    #[cfg(feature = "testing")]
    pub fn limit_pages(&self, pages: u32) {
        self.page_limit.store(pages, std::sync::atomic::Ordering::Relaxed);
        self.disconnect();
    }

    fn disconnect(&self) {
        let _inside = fork::enter();
        self.connections.close();
    }

    /// Runs a write in its turn among processes. On any error the connection is given up.
    fn write<T, E: From<StoreError>>(
        &self,
        deadline: Deadline,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let _inside = fork::enter();
        // Threads first, processes second: the lock file is one and the same for all threads of a process.
        let mut slot = lock(&self.connections.writer);
        let turn = self.turn()?;
        let _turn = turn.take(deadline)?;
        self.with(&mut slot, deadline, work)
    }

    /// Takes the turn and keeps it for the next write of this process. A fork between the two gives it up.
    fn reserve(&self, deadline: Deadline) -> Result<Reserved, StoreError> {
        let _inside = fork::enter();
        let turn = self.turn()?;
        turn.keep(deadline)?;
        Ok(Reserved(Arc::downgrade(&turn)))
    }

    /// The lock files. Inside the gate only: a fork closes them, so nobody may hold on to them outside.
    fn turn(&self) -> Result<Arc<Turn>, StoreError> {
        let mut turn = lock(&self.connections.turn);
        if let Some(turn) = &*turn {
            return Ok(Arc::clone(turn));
        }
        let made = Arc::new(Turn::beside(&self.path)?);
        *turn = Some(Arc::clone(&made));
        Ok(made)
    }

    /// Runs a read, beside whoever writes.
    fn read<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _inside = fork::enter();
        self.with(&mut lock(&self.connections.reader), Deadline::after(self.patience), work)
    }

    /// Runs a read that waits for nobody.
    fn glance<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let _inside = fork::enter();
        self.with(&mut lock(&self.connections.watcher), Deadline::after(Duration::ZERO), work)
    }

    fn with<T, E: From<StoreError>>(
        &self,
        slot: &mut Option<Link>,
        deadline: Deadline,
        work: impl FnOnce(&mut Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut link = match slot.take() {
            Some(link) => link,
            None => Link::of(self.connect(deadline)?, &self.path)?,
        };
        link.connection.busy_timeout(deadline.remaining().max(Duration::from_millis(1))).map_err(failed)?;
        let done = work(&mut link.connection)?;
        link.still_holds()?;
        *slot = Some(link);
        Ok(done)
    }

    fn connect(&self, deadline: Deadline) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(failed)?;
        connection.busy_timeout(deadline.remaining().max(Duration::from_millis(1))).map_err(failed)?;
        let mode: String =
            connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0)).map_err(failed)?;
        if mode != "wal" {
            return Err(StoreError::Unavailable("its file system does not allow a write-ahead log".into()));
        }
        connection.execute_batch("PRAGMA synchronous=FULL; PRAGMA fullfsync=1;").map_err(failed)?;
        #[cfg(feature = "testing")]
        match self.page_limit.load(std::sync::atomic::Ordering::Relaxed) {
            0 => {}
            pages => connection
                .query_row(&format!("PRAGMA max_page_count={pages}"), [], |_| Ok(()))
                .map_err(failed)?,
        }
        Ok(connection)
    }
}

/// A turn taken ahead of a write. Weak, so that it does not keep the lock files open over a fork.
#[derive(Debug)]
struct Reserved(Weak<Turn>);

impl Drop for Reserved {
    fn drop(&mut self) {
        let _inside = fork::enter();
        if let Some(turn) = self.0.upgrade() {
            turn.release();
        }
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.disconnect();
    }
}

/// Makes a missing file for its owner only; SQLite gives its companions the same mode.
///
/// A file that is there is not opened: closing it again would drop all locks that this process has on it, those of
/// another handle's connections too (POSIX, `fcntl`).
fn make(path: &Path) -> std::io::Result<()> {
    match private().create_new(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// How files are made: for their owner only.
fn private() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the tables of a new file; refuses a file of somebody else or of a newer layout.
fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let (application, layout) =
        (pragma("application_id").map_err(failed)?, pragma("user_version").map_err(failed)?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    match (application, layout) {
        (APPLICATION, LAYOUT) => return Ok(()),
        (APPLICATION, 1..LAYOUT) => {}
        (APPLICATION, _) => return Err(StoreError::Newer),
        (0, 0) if tables == 0 => {}
        _ => return Err(StoreError::Corrupt("the file belongs to another program".into())),
    }
    let making =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
    for (since, tables) in [(1, TABLES), (2, REVOCATION), (3, SPENT), (4, SHELF)] {
        if layout < since {
            making.execute_batch(tables).map_err(failed)?;
        }
    }
    making
        .execute_batch(&format!("PRAGMA application_id={APPLICATION}; PRAGMA user_version={LAYOUT};"))
        .map_err(failed)?;
    making.commit().map_err(failed)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// SQLite's words, without values: they name files, tables and limits only. Our statements are fixed and fit our
/// tables, so one that does not compile, or a value of another type, means that the tables are not ours any more.
fn failed(error: rusqlite::Error) -> StoreError {
    use rusqlite::Error as Sql;
    /// SQLite's `SQLITE_ERROR`: the statement itself is wrong.
    const STATEMENT: i32 = 1;
    let damaged = match error.sqlite_error() {
        Some(error) => {
            matches!(error.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
                || error.extended_code == STATEMENT
        }
        None => matches!(
            error,
            Sql::FromSqlConversionFailure(..)
                | Sql::IntegralValueOutOfRange(..)
                | Sql::InvalidColumnType(..)
                | Sql::InvalidQuery
        ),
    };
    let code = error.sqlite_error_code();
    // Without the statement, which says nothing to whoever reads this.
    let said = if let Sql::SqlInputError { msg, .. } = error { msg } else { error.to_string() };
    match code {
        _ if damaged => StoreError::Corrupt(said),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(said),
        Some(_) | None => StoreError::Unavailable(said),
    }
}
