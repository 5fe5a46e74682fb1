//! Attacks on stored chains, and what verification says to each.

use super::*;
use crate::model::{TenantId, Timestamp};

fn master(byte: u8) -> Master {
    Master::from_slice(&[byte; 32]).unwrap()
}

fn id(tenant: &str, incarnation: u8) -> ChainId {
    let tenant: TenantId = tenant.parse().unwrap();
    ChainId { deployment: "test".into(), owner: Owner::Tenant(tenant), incarnation: [incarnation; 16] }
}

fn entry(kind: Kind, text: &str) -> Entry {
    Entry { kind, body: format!("{{\"text\":\"{text}\"}}").into_bytes(), disclosures: Vec::new() }
}

/// Three commits of 1, 3 and 2 records, and the head after each.
fn written(id: ChainId, master: &Master) -> (Vec<Vec<u8>>, Vec<Head>) {
    let mut chain = Chain::open(id, master);
    let (mut frames, mut heads) = (Vec::new(), Vec::new());
    let commits = [
        vec![entry(Kind::Open, "a")],
        vec![entry(Kind::Intent, "b"), entry(Kind::Event, "c"), entry(Kind::Intent, "d")],
        vec![entry(Kind::Event, "e"), entry(Kind::Close, "f")],
    ];
    for entries in commits {
        let appended = append(&chain, &entries).unwrap();
        frames.extend(appended.frames);
        heads.push(appended.head);
        chain = appended.next;
    }
    (frames, heads)
}

fn verify(id: ChainId, master: &Master, frames: &[Vec<u8>], head: &Head) -> Result<u64, (u64, Fault)> {
    let mut verifier = Verifier::new(master, id);
    let walk = frames.iter().try_for_each(|frame| verifier.push(frame));
    walk.and_then(|()| verifier.finish(head)).map_err(|found| (found.seq, found.fault))?;
    Ok(verifier.count())
}

#[test]
fn an_untouched_chain_verifies() {
    let (frames, heads) = written(id("acme", 1), &master(1));
    assert_eq!(verify(id("acme", 1), &master(1), &frames, &heads[2]), Ok(6));
}

#[test]
fn every_changed_byte_of_every_record_is_found_at_that_record() {
    let (frames, heads) = written(id("acme", 1), &master(1));
    for (index, frame) in frames.iter().enumerate() {
        for byte in 0..frame.len() {
            let mut changed = frames.clone();
            changed[index][byte] ^= 0x01;
            let (seq, _) = verify(id("acme", 1), &master(1), &changed, &heads[2]).unwrap_err();
            assert_eq!(seq, u64::try_from(index).unwrap(), "byte {byte}");
        }
    }
}

#[test]
fn cut_moved_doubled_and_foreign_records_are_found() {
    let (frames, heads) = written(id("acme", 1), &master(1));
    let (foreign, _) = written(id("acme", 2), &master(1));
    let edit = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut edited = frames.clone();
        change(&mut edited);
        verify(id("acme", 1), &master(1), &edited, &heads[2])
    };
    assert_eq!(edit(&|f| drop(f.remove(2))), Err((2, Fault::Sequence)));
    assert_eq!(edit(&|f| f.swap(2, 3)), Err((2, Fault::Sequence)));
    assert_eq!(edit(&|f| f.insert(2, f[1].clone())), Err((2, Fault::Sequence)));
    assert_eq!(edit(&|f| f[2] = foreign[2].clone()), Err((2, Fault::Scope)));
    assert_eq!(edit(&|f| drop(f.pop())), Err((5, Fault::Head)));
    assert_eq!(edit(&|f| f.truncate(4)), Err((4, Fault::Head)));
    assert_eq!(edit(&|f| f.clear()), Err((0, Fault::Head)));
    assert_eq!(edit(&|f| f[3].truncate(HEADER)), Err((3, Fault::Frame)));
}

#[test]
fn a_cut_with_the_head_of_that_time_is_found_only_by_its_age() {
    // Rollback of records and head together: what an outside checkpoint is for. Stated in SECURITY.md.
    let (frames, heads) = written(id("acme", 1), &master(1));
    assert_eq!(verify(id("acme", 1), &master(1), &frames[..4], &heads[1]), Ok(4));
}

#[test]
fn a_head_made_up_for_a_cut_chain_is_found() {
    let (frames, heads) = written(id("acme", 1), &master(1));
    let forged = Head { tag: heads[2].tag, ..heads[1].clone() };
    assert_eq!(verify(id("acme", 1), &master(1), &frames[..4], &forged), Err((4, Fault::HeadTag)));
}

#[test]
fn another_tenants_or_deployments_chain_does_not_pass_for_this_one() {
    let (frames, heads) = written(id("acme", 1), &master(1));
    assert_eq!(verify(id("globex", 1), &master(1), &frames, &heads[2]), Err((0, Fault::Link)));
    let elsewhere = ChainId { deployment: "staging".into(), ..id("acme", 1) };
    assert_eq!(verify(elsewhere, &master(1), &frames, &heads[2]), Err((0, Fault::Link)));
    assert_eq!(verify(id("acme", 1), &master(2), &frames, &heads[2]), Err((0, Fault::Mac)));
}

#[test]
fn a_chain_cannot_start_twice_or_without_an_open_record() {
    let chain = Chain::open(id("acme", 1), &master(1));
    let first = append(&chain, &[entry(Kind::Event, "no open")]).unwrap();
    assert_eq!(verify(id("acme", 1), &master(1), &first.frames, &first.head), Err((0, Fault::Opening)));
    let twice = append(&chain, &[entry(Kind::Open, "a"), entry(Kind::Open, "b")]).unwrap();
    assert_eq!(verify(id("acme", 1), &master(1), &twice.frames, &twice.head), Err((1, Fault::Opening)));
}

#[test]
fn nothing_follows_a_close_record_in_its_commit() {
    let chain = Chain::open(id("acme", 1), &master(1));
    let entries = [entry(Kind::Open, "a"), entry(Kind::Close, "b"), entry(Kind::Event, "c")];
    let closed = append(&chain, &entries).unwrap();
    assert_eq!(verify(id("acme", 1), &master(1), &closed.frames, &closed.head), Err((1, Fault::Closing)));
}

#[test]
fn bodies_over_the_limit_and_empty_commits_are_refused() {
    let chain = Chain::open(id("acme", 1), &master(1));
    assert_eq!(append(&chain, &[]).unwrap_err(), Error::Empty);
    let huge = Entry { kind: Kind::Open, body: vec![b' '; 1024 * 1024 + 1], disclosures: Vec::new() };
    assert_eq!(append(&chain, &[huge]).unwrap_err(), Error::TooLarge);
}

#[test]
fn an_outcome_settles_its_intent_in_whatever_order_the_chains_are_read() {
    let place = |frame: &[u8]| {
        let parts = parse(frame).unwrap();
        crate::model::permit::RecordId { chain: parts.header.chain, seq: parts.header.seq, mac: *parts.mac }
    };
    let (frames, _) = written(id("acme", 1), &master(1));
    let owner = id("acme", 1).owner;
    let now = Timestamp::from_seconds(1_800_000_000);
    let stamp = body::Stamp { owner: &owner, occurred: now, recorded: now, config: "c", nonces: &[7; 74] };
    let settled = body::outcome(stamp, &place(&frames[1]), "ok", &serde_json::Map::new());
    let later = Chain::open(id("acme", 2), &master(1));
    let later = append(&later, &[entry(Kind::Open, "a"), settled]).unwrap();
    for order in [[&frames, &later.frames], [&later.frames, &frames]] {
        let mut pairing = Pairing::default();
        order.into_iter().flatten().for_each(|frame| pairing.push(frame));
        assert_eq!(pairing.dangling().collect::<Vec<_>>(), [([1; 16], 3)]);
    }
}
