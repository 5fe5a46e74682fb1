//! `fork()` and SQLite: the connection is closed while a process forks.
//!
//! SQLite keeps its locks per process and counts them per inode in the process's own memory. A child inherits the
//! counts but not the locks: a connection it opens on the same file would believe in locks that nobody holds, and
//! another process could delete the write-ahead log under it. The lock files of [`super::turn`] are worse: a child
//! that inherited one would keep the parent's turn after the parent was killed. So before a fork new calls wait,
//! running ones finish, and all of it closes; afterwards parent and child each open their own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, Weak};
use std::time::Duration;

use super::{Connections, lock};

/// One fork under way; the bits below count the calls inside. Counted, as two threads may fork at once.
const FORK: usize = 1 << (usize::BITS / 2);
const PAUSE: Duration = Duration::from_micros(50);

// Atomic, not a lock: a lock held by another thread at the fork would stay locked in the child for ever.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
static STORES: Mutex<Vec<Weak<Connections>>> = Mutex::new(Vec::new());
static REGISTERED: Once = Once::new();

/// A call inside SQLite; a fork waits until it is dropped.
#[derive(Debug)]
pub(super) struct Inside;

/// Enters SQLite, after a fork that is under way.
pub(super) fn enter() -> Inside {
    loop {
        if INSIDE.fetch_add(1, Ordering::AcqRel) < FORK {
            return Inside;
        }
        drop(Inside);
        std::thread::sleep(PAUSE);
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Makes forks close a store's connections.
pub(super) fn register(connections: &Arc<Connections>) {
    REGISTERED.call_once(install);
    let _inside = enter();
    let mut stores = lock(&STORES);
    stores.retain(|store| store.strong_count() > 0);
    stores.push(Arc::downgrade(connections));
}

#[expect(
    unsafe_code,
    reason = "POSIX has no safe way to be told of a fork; the handlers are plain functions"
)]
fn install() {
    // SAFETY: the three functions are `extern "C"`, live as long as the process and do not unwind. `before` runs on the
    // forking thread, outside SQLite (no code of ours forks inside it); the others only write an atomic.
    unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
}

extern "C" fn before() {
    INSIDE.fetch_add(FORK, Ordering::AcqRel);
    while !INSIDE.load(Ordering::Acquire).is_multiple_of(FORK) {
        std::thread::sleep(PAUSE);
    }
    // Nobody is inside, so neither this lock nor the connections' can be held by a thread that the child will not have.
    let stores = lock(&STORES);
    stores.iter().filter_map(Weak::upgrade).for_each(|store| store.close());
}

extern "C" fn in_parent() {
    INSIDE.fetch_sub(FORK, Ordering::AcqRel);
}

extern "C" fn in_child() {
    // Threads that were about to step back from the gate exist only in the parent.
    INSIDE.store(0, Ordering::Release);
}
