//! Whether the operating system writes this process's memory to disk when it crashes.

/// What became of the wish that it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreDumps {
    /// It does not, and no other process of the same user can attach to this one either.
    Off,
    /// It may; why.
    On(&'static str),
}

/// Switches core dumps of this process off, for its threads and forked children, until it runs another program. Says what is so
/// afterwards: read it.
#[cfg(target_os = "linux")]
#[must_use]
pub fn forbid_core_dumps() -> CoreDumps {
    use rustix::process::{DumpableBehavior, dumpable_behavior, set_dumpable_behavior};
    if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
        return CoreDumps::On("the system refuses to switch them off");
    }
    match dumpable_behavior() {
        Ok(DumpableBehavior::NotDumpable) => CoreDumps::Off,
        Ok(DumpableBehavior::Dumpable | DumpableBehavior::DumpableReadableOnlyByRoot) | Err(_) => {
            CoreDumps::On("the system did not switch them off")
        }
    }
}

/// As on Linux; here nothing can be done about it from inside.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn forbid_core_dumps() -> CoreDumps {
    CoreDumps::On("only on Linux can a process switch them off")
}
