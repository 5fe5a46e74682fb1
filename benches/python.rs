//! `py_check`.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::json;

use crate::decide::{ROUNDS, checks};
use crate::measure::{Measured, Result, ratio};
use crate::world::{World, inputs, open, request};

const PAIRS: usize = 41;
/// Batches of each kind behind one number: others have the processor too, and the least of several tells of them least.
const TURNS: usize = 7;

/// What Python adds to a `check`, beside a method that does nothing with the same request.
pub(crate) fn py_check() -> Result<Measured> {
    let world = World::new()?;
    let configuration = world.on("memory:");
    let token = world.tokens(1).pop().ok_or("no token")?;
    let aios = open(configuration.clone())?;
    let asked = request(&aios, &token)?;
    let job = json!({"configuration": configuration, "base": inputs(), "token": token, "rounds": ROUNDS});
    let python = RefCell::new(Python::start(&job.to_string())?);
    let batch = |what| python.borrow_mut().batch(what);
    ratio(PAIRS, || difference(|| batch("check"), || checks(&aios, &asked)), || batch("echo"))
}

/// The least of some batches of one kind, less the least of another.
fn difference(one: impl Fn() -> Result<f64>, other: impl Fn() -> Result<f64>) -> Result<f64> {
    let mut least = [f64::INFINITY; 2];
    for _ in 0..TURNS {
        least = [least[0].min(one()?), least[1].min(other()?)];
    }
    Ok(least[0] - least[1])
}

/// A Python process that runs batches.
struct Python {
    process: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Python {
    fn start(job: &str) -> Result<Self> {
        let script = inputs().with_file_name("python").join("py_check.py");
        let mut process = Command::new("python3")
            .arg(script)
            .arg(module()?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut asks = process.stdin.take().ok_or("no standard input")?;
        let says = BufReader::new(process.stdout.take().ok_or("no standard output")?);
        writeln!(asks, "{job}")?;
        Ok(Self { process, asks, says })
    }

    /// Processor time of a batch, in seconds.
    fn batch(&mut self, what: &str) -> Result<f64> {
        writeln!(self.asks, "{what}")?;
        let mut seconds = String::new();
        self.says.read_line(&mut seconds)?;
        Ok(seconds.trim().parse()?)
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It has nothing to finish.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The native module, built beside this program.
fn module() -> Result<PathBuf> {
    let module = std::env::current_exe()?
        .parent()
        .and_then(|deps| deps.parent())
        .ok_or("no folder")?
        .join("lib_aios.so");
    if module.exists() { Ok(module) } else { Err("cargo build -p aios-py comes first".into()) }
}
