//! The main job of AIOS, scene by scene. Prints what happened and fails if anything ended otherwise than it should.
#![expect(clippy::print_stdout, reason = "it is a story")]

mod stage;

use std::error::Error;
use std::path::Path;

use aios_core::engine::Place;
use aios_core::{Aios, Credential, Outcome, Refusal, Request, Resource};
use rusqlite::{Connection, params};
use serde_json::json;

use stage::{Stage, ada, token, with};

fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::open()?;
    println!(
        "An engine is open on a fresh SQLite file. Two identity providers, corp and partner, serve their keys on"
    );
    println!("loopback. The configuration says: corp speaks for tenant acme, partner for tenant globex.\n");
    println!("{:<58} {:<26} as expected", "scene", "answer");
    calls(&stage)?.iter().chain(&tokens(&stage)).try_for_each(Scene::print)?;
    trail(&stage)
}

/// One line of the table.
struct Scene {
    what: &'static str,
    expected: &'static str,
    answer: String,
}

impl Scene {
    fn new(what: &'static str, expected: &'static str, answer: Result<(), Refusal>) -> Self {
        let answer = answer.map_or_else(|refusal| refusal.code().to_string(), |()| "permitted".to_owned());
        Self { what, expected, answer }
    }

    fn print(&self) -> Result<(), Box<dyn Error>> {
        let right = self.answer == self.expected;
        println!("{:<58} {:<26} {}", self.what, self.answer, if right { "yes" } else { "NO" });
        if right { Ok(()) } else { Err(format!("{}: expected {}", self.what, self.expected).into()) }
    }
}

/// What Ada may and may not do.
fn calls(stage: &Stage) -> Result<Vec<Scene>, Box<dyn Error>> {
    let (aios, ada) = (&stage.aios, || token(&stage.corp, ada()));
    let permit = aios.authorize(&Request::new(ada(), "read", report()))?;
    // Here the tool would be called. The permit is good for this one call and ends in a minute.
    let completed = permit.complete(&Outcome::ok().with("rows", 42));
    let globex = Resource::new("Aios::Data", "their-report").tenant("globex");
    let transfer = |cents: i64| Request::new(ada(), "transfer", report()).input("cents", cents);
    let small = aios.authorize(&transfer(500))?.complete(&Outcome::ok());
    let absurd = aios.authorize(&transfer(i64::MAX)).map(drop);
    let write = aios.authorize(&Request::new(ada(), "write", report())).map(drop);
    let theirs = aios.authorize(&Request::new(ada(), "read", globex)).map(drop);
    Ok(vec![
        Scene::new("Ada, analyst of acme, reads acme's report", "permitted", completed),
        Scene::new("Ada writes it, which no policy permits", "policy.denied", write),
        Scene::new("Ada reads a report of tenant globex", "tenant.mismatch", theirs),
        Scene::new("a small transfer, under the policy's limit", "permitted", small),
        Scene::new("an absurd transfer, on which a forbid policy fails", "policy.error", absurd),
    ])
}

/// Who is not Ada.
fn tokens(stage: &Stage) -> Vec<Scene> {
    let read = |who: Credential| stage.aios.authorize(&Request::new(who, "read", report())).map(drop);
    let liar = token(&stage.partner, with(ada(), json!({"tid": "t-acme"})));
    let expired = token(&stage.corp, with(ada(), json!({"iat": 1_700_000_000, "exp": 1_700_000_600})));
    let signed = token(&stage.corp, ada());
    let signed = signed.token();
    let claims = signed.split('.').nth(1).unwrap_or_default();
    // {"alg":"none","typ":"at+jwt"}, Ada's claims, no signature
    let unsigned = Credential::Bearer(format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}."));
    vec![
        Scene::new("partner's token claims tenant acme", "token.tenant_not_allowed", read(liar)),
        Scene::new("Ada's token of some years ago", "token.expired", read(expired)),
        Scene::new("Ada's claims with alg none and no signature", "token.alg_not_allowed", read(unsigned)),
    ]
}

fn report() -> Resource {
    Resource::new("Aios::Data", "report-7").tenant("acme")
}

/// Verifies the trail, closes the engine, changes one byte in the file, and verifies again.
fn trail(stage: &Stage) -> Result<(), Box<dyn Error>> {
    let whole = stage.aios.verify(None)?;
    println!("\nThe audit trail: {} records in {} chains, whole: {}.", whole.records, whole.chains, whole.ok);
    stage.aios.close()?;
    let (chain, seq) = tamper(&stage.database)?;
    println!(
        "The engine is closed. In the SQLite file, one bit of the body of record {seq} of chain {chain} is flipped."
    );
    let again = Aios::open(stage.database.with_file_name("aios.toml"))?;
    let broken = again.verify(None)?;
    let found = broken.violation.ok_or("the change was not found")?;
    let Place { chain: found_chain, seq: found_seq } = found.place;
    println!(
        "Opened again and verified: record {found_seq} of chain {found_chain} is wrong ({:?}).",
        found.fault
    );
    if whole.ok && whole.dangling.is_empty() && (found_chain, found_seq) == (chain, seq) {
        println!(
            "\nEverything ended as it should. How it works: ARCHITECTURE.md. What it does not hold: SECURITY.md."
        );
        return Ok(());
    }
    Err("the trail did not verify as it should".into())
}

/// Flips one bit in the body of Ada's first intent, as somebody with write access to the file could.
fn tamper(database: &Path) -> Result<(String, u64), Box<dyn Error>> {
    const FIND: &str = "SELECT lower(hex(r.chain)), seq, frame FROM audit_record r JOIN audit_chain c USING (chain) \
        WHERE tenant = 'acme' AND seq = 1";
    let file = Connection::open(database)?;
    let (chain, seq, mut frame): (String, u64, Vec<u8>) =
        file.query_row(FIND, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let byte = frame.get_mut(200).ok_or("the record is too short")?;
    *byte ^= 1;
    let changed = file.execute(
        "UPDATE audit_record SET frame = ?1 WHERE lower(hex(chain)) = ?2 AND seq = ?3",
        params![frame, chain, seq],
    )?;
    if changed == 1 { Ok((chain, seq)) } else { Err("no record was changed".into()) }
}
