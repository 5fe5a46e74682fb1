//! Golden bytes of format v1: committed once, verified for ever, never made again.

use std::path::{Path, PathBuf};

use aios_core::audit::body::disclosure_digest;
use aios_core::audit::{
    Chain, ChainId, Entry, Head, Header, Kind, Master, Owner, Verifier, Violation, append, parse,
};
use aios_core::crypto::{MacKey, frame, mac};
use aios_core::model::hex::{hex, unhex};
use serde_json::{Value, json};

use super::{acme, python, text};

const MASTER: [u8; 32] = [0x42; 32];
const CHAIN: [u8; 16] = [0x17; 16];
const DEPLOYMENT: &str = "golden";
const DISCLOSURE: &str = "WyJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIiwiaWQiLCJhZGEiXQ";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/data/audit_v1.json")
}

fn golden() -> Value {
    serde_json::from_slice(&std::fs::read(path()).expect("tests/vectors/data/audit_v1.json is committed"))
        .unwrap()
}

fn chain_id() -> ChainId {
    ChainId { deployment: DEPLOYMENT.to_owned(), owner: Owner::Tenant(acme()), incarnation: CHAIN }
}

#[expect(clippy::needless_pass_by_value, reason = "written as `json!(..)` in place")]
fn entry(kind: Kind, more: Value) -> Entry {
    let mut body = json!({"v": "aios.audit/1", "type": kind.as_str(), "tenant": "acme"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Entry { kind, body: serde_json::to_vec(&body).unwrap(), disclosures: Vec::new() }
}

fn intent() -> Entry {
    let subject = json!({"kind": "user", "issuer": "corp", "_sd": [disclosure_digest(DISCLOSURE)]});
    let made = entry(Kind::Intent, json!({"subject": subject, "action": "read", "sd_alg": "sha-256"}));
    Entry { disclosures: vec![DISCLOSURE.to_owned()], ..made }
}

fn outcome(of: &[u8]) -> Entry {
    let named = parse(of).unwrap();
    let intent = json!({"chain": hex(&named.header.chain), "seq": named.header.seq, "mac": hex(named.mac)});
    entry(Kind::Outcome, json!({"intent": intent, "outcome": {"status": "ok", "data": {}}}))
}

/// Records and head of a chain of two epochs, every kind of record, commits of one and of several.
fn written() -> (Vec<Vec<u8>>, Vec<Vec<String>>, Head) {
    let (mut frames, mut disclosures) = (Vec::new(), Vec::new());
    let mut chain = Chain::open(chain_id(), &Master::from_slice(&MASTER).unwrap());
    let mut commit = |entries: &[Entry], frames: &mut Vec<Vec<u8>>| {
        let appended = append(&chain, entries).unwrap();
        chain = appended.next;
        frames.extend(appended.frames);
        disclosures.extend(entries.iter().map(|entry| entry.disclosures.clone()));
    };
    commit(&[entry(Kind::Open, json!({"deployment": DEPLOYMENT, "clock": "system"}))], &mut frames);
    let told = entry(Kind::System, json!({"event": "golden"}));
    let refused = entry(Kind::Event, json!({"decision": {"effect": "deny", "code": "policy.denied"}}));
    commit(&[intent(), refused, told, intent()], &mut frames);
    let settled = outcome(&frames[1]);
    commit(&[settled], &mut frames);
    commit(&[entry(Kind::Close, json!({}))], &mut frames);
    let late = [outcome(&frames[4]), entry(Kind::Event, json!({"event": "golden", "text": "äöü \u{1f512}"}))];
    disclosures.extend([Vec::new(), Vec::new()]);
    let head = second_epoch(&mut frames, late);
    (frames, disclosures, head)
}

/// Continues after the close record with one commit of epoch 1, by the words of the format's page: no engine writes
/// second epochs yet, but they must verify.
fn second_epoch(frames: &mut Vec<Vec<u8>>, entries: [Entry; 2]) -> Head {
    let (epoch, most) = (1_u64, entries.len());
    let label = b"aios-audit/v1/epoch";
    let key =
        MacKey::from_slice(&MASTER).unwrap().derive(&frame(&[label, b"acme", &CHAIN, &epoch.to_be_bytes()]));
    for (index, entry) in entries.into_iter().enumerate() {
        let last = frames.last().unwrap();
        let header = Header {
            version: 1,
            chain: CHAIN,
            epoch,
            commit: 0,
            seq: u64::try_from(frames.len()).unwrap(),
            kind: entry.kind,
            ends_commit: index + 1 == most,
            prev: *parse(last).unwrap().mac,
        }
        .encode();
        let covered = frame(&[b"aios-audit/v1/record", &header, &entry.body]);
        let tag = mac(&key.derive(b"mac"), &[&covered]);
        frames.push([header.as_slice(), &entry.body, &tag].concat());
    }
    let (count, last) = (u64::try_from(frames.len()).unwrap(), *parse(frames.last().unwrap()).unwrap().mac);
    let numbers = [epoch, 1, count].map(u64::to_be_bytes);
    let covered = frame(&[b"aios-audit/v1/head", &CHAIN, &numbers[0], &numbers[1], &numbers[2], &last]);
    let tag = mac(&key.derive(b"next").derive(b"head"), &[&covered]);
    Head { chain: CHAIN, epoch, commit: 1, count, last, tag }
}

fn document() -> String {
    let (frames, disclosures, head) = written();
    let records = frames.iter().zip(disclosures);
    let document = json!({
        "about": "A chain of audit format v1 (docs/formats/audit-v1.md). It verifies for ever. Never made again.",
        "master": hex(&MASTER),
        "deployment": DEPLOYMENT,
        "tenant": "acme",
        "chain": hex(&CHAIN),
        "head": {
            "epoch": head.epoch, "commits": head.commit, "records": head.count,
            "last": hex(&head.last), "tag": hex(&head.tag),
        },
        "records": records
            .map(|(frame, disclosures)| json!({"frame": hex(frame), "disclosures": disclosures}))
            .collect::<Vec<_>>(),
    });
    serde_json::to_string_pretty(&document).unwrap() + "\n"
}

fn bytes(text: &Value) -> Vec<u8> {
    let digits = text.as_str().unwrap().as_bytes().chunks(2);
    digits.flat_map(|pair| unhex::<1>(std::str::from_utf8(pair).unwrap()).unwrap()).collect()
}

fn verify(golden: &Value, frames: &[Vec<u8>]) -> Result<u64, Violation> {
    let head = &golden["head"];
    let number = |name: &str| head[name].as_u64().unwrap();
    let digest = |name: &str| bytes(&head[name]).try_into().unwrap();
    let head = Head {
        chain: CHAIN,
        epoch: number("epoch"),
        commit: number("commits"),
        count: number("records"),
        last: digest("last"),
        tag: digest("tag"),
    };
    let master = Master::from_slice(&bytes(&golden["master"])).unwrap();
    let id = ChainId { deployment: golden["deployment"].as_str().unwrap().to_owned(), ..chain_id() };
    let mut verifier = Verifier::new(&master, id);
    frames.iter().try_for_each(|frame| verifier.push(frame))?;
    verifier.finish(&head)?;
    Ok(verifier.count())
}

#[test]
fn golden_chain_of_format_v1_verifies() {
    if !path().exists() && std::env::var_os("UPDATE").is_some() {
        std::fs::write(path(), document()).unwrap();
    }
    let golden = golden();
    let records = golden["records"].as_array().unwrap();
    let frames: Vec<_> = records.iter().map(|record| bytes(&record["frame"])).collect();
    assert_eq!(verify(&golden, &frames), Ok(9));
    let kinds: Vec<_> = frames.iter().map(|frame| parse(frame).unwrap().header.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["open", "intent", "event", "system", "intent", "outcome", "close", "outcome", "event"]
    );
    for (record, frame) in records.iter().zip(&frames) {
        let body: Value = serde_json::from_slice(parse(frame).unwrap().body).unwrap();
        let named = body["subject"]["_sd"].as_array().cloned().unwrap_or_default();
        let kept = record["disclosures"].as_array().unwrap().iter();
        let digests: Vec<Value> = kept.map(|text| disclosure_digest(text.as_str().unwrap()).into()).collect();
        assert_eq!(named, digests);
    }
}

#[test]
fn todays_code_writes_the_golden_bytes() {
    let golden: Value = golden();
    assert_eq!(serde_json::from_str::<Value>(&document()).unwrap(), golden);
}

#[test]
fn golden_chain_verifies_in_python_and_every_flipped_byte_is_found_there() {
    const PROGRAM: &str = r#"
import json
from verify_audit import Wrong, verify_chain

golden = json.load(open("vectors/data/audit_v1.json"))
of = lambda name: bytes.fromhex(golden["head"][name])
head = (*(golden["head"][name] for name in ("epoch", "commits", "records")), of("last"), of("tag"))
frames = [bytes.fromhex(record["frame"]) for record in golden["records"]]
facts = [bytes.fromhex(golden["master"]), b"golden", b"acme", bytes.fromhex(golden["chain"]), head]
print(verify_chain(*facts, enumerate(frames)))
for seq, frame in enumerate(frames):
    for at in range(len(frame)):
        changed = bytearray(frame)
        changed[at] ^= 1
        try:
            verify_chain(*facts, enumerate([*frames[:seq], bytes(changed), *frames[seq + 1:]]))
            print("not found:", seq, at)
        except Wrong as wrong:
            if not str(wrong).startswith(f"record {seq}: "):
                print("found elsewhere:", seq, at, wrong)
"#;
    let output = python(&["-c", PROGRAM], "");
    assert_eq!((text(&output.stdout).as_str(), text(&output.stderr).as_str()), ("9", ""));
}
