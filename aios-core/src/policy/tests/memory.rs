//! What kept entities take of memory, for `docs/policy.md`:
//! `cargo test -p aios-core --features testing --lib -- --ignored --nocapture memory_of_kept_entities`.

use serde_json::{Map, json};

use super::load;
use crate::model::EntityRef;
use crate::policy::{Kept, KeptEntity, NewEntity};

const MANY: u32 = 100_000;

/// Kilobytes of this process that are in memory.
fn resident() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A document with an attribute, in a folder.
fn document(number: u32) -> KeptEntity {
    let uid = EntityRef::new("Aios::Data", format!("document-{number:06}"));
    let parents = vec![EntityRef::new("Aios::Data", format!("folder-{:04}", number % 1000))];
    let attrs =
        Map::from_iter([("domain".to_owned(), json!({"__entity": {"type": "Aios::Domain", "id": "sales"}}))]);
    let entity = NewEntity { uid: uid.clone(), attrs, parents, tags: Map::new() };
    let name = crate::crypto::sha256(&[uid.id.as_bytes()]);
    KeptEntity::new(uid, (u64::from(number), name, name), entity.text().into(), 1)
}

#[test]
#[ignore = "a measurement, not a check"]
fn memory_of_kept_entities() {
    let desk = load(&[("a.cedar", "permit(principal, action, resource);")]);
    let (tenant, vocabulary) = ("acme".parse().unwrap(), &desk.policies().vocabulary);
    let before = resident();
    let mut kept = Kept::default();
    let mut bytes = 0;
    for number in 0..MANY {
        let entity = document(number);
        bytes += entity.text.len();
        kept.insert(entity);
    }
    let read = resident();
    for number in 0..MANY {
        let uid = vocabulary.uid(&document(number).uid).unwrap();
        kept.written(&uid, (vocabulary, &tenant)).unwrap().unwrap();
    }
    let reached = resident();
    println!(
        "{MANY} entities, {bytes} bytes of JSON: {} MB read, {} MB once decisions reached all",
        (read - before) / 1024,
        (reached - before) / 1024
    );
}
