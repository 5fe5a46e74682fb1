//! Rows that somebody brought from elsewhere, or from before.

use super::*;

#[test]
fn r10_a_row_whose_content_was_put_back_is_found_by_everybody() {
    let (stand, keeper, path, [before, register]) = two_writes();
    let key = row::secret_key(&path);
    let after = stand.row(&key);
    stand.set(&key, Row { version: after.version, value: before.value });
    for keeper in [&keeper, &stand.keeper("eu")] {
        assert_eq!(read(keeper, &path), Err(Code::VaultUndecryptable));
    }
    stand.set(&key, after);
    let tenant = row::tenant_key(path.tenant());
    let now = stand.row(&tenant);
    stand.set(&tenant, Row { version: now.version, value: register.value });
    for keeper in [&keeper, &stand.keeper("eu")] {
        assert_eq!(read(keeper, &path), Err(Code::VaultUndecryptable));
    }
}

#[test]
fn r10_a_secret_whose_whole_row_was_put_back_or_removed_is_found_by_everybody() {
    let (stand, keeper, path, [before, _]) = two_writes();
    stand.set(&row::secret_key(&path), before);
    for keeper in [&keeper, &stand.keeper("eu")] {
        assert_eq!(read(keeper, &path), Err(Code::VaultRolledBack));
        assert_eq!(write(keeper, &path).unwrap_err().code(), Code::VaultRolledBack);
    }
    stand.shelf.rows.lock().unwrap().remove(&row::secret_key(&path));
    for keeper in [&keeper, &stand.keeper("eu")] {
        assert_eq!(read(keeper, &path), Err(Code::VaultRolledBack));
    }
}

#[test]
fn r10_both_rows_put_back_are_found_by_whoever_has_seen_later_ones() {
    let (stand, keeper, path, [secret, register]) = two_writes();
    stand.set(&row::secret_key(&path), secret);
    stand.set(&row::tenant_key(path.tenant()), register);
    assert_eq!(read(&keeper, &path), Err(Code::VaultRolledBack));
    // A process that has seen neither does not find it here. The audit trail does: tests/vault/tampering.rs.
    assert_eq!(read(&stand.keeper("eu"), &path), Ok(1));
}

#[test]
fn r10_a_tenants_row_that_was_removed_is_found_and_never_made_anew_over_its_secrets() {
    let (stand, keeper, path, _) = two_writes();
    stand.shelf.rows.lock().unwrap().remove(&row::tenant_key(path.tenant()));
    assert_eq!(read(&keeper, &path), Err(Code::VaultRolledBack));
    let fresh = stand.keeper("eu");
    assert_eq!(write(&fresh, &path).unwrap_err().code(), Code::VaultRolledBack);
}

#[test]
fn r07_another_tenants_row_or_another_secrets_row_is_refused_where_it_is_put() {
    let stand = Stand::new();
    let keeper = stand.keeper("eu");
    let [ours, other, theirs] = [path("acme", "x"), path("acme", "y"), path("globex", "x")];
    for path in [&ours, &other, &theirs] {
        write(&keeper, path).unwrap();
    }
    let mine = stand.row(&row::secret_key(&ours));
    for brought in [&other, &theirs] {
        stand.set(&row::secret_key(&ours), stand.row(&row::secret_key(brought)));
        for keeper in [&keeper, &stand.keeper("eu")] {
            assert_eq!(read(keeper, &ours), Err(Code::VaultUndecryptable));
        }
    }
    stand.set(&row::secret_key(&ours), mine);
    stand.set(&row::tenant_key(ours.tenant()), stand.row(&row::tenant_key(theirs.tenant())));
    assert_eq!(read(&stand.keeper("eu"), &ours), Err(Code::VaultUndecryptable), "another tenant's master");
}

#[test]
fn a_wrong_root_key_or_another_deployment_opens_nothing_and_writes_nothing() {
    let (stand, _, path, _) = two_writes();
    let other = Stand { root: Stand::new().root, ..stand.clone() };
    for keeper in [other.keeper("eu"), stand.keeper("us")] {
        assert_eq!(read(&keeper, &path), Err(Code::VaultUndecryptable));
        assert_eq!(write(&keeper, &path).unwrap_err().code(), Code::VaultUndecryptable);
    }
    assert_eq!(read(&stand.keeper("eu"), &path), Ok(2));
}
