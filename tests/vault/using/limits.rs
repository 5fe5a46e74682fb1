//! What a secret's terms say of how often it is used holds in every process, over restarts, and against whoever writes to
//! the store.

use aios_core::engine::vault::{Fault, SecretUse};
use aios_core::vault::{Limits, Stage};
use aios_core::{Aios, Code};
use rusqlite::params;
use serde_json::json;

use super::{Upstream, Use, open_to_loopback, put, reference};
use crate::vault::rotation;

const AT: &str = "secret://acme/prod/counted";
const USES: &str = "vault/uses/acme/prod/counted";
const TENANT: &str = "vault/tenant/acme";

fn limited(limits: Limits) -> Use {
    let this = Use::of(Upstream::saying("200 OK", "done"));
    let mut order = put(AT, "sk-counted-1");
    order.terms.limits = Some(limits);
    order.terms.http.as_mut().unwrap().hosts = vec![this.server.host()];
    this.aios().vault().put(this.stage.admin(), &order).unwrap();
    this
}

fn rate(uses: u64, per_seconds: u64) -> Limits {
    Limits { uses: Some(uses), per_seconds: Some(per_seconds), total: None }
}

fn total(total: u64) -> Limits {
    Limits { total: Some(total), ..Limits::default() }
}

fn again(this: &Use) -> Aios {
    this.stage.world.try_open(open_to_loopback(&this.stage.world)).unwrap()
}

fn client(this: &Use, aios: &Aios, at: &str) -> SecretUse {
    aios.vault()
        .client(this.stage.world.ada(&json!({"exp": crate::world::START + 86_400})), &reference(at))
        .unwrap()
}

/// One use in an engine: `ok`, or the code and from when on there is room, in seconds of the test.
fn used(this: &Use, aios: &Aios) -> Result<(), (Code, Option<i64>)> {
    let answer = client(this, aios, AT).fetch(this.ask("/v1/a"));
    answer.map(drop).map_err(|refusal| {
        let when = refusal.detail().retry_at;
        (refusal.code(), when.map(|when| when.seconds() - crate::world::START))
    })
}

type Row = (i64, Vec<u8>);

fn read(this: &Use, key: &str) -> Row {
    let sql = "SELECT version, value FROM row WHERE key = ?1";
    this.stage.database().query_row(sql, [key], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

fn write(this: &Use, key: &str, (version, value): &Row) {
    let sql = "UPDATE row SET version = ?2, value = ?3 WHERE key = ?1";
    assert_eq!(this.stage.database().execute(sql, params![key, version, value]).unwrap(), 1);
}

#[test]
fn i19_a_rate_holds_across_engines_says_when_to_come_back_and_a_clock_set_back_gives_nothing() {
    let this = limited(rate(3, 100));
    let (one, clock) = (this.aios(), &this.stage.world.clock);
    assert_eq!([used(&this, one), used(&this, &again(&this)), used(&this, one)], [Ok(()); 3]);
    // Refused here and in an engine that is opened only now; a part of the span is two seconds.
    for aios in [one, &again(&this)] {
        assert_eq!(used(&this, aios), Err((Code::LimitRate, Some(102))));
    }
    clock.advance_seconds(101);
    assert!(used(&this, one).is_err());
    clock.advance_seconds(1);
    assert_eq!([used(&this, one), used(&this, one), used(&this, one)], [Ok(()); 3]);
    clock.advance_seconds(-90);
    assert_eq!(used(&this, &again(&this)), Err((Code::LimitRate, Some(204))));
    assert_eq!(this.server.seen().len(), 6);
    let refused = this.recorded("outcome");
    let refused = refused.iter().filter(|says| says["outcome"]["data"] == json!({"code": "limit.rate"}));
    assert_eq!(refused.count(), 4);
    assert_eq!(this.stage.verify(one).faults, []);
}

#[test]
fn i19_a_total_is_a_versions_and_what_failed_or_was_shown_counts_like_what_went_well() {
    let this = limited(total(2));
    std::fs::write(
        this.stage.world.path("policies/reveal.cedar"),
        r#"permit (principal in Aios::Role::"admin", action == Aios::Action::"reveal", resource);"#,
    )
    .unwrap();
    let mut configuration = open_to_loopback(&this.stage.world);
    configuration["vault"] = json!({"reveal": true});
    let aios = this.stage.world.try_open(configuration).unwrap();
    let elsewhere = client(&this, &aios, AT).fetch(super::ask("POST", "https://api.openai.com/v1/a"));
    assert_eq!(crate::vault::code(elsewhere), Code::VaultNotAdmitted, "what may not go there is no use");
    let mut slow = this.ask("/v1/a");
    slow.outgoing.headers.push(("x".into(), b"y".to_vec()));
    assert!(client(&this, &aios, AT).fetch(slow).is_ok());
    aios.vault().reveal(this.stage.admin(), &reference(AT)).unwrap();
    assert_eq!(used(&this, &aios), Err((Code::LimitUsedUp, None)));
    let shown = aios.vault().reveal(this.stage.admin(), &reference(AT)).unwrap_err();
    assert_eq!((shown.code(), shown.code().status(), shown.is_denial()), (Code::LimitUsedUp, 429, true));
    let order = rotation("secret://acme/prod/counted@1", "sk-counted-2", Stage::Current);
    aios.vault().rotate(this.stage.admin(), &order).unwrap();
    assert_eq!([used(&this, &aios), used(&this, &aios)], [Ok(()); 2]);
    assert_eq!(used(&this, &aios), Err((Code::LimitUsedUp, None)));
    assert_eq!(this.stage.verify(&aios).faults, []);
}

#[test]
fn i19_whoever_writes_to_the_store_resets_no_count() {
    let this = limited(total(3));
    assert_eq!(used(&this, this.aios()), Ok(()));
    let before = [read(&this, USES), read(&this, TENANT)];
    assert_eq!([used(&this, this.aios()), used(&this, this.aios())], [Ok(()); 2]);
    let now = [read(&this, USES), read(&this, TENANT)];
    let sees = |aios: &Aios| used(&this, aios).unwrap_err().0;
    let fault = |code| [Fault { reference: Some(reference(AT)), code }];
    // An earlier row, with its own number or with the one that is expected.
    write(&this, USES, &before[0]);
    assert_eq!((sees(this.aios()), sees(&again(&this))), (Code::VaultRolledBack, Code::VaultRolledBack));
    assert_eq!(this.stage.verify(&again(&this)).faults, fault(Code::VaultRolledBack));
    write(&this, USES, &(now[0].0, before[0].1.clone()));
    assert_eq!(
        (sees(this.aios()), sees(&again(&this))),
        (Code::VaultUndecryptable, Code::VaultUndecryptable)
    );
    assert_eq!(this.stage.verify(&again(&this)).faults, fault(Code::VaultUndecryptable));
    // No row at all.
    this.stage.database().execute("UPDATE row SET key = 'aside' WHERE key = ?1", [USES]).unwrap();
    assert_eq!((sees(this.aios()), sees(&again(&this))), (Code::VaultRolledBack, Code::VaultRolledBack));
    this.stage.database().execute("UPDATE row SET key = ?1 WHERE key = 'aside'", [USES]).unwrap();
    // With its tenant's row of then: whoever saw a later one refuses, and the trail tells everybody else.
    write(&this, USES, &before[0]);
    write(&this, TENANT, &before[1]);
    assert_eq!(sees(this.aios()), Code::VaultRolledBack);
    assert_eq!(this.stage.verify(&again(&this)).faults, fault(Code::VaultRolledBack));
    write(&this, USES, &now[0]);
    write(&this, TENANT, &now[1]);
    assert_eq!(used(&this, &again(&this)), Err((Code::LimitUsedUp, None)));
    assert_eq!(this.stage.verify(&again(&this)).faults, []);
}

#[test]
fn i19_counts_move_under_a_new_master_with_their_secrets() {
    let this = limited(total(2));
    assert_eq!(used(&this, this.aios()), Ok(()));
    let rewrap = || this.aios().vault().rewrap(this.stage.admin(), 100).unwrap();
    assert!(!rewrap().is_finished);
    this.stage.world.clock.advance_seconds(301);
    assert!(rewrap().is_finished);
    let fresh = again(&this);
    assert_eq!((used(&this, &fresh), used(&this, &fresh)), (Ok(()), Err((Code::LimitUsedUp, None))));
    assert_eq!(this.stage.verify(&fresh).faults, []);
}

#[test]
fn i19_a_secret_without_limits_costs_no_row_and_threads_that_race_for_one_with_limits_do_not_exceed_it() {
    let this = limited(rate(5, 1000));
    this.credential().fetch(this.ask("/v1/a")).unwrap();
    let rows: i64 = this
        .stage
        .database()
        .query_row("SELECT count(*) FROM row WHERE key LIKE 'vault/uses/%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 0);
    let client = client(&this, this.aios(), AT);
    let done: usize = std::thread::scope(|scope| {
        let each = || (0..3).filter(|_| client.fetch(this.ask("/v1/a")).is_ok()).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(each)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((done, this.server.seen().len()), (5, 6));
    assert_eq!(read(&this, USES).0, 5);
}
