//! `rows compare JOB`: batches of verifications for `benches/compare/compare.py`, which sets other libraries beside them.
//!
//! A line of standard input names a batch; its processor time is printed in seconds.

use std::io::{BufRead as _, Write as _};
use std::path::Path;

use aios_core::Credential;
use serde_json::Value;

use crate::measure::{Result, processor_seconds};
use crate::tokens::authenticate;
use crate::world::open;

/// The word by which this is asked for.
pub(crate) const COMPARE: &str = "compare";

pub(crate) fn batches(job: &Path) -> Result<()> {
    let job: Value = serde_json::from_slice(&std::fs::read(job)?)?;
    let texts = job.get("tokens").and_then(Value::as_array).ok_or("no tokens")?;
    let tokens = texts.iter().filter_map(Value::as_str).map(|text| Credential::Bearer(text.to_owned()));
    let tokens: Vec<_> = tokens.collect();
    let (first, rest) = tokens.split_first().ok_or("no token")?;
    for line in std::io::stdin().lock().lines() {
        // Every batch has an engine of its own, so that no token is known; the first one warms up.
        let aios = open(job.get("configuration").cloned().ok_or("no configuration")?)?;
        aios.authenticate(first)?;
        if line? == "warm" {
            authenticate(&aios, rest)?;
        }
        writeln!(std::io::stdout(), "{}", processor_seconds(|| authenticate(&aios, rest))?)?;
    }
    Ok(())
}
