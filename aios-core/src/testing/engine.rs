//! A whole engine for a test, with a clock that the test moves.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::TestClock;
use crate::config;
use crate::engine::Aios;
use crate::model::Refusal;

/// Opens an engine from a configuration value. Its records say `clock: test`, and it refuses a store that a production
/// engine opened.
///
/// # Errors
/// As `Aios::open`.
pub fn engine(configuration: Value, base: &Path, clock: &Arc<TestClock>) -> Result<Aios, Refusal> {
    Aios::builder(config::from_value(configuration, base)?).clock(Arc::clone(clock)).build()
}
