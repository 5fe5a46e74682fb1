//! Rows: only what was written there, at that time, by whoever holds the master.

use super::*;
use crate::crypto::Wrapped;
use crate::model::Timestamp;

fn kept() -> Kept {
    let mut kept = Kept::default();
    let fresh = Fresh {
        version: Version::FIRST,
        stage: Stage::Current,
        created: Timestamp::from_seconds(1),
        not_before: None,
        expires: None,
        fingerprint: "00".into(),
        terms: String::from_utf8(TERMS.to_vec()).unwrap(),
        envelope: "aev1.AAAA".into(),
    };
    kept.add(fresh, 5).unwrap();
    kept
}

#[test]
fn r07_a_row_is_read_where_and_when_it_was_written_and_nowhere_else() {
    let keys = keys(&acme());
    let (path, elsewhere) = (path(), SecretPath::new(acme(), "prod", "openai/other").unwrap());
    let row = row::write_secret(&keys, &path, 4, &kept());
    assert_eq!(row::read_secret(&keys, &path, 4, &row), Ok(kept()));
    let undecryptable = Err(Error::Undecryptable);
    assert_eq!(row::read_secret(&keys, &elsewhere, 4, &row), undecryptable, "another secret's row");
    let globex: TenantId = "globex".parse().unwrap();
    let theirs = SecretPath::new(globex.clone(), "prod", "openai/main").unwrap();
    assert_eq!(
        row::read_secret(&super::keys(&globex), &theirs, 4, &row),
        undecryptable,
        "another tenant's row"
    );
    let other = TenantKeys::derive(&secret(&[8; 32]), &acme(), "m-1").unwrap();
    assert_eq!(row::read_secret(&other, &path, 4, &row), undecryptable, "another master");
}

#[test]
fn r10_an_earlier_rows_content_does_not_pass_for_a_later_write() {
    let keys = keys(&acme());
    let row = row::write_secret(&keys, &path(), 4, &kept());
    for revision in [0, 3, 5, u64::MAX] {
        assert_eq!(row::read_secret(&keys, &path(), revision, &row), Err(Error::Undecryptable));
    }
    let register = Register::new("m-1", &Wrapped { kid: "k-1".into(), bytes: vec![1, 2, 3] });
    let row = register.write(&keys, 9);
    assert_eq!(Register::verify(&keys, 9, &row), Ok(()));
    assert_eq!(Register::verify(&keys, 8, &row), Err(Error::Undecryptable));
    assert_eq!(Register::peek(&row).unwrap(), register);
}

#[test]
fn any_changed_byte_of_a_row_is_found() {
    let keys = keys(&acme());
    let row = row::write_secret(&keys, &path(), 1, &kept());
    let register = Register::new("m-1", &Wrapped { kid: "k-1".into(), bytes: vec![1, 2, 3] }).write(&keys, 1);
    for at in 0..row.len() {
        let mut changed = row.clone();
        changed[at] ^= 1;
        assert_eq!(row::read_secret(&keys, &path(), 1, &changed), Err(Error::Undecryptable));
        assert_eq!(row::read_secret(&keys, &path(), 1, &row[..at]), Err(Error::Undecryptable));
    }
    for at in 0..register.len() {
        let mut changed = register.clone();
        changed[at] ^= 1;
        assert_eq!(Register::verify(&keys, 1, &changed), Err(Error::Undecryptable));
    }
}

#[test]
fn a_row_of_the_right_tag_and_of_impossible_content_is_refused() {
    let keys = keys(&acme());
    let good = serde_json::to_value(kept()).unwrap();
    let rows = [
        ("/versions/0/stage", serde_json::json!("destroyed")),
        ("/versions/0/envelope", serde_json::json!("")),
        ("/versions/0/version", serde_json::json!(0)),
        ("/versions", serde_json::json!([])),
        ("/versions", serde_json::json!([good["versions"][0], good["versions"][0]])),
        ("/versions/0/extra", serde_json::json!(1)),
    ];
    for (at, value) in rows {
        let mut changed = good.clone();
        match changed.pointer_mut(at) {
            Some(place) => *place = value,
            None => changed["versions"][0]["extra"] = value,
        }
        let body = serde_json::to_vec(&changed).unwrap();
        let key = row::secret_key(&path());
        let row = [&keys.row_mac(&key, 1, &body)[..], &body].concat();
        assert_eq!(row::read_secret(&keys, &path(), 1, &row), Err(Error::Undecryptable), "{at}");
    }
}

#[test]
fn no_two_secrets_and_no_two_tenants_share_a_row() {
    let key = |tenant: &str, namespace: &str, name: &str| {
        row::secret_key(&SecretPath::new(tenant.parse().unwrap(), namespace, name).unwrap())
    };
    assert_eq!(key("corp/t1", "prod", "x"), "vault/secret/corp~t1/prod/x");
    assert_ne!(key("corp/t1", "prod", "x"), key("corp", "t1", "prod/x"));
    assert_ne!(row::tenant_key(&"corp/t1".parse().unwrap()), row::tenant_key(&"corp".parse().unwrap()));
}

#[test]
fn r24_a_fingerprint_is_short_keyed_and_each_tenants_own() {
    let (acme, globex) = (keys(&acme()), keys(&"globex".parse().unwrap()));
    let value = secret(b"hunter2");
    assert_eq!(acme.fingerprint(&value).len(), 16);
    assert_eq!(acme.fingerprint(&value), acme.fingerprint(&secret(b"hunter2")));
    assert_ne!(acme.fingerprint(&value), acme.fingerprint(&secret(b"hunter3")));
    assert_ne!(acme.fingerprint(&value), globex.fingerprint(&value), "tenants cannot be compared");
    let plain = crate::crypto::sha256(&[b"hunter2"]);
    assert!(!crate::model::hex::hex(&plain).contains(&acme.fingerprint(&value)));
}

#[test]
fn r12_nothing_that_holds_a_key_shows_it() {
    let keys = TenantKeys::derive(&secret(&[0x41; 32]), &acme(), "m-1").unwrap();
    let shown = format!("{keys:?} {:?}", secret(b"AAAA"));
    assert!(
        !shown.contains("AAAA") && !shown.contains("65, 65") && shown.contains("WrappingKey(tenant-kek m-1)")
    );
}
