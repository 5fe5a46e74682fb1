//! Every store keeps what the ports promise.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aios_core::store::memory::Memory;
use aios_core::store::sqlite::Sqlite;
use aios_core::testing::conformance;

fn sqlite(folder: &Path) -> Arc<Sqlite> {
    Arc::new(Sqlite::open(&folder.join("aios.db"), Duration::from_secs(10)).unwrap())
}

#[test]
fn memory_keeps_what_the_ports_promise() {
    conformance::ledger(&|| Arc::new(Memory::default()));
    conformance::rows(&|| Arc::new(Memory::default()));
    conformance::revocations(&|| Arc::new(Memory::default()));
    conformance::shelves(&|| Arc::new(Memory::default()));
    let one = Arc::new(Memory::default());
    conformance::ledger(&|| Arc::<Memory>::clone(&one));
    conformance::rows(&|| Arc::<Memory>::clone(&one));
    conformance::revocations(&|| Arc::<Memory>::clone(&one));
    conformance::shelves(&|| Arc::<Memory>::clone(&one));
}

#[test]
fn sqlite_keeps_what_the_ports_promise() {
    let folder = tempfile::tempdir().unwrap();
    conformance::ledger(&|| sqlite(folder.path()));
    conformance::rows(&|| sqlite(folder.path()));
    conformance::revocations(&|| sqlite(folder.path()));
    conformance::shelves(&|| sqlite(folder.path()));
}

#[test]
fn two_handles_on_one_sqlite_file_are_one_store() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (sqlite(folder.path()), sqlite(folder.path()));
    conformance::shared_ledger(&*first, &*second);
    conformance::shared_rows(&*first, &*second);
    conformance::shared_revocations(&*first, &*second);
    conformance::shared_shelves(&*first, &*second);
    first.close().unwrap();
    conformance::shared_ledger(&*second, &*first);
}

/// Closing any descriptor of a file drops a process's POSIX locks on it, which SQLite relies on.
#[test]
fn a_second_handle_does_not_drop_the_locks_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let _first = sqlite(folder.path());
    let locks = || {
        let inode =
            std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(folder.path().join("aios.db")).unwrap());
        let (process, inode) = (format!(" {} ", std::process::id()), format!(":{inode} "));
        let all = std::fs::read_to_string("/proc/locks").unwrap();
        all.lines().filter(|line| line.contains(&process) && line.contains(&inode)).count()
    };
    let before = locks();
    assert!(before > 0, "SQLite holds no lock on an open file");
    let _second = sqlite(folder.path());
    assert!(locks() >= before, "opening a second handle dropped locks");
}
