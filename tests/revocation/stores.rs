//! What is kept, and how soon it is seen by another engine on the same store.

use super::*;

const SQLITE: &str = "sqlite:aios.db";

fn raw(scene: &Scene) -> rusqlite::Connection {
    rusqlite::Connection::open(scene.world.path("aios.db")).unwrap()
}

#[test]
fn revocations_outlive_the_engine() {
    let scene = Scene::new();
    let aios = scene.open(SQLITE);
    let token = scene.token(&json!({}));
    assert!(may_read(&aios, &token));
    aios.revoke(scene.admin(), &session("s-1")).unwrap();
    aios.close().unwrap();
    let aios = scene.open(SQLITE);
    assert!(!may_read(&aios, &token));
    assert!(may_read(&aios, &scene.token(&json!({"sid": "s-2"}))));
    aios.reinstate(scene.admin(), &session("s-1")).unwrap();
    aios.close().unwrap();
    assert!(may_read(&scene.open(SQLITE), &token));
}

#[test]
fn another_engine_on_the_store_follows_within_the_bound() {
    for (bound, passes) in [(None, 1001), (Some(250), 251)] {
        let scene = Scene::new();
        let rules = bound.map_or(json!({}), |bound| json!({"bound_milliseconds": bound}));
        let open = || scene.builder(SQLITE, &rules).build().unwrap();
        let (here, there) = (open(), open());
        let token = scene.token(&json!({}));
        let held = there.authenticate(&token).unwrap();
        let permit = there.authorize(&read(&held)).unwrap();
        here.revoke(scene.admin(), &session("s-1")).unwrap();
        assert!(!may_read(&here, &token));
        permit.still_open().unwrap();
        assert!(may_read(&there, &token), "it is read before the bound is over");
        scene.pass(passes);
        assert!(!may_read(&there, &token));
        assert_eq!(code(there.authorize(&read(&held))), Code::TokenRevoked);
        assert_eq!(code(permit.still_open()), Code::TokenRevoked);
        here.reinstate(scene.admin(), &session("s-1")).unwrap();
        scene.pass(passes);
        assert!(may_read(&there, &token));
    }
}

#[test]
fn strict_actions_see_a_revocation_at_once_however_they_are_spelled() {
    for (rules, action) in [
        (json!({}), "administer"),
        (json!({}), "Aios::Action::\"administer\""),
        (json!({"strict": ["Aios::Action::\"administer\""]}), "administer"),
        (json!({"bound_milliseconds": 0, "strict": []}), "administer"),
    ] {
        let scene = Scene::new();
        let open = || scene.builder(SQLITE, &rules).build().unwrap();
        let (here, there) = (open(), open());
        let token = scene.token(&json!({"roles": ["Admin"], "azp": null}));
        let administer = Request::new(token, action, World::report());
        let permit = there.authorize(&administer).unwrap();
        here.revoke(scene.admin(), &session("s-1")).unwrap();
        assert_eq!(there.check(&administer).unwrap().code, Some(Code::TokenRevoked), "{rules} {action}");
        assert_eq!(code(permit.still_open()), Code::TokenRevoked, "{rules} {action}");
    }
}

#[test]
fn entries_of_two_engines_count_in_the_stores_order() {
    let scene = Scene::new();
    let (here, there) = (scene.open(SQLITE), scene.open(SQLITE));
    let token = scene.token(&json!({}));
    here.revoke(scene.admin(), &session("s-1")).unwrap();
    there.reinstate(scene.admin(), &session("s-1")).unwrap();
    assert!(may_read(&there, &token) && !may_read(&here, &token));
    // Its own later entry does not make it miss the one between.
    here.revoke(scene.admin(), &session("s-2")).unwrap();
    scene.pass(1001);
    assert!(may_read(&here, &token));
}

#[test]
fn a_restored_backup_is_read_anew() {
    for restored in [
        "DELETE FROM revocation WHERE number > 1",
        "UPDATE revocation SET mark = zeroblob(32) WHERE number = 2",
        "DELETE FROM revocation",
    ] {
        let scene = Scene::new();
        let aios = scene.open(SQLITE);
        for id in ["s-1", "s-2"] {
            aios.revoke(scene.admin(), &session(id)).unwrap();
        }
        let second = scene.token(&json!({"sid": "s-2"}));
        assert!(!may_read(&aios, &second));
        raw(&scene).execute_batch(restored).unwrap();
        scene.pass(1001);
        assert!(may_read(&aios, &second), "{restored}");
        let keeps_first = !restored.ends_with("revocation");
        assert_eq!(may_read(&aios, &scene.token(&json!({}))), !keeps_first, "{restored}");
    }
}

#[test]
fn more_entries_than_a_page_are_all_read() {
    let scene = Scene::new();
    let (here, there) = (scene.open(SQLITE), scene.open(SQLITE));
    assert!(may_read(&there, &scene.token(&json!({}))));
    here.revoke(scene.admin(), &session("s-1")).unwrap();
    raw(&scene)
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) \
             INSERT INTO revocation (tenant, mark, verdict) SELECT 'acme', randomblob(32), 'all' FROM n",
        )
        .unwrap();
    here.revoke(scene.admin(), &session("s-2")).unwrap();
    scene.pass(1001);
    for (id, expected) in [("s-1", false), ("s-2", false), ("s-3", true)] {
        for aios in [&here, &there] {
            assert_eq!(may_read(aios, &scene.token(&json!({"sid": id}))), expected, "{id}");
        }
    }
}

#[test]
fn a_damaged_table_of_revocations_refuses() {
    for damage in [
        "DROP TABLE revocation",
        "UPDATE revocation SET mark = x'00'",
        "UPDATE revocation SET verdict = 'perhaps'",
        "UPDATE revocation SET verdict = 'before'",
        "UPDATE revocation SET tenant = 'a b'",
    ] {
        let scene = Scene::new();
        let aios = scene.open(SQLITE);
        aios.revoke(scene.admin(), &session("s-1")).unwrap();
        raw(&scene).execute_batch(damage).unwrap();
        scene.pass(1001);
        assert_eq!(code(aios.authorize(&read(scene.token(&json!({}))))), Code::StoreCorrupt, "{damage}");
    }
}

#[test]
fn a_store_from_before_there_were_revocations_gets_their_table() {
    for (layout, lacking) in [(1, "revocation spent shelf"), (2, "spent shelf"), (3, "shelf")] {
        let scene = Scene::new();
        let aios = scene.open(SQLITE);
        let token = scene.token(&json!({}));
        assert!(may_read(&aios, &token));
        aios.close().unwrap();
        for table in lacking.split(' ') {
            raw(&scene).execute_batch(&format!("DROP TABLE {table}; PRAGMA user_version={layout}")).unwrap();
        }
        let aios = scene.open(SQLITE);
        assert!(may_read(&aios, &token), "{layout}");
        let rows = |row: &rusqlite::Row<'_>| row.get::<_, u32>(0);
        for table in lacking.split(' ') {
            raw(&scene).query_row(&format!("SELECT count(*) FROM {table}"), [], rows).unwrap();
        }
        aios.revoke(scene.admin(), &session("s-1")).unwrap();
        assert!(!may_read(&aios, &token), "{layout}");
        assert!(aios.verify(None).unwrap().ok);
        aios.close().unwrap();
        assert!(!may_read(&scene.open(SQLITE), &token), "{layout}");
    }
}

/// Another program's lock on the whole file keeps even readers out.
#[test]
fn a_locked_store_refuses_in_time_and_answers_when_it_is_free() {
    let scene = Scene::new();
    let aios = scene.open(SQLITE);
    let token = scene.token(&json!({}));
    assert!(may_read(&aios, &token));
    aios.flush().unwrap();
    // Closes the connections, which keep such locks away.
    aios.limit_pages(0).unwrap();
    let other = raw(&scene);
    other.execute_batch("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    assert!(aios.check(&read(token.clone())).unwrap().allowed, "within the bound nobody asks");
    scene.pass(1001);
    assert_eq!(code(aios.check_now(&read(token.clone()))), Code::WouldWait);
    let refused = aios.check(&read(token.clone())).unwrap_err();
    assert_eq!(
        (refused.code(), refused.detail().at.as_deref()),
        (Code::StoreUnavailable, Some("revocations"))
    );
    assert!(refused.to_string().contains("database is locked"), "{refused}");
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    assert!(may_read(&aios, &token));
}

#[test]
fn what_no_token_can_outlive_is_forgotten_then_and_the_rest_never() {
    /// The issuers' longest lifetime, and their leeway.
    const LONGEST: i64 = 86_400 + 30;
    let scene = Scene::new();
    let aios = scene.open(SQLITE);
    let time = Timestamp::from_seconds(START - 100);
    for selector in [selector("token", "t-1"), session("s-1"), Selector::Tenant] {
        aios.revoke_before(scene.admin(), &selector, time).unwrap();
    }
    for selector in [selector("token", "t-9"), session("s-9"), selector("agent", "x")] {
        aios.revoke(scene.admin(), &selector).unwrap();
    }
    aios.reinstate(scene.admin(), &selector("token", "t-9")).unwrap();
    let file = raw(&scene);
    let mut find = file.prepare("SELECT until / 1000000000 FROM revocation ORDER BY number").unwrap();
    let untils: Vec<Option<i64>> =
        find.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let (before, now) = (Some(START - 100 + LONGEST), Some(START + LONGEST));
    assert_eq!(untils, [before, before, before, now, None, None, None]);
    // What is over is not even looked at.
    let out = scene.token(&json!({"sid": "s-9"}));
    assert!(!may_read(&aios, &out));
    file.execute_batch("UPDATE revocation SET until = 1").unwrap();
    scene.pass(1001);
    assert!(may_read(&aios, &out));
}
