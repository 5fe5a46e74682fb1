//! `audit_verify`.

use std::hint::black_box;

use aios_core::audit::{Chain, ChainId, Entry, Head, Kind, Master, Owner, Verifier, append};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::measure::{Measured, Result, processor_seconds, ratio};

const PAIRS: usize = 41;
const COMMITS: usize = 250;
const RECORDS: usize = 20;
const BODY: usize = 600;

/// Verification of a chain in memory beside one HMAC over the same bodies.
pub(crate) fn audit_verify() -> Result<Measured> {
    let master = Master::from_slice(&[7; 32])?;
    let (id, frames, head, bodies) = chain(&master)?;
    let verify = || {
        processor_seconds(|| {
            let mut verifier = Verifier::new(&master, id.clone());
            for frame in &frames {
                verifier.push(black_box(frame)).map_err(|violation| violation.to_string())?;
            }
            Ok(verifier.finish(&head).map_err(|violation| violation.to_string())?)
        })
    };
    let once = || {
        processor_seconds(|| {
            let mut state = Hmac::<Sha256>::new_from_slice(&[7; 32])?;
            for body in &bodies {
                state.update(black_box(body));
            }
            black_box(state.finalize());
            Ok(())
        })
    };
    ratio(PAIRS, verify, once)
}

type Stored = (ChainId, Vec<Vec<u8>>, Head, Vec<Vec<u8>>);

fn chain(master: &Master) -> Result<Stored> {
    let owner = Owner::Tenant("acme".parse()?);
    let id = ChainId { deployment: "bench".into(), owner, incarnation: [9; 16] };
    let mut chain = Chain::open(id.clone(), master);
    let (mut frames, mut bodies, mut head) = (Vec::new(), Vec::new(), None);
    for commit in 0..COMMITS {
        let entries: Vec<Entry> = (0..RECORDS).map(|record| entry(commit, record)).collect();
        let appended = append(&chain, &entries)?;
        frames.extend(appended.frames);
        bodies.extend(entries.into_iter().map(|entry| entry.body));
        (chain, head) = (appended.next, Some(appended.head));
    }
    Ok((id, frames, head.ok_or("no commit")?, bodies))
}

fn entry(commit: usize, record: usize) -> Entry {
    let kind = if commit + record == 0 { Kind::Open } else { Kind::Intent };
    let mut body = format!("{commit}/{record}").into_bytes();
    body.resize(BODY, b'.');
    Entry { kind, body, disclosures: Vec::new() }
}
