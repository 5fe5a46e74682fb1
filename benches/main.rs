//! The numbers of ARCHITECTURE.md: `make bench` prints each row as a JSON line and fails where one does not hold.

mod compare;
mod curve;
mod decide;
mod durable;
mod measure;
mod node;
mod python;
mod scale;
mod secrets;
mod tokens;
mod trail;
mod unknown;
mod world;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use measure::{Measured, Result};

/// What a row must keep to.
#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

struct Row(&'static str, Bound, fn() -> Result<Measured>);

const ROWS: [Row; 14] = [
    Row("check_10", Bound::AtMost(1.5), decide::check_10),
    Row("check_100k", Bound::AtMost(2.0), scale::check_100k),
    Row("check_unscoped", Bound::AtMost(1.5), scale::check_unscoped),
    Row("rs256_cold", Bound::AtMost(1.4), tokens::rs256_cold),
    Row("token_warm", Bound::AtMost(0.15), tokens::token_warm),
    Row("unknown_kid", Bound::AtMost(1.5), unknown::unknown_kid),
    Row("authorize_memory", Bound::AtMost(2.0), decide::authorize_memory),
    Row("authorize_durable", Bound::AtMost(50.0), durable::authorize_durable),
    Row("append_48", Bound::AtLeast(3.0), durable::append_48),
    Row("append_4p", Bound::AtLeast(0.8), durable::append_4p),
    Row("py_check", Bound::AtMost(1.5), python::py_check),
    Row("seal_open", Bound::AtMost(2.0), secrets::seal_open),
    Row("audit_verify", Bound::AtMost(3.0), trail::audit_verify),
    Row("node_check", Bound::AtMost(1.5), node::node_check),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [process, folder] if process == durable::PROCESS => durable::process(Path::new(folder)),
        [word, job, ..] if word == compare::COMPARE => compare::batches(Path::new(job)),
        [curve, image, rest @ ..] if curve == curve::NAME => {
            let python = rest.iter().find(|word| !word.starts_with('-'));
            curve::draw(Path::new(image), python.map(String::as_str))
        }
        // Cargo adds `--bench`; a name measures that row only.
        words => print_rows(words.iter().find(|word| !word.starts_with('-')).map(String::as_str)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn print_rows(only: Option<&str>) -> Result<()> {
    let mut wrong = Vec::new();
    for Row(name, bound, measure) in &ROWS {
        if only.is_some_and(|only| only != *name) {
            continue;
        }
        match measure() {
            Ok(measured) if print(name, *bound, measured)? => {}
            Ok(_) => wrong.push(format!("{name} does not hold")),
            Err(error) => wrong.push(format!("{name} is missing: {error}")),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Prints a row and says whether it holds.
fn print(name: &str, bound: Bound, measured: Measured) -> Result<bool> {
    let (limit, holds) = match bound {
        Bound::AtLeast(limit) => (limit, measured.value >= limit),
        Bound::AtMost(limit) => (limit, measured.value <= limit),
    };
    let [value, low, high] =
        [measured.value, measured.spread[0], measured.spread[1]].map(|number| (number * 1e4).round() / 1e4);
    let line = json!({"name": name, "value": value, "bound": limit, "holds": holds, "spread": [low, high]});
    writeln!(std::io::stdout(), "{line}")?;
    Ok(holds)
}
