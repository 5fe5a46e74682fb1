//! Somebody else writes to the store, or it fails: never an answer by what was not written there, or by what is too old.

use aios_core::Code;
use serde_json::json;

use super::{
    SHELF, SQLITE, Site, StoredRow as Row, code, entity, forgeries, rewrite as write, stored as rows, uid,
    university,
};

/// A group that Ada was put in and taken out of again, and the rows of each state.
fn scene() -> (Site, aios_core::Aios, [Vec<Row>; 2]) {
    let site = Site::new();
    let aios = site.open(SQLITE);
    aios.entities().change(site.keeper(), &university()).unwrap();
    let before = rows(&site);
    aios.entities().put(site.keeper(), entity("Aios::User::corp/ada", &[]), None).unwrap();
    let after = rows(&site);
    assert_eq!(site.answer(&aios), "policy.denied");
    (site, aios, [before, after])
}

#[test]
fn nobody_puts_himself_in_a_group_by_writing_to_the_store() {
    let (site, _aios, [before, after]) = scene();
    for (what, rows) in forgeries(&before, &after) {
        write(&site.database(), &rows);
        let fresh = site.open(SQLITE);
        assert_eq!(site.answer(&fresh), "entities.damaged", "{what}");
        assert_eq!(code(fresh.entities().list(site.keeper(), None)), Code::EntitiesDamaged, "{what}");
        let put = fresh.entities().put(site.keeper(), entity("Acme::Doc::x", &[]), None);
        assert_eq!(code(put), Code::EntitiesDamaged, "{what}");
    }
    write(&site.database(), &after);
    assert_eq!(site.answer(&site.open(SQLITE)), "policy.denied");
}

#[test]
fn another_tenants_rows_are_nobodys() {
    let (site, _aios, [_, after]) = scene();
    let globex = site.world.ada(&json!({"tid": "t-globex", "roles": ["Keeper"]}));
    let aios = site.open(SQLITE);
    aios.entities().put(globex.clone(), entity("Acme::Doc::plan", &[]), None).unwrap();
    site.database().execute("UPDATE shelf SET shelf = 'away' WHERE shelf = 'entities/globex'", []).unwrap();
    site.database().execute("UPDATE shelf SET shelf = 'entities/globex' WHERE shelf = ?1", [SHELF]).unwrap();
    let fresh = site.open(SQLITE);
    assert_eq!(code(fresh.entities().list(globex, None)), Code::EntitiesDamaged);
    write(&site.database(), &after);
    assert_eq!(site.answer(&site.open(SQLITE)), "policy.denied");
}

#[test]
fn an_older_state_is_refused_by_whoever_saw_a_newer_one() {
    let (site, aios, [before, after]) = scene();
    for older in [&before[..], &[]] {
        write(&site.database(), older);
        site.pass(1001);
        assert_eq!(site.answer(&aios), "entities.rolled_back");
        assert_eq!(
            code(aios.entities().get(site.keeper(), &uid("Acme::Doc::plan"))),
            Code::EntitiesRolledBack
        );
    }
    write(&site.database(), &after);
    site.pass(1001);
    assert_eq!(site.answer(&aios), "policy.denied");
    // A process that saw nothing newer cannot tell a backup from the store: docs/formats/entities-v1.md says so.
    write(&site.database(), &before);
    assert_eq!(site.answer(&site.open(SQLITE)), "allowed");
}

#[test]
fn keys_that_were_taken_away_open_nothing() {
    let (site, _aios, _) = scene();
    site.database().execute("DELETE FROM row WHERE key = 'entities/master/acme'", []).unwrap();
    let fresh = site.open(SQLITE);
    assert_eq!(site.answer(&fresh), "key.unusable");
    assert_eq!(
        code(fresh.entities().put(site.keeper(), entity("Acme::Doc::x", &[]), None)),
        Code::KeyUnusable
    );
}

#[test]
fn what_cannot_be_read_within_the_bound_is_not_answered_from_memory() {
    let site = Site::new();
    let aios = site.open(SQLITE);
    aios.entities().change(site.keeper(), &university()).unwrap();
    assert_eq!(site.answer(&aios), "allowed");
    let file = site.database();
    file.execute_batch("ALTER TABLE shelf RENAME TO gone").unwrap();
    assert_eq!(site.answer(&aios), "allowed");
    site.pass(1001);
    assert_eq!(site.answer(&aios), "store.corrupt");
    file.execute_batch("ALTER TABLE gone RENAME TO shelf").unwrap();
    assert_eq!(site.answer(&aios), "allowed");
}

#[test]
fn a_full_store_takes_no_entity_and_keeps_those_it_has() {
    let site = Site::new();
    let aios = site.open(SQLITE);
    aios.entities().change(site.keeper(), &university()).unwrap();
    let pages: u32 = site.database().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    // Room for the intent, and none for a megabyte of entities.
    aios.limit_pages(pages + 40).unwrap();
    let many: Vec<_> = (0..900)
        .map(|number| {
            let mut doc = entity(&format!("Acme::Folder::{number}-{}", "x".repeat(900)), &[]);
            doc.parents = vec![uid("Acme::Folder::lab")];
            aios_core::engine::entities::Change::Put { entity: doc, expect: None }
        })
        .collect();
    assert_eq!(code(aios.entities().change(site.keeper(), &many)), Code::StoreUnavailable);
    aios.limit_pages(0).unwrap();
    site.pass(1001);
    assert_eq!(site.answer(&aios), "allowed");
    assert_eq!(aios.entities().list(site.keeper(), None).unwrap().entities.len(), 4);
    assert!(aios.verify(None).unwrap().ok);
}
