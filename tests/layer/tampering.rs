//! Somebody else writes to the store: nobody is permitted anything by it, and nobody else is refused.

use aios_core::{Aios, Code};

use super::{OPENS, STOPS, globex, open, policy, site, their_answer};
use crate::entities::{SHELF, SQLITE, Site, StoredRow, code, forgeries, rewrite, stored};

/// A policy that let Ada in, and the rows of before it was taken out and after.
fn scene() -> (Site, Aios, [Vec<StoredRow>; 2]) {
    let site = site();
    let aios = open(&site, SQLITE);
    aios.layer().put(site.keeper(), policy("opens", OPENS), None).unwrap();
    let before = stored(&site);
    aios.layer().put(site.keeper(), policy("opens", STOPS), None).unwrap();
    let after = stored(&site);
    assert_eq!(site.answer(&aios), "policy.denied");
    (site, aios, [before, after])
}

#[test]
fn nobody_writes_a_policy_into_the_store() {
    let (site, _aios, [before, after]) = scene();
    // Two rows of policies no store can hold.
    let attacks =
        forgeries(&before, &after).into_iter().filter(|(what, _)| *what != "policies of another row");
    for (what, rows) in attacks {
        rewrite(&site.database(), &rows);
        let fresh = open(&site, SQLITE);
        assert_eq!(site.answer(&fresh), "entities.damaged", "{what}");
        assert_eq!(code(fresh.layer().list(site.keeper())), Code::EntitiesDamaged, "{what}");
        let put = fresh.layer().put(site.keeper(), policy("x", OPENS), None);
        assert_eq!(code(put), Code::EntitiesDamaged, "{what}");
        assert_eq!(their_answer(&site, &fresh), "allowed", "{what}");
        fresh.layer().put(globex(&site), policy("theirs", STOPS), None).unwrap();
        fresh.layer().remove(globex(&site), "theirs", None).unwrap();
    }
    rewrite(&site.database(), &after);
    assert_eq!(site.answer(&open(&site, SQLITE)), "policy.denied");
}

#[test]
fn an_older_revision_is_refused_by_whoever_saw_a_newer_one() {
    let (site, aios, [before, after]) = scene();
    for older in [&before[..], &[]] {
        rewrite(&site.database(), older);
        site.pass(1001);
        assert_eq!(site.answer(&aios), "entities.rolled_back");
        assert_eq!(code(aios.layer().list(site.keeper())), Code::EntitiesRolledBack);
        assert_eq!(their_answer(&site, &aios), "allowed");
    }
    rewrite(&site.database(), &after);
    site.pass(1001);
    assert_eq!(site.answer(&aios), "policy.denied");
    // A process that saw nothing newer cannot tell a backup from the store; the revision of each decision's record can.
    rewrite(&site.database(), &before);
    let fresh = open(&site, SQLITE);
    assert_eq!(
        (site.answer(&fresh), fresh.check(&site.asks()).unwrap().entities_version),
        ("allowed".into(), 1)
    );
}

#[test]
fn another_tenants_policies_are_nobodys() {
    let (site, aios, _) = scene();
    let opens = OPENS.replace("corp/ada", "corp/gus");
    aios.layer().put(globex(&site), policy("opens", &opens), None).unwrap();
    for (from, to) in [(SHELF, "away"), ("entities/globex", SHELF), ("away", "entities/globex")] {
        site.database().execute("UPDATE shelf SET shelf = ?2 WHERE shelf = ?1", [from, to]).unwrap();
    }
    let fresh = open(&site, SQLITE);
    assert_eq!(
        (site.answer(&fresh), their_answer(&site, &fresh)),
        ("entities.damaged".into(), "entities.damaged".into())
    );
}

#[test]
fn keys_that_were_taken_away_open_nothing() {
    let (site, _aios, _) = scene();
    site.database().execute("DELETE FROM row WHERE key = 'entities/master/acme'", []).unwrap();
    let fresh = open(&site, SQLITE);
    assert_eq!((site.answer(&fresh), their_answer(&site, &fresh)), ("key.unusable".into(), "allowed".into()));
    assert_eq!(code(fresh.layer().put(site.keeper(), policy("x", OPENS), None)), Code::KeyUnusable);
}

#[test]
fn what_cannot_be_read_within_the_bound_is_not_answered_from_memory() {
    let (site, aios, _) = scene();
    aios.layer().put(site.keeper(), policy("opens", OPENS), None).unwrap();
    assert_eq!(site.answer(&aios), "allowed");
    let file = site.database();
    file.execute_batch("ALTER TABLE shelf RENAME TO gone").unwrap();
    assert_eq!(site.answer(&aios), "allowed");
    site.pass(1001);
    assert_eq!(site.answer(&aios), "store.corrupt");
    file.execute_batch("ALTER TABLE gone RENAME TO shelf").unwrap();
    assert_eq!(site.answer(&aios), "allowed");
}
