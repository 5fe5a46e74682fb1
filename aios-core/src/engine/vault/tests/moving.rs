//! Secrets that are moved under another master while others write.

use super::*;
use crate::engine::vault::masters::Looked;
use crate::vault::Register;

/// Moves everything there is; says whether nothing was left.
fn move_all(keeper: &Keeper, tenant: &TenantId) -> bool {
    let opened = keeper.open(tenant).unwrap().unwrap();
    let names: Vec<String> = opened.register.floors.keys().cloned().collect();
    names.iter().all(|local| {
        let path = SecretPath::from_local(tenant.clone(), local).unwrap();
        let Ok(Some((opened, found))) = keeper.locate(&path) else { return true };
        // These versions hold no real envelopes; only rows are looked at.
        found.under == opened.register.kid() || keeper.keep(&path, opened, &found, by()).is_ok()
    })
}

fn looked(keeper: &Keeper, tenant: &TenantId) -> Looked {
    Looked::at(&keeper.open(tenant).unwrap().unwrap().register)
}

#[test]
fn a_writer_that_read_the_old_master_cannot_leave_anything_that_is_lost_when_the_move_ends() {
    let (stand, one, known, _) = two_writes();
    let other = stand.keeper("eu");
    let (tenant, new) = (known.tenant(), path("acme", "new"));
    // Both have read the old master, one of them for a secret that is there, one for a new one.
    let ((opened, found), (opened_new, found_new)) = (begun(&other, &known), begun(&other, &new));
    let now = Timestamp::from_seconds(10);
    assert!(one.succeed(&one.open(tenant).unwrap().unwrap(), now).unwrap());
    assert_eq!(other.keep(&new, opened_new, &found_new, by()).unwrap_err().code(), Code::VaultConflict);
    // Written under the old master, and still readable: it is moved.
    other.keep(&known, opened, &found, by()).unwrap();
    let (_, behind) = one.locate(&known).unwrap().unwrap();
    assert_eq!((behind.revision, read(&stand.keeper("eu"), &known)), (3, Ok(3)));
    while !move_all(&one, tenant) {}
    assert!(one.settle(tenant, &looked(&one, tenant)).unwrap());
    assert_eq!(read(&stand.keeper("eu"), &known), Ok(4));
    assert!(write(&other, &new).is_ok());
}

#[test]
fn what_another_began_meanwhile_is_not_settled_by_whoever_looked_before() {
    let (stand, one, known, _) = two_writes();
    let other = stand.keeper("eu");
    let tenant = known.tenant();
    other.succeed(&other.open(tenant).unwrap().unwrap(), Timestamp::from_seconds(10)).unwrap();
    assert!(move_all(&one, tenant));
    let before = looked(&one, tenant);
    // Meanwhile another one ends this move and begins the next.
    assert!(other.settle(tenant, &looked(&other, tenant)).unwrap());
    other.succeed(&other.open(tenant).unwrap().unwrap(), Timestamp::from_seconds(20)).unwrap();
    assert!(!one.settle(tenant, &before).unwrap());
    assert_eq!(read(&stand.keeper("eu"), &known), Ok(3));
}

#[test]
fn a_row_under_a_master_that_secrets_have_left_is_not_read() {
    let (stand, keeper, known, _) = two_writes();
    let key = row::secret_key(&known);
    let before = stand.row(&key);
    keeper.succeed(&keeper.open(known.tenant()).unwrap().unwrap(), Timestamp::from_seconds(10)).unwrap();
    assert!(move_all(&keeper, known.tenant()));
    assert!(keeper.settle(known.tenant(), &looked(&keeper, known.tenant())).unwrap());
    // Whoever has the old master could write such a row; its number is the one that is expected.
    let old = Row { version: stand.row(&key).version, value: before.value };
    stand.set(&key, old);
    assert_eq!(read(&stand.keeper("eu"), &known), Err(Code::VaultUndecryptable));
}

#[test]
fn writers_and_readers_of_many_secrets_lose_nothing_while_the_master_changes() {
    let stand = Stand::new();
    let keeper = stand.keeper("eu");
    let acme: TenantId = "acme".parse().unwrap();
    write(&keeper, &path("acme", "first")).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let stand = stand.clone();
            scope.spawn(move || {
                let keeper = stand.keeper("eu");
                for round in 0..40 {
                    let path = path("acme", &format!("w{writer}/{}", round % 4));
                    // Somebody moved it meanwhile: read it again, and decide anew.
                    while let Err(refusal) = write(&keeper, &path) {
                        assert_eq!(refusal.code(), Code::VaultConflict);
                    }
                    assert!(read(&keeper, &path).is_ok_and(|revision| revision > round / 4));
                }
            });
        }
        for at in 0..3 {
            let opened = keeper.open(&acme).unwrap().unwrap();
            keeper.succeed(&opened, Timestamp::from_seconds(at)).unwrap();
            while !move_all(&keeper, &acme) {}
        }
    });
    while !move_all(&keeper, &acme) {}
    let fresh = stand.keeper("eu");
    let opened = fresh.open(&acme).unwrap().unwrap();
    assert_eq!(opened.register.floors.len(), 17);
    for local in opened.register.floors.keys() {
        let found =
            fresh.find(&opened, &SecretPath::from_local(acme.clone(), local).unwrap()).unwrap().unwrap();
        assert_eq!(found.under, opened.register.kid(), "{local}");
        assert!(local == "prod/first" || found.kept.latest().unwrap().number() == 10, "{local}");
    }
}

#[test]
fn r18_destroyed_masters_open_nothing_in_any_process_and_are_never_made_anew() {
    let (stand, keeper, known, _) = two_writes();
    let other = stand.keeper("eu");
    assert_eq!(read(&other, &known), Ok(2));
    let (opened, found) = begun(&other, &known);
    assert!(keeper.destroy_masters(known.tenant(), Timestamp::from_seconds(1), by()).unwrap());
    assert!(
        !keeper.destroy_masters(known.tenant(), Timestamp::from_seconds(1), by()).unwrap(),
        "done is done"
    );
    for keeper in [&keeper, &other, &stand.keeper("eu")] {
        assert_eq!(read(keeper, &known), Err(Code::VaultOffboarded));
        assert_eq!(write(keeper, &path("acme", "new")).unwrap_err().code(), Code::VaultOffboarded);
    }
    // Whoever was writing has written nothing that opens.
    assert!(other.keep(&known, opened, &found, by()).is_err());
    assert_eq!(read(&other, &known), Err(Code::VaultOffboarded));
    let text = String::from_utf8_lossy(&stand.row(&row::tenant_key(known.tenant())).value[32..]).into_owned();
    assert_eq!(text, r#"{"destroyed":1000000000}"#);
    assert_eq!(read(&other, &path("globex", "x")), Ok(0));
}

#[test]
fn r18_keys_are_wiped_a_minute_after_they_are_too_old_though_nobody_asks_for_them() {
    let (stand, keeper, known, _) = two_writes();
    write(&keeper, &path("globex", "x")).unwrap();
    assert_eq!(keeper.tenants.count(), 2);
    stand.seconds.store(400, Ordering::Relaxed);
    read(&keeper, &known).unwrap();
    assert_eq!(keeper.tenants.count(), 1);
}

#[test]
fn a_registers_masters_come_and_go_as_they_should() {
    let wrapped = |kid: &str| Wrapped { kid: kid.into(), bytes: vec![7; 104] };
    let now = Timestamp::from_seconds(5);
    let mut register = Register::new("m-0", &wrapped("k1"));
    for next in 1..=16 {
        register = register.succeed(format!("m-{next}"), &wrapped("k1"), now).unwrap();
    }
    assert_eq!(
        (register.kid(), register.roots().count(), register.leaving().unwrap().len()),
        ("m-16", 17, 16)
    );
    assert_eq!(register.leaving_since(), Some(now));
    assert!(register.clone().succeed("m-17".into(), &wrapped("k1"), now).is_err());
    let moved = register.settled().rewrapped::<crate::vault::Error>(|_| Ok(wrapped("k2"))).unwrap();
    assert_eq!((moved.leaving().unwrap(), moved.roots().all(|kid| kid == "k2")), (Vec::new(), true));
}
