//! Forks under load: children use what they inherited while threads of the parent use it too.

use std::sync::atomic::{AtomicBool, Ordering};

use aios_core::{Aios, Code, Outcome, Permit, Selector};

use crate::{Done, Job, Log};

const THREADS: usize = 4;
/// Calls that each child makes.
const CALLS: usize = 3;

/// Forks `count` times from each of two threads while four others make calls.
pub(crate) fn run(job: &Job, name: &str, count: usize) -> Done<()> {
    let mut log = job.log(name)?;
    let (disk, memory) = (job.open("sqlite:aios.db")?, job.open("memory:")?);
    let inherited = disk.authorize(&job.request())?;
    log.line(&format!("permit {}", inherited.view().id))?;
    job.call(&memory, &mut job.log("memory")?, 2)?;
    let enough = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let loads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (disk, enough) = (&disk, &enough);
                scope.spawn(move || load(job, disk, &format!("{name}-load-{thread}"), enough))
            })
            .collect();
        let forkers: Vec<_> = (0..2)
            .map(|forker| {
                let parts = (&disk, &memory, &inherited);
                scope.spawn(move || fork_often(job, parts, &format!("{name}-{forker}"), count))
            })
            .collect();
        let forked: Vec<_> =
            forkers.into_iter().map(|forker| forker.join().unwrap_or_else(|_| died())).collect();
        enough.store(true, Ordering::Relaxed);
        let loaded = loads.into_iter().map(|load| load.join().unwrap_or_else(|_| died()));
        forked.into_iter().chain(loaded).collect::<Done<()>>()
    })?;
    inherited.complete(&Outcome::ok())?;
    disk.flush()?;
    log.line(&format!("done {}", inherited.view().id))?;
    disk.close()?;
    memory.close()?;
    log.line("took 0")
}

fn died() -> Done<()> {
    Err("a thread panicked".into())
}

fn load(job: &Job, disk: &Aios, name: &str, enough: &AtomicBool) -> Done<()> {
    let mut log = job.log(name)?;
    while !enough.load(Ordering::Relaxed) {
        job.call(disk, &mut log, 1)?;
    }
    Ok(())
}

fn fork_often(job: &Job, parts: (&Aios, &Aios, &Permit), name: &str, count: usize) -> Done<()> {
    for child in 0..count {
        let mut log = job.log(&format!("{name}-child-{child}"))?;
        fork(|| {
            let done = in_child(job, parts, &mut log);
            done.is_ok() || log.line(&format!("failed {done:?}")).is_err()
        })?;
    }
    Ok(())
}

/// What a child does with what it inherited.
fn in_child(job: &Job, (disk, memory, inherited): (&Aios, &Aios, &Permit), log: &mut Log) -> Done<()> {
    log.line(&format!("process {}", std::process::id()))?;
    for answer in [inherited.still_open(), inherited.complete(&Outcome::ok())] {
        if answer.map_err(|refusal| refusal.code()) != Err(Code::AuditPermitEnded) {
            return Err("an inherited permit is good in a child".into());
        }
    }
    job.call(disk, log, CALLS)?;
    let mut unwatched = job.log("memory")?;
    job.call(memory, &mut unwatched, CALLS)?;
    let report = memory.verify(None)?;
    // system: open, chain.open; acme: open, three intents, three outcomes. Nothing of the parent's.
    if !report.ok || report.records != 9 || !report.dangling.is_empty() {
        return Err(format!("a child's memory is not its own: {report:?}").into());
    }
    disk.flush()?;
    Ok(())
}

/// Revokes its own session in memory and on disk; a forked child must know both.
pub(crate) fn revoked(job: &Job, name: &str) -> Done<()> {
    let mut log = job.log(name)?;
    let engines = [job.open("sqlite:aios.db")?, job.open("memory:")?];
    let (request, session) = (job.request(), Selector::Session { issuer: "corp".parse()?, id: "s-1".into() });
    for aios in &engines {
        drop(aios.authorize(&request)?);
        aios.revoke(request.who.clone(), &session)?;
    }
    fork(|| {
        engines.iter().all(|aios| match aios.authorize(&request).map_err(|refusal| refusal.code()) {
            Err(Code::TokenRevoked) => log.line("out token.revoked").is_ok(),
            answer => log.line(&format!("failed {answer:?}")).is_err(),
        })
    })
}

/// Leaves a child that idles, and makes calls on four threads until it is killed.
pub(crate) fn orphan(job: &Job, name: &str) -> Done<()> {
    let disk = job.open("sqlite:aios.db")?;
    job.call(&disk, &mut job.log(name)?, 1)?;
    let forever = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            fork(|| {
                job.wait_for("enough");
                true
            })
        });
        (0..THREADS).for_each(|_| drop(scope.spawn(|| load(job, &disk, name, &forever))));
    });
    Err("ended by itself".into())
}

/// Runs something in a forked child and waits for it. The child runs nothing else: no destructor, no exit handler.
#[expect(unsafe_code, reason = "forking is what is tested, and there is no safe way to do it")]
pub(crate) fn fork(child: impl FnOnce() -> bool) -> Done<()> {
    // SAFETY: the child runs `child` on its one thread and leaves by `_exit`. That this is sound in a process of many
    // threads, as far as AIOS is concerned, is what is tested.
    let process = unsafe { libc::fork() };
    match process {
        -1 => Err("cannot fork".into()),
        0 => {
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
            // SAFETY: ends the process.
            unsafe { libc::_exit(i32::from(!matches!(ended, Ok(true)))) }
        }
        process => {
            let mut status = 0;
            // SAFETY: `status` is a place for what is written.
            let waited = unsafe { libc::waitpid(process, &raw mut status, 0) };
            if (waited, status) == (process, 0) {
                Ok(())
            } else {
                Err(format!("child ended with {status}").into())
            }
        }
    }
}
