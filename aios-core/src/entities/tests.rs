//! What does not stand as it was written is not believed.

use std::collections::BTreeMap;

use super::{EntityKeys, Error, POLICIES, PolicyRow, Row, Sum, Written, behind_rows, name, shelf};
use crate::model::{EntityRef, Secret};

fn keys(tenant: &str) -> EntityKeys {
    EntityKeys::derive(&Secret::new(vec![7; 32]), &tenant.parse().unwrap()).unwrap()
}

fn alice() -> EntityRef {
    EntityRef::new("Aios::User", "corp/alice")
}

fn written() -> Written {
    let text =
        r#"{"attrs":{},"parents":[{"id":"x","type":"G"}],"uid":{"id":"corp/alice","type":"Aios::User"}}"#;
    Written { uid: alice(), parents: 1, text: text.into() }
}

#[test]
fn a_row_is_read_as_it_was_written_and_nowhere_else() {
    let (keys, stranger) = (keys("acme"), keys("rival"));
    for content in [Some(written()), None] {
        let (name, value, row) = Row::write(&keys, 3, &alice(), content);
        assert_eq!(Row::read(&keys, 3, &name, &value), Ok(row));
        assert!(
            !value.windows(5).any(|part| part == b"alice") || value.len() > 32,
            "a deleted entity leaves its name"
        );
        assert!(name.as_str() < behind_rows() && behind_rows() < super::HEAD);
        let other = super::name(&EntityRef::new("Aios::User", "corp/bob"));
        for (keys, version, name) in [(&stranger, 3, &name), (&keys, 2, &name), (&keys, 3, &other)] {
            assert_eq!(Row::read(keys, version, name, &value), Err(Error::Damaged));
        }
        for place in 0..value.len() {
            let mut changed = value.clone();
            changed[place] ^= 1;
            assert_eq!(Row::read(&keys, 3, &name, &changed), Err(Error::Damaged), "{place}");
            assert_eq!(Row::read(&keys, 3, &name, &value[..place]), Err(Error::Damaged), "{place}");
        }
    }
}

#[test]
fn a_head_holds_for_its_rows_its_version_and_its_tenant() {
    let keys = keys("acme");
    let row = |version| Row::write(&keys, version, &alice(), Some(written())).2;
    let mut sum = Sum::default();
    sum.toggle(&row(1).stamp);
    let head = sum.head(&keys, 1, 1);
    assert_eq!(sum.verify(&keys, (1, 1), &head), Ok(()));
    let mut older = Sum::default();
    older.toggle(&row(2).stamp);
    for (sum, version, count) in [(Sum::default(), 1, 1), (older, 1, 1), (sum, 2, 1), (sum, 1, 2)] {
        assert_eq!(sum.verify(&keys, (version, count), &head), Err(Error::Damaged));
    }
    assert_eq!(sum.verify(&self::keys("rival"), (1, 1), &head), Err(Error::Damaged));
    assert_eq!(sum.verify(&keys, (1, 1), &[]), Err(Error::Damaged));
    // What is added and taken away again leaves nothing.
    sum.toggle(&row(1).stamp);
    assert_eq!(sum, Sum::default());
}

#[test]
fn no_two_entities_or_tenants_share_a_place() {
    let names = [("A", "b/c"), ("A", "bc"), ("Ab", "/c"), ("Ab/", "c")]
        .map(|(kind, id)| name(&EntityRef::new(kind, id)));
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len());
    assert_ne!(shelf(&"acme".parse().unwrap()), shelf(&"acm".parse().unwrap()));
}

#[test]
fn policies_are_read_as_they_were_written_and_at_no_other_version() {
    let keys = keys("acme");
    let texts = [("a", "permit(principal, action, resource);"), ("b", "")];
    for texts in [texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into(), BTreeMap::new()] {
        let (value, row) = PolicyRow::write(&keys, 3, texts);
        assert_eq!(PolicyRow::read(&keys, 3, &value), Ok(row));
        assert!(POLICIES < behind_rows());
        for (keys, version) in [(&self::keys("rival"), 3), (&keys, 2)] {
            assert_eq!(PolicyRow::read(keys, version, &value), Err(Error::Damaged));
        }
        for place in 0..value.len() {
            let mut changed = value.clone();
            changed[place] ^= 1;
            assert_eq!(PolicyRow::read(&keys, 3, &changed), Err(Error::Damaged), "{place}");
            assert_eq!(PolicyRow::read(&keys, 3, &value[..place]), Err(Error::Damaged), "{place}");
        }
    }
    // No entity's row is one of policies, whatever it holds.
    let (name, value, _) = Row::write(&keys, 3, &alice(), Some(written()));
    assert_ne!(name, POLICIES);
    assert_eq!(PolicyRow::read(&keys, 3, &value), Err(Error::Damaged));
}
