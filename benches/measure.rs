//! How a row is measured: A and B in alternating batches of one run, the median of the batches' ratios.
//!
//! A general harness measures one function after the other, so that whatever the machine does meanwhile falls on one of
//! them only.

use std::error::Error;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Anything that went wrong; the row is missing then.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The middle, and where nine tenths of the batches lie at least.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) value: f64,
    pub(crate) spread: [f64; 2],
}

/// Median, 10th and 90th percentile.
pub(crate) fn summary(mut values: Vec<f64>) -> Result<Measured> {
    values.sort_by(f64::total_cmp);
    let at = |tenths: usize| values.get(values.len() * tenths / 10).copied().ok_or("nothing was measured");
    Ok(Measured { value: at(5)?, spread: [at(1)?, at(9)?] })
}

/// The ratio A/B of what a batch of each gives, over so many pairs of batches. One pair before them warms up.
pub(crate) fn ratio(
    pairs: usize,
    mut a: impl FnMut() -> Result<f64>,
    mut b: impl FnMut() -> Result<f64>,
) -> Result<Measured> {
    let mut ratios = Vec::with_capacity(pairs);
    a()?;
    for pair in 0..pairs {
        // Whoever goes first changes, as the second may find caches warm or a processor throttled.
        let (first, second) = if pair % 2 == 0 { (a()?, b()?) } else { swap(b()?, a()?) };
        ratios.push(first / second);
    }
    summary(ratios)
}

fn swap(b: f64, a: f64) -> (f64, f64) {
    (a, b)
}

/// Processor time of this thread that a batch takes, in seconds; what other threads and processes do does not count.
pub(crate) fn processor_seconds(batch: impl FnOnce() -> Result<()>) -> Result<f64> {
    let before = processor_time()?;
    batch()?;
    Ok(processor_time()?.saturating_sub(before).as_secs_f64())
}

fn processor_time() -> Result<Duration> {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Ok(Duration::new(time.tv_sec.try_into()?, time.tv_nsec.try_into()?))
}
