//! What the keeper does when others write at the same time, and when the store fails.

mod brought;
mod moving;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::keeper::{Found, Keeper, Opened};
use crate::crypto::{RootKeyError, RootKeys, Wrapped};
use crate::engine::live::PlannedUptime;
use crate::model::{Code, Deadline, Refusal, Secret, TenantId, Timestamp};
use crate::store::memory::ProcessRoot;
use crate::store::{Row, Rows, StoreError};
use crate::vault::{Fresh, SecretPath, Stage, row};

/// A store whose rows a test can read and exchange, and that can be full.
#[derive(Debug, Default)]
struct Shelf {
    rows: Mutex<BTreeMap<String, Row>>,
    is_full: AtomicBool,
}

impl Rows for Shelf {
    fn get(&self, key: &str) -> Result<Option<Row>, StoreError> {
        Ok(self.rows.lock().unwrap().get(key).cloned())
    }

    fn put_if(&self, key: &str, version: u64, value: &[u8]) -> Result<bool, StoreError> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("database or disk is full".into()));
        }
        let mut rows = self.rows.lock().unwrap();
        let fits = rows.get(key).map_or(0, |row| row.version) == version;
        if fits {
            rows.insert(key.to_owned(), Row { version: version + 1, value: value.to_vec() });
        }
        Ok(fits)
    }
}

/// A root that counts what it unwraps.
#[derive(Debug)]
struct Root {
    inner: ProcessRoot,
    unwrapped: AtomicUsize,
    is_gone: AtomicBool,
}

impl RootKeys for Root {
    fn wrap(&self, context: &[u8], key: &Secret) -> Result<Wrapped, RootKeyError> {
        self.inner.wrap(context, key)
    }

    fn unwrap(&self, context: &[u8], wrapped: &Wrapped) -> Result<Secret, RootKeyError> {
        self.unwrapped.fetch_add(1, Ordering::Relaxed);
        if self.is_gone.load(Ordering::Relaxed) {
            return Err(RootKeyError::Unavailable);
        }
        self.inner.unwrap(context, wrapped)
    }

    fn current(&self) -> Result<String, RootKeyError> {
        self.inner.current()
    }
}

#[derive(Clone)]
struct Stand {
    shelf: Arc<Shelf>,
    root: Arc<Root>,
    seconds: Arc<AtomicU64>,
}

impl Stand {
    fn new() -> Self {
        let root = Root {
            inner: ProcessRoot::make().unwrap(),
            unwrapped: AtomicUsize::new(0),
            is_gone: AtomicBool::new(false),
        };
        Self { shelf: Arc::default(), root: Arc::new(root), seconds: Arc::default() }
    }

    /// A keeper as another process has it.
    fn keeper(&self, deployment: &str) -> Keeper {
        let seconds = Arc::clone(&self.seconds);
        let uptime = PlannedUptime(Arc::new(move || Duration::from_secs(seconds.load(Ordering::Relaxed))));
        let rows: Arc<dyn Rows> = Arc::<Shelf>::clone(&self.shelf);
        let root: Arc<dyn RootKeys> = Arc::<Root>::clone(&self.root);
        Keeper::new(deployment.into(), rows, root, uptime)
    }

    fn row(&self, key: &str) -> Row {
        self.shelf.rows.lock().unwrap()[key].clone()
    }

    fn set(&self, key: &str, row: Row) {
        self.shelf.rows.lock().unwrap().insert(key.to_owned(), row);
    }
}

fn path(tenant: &str, name: &str) -> SecretPath {
    SecretPath::new(tenant.parse().unwrap(), "prod", name).unwrap()
}

fn by() -> Deadline {
    Deadline::after(Duration::from_secs(5))
}

/// Adds a version that holds no real envelope: what is sealed is the pure room's affair.
fn version(found: &mut Found) {
    let version = found.kept.next().unwrap();
    let fresh = Fresh {
        version,
        stage: Stage::Current,
        created: Timestamp::from_seconds(1),
        not_before: None,
        expires: None,
        fingerprint: String::new(),
        terms: "{}".into(),
        envelope: "aev1.AAAA".into(),
    };
    found.kept.add(fresh, 5).unwrap();
}

fn write(keeper: &Keeper, path: &SecretPath) -> Result<u64, Refusal> {
    let opened = keeper.open_or_make(path.tenant())?;
    let mut found = keeper.find(&opened, path)?.unwrap_or_default();
    version(&mut found);
    keeper.keep(path, opened, &found, by())
}

fn read(keeper: &Keeper, path: &SecretPath) -> Result<u64, Code> {
    let found = || -> Result<Option<Found>, Refusal> {
        let Some(opened) = keeper.open(path.tenant())? else { return Ok(None) };
        keeper.find(&opened, path)
    };
    found().map(|found| found.map_or(0, |found| found.revision)).map_err(|refusal| refusal.code())
}

/// Two writes, and both rows as they were between the two.
fn two_writes() -> (Stand, Keeper, SecretPath, [Row; 2]) {
    let (stand, path) = (Stand::new(), path("acme", "x"));
    let keeper = stand.keeper("eu");
    write(&keeper, &path).unwrap();
    let before = [stand.row(&row::secret_key(&path)), stand.row(&row::tenant_key(path.tenant()))];
    assert_eq!(write(&keeper, &path).unwrap(), 2);
    (stand, keeper, path, before)
}

fn begun(keeper: &Keeper, path: &SecretPath) -> (Opened, Found) {
    let opened = keeper.open_or_make(path.tenant()).unwrap();
    let mut found = keeper.find(&opened, path).unwrap().unwrap_or_default();
    version(&mut found);
    (opened, found)
}

#[test]
fn of_two_who_change_one_secret_one_is_first_and_of_two_secrets_both_are_kept() {
    let stand = Stand::new();
    let (one, other) = (stand.keeper("eu"), stand.keeper("eu"));
    let [x, y] = [path("acme", "x"), path("acme", "y")];
    write(&one, &x).unwrap();
    let ((opened, found), (late_opened, late)) = (begun(&one, &x), begun(&other, &x));
    assert_eq!(one.keep(&x, opened, &found, by()).unwrap(), 2);
    assert_eq!(other.keep(&x, late_opened, &late, by()).unwrap_err().code(), Code::VaultConflict);
    // Both change the tenant's row.
    let ((opened, found), (late_opened, late)) = (begun(&one, &x), begun(&other, &y));
    one.keep(&x, opened, &found, by()).unwrap();
    other.keep(&y, late_opened, &late, by()).unwrap();
    let floors = stand.keeper("eu").open(x.tenant()).unwrap().unwrap().register.floors;
    assert_eq!(floors, BTreeMap::from([("prod/x".into(), 3), ("prod/y".into(), 1)]));
}

#[test]
fn many_writers_of_many_secrets_lose_none() {
    let stand = Stand::new();
    let writers: Vec<_> = (0..6)
        .map(|writer| {
            let stand = stand.clone();
            std::thread::spawn(move || {
                let keeper = stand.keeper("eu");
                for round in 0..8 {
                    write(&keeper, &path("acme", &format!("w{writer}/{}", round % 4))).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let acme: TenantId = "acme".parse().unwrap();
    let floors = stand.keeper("eu").open(&acme).unwrap().unwrap().register.floors;
    assert_eq!((floors.len(), floors.values().sum::<u64>()), (24, 48));
}

#[test]
fn a_full_disk_refuses_and_leaves_what_was_there() {
    let (stand, keeper, known, _) = two_writes();
    stand.shelf.is_full.store(true, Ordering::Relaxed);
    for path in [&known, &path("acme", "new"), &path("globex", "new")] {
        assert_eq!(write(&keeper, path).unwrap_err().code(), Code::StoreUnavailable);
    }
    assert_eq!(read(&keeper, &known), Ok(2));
    stand.shelf.is_full.store(false, Ordering::Relaxed);
    assert_eq!(write(&keeper, &known).unwrap(), 3);
}

#[test]
fn what_a_crash_left_between_the_two_rows_is_read_and_written_on() {
    let (stand, _, known, [_, register]) = two_writes();
    // The secret's row was written the second time, and its tenant's was not any more.
    stand.set(&row::tenant_key(known.tenant()), register);
    let keeper = stand.keeper("eu");
    assert_eq!(read(&keeper, &known), Ok(2));
    assert_eq!(write(&keeper, &known).unwrap(), 3);
    // A name that was announced and never written is no secret, and can be made.
    let next = path("acme", "next");
    let mut opened = keeper.open(next.tenant()).unwrap().unwrap();
    opened.register.floors.insert(next.local(), 0);
    let tenant = row::tenant_key(next.tenant());
    let version = stand.row(&tenant).version;
    stand.shelf.put_if(&tenant, version, &opened.register.write(&opened.keys, version + 1)).unwrap();
    assert_eq!(read(&keeper, &next), Ok(0));
    assert_eq!(write(&keeper, &next).unwrap(), 1);
}

#[test]
fn r11_a_master_is_unwrapped_once_for_five_minutes_and_by_one_caller_at_a_time() {
    let (stand, _, path, _) = two_writes();
    let keeper = stand.keeper("eu");
    stand.root.unwrapped.store(0, Ordering::Relaxed);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(read(&keeper, &path), Ok(2)));
        }
    });
    assert_eq!(stand.root.unwrapped.load(Ordering::Relaxed), 1);
    for (seconds, unwrapped) in [(299, 1), (300, 2), (599, 2)] {
        stand.seconds.store(seconds, Ordering::Relaxed);
        read(&keeper, &path).unwrap();
        assert_eq!(stand.root.unwrapped.load(Ordering::Relaxed), unwrapped, "{seconds}");
    }
    // What fails is not remembered, and a root that is away is told from one that does not fit.
    stand.seconds.store(1_000, Ordering::Relaxed);
    stand.root.is_gone.store(true, Ordering::Relaxed);
    assert_eq!(read(&keeper, &path), Err(Code::StoreUnavailable));
    stand.root.is_gone.store(false, Ordering::Relaxed);
    assert_eq!(read(&keeper, &path), Ok(2));
}

#[test]
fn a_tenant_has_at_most_so_many_secrets() {
    let (stand, keeper, known, _) = two_writes();
    let mut opened = keeper.open(known.tenant()).unwrap().unwrap();
    for number in 1..row::MOST_SECRETS {
        opened.register.floors.insert(format!("prod/many/{number}"), 0);
    }
    let tenant = row::tenant_key(known.tenant());
    let version = stand.row(&tenant).version;
    stand.shelf.put_if(&tenant, version, &opened.register.write(&opened.keys, version + 1)).unwrap();
    let refused = write(&keeper, &path("acme", "more")).unwrap_err();
    assert_eq!((refused.code(), refused.detail().at.as_deref()), (Code::PolicyInput, Some("reference")));
    assert_eq!(write(&keeper, &known).unwrap(), 3);
}
