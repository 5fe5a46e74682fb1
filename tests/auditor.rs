//! What an auditor does without AIOS: a program in Python, written from docs/formats/audit-v1.md, on what AIOS wrote.

mod disclosures;
mod golden;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use aios_core::model::hex::hex;
use aios_core::{Aios, Outcome, Request, Resource, TenantId};
use rusqlite::{Connection, params};
use serde_json::json;

use crate::world::World;

/// Runs Python in this folder. Nothing is compiled into it.
fn python(arguments: &[&str], stdin: &str) -> Output {
    let mut program = Command::new("python3")
        .arg("-B")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs `python3` (>= 3.10) on the path");
    program.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    program.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap().trim().to_owned()
}

/// A world whose file holds chains of two closed engines and of one that is still open.
struct Trail {
    world: World,
    aios: Aios,
    master: String,
}

impl Trail {
    fn new() -> Self {
        let world = World::new();
        for _ in 0..2 {
            let aios = world.open("sqlite:aios.db");
            Self::use_it(&world, &aios);
            aios.close().unwrap();
        }
        let aios = world.open("sqlite:aios.db");
        Self::use_it(&world, &aios);
        let master = hex(aios.verification_key(world.ada(&json!({})), &acme()).unwrap().expose());
        aios.flush().unwrap();
        Self { world, aios, master }
    }

    /// A call with its outcome, a refusal, and a call in another tenant.
    fn use_it(world: &World, aios: &Aios) {
        aios.authorize(&world.read()).unwrap().complete(&Outcome::ok()).unwrap();
        let unasked = Request::new(world.ada(&json!({})), "write", World::report());
        aios.authorize(&unasked).unwrap_err();
        let elsewhere = Resource::new("Aios::Data", "theirs").tenant("globex");
        let bob = world.ada(&json!({"sub": "bob", "tid": "t-globex"}));
        let permit = aios.authorize(&Request::new(bob, "read", elsewhere)).unwrap();
        permit.complete(&Outcome::failed()).unwrap();
        aios.flush().unwrap();
    }

    fn file(&self) -> Connection {
        Connection::open(self.world.path("aios.db")).unwrap()
    }

    /// acme's chains, each with its number of records.
    fn chains(&self) -> Vec<(Vec<u8>, u64)> {
        const FIND: &str =
            "SELECT chain, records FROM audit_head JOIN audit_chain USING (chain) WHERE tenant = 'acme'";
        let file = self.file();
        let mut found = file.prepare(FIND).unwrap();
        let found = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        found.map(Result::unwrap).collect()
    }

    /// Changes one row, asks both, and puts everything back.
    fn finds(&self, chain: &[u8], seq: u64, change: impl FnOnce(&Connection) -> usize) {
        let file = self.file();
        let whole = self.world.path("whole.db");
        file.execute("VACUUM INTO ?1", [whole.to_str().unwrap()]).unwrap();
        assert_eq!(change(&file), 1);
        let place = format!("chain {}: record {seq}", hex(chain));
        assert_eq!(self.verified(), Err(place.clone()));
        let said = self.audited().unwrap_err();
        assert!(said.starts_with(&format!("{place}: ")), "{said} instead of {place}");
        file.execute("ATTACH ?1 AS whole", [whole.to_str().unwrap()]).unwrap();
        for table in ["audit_chain", "audit_head", "audit_record"] {
            file.execute_batch(&format!(
                "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM whole.{table};"
            ))
            .unwrap();
        }
        file.execute("DETACH whole", []).unwrap();
        std::fs::remove_file(whole).unwrap();
        assert_eq!(self.verified(), Ok(16));
    }

    /// The auditor's answer: how many records are whole, or what is wrong.
    fn audited(&self) -> Result<String, String> {
        audited(&self.world.path("aios.db"), &self.master)
    }

    /// AIOS's answer in the auditor's words: the chain and the record.
    fn verified(&self) -> Result<u64, String> {
        let report = self.aios.verify(Some(&acme())).unwrap();
        match report.violation {
            None => Ok(report.records),
            Some(found) => Err(format!("chain {}: record {}", found.place.chain, found.place.seq)),
        }
    }
}

fn acme() -> TenantId {
    "acme".parse().unwrap()
}

fn audited(database: &Path, master: &str) -> Result<String, String> {
    let output = python(&["verify_audit.py", database.to_str().unwrap(), "acme"], master);
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[test]
fn an_auditors_program_verifies_closed_and_open_chains() {
    let trail = Trail::new();
    // acme, twice: open, intent, outcome, event, close; then open, intent, outcome, event, and the auditor's own
    // intent and outcome.
    assert_eq!(trail.verified(), Ok(16));
    assert_eq!(trail.audited(), Ok("16 records of acme are whole".to_owned()));
    let other = "00".repeat(32);
    assert!(audited(&trail.world.path("aios.db"), &other).unwrap_err().contains("record 0: mac"));
}

#[test]
fn a_flipped_bit_is_found_by_aios_and_by_the_auditor_at_its_record() {
    let trail = Trail::new();
    for (chain, records) in trail.chains() {
        let last = records - 1;
        // Version, sequence number, flags, start of the body, and well behind it; then the head.
        let bits =
            [(0, "frame", 1), (1, "frame", 41), (2, "frame", 43), (2, "frame", 76), (last, "frame", 200)];
        for (seq, column, at) in bits.into_iter().chain([(records, "last", 31), (records, "tag", 0)]) {
            let place = match column {
                "frame" => format!("audit_record WHERE seq = {seq} AND chain = ?1"),
                _ => "audit_head WHERE chain = ?1".to_owned(),
            };
            trail.finds(&chain, seq, |file| {
                let read = format!("SELECT {column} FROM {place}");
                let mut bytes: Vec<u8> = file.query_row(&read, [&chain], |row| row.get(0)).unwrap();
                bytes[at] ^= 1;
                let (table, row) = place.split_once(' ').unwrap();
                file.execute(&format!("UPDATE {table} SET {column} = ?2 {row}"), params![chain, bytes])
                    .unwrap()
            });
        }
    }
}

#[test]
fn rows_deleted_or_rewritten_are_found_by_aios_and_by_the_auditor_at_their_record() {
    let trail = Trail::new();
    for (chain, records) in trail.chains() {
        let last = records - 1;
        for (change, seq) in [
            ("DELETE FROM audit_record WHERE seq = 1 AND chain = ?1".to_owned(), 1),
            (format!("DELETE FROM audit_record WHERE seq = {last} AND chain = ?1"), last),
            ("UPDATE audit_record SET seq = 1000 WHERE seq = 2 AND chain = ?1".to_owned(), 2),
            ("UPDATE audit_head SET commits = commits + 1 WHERE chain = ?1".to_owned(), records),
            ("UPDATE audit_head SET epoch = epoch + 1 WHERE chain = ?1".to_owned(), records),
            ("UPDATE audit_chain SET deployment = 'other' WHERE chain = ?1".to_owned(), 0),
        ] {
            trail.finds(&chain, seq, |file| file.execute(&change, [&chain]).unwrap());
        }
    }
}
