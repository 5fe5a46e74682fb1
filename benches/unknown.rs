//! `unknown_kid`: whoever's key is known does not wait for those whose keys nobody knows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use aios_core::model::Stopwatch;
use aios_core::{Aios, Code, Credential};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::measure::{Measured, Result, ratio};
use crate::world::World;

const PAIRS: usize = 15;
const TOKENS: usize = 1000;

/// The 99th percentile of `authenticate`, while another thread presents a thousand unknown key ids, again and again: to the
/// same engine, beside to another one. Both engines have fetched their keys, and the machine is as busy for both.
pub(crate) fn unknown_kid() -> Result<Measured> {
    let (world, served) = World::served()?;
    let known: Vec<_> = world.tokens(TOKENS).into_iter().map(Credential::Bearer).collect();
    let unknown = unknown(world.tokens(1).first().ok_or("no token")?)?;
    let measured = ratio(
        PAIRS,
        || {
            let engine = world.in_memory()?;
            slowest_hundredth(&engine, &known, (&engine, &unknown))
        },
        || slowest_hundredth(&world.in_memory()?, &known, (&world.in_memory()?, &unknown)),
    );
    drop(served);
    measured
}

/// The same token under a thousand ids of keys that its issuer does not have.
fn unknown(token: &str) -> Result<Vec<Credential>> {
    let (_, rest) = token.split_once('.').ok_or("not a token")?;
    let named = |number: usize| {
        let header = json!({"alg": "RS256", "kid": format!("unknown-{number}"), "typ": "at+jwt"});
        Credential::Bearer(format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string())))
    };
    Ok((0..TOKENS).map(named).collect())
}

fn slowest_hundredth(
    engine: &Aios,
    known: &[Credential],
    (flooded, unknown): (&Aios, &[Credential]),
) -> Result<f64> {
    let (first, rest) = known.split_first().ok_or("no token")?;
    engine.authenticate(first)?;
    flooded.authenticate(first)?;
    let (begun, over) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let flood = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for token in unknown {
                    let code = flooded.authenticate(token).err().map(|refusal| refusal.code());
                    if code != Some(Code::TokenUnknownKey) {
                        return Err(format!("an unknown key ended with {code:?}"));
                    }
                }
                begun.store(true, Ordering::Relaxed);
            }
            Ok(())
        });
        while !begun.load(Ordering::Relaxed) && !flood.is_finished() {
            thread::yield_now();
        }
        let times = rest.iter().map(|token| {
            let call = Stopwatch::start();
            engine.authenticate(token)?;
            Ok(call.elapsed().as_secs_f64())
        });
        let times: Result<Vec<f64>> = times.collect();
        over.store(true, Ordering::Relaxed);
        flood.join().map_err(|_| "the flood ended")??;
        let mut times = times?;
        times.sort_by(f64::total_cmp);
        Ok(times.get(times.len() * 99 / 100).copied().ok_or("nothing was measured")?)
    })
}
