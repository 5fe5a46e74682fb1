//! Secrets that are to be rotated: listed when they are due, driven step by step, refused or noted where they are too old.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aios_core::crypto::signature::Algorithm;
use aios_core::engine::vault::{Driver, DriverError, Drivers, Work};
use aios_core::model::Deadline;
use aios_core::vault::{Age, OnOverdue, Schedule, SecretRef, Stage};
use aios_core::{Aios, Code, Credential, Request, Resource, Secret};
use serde_json::json;

use super::upstream::{Upstream, reply};
use super::using::{Use, ask};
use super::{Site, code, put, reference, rotation};
use crate::world::START;

const DAY: i64 = 86_400;

fn monthly(on_overdue: OnOverdue) -> Schedule {
    Schedule::new(Some(30 * DAY), Some(45 * DAY), on_overdue).unwrap()
}

/// An administrator's token of the day.
fn admin(site: &Site, day: i64) -> Credential {
    let now = START + day * DAY;
    site.world.ada(&json!({"sub": "root", "roles": ["Admin", "Analyst"], "iat": now, "exp": now + 600}))
}

fn scheduled(site: &Site, at: &str, on_overdue: OnOverdue) {
    let mut order = put(at, "sk-first");
    order.schedule = Some(monthly(on_overdue));
    site.aios.vault().put(site.admin(), &order).unwrap();
}

/// What a driver did, and the step at which it fails.
#[derive(Default)]
struct Scripted {
    did: Mutex<Vec<String>>,
    fails: Mutex<&'static str>,
}

impl Scripted {
    fn step(&self, step: &str, at: &SecretRef) -> Result<(), DriverError> {
        self.did.lock().unwrap().push(format!("{step}@{}", at.version().unwrap().number()));
        let fails = *self.fails.lock().unwrap() == step;
        if fails { Err(DriverError(format!("{step} did not work"))) } else { Ok(()) }
    }

    fn did(&self) -> String {
        std::mem::take(&mut *self.did.lock().unwrap()).join(" ")
    }
}

impl Driver for Scripted {
    fn create(&self, at: &SecretRef) -> Result<Secret, DriverError> {
        self.step("create", at)?;
        Ok(Secret::new(format!("sk-made-for-{}", at.version().unwrap().number()).into_bytes()))
    }

    fn set(&self, at: &SecretRef, value: &Secret) -> Result<(), DriverError> {
        let expected = format!("sk-made-for-{}", at.version().unwrap().number());
        assert_eq!(value.expose(), expected.as_bytes());
        self.step("set", at)
    }

    fn test(&self, at: &SecretRef, _: &Secret) -> Result<(), DriverError> {
        self.step("test", at)
    }

    fn finish(&self, at: &SecretRef) -> Result<(), DriverError> {
        self.step("finish", at)
    }
}

fn stages(site: &Site, who: Credential) -> Vec<(u64, Stage)> {
    let listed = site.aios.vault().list(who, None).unwrap();
    listed[0].versions.iter().map(|version| (version.version.number(), version.stage)).collect()
}

#[test]
fn thirty_days_later_a_secret_is_due_and_its_driver_replaces_it_while_both_values_hold() {
    let site = Site::new();
    scheduled(&site, "secret://acme/prod/a", OnOverdue::Warn);
    site.put("secret://acme/prod/never", "sk-1").unwrap();
    let (vault, driver) = (site.aios.vault(), Arc::new(Scripted::default()));
    let drivers = Drivers::default().with("prod/a", Arc::<Scripted>::clone(&driver));
    let early = vault.due(site.admin()).unwrap();
    assert_eq!((early.secrets.len(), early.next.unwrap().seconds()), (0, START + 30 * DAY));
    assert!(vault.drive_due(site.admin(), &drivers).unwrap().is_empty());

    site.world.clock.advance_seconds(30 * DAY);
    let due = vault.due(admin(&site, 30)).unwrap();
    assert_eq!((due.secrets.len(), due.next), (1, None));
    assert_eq!((due.secrets[0].due.age, due.secrets[0].is_begun), (Age::Due, false));
    let ended = vault.drive_due(admin(&site, 30), &drivers).unwrap();
    let done = ended[0].done.as_ref().unwrap();
    assert_eq!(
        (done.reference.to_string().as_str(), done.stage),
        ("secret://acme/prod/a@2", Some(Stage::Current))
    );
    assert_eq!(driver.did(), "create@2 set@2 test@2 finish@2");
    assert_eq!(stages(&site, admin(&site, 30)), [(1, Stage::Previous), (2, Stage::Current)]);
    let next = vault.due(admin(&site, 30)).unwrap();
    assert_eq!((next.secrets.len(), next.next.unwrap().seconds()), (0, START + 60 * DAY));
    // Another secret without a driver is left to whoever looks at the list.
    assert!(vault.drive_due(admin(&site, 30), &Drivers::default()).unwrap().is_empty());
    assert_eq!(site.aios.vault().verify(admin(&site, 30)).unwrap().faults, []);
}

#[test]
fn a_rotation_that_was_cut_short_at_any_step_is_finished_by_whoever_comes_next() {
    for (fails, first, current, then) in [
        ("create", "create@2", 1, "create@2 set@2 test@2 finish@2"),
        ("set", "create@2 set@2", 1, "set@2 test@2 finish@2"),
        ("test", "create@2 set@2 test@2", 1, "set@2 test@2 finish@2"),
        ("finish", "create@2 set@2 test@2 finish@2", 2, "finish@2"),
    ] {
        let site = Site::new();
        scheduled(&site, "secret://acme/prod/a", OnOverdue::Warn);
        site.world.clock.advance_seconds(31 * DAY);
        let driver = Arc::new(Scripted::default());
        *driver.fails.lock().unwrap() = fails;
        let drivers = Drivers::default().with("prod/a", Arc::<Scripted>::clone(&driver));
        let turn = |aios: &Aios| aios.vault().drive_due(admin(&site, 31), &drivers).unwrap();
        let refused = turn(&site.aios).remove(0).done.unwrap_err();
        assert_eq!(refused.code(), Code::VaultUpstream);
        assert_eq!(refused.detail().at.as_deref(), Some(format!("driver.{fails}").as_str()));
        assert_eq!(driver.did(), first);
        // Whatever failed, a value that is good is current.
        let is_current = |(version, stage): &(u64, Stage)| (*stage == Stage::Current).then_some(*version);
        assert_eq!(stages(&site, admin(&site, 31)).iter().find_map(is_current), Some(current), "{fails}");
        let due = site.aios.vault().due(admin(&site, 31)).unwrap().secrets;
        assert_eq!((due.len(), due[0].is_begun), (1, fails != "create"));
        // Another process goes on.
        *driver.fails.lock().unwrap() = "";
        let elsewhere = site.again();
        turn(&elsewhere).remove(0).done.unwrap();
        assert_eq!(driver.did(), then, "{fails}");
        assert_eq!(stages(&site, admin(&site, 31)), [(1, Stage::Previous), (2, Stage::Current)]);
        assert!(turn(&elsewhere).is_empty(), "what is finished is not begun again");
        assert_eq!(driver.did(), "");
    }
}

#[test]
fn a_driver_leaves_alone_what_an_administrator_is_about_to_replace_and_takes_the_same_rights() {
    let site = Site::new();
    scheduled(&site, "secret://acme/prod/a", OnOverdue::Warn);
    site.world.clock.advance_seconds(31 * DAY);
    let (vault, driver) = (site.aios.vault(), Scripted::default());
    let path = reference("secret://acme/prod/a").path().clone();
    let analyst = site.world.ada(&json!({"iat": START + 31 * DAY, "exp": START + 31 * DAY + 600}));
    assert_eq!(code(vault.drive(analyst, &path, &driver)), Code::PolicyDenied);
    vault.rotate(admin(&site, 31), &rotation("secret://acme/prod/a@1", "sk-hand", Stage::Pending)).unwrap();
    assert_eq!(code(vault.drive(admin(&site, 31), &path, &driver)), Code::VaultConflict);
    assert_eq!(driver.did(), "", "no driver was asked");
    let other = reference("secret://acme/prod/none").path().clone();
    assert_eq!(code(vault.drive(admin(&site, 31), &other, &driver)), Code::VaultNotFound);
}

#[test]
fn processes_that_drive_one_secret_at_once_bring_one_version() {
    let site = Site::new();
    scheduled(&site, "secret://acme/prod/a", OnOverdue::Warn);
    site.world.clock.advance_seconds(31 * DAY);
    let path = reference("secret://acme/prod/a").path().clone();
    let engines: Vec<Aios> = (0..4).map(|_| site.again()).collect();
    std::thread::scope(|scope| {
        for aios in &engines {
            let (who, path) = (admin(&site, 31), &path);
            scope.spawn(move || {
                match aios.vault().drive(who, path, &Scripted::default()) {
                    Ok(_) => {}
                    // Another one was first with a step.
                    Err(late) => {
                        assert!(matches!(late.code(), Code::VaultConflict | Code::VaultEnded), "{late}");
                    }
                }
            });
        }
    });
    let _ = site
        .aios
        .vault()
        .drive_due(admin(&site, 31), &Drivers::default().with("prod/a", Arc::new(Scripted::default())));
    let stages = stages(&site, admin(&site, 31));
    assert_eq!(stages.iter().filter(|(_, stage)| *stage == Stage::Current).count(), 1, "{stages:?}");
    assert_eq!(site.aios.vault().verify(admin(&site, 31)).unwrap().faults, []);
}

#[test]
fn an_overdue_value_is_refused_or_used_and_noted_as_its_schedule_says() {
    let site = Use::of(Upstream::start(|_, stream| reply(stream, "200 OK", "", "fine")));
    let at = reference("secret://acme/prod/key");
    let uses = || {
        let now = START + 46 * DAY;
        let report = Resource::new("Aios::Data", "report-7").tenant("acme");
        let ada = site.stage.world.ada(&json!({"iat": now, "exp": now + 600}));
        let permit = site.aios().authorize(&Request::new(ada, "read", report)).unwrap();
        permit.credential("prod/key").unwrap().fetch(ask("POST", &site.server.url("/v1/x")))
    };
    let vault = site.aios().vault();
    vault.schedule(site.stage.admin(), &at, Some(monthly(OnOverdue::Deny))).unwrap();
    site.stage.world.clock.advance_seconds(46 * DAY);
    assert_eq!(code(uses()), Code::VaultOverdue);
    assert_eq!(site.server.seen().len(), 0, "nothing was sent");
    vault.schedule(admin(&site.stage, 46), &at, Some(monthly(OnOverdue::Warn))).unwrap();
    assert_eq!(uses().unwrap().status(), 200);
    let outcomes = site.recorded("outcome");
    assert!(outcomes.iter().any(|says| says["outcome"]["data"]["overdue"] == true), "{outcomes:?}");
    assert!(outcomes.iter().any(|says| says["outcome"]["data"]["code"] == "vault.overdue"));
    let listed = vault.list(admin(&site.stage, 46), None).unwrap();
    assert_eq!(listed[0].due.unwrap().age, Age::Overdue);
    vault.schedule(admin(&site.stage, 46), &at, None).unwrap();
    assert_eq!(uses().unwrap().status(), 200);
    assert_eq!(vault.list(admin(&site.stage, 46), None).unwrap()[0].due, None);
    // A schedule cannot be taken away by putting another value, nor by whoever writes the store.
    vault.schedule(admin(&site.stage, 46), &at, Some(monthly(OnOverdue::Deny))).unwrap();
    let database = site.stage.database();
    let sql = "SELECT version, value FROM row WHERE key = 'vault/secret/acme/prod/key'";
    let (version, value): (i64, Vec<u8>) =
        database.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let text = String::from_utf8_lossy(&value[32..]).replace("\"deny\"", "\"warn\"");
    assert!(text.contains("\"warn\""));
    let forged = [&value[..32], text.as_bytes()].concat();
    let sql = "UPDATE row SET version = ?1, value = ?2 WHERE key = 'vault/secret/acme/prod/key'";
    database.execute(sql, rusqlite::params![version, forged]).unwrap();
    assert_eq!(code(uses()), Code::VaultUndecryptable);
}

#[test]
fn a_worker_drives_what_is_due_once_the_clock_says_so_and_ends_with_its_engine() {
    let site = Site::new();
    scheduled(&site, "secret://acme/prod/a", OnOverdue::Warn);
    let driver = Arc::new(Scripted::default());
    let turns = Arc::new(Mutex::new(Vec::new()));
    let (told, idp, clock) = (Arc::clone(&turns), site.world.idp.clone(), Arc::clone(&site.world.clock));
    let who = move || {
        let now = aios_core::model::Clock::now(&*clock).seconds();
        let claims = json!({
            "sub": "root", "aud": "api://aios", "tid": "t-acme", "roles": ["Admin"], "iat": now, "exp": now + 600,
        });
        Ok(Credential::Bearer(idp.sign(claims, json!({}), Algorithm::Es256)).into())
    };
    let work = Work {
        every: Duration::from_millis(1),
        drivers: Drivers::default().with("prod/a", Arc::<Scripted>::clone(&driver)),
        who: Box::new(who),
        told: Box::new(move |turn| {
            // One that is under way when the clock jumps or the engine closes fails.
            told.lock().unwrap().extend(turn.ok().map(|driven| driven.len()));
            panic!("whoever listens fails");
        }),
    };
    site.aios.vault().work(work).unwrap();
    let until = |is_so: &dyn Fn() -> bool| {
        let deadline = Deadline::after(Duration::from_secs(60));
        while !is_so() && !deadline.has_passed() {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(is_so());
    };
    until(&|| turns.lock().unwrap().len() > 2);
    assert_eq!(turns.lock().unwrap().iter().sum::<usize>(), 0, "nothing is due");
    site.world.clock.advance_seconds(30 * DAY);
    until(&|| turns.lock().unwrap().contains(&1));
    assert_eq!(driver.did(), "create@2 set@2 test@2 finish@2");
    assert_eq!(stages(&site, admin(&site, 30)), [(1, Stage::Previous), (2, Stage::Current)]);
    site.aios.close().unwrap();
    let turned = turns.lock().unwrap().len();
    site.world.clock.advance_seconds(30 * DAY);
    // The thread is gone, and with it what told us.
    until(&|| Arc::strong_count(&turns) == 1);
    assert_eq!((turns.lock().unwrap().len(), driver.did().as_str()), (turned, ""));
}
