//! `append_48`, `append_4p` and `authorize_durable`: intents and their outcomes into one `SQLite` file.
//!
//! Every engine runs in a process of its own, also where there is only one, so that all batches pay the same. A process
//! waits for `<threads> <milliseconds>` on its input, lets so many threads authorize and complete for so long, and
//! prints seconds and each call's microseconds.
//!
//! What the `append` rows say depends on the disk: where a sync costs next to nothing (a host that caches it), deciding
//! costs more than committing, and more callers gain only what processors are left.

use std::cell::RefCell;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use aios_core::engine::Outcome;
use aios_core::model::Stopwatch;
use aios_core::{Aios, Request, root_keys};
use serde_json::Value;
use tempfile::TempDir;

use crate::measure::{Measured, Result, ratio, summary};
use crate::world::{self, World};

/// Says to this program that it is one of the processes, and where its files are.
pub(crate) const PROCESS: &str = "--process-in";

const POLICY: &str = "@id(\"all\") permit (principal, action, resource);";
const PAIRS: usize = 15;
const WINDOW: u64 = 500;

/// Throughput of 48 threads beside 4.
pub(crate) fn append_48() -> Result<Measured> {
    let world = Folder::new()?;
    let one = RefCell::new(Process::start(world.path())?);
    let throughput = |threads| Ok(one.borrow_mut().run(threads)?.throughput());
    ratio(PAIRS, || throughput(48), || throughput(4))
}

/// Throughput of 4 processes with 12 threads each beside one process with 48.
pub(crate) fn append_4p() -> Result<Measured> {
    let world = Folder::new()?;
    let mut four = Vec::new();
    for _ in 0..4 {
        four.push(Process::start(world.path())?);
    }
    let mut one = Process::start(world.path())?;
    let together = || {
        four.iter_mut().try_for_each(|process| process.go(12))?;
        four.iter_mut().try_fold(0.0, |sum, process| Ok(sum + process.done()?.throughput()))
    };
    ratio(PAIRS, together, || Ok(one.run(48)?.throughput()))
}

/// Milliseconds that one call in a hundred exceeds, with 48 callers.
pub(crate) fn authorize_durable() -> Result<Measured> {
    let world = Folder::new()?;
    let mut one = Process::start(world.path())?;
    one.run(48)?;
    let mut slowest = Vec::with_capacity(PAIRS);
    for _ in 0..PAIRS {
        let mut micros = one.run(48)?.micros;
        micros.sort_unstable();
        let late = micros.get(micros.len() * 99 / 100).ok_or("no call")?;
        slowest.push(f64::from(*late) / 1000.0);
    }
    summary(slowest)
}

/// A folder on disk with a configuration, a root key and a token.
struct Folder(TempDir);

impl Folder {
    fn new() -> Result<Self> {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let path = |name: &str| folder.path().join(name);
        root_keys::create(&path("root.keys"))?;
        let world = World::new()?;
        let mut configuration = world.on(&format!("sqlite:{}", path("aios.db").display()));
        let keys = serde_json::json!({ "file": path("root.keys") });
        let members = configuration.as_object_mut().ok_or("no configuration")?;
        members.insert("keys".into(), keys);
        // One policy: what these rows compare is recording, not deciding.
        fs::create_dir(path("policies"))?;
        fs::write(path("policies/all.cedar"), POLICY)?;
        members.insert("policy".into(), serde_json::json!({ "dir": path("policies") }));
        fs::write(path("aios.json"), configuration.to_string())?;
        fs::write(path("token"), world.tokens(1).concat())?;
        Ok(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

/// What a process did in one window.
struct Ran {
    seconds: f64,
    micros: Vec<u32>,
}

impl Ran {
    fn throughput(&self) -> f64 {
        u32::try_from(self.micros.len()).map_or(0.0, f64::from) / self.seconds
    }
}

/// An engine in a process of its own; ends with its input.
struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(folder: &Path) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child =
            command.arg(PROCESS).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut process = Self { child, input, output };
        process.line()?;
        Ok(process)
    }

    fn run(&mut self, threads: usize) -> Result<Ran> {
        self.go(threads)?;
        self.done()
    }

    fn go(&mut self, threads: usize) -> Result<()> {
        Ok(writeln!(self.input.as_mut().ok_or("no input")?, "{threads} {WINDOW}")?)
    }

    fn done(&mut self) -> Result<Ran> {
        let line = self.line()?;
        let (seconds, micros) = line.split_once(' ').ok_or("no call was made")?;
        let micros = micros.split(' ').map(str::parse).collect::<std::result::Result<_, _>>()?;
        Ok(Ran { seconds: seconds.parse()?, micros })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        match self.output.read_line(&mut line)? {
            0 => Err("a process ended early".into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.input.take();
        // It ended with its input; there is nobody to tell if it did not do so well.
        let _ = self.child.wait();
    }
}

/// What a process does.
pub(crate) fn process(folder: &Path) -> Result<()> {
    let configuration: Value = serde_json::from_slice(&fs::read(folder.join("aios.json"))?)?;
    let aios = world::open(configuration)?;
    let asked = world::request(&aios, &fs::read_to_string(folder.join("token"))?)?;
    aios.authorize(&asked)?.complete(&Outcome::ok())?;
    let mut output = std::io::stdout().lock();
    writeln!(output, "ready")?;
    for line in std::io::stdin().lines() {
        let line = line?;
        let (threads, window) = line.split_once(' ').ok_or("not a command")?;
        let watch = Stopwatch::start();
        let micros = window_of(&aios, &asked, threads.parse()?, Duration::from_millis(window.parse()?))?;
        let seconds = watch.elapsed().as_secs_f64();
        // Outcomes that still wait belong to this window, not to the next one.
        aios.flush()?;
        write!(output, "{seconds}")?;
        micros.iter().try_for_each(|micros| write!(output, " {micros}"))?;
        writeln!(output)?;
    }
    Ok(aios.close()?)
}

fn window_of(aios: &Aios, asked: &Request, threads: usize, window: Duration) -> Result<Vec<u32>> {
    let watch = Stopwatch::start();
    let calls = || -> std::result::Result<Vec<u32>, aios_core::Refusal> {
        let mut micros = Vec::new();
        while watch.elapsed() < window {
            let call = Stopwatch::start();
            let permit = aios.authorize(asked)?;
            micros.push(u32::try_from(call.elapsed().as_micros()).unwrap_or(u32::MAX));
            permit.complete(&Outcome::ok())?;
        }
        Ok(micros)
    };
    let mut all = Vec::new();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(calls)).collect();
        for thread in running {
            all.extend(thread.join().map_err(|_| "a thread panicked")??);
        }
        Ok(all)
    })
}
