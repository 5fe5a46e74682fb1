//! Entities that tenants keep in the store: who may, what decisions make of them, and what is found when somebody else writes.

mod journey;
pub(crate) mod processes;
mod tampering;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aios_core::engine::entities::{Change, NewEntity};
use aios_core::{Aios, Builder, Code, Credential, EntityRef, Refusal, Request, Resource, config};
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};

use crate::world::World;

pub(crate) const SQLITE: &str = "sqlite:aios.db";
const SCHEMA: &str = r#"
namespace Aios { entity Group in [Group, Role, Org]; entity Org in [Org]; }
namespace Acme {
    entity Folder in [Folder] = { "tenant": String };
    entity Doc in [Folder] = { "tenant": String, "level"?: Long };
    action open appliesTo { principal: [Aios::User], resource: [Doc, Folder], context: {} };
}"#;
const POLICY: &str = r#"
@id("keepers") permit (principal in Aios::Role::"keeper", action == Aios::Action::"administer", resource is Aios::Entities);
@id("filers") permit (principal in Aios::Role::"filer", action == Aios::Action::"administer", resource is Aios::Entities)
    when { context has operation && ["put", "delete"].contains(context.operation) &&
        context has types && ["Acme::Doc"].containsAll(context.types) };
@id("org") permit (principal in Aios::Org::"research", action == Acme::Action::"open", resource in Acme::Folder::"lab");
"#;

/// A world whose policies ask for relations, and a clock by which knowledge grows old.
pub(crate) struct Site {
    pub(crate) world: World,
    uptime: Arc<AtomicU64>,
}

impl Site {
    pub(crate) fn new() -> Self {
        let world = World::new();
        std::fs::write(world.path("policies/all.cedar"), POLICY).unwrap();
        std::fs::write(world.path("policies/schema.cedarschema"), SCHEMA).unwrap();
        Self { world, uptime: Arc::default() }
    }

    pub(crate) fn configuration(&self, store: &str) -> Value {
        let mut configuration = self.world.configuration(store);
        configuration["issuer"][0]["roles"] = json!({"keeper": "Keeper", "filer": "Filer"});
        configuration["audit"] = json!({"deadline_seconds": 20});
        configuration
    }

    pub(crate) fn build(&self, configuration: Value) -> Builder {
        let settings = config::from_value(configuration, self.world.base()).unwrap();
        let uptime = Arc::clone(&self.uptime);
        let uptime = move || Duration::from_millis(uptime.load(Ordering::SeqCst));
        Aios::builder(settings).clock(Arc::clone(&self.world.clock)).uptime(uptime)
    }

    pub(crate) fn open(&self, store: &str) -> Aios {
        self.build(self.configuration(store)).build().unwrap()
    }

    pub(crate) fn pass(&self, milliseconds: u64) {
        self.uptime.fetch_add(milliseconds, Ordering::SeqCst);
    }

    pub(crate) fn keeper(&self) -> Credential {
        self.world.ada(&json!({"sub": "root", "roles": ["Keeper"]}))
    }

    pub(crate) fn database(&self) -> Connection {
        let file = Connection::open(self.world.path("aios.db")).unwrap();
        file.busy_timeout(Duration::from_secs(5)).unwrap();
        file
    }

    /// Ada opens the plan.
    pub(crate) fn asks(&self) -> Request {
        let plan = Resource::new("Acme::Doc", "plan").tenant("acme");
        Request::new(self.world.ada(&json!({})), "open", plan)
    }

    /// `allowed`, or why not.
    pub(crate) fn answer(&self, aios: &Aios) -> String {
        match aios.check(&self.asks()) {
            Ok(decision) => decision.code.map_or("allowed", Code::as_str).to_owned(),
            Err(refusal) => refusal.code().to_string(),
        }
    }
}

pub(crate) fn uid(text: &str) -> EntityRef {
    let (kind, id) = text.rsplit_once("::").unwrap();
    EntityRef::new(kind, id)
}

pub(crate) fn entity(name: &str, parents: &[&str]) -> NewEntity {
    let parents = parents.iter().map(|parent| uid(parent)).collect();
    NewEntity { uid: uid(name), attrs: Map::new(), parents, tags: Map::new() }
}

pub(crate) fn put(name: &str, parents: &[&str]) -> Change {
    Change::Put { entity: entity(name, parents), expect: None }
}

pub(crate) fn delete(name: &str) -> Change {
    Change::Delete { entity: uid(name), expect: None }
}

/// Where acme's rows stand.
pub(crate) const SHELF: &str = "entities/acme";

/// A row of acme's shelf.
pub(crate) type StoredRow = (String, u64, Vec<u8>);

pub(crate) fn stored(site: &Site) -> Vec<StoredRow> {
    let file = site.database();
    let mut find = file
        .prepare("SELECT name, version, value FROM shelf WHERE shelf = ?1 ORDER BY version, name")
        .unwrap();
    let rows = find.query_map([SHELF], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

pub(crate) fn rewrite(file: &Connection, rows: &[StoredRow]) {
    file.execute("DELETE FROM shelf WHERE shelf = ?1", [SHELF]).unwrap();
    for (name, version, value) in rows {
        let sql = "INSERT INTO shelf (shelf, name, version, value) VALUES (?1, ?2, ?3, ?4)";
        file.execute(sql, params![SHELF, name, version, value]).unwrap();
    }
}

/// What somebody else can make of rows, of which one was written anew since.
pub(crate) fn forgeries(before: &[StoredRow], after: &[StoredRow]) -> Vec<(&'static str, Vec<StoredRow>)> {
    let is_old =
        |row: &&StoredRow| after.iter().all(|other| other.0 != row.0 || other.2 != row.2) && row.0 != "head";
    let old = before.iter().find(is_old).unwrap();
    let swap = |change: &dyn Fn(&mut StoredRow)| -> Vec<StoredRow> {
        let mut rows = after.to_vec();
        let place = rows.iter().position(|row| row.0 == old.0).unwrap();
        change(&mut rows[place]);
        rows
    };
    let without = |name: &str| after.iter().filter(|row| row.0 != name).cloned().collect::<Vec<_>>();
    let with = |row: StoredRow| [after.to_vec(), vec![row]].concat();
    vec![
        ("the row of before", swap(&|row| *row = old.clone())),
        ("its content of before", swap(&|row| row.2.clone_from(&old.2))),
        ("its content of before in a later version", swap(&|row| (row.1, row.2) = (9, old.2.clone()))),
        ("a byte of its content", swap(&|row| *row.2.last_mut().unwrap() ^= 1)),
        ("no content", swap(&|row| row.2.clear())),
        ("only the tag", swap(&|row| row.2.truncate(32))),
        ("another version", swap(&|row| row.1 = 1)),
        ("another name", swap(&|row| row.0 = "0".repeat(64))),
        ("a name of nothing", swap(&|row| row.0 = "cedar2".into())),
        ("no row", without(&old.0)),
        ("no head", without("head")),
        ("only the head", after.iter().filter(|row| row.0 == "head").cloned().collect()),
        ("a row twice", with(("f".repeat(64), old.1, old.2.clone()))),
        ("policies of another row", with(("cedar".into(), old.1, old.2.clone()))),
        ("nonsense", with(("e".repeat(64), 1, b"x".to_vec()))),
    ]
}

/// All that Ada needs to open the plan.
pub(crate) fn university() -> Vec<Change> {
    vec![
        put("Aios::User::corp/ada", &["Aios::Group::corp/lab"]),
        put("Aios::Group::corp/lab", &["Aios::Org::research"]),
        put("Acme::Doc::plan", &["Acme::Folder::cellar"]),
        put("Acme::Folder::cellar", &["Acme::Folder::lab"]),
    ]
}

pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> Code {
    answer.unwrap_err().code()
}
