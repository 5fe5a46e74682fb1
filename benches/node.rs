//! `node_check`: what Node adds to a check, beside a call of the same size that does nothing.

use std::cell::RefCell;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use aios_core::{Aios, Credential, Request};
use serde_json::json;

use crate::measure::{Measured, Result, processor_seconds, ratio};
use crate::world::{self, World, inputs};

// Short batches, so that what the machine does meanwhile falls on all three alike.
const PAIRS: usize = 401;
const ROUNDS: usize = 250;

/// `checkSync` less Rust's `check`, beside `JSON.stringify`, an operation that does nothing and `JSON.parse`.
pub(crate) fn node_check() -> Result<Measured> {
    let world = World::new()?;
    let token = world.tokens(1).pop().ok_or("no token")?;
    let aios = world.in_memory()?;
    let mut asked = world::request(&aios, &token)?;
    asked.who = aios_core::model::Who::Credential(Credential::Bearer(token.clone()));
    let node = RefCell::new(Node::start(&world, &asked, &token)?);
    // Node's compiler has seen both often enough after these.
    for _ in 0..20 {
        node.borrow_mut().batch("check")?;
        node.borrow_mut().batch("echo")?;
    }
    let added = || Ok(node.borrow_mut().batch("check")? - checks(&aios, &asked)?);
    ratio(PAIRS, added, || node.borrow_mut().batch("echo"))
}

fn checks(aios: &Aios, asked: &Request) -> Result<f64> {
    processor_seconds(|| {
        for _ in 0..ROUNDS {
            black_box(aios.check(black_box(asked))?);
        }
        Ok(())
    })
}

/// The process that makes Node's batches; ends with its input.
struct Node {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Node {
    fn start(world: &World, asked: &Request, token: &str) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        if !folder.join("../aios-node/dist/index.js").is_file() {
            return Err("the package for Node is not built: run aios-node/build.sh".into());
        }
        let mut child = Command::new("node")
            .arg(folder.join("node/node_check.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut node = Self { child, input, output };
        let resource = &asked.resource;
        let question = json!({
            "credential": token,
            "action": asked.action,
            "resource": {"type": resource.kind, "id": resource.id, "tenant": resource.tenant},
            "input": asked.input,
        });
        let job = json!({"configuration": world.on("memory:"), "base": inputs(), "question": question});
        node.say(&job.to_string())?;
        Ok(node)
    }

    fn batch(&mut self, what: &str) -> Result<f64> {
        Ok(self.say(&format!("{what} {ROUNDS}"))?.parse()?)
    }

    fn say(&mut self, line: &str) -> Result<String> {
        writeln!(self.input.as_mut().ok_or("no input")?, "{line}")?;
        let mut answer = String::new();
        match self.output.read_line(&mut answer)? {
            0 => Err("node ended early".into()),
            _ => Ok(answer.trim_end().to_owned()),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.input.take();
        // It ended with its input; there is nobody to tell if it did not do so well.
        let _ = self.child.wait();
    }
}
