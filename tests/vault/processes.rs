//! Several processes administer one tenant's secrets.

use aios_core::vault::Stage;

use super::{Site, configuration, reference, rotation};
use crate::processes::{helper, logged};

#[test]
fn processes_that_rotate_one_secret_give_each_version_once_and_lose_none() {
    let stage = Site::new();
    stage.put("secret://acme/prod/shared", "sk-1").unwrap();
    let token = stage.admin().token().to_owned();
    let job = serde_json::json!({
        "configuration": configuration(&stage.world), "token": token, "now": crate::world::START,
    });
    std::fs::write(stage.world.path("job.json"), job.to_string()).unwrap();
    let names = ["one", "two", "three"];
    let children = names.map(|name| helper(&stage.world, name, "rotates", 6).spawn().unwrap());
    std::fs::write(stage.world.path("go"), "").unwrap();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut given: Vec<u64> = names
        .iter()
        .flat_map(|name| logged(&stage.world, name, "version"))
        .map(|version| version.parse().unwrap())
        .collect();
    given.sort_unstable();
    assert_eq!(given, (2..=19).collect::<Vec<_>>(), "each version was given to exactly one process");
    let listed = stage.aios.vault().list(stage.admin(), None).unwrap();
    assert_eq!(listed.len(), 1 + 3, "each process put a secret of its own");
    let shared = listed.iter().find(|one| one.path.name() == "shared").unwrap();
    let last = shared.versions.last().unwrap();
    assert_eq!((last.version.number(), last.stage), (19, Stage::Current));
    assert_eq!(stage.verify(&stage.aios).faults, []);
    // Revoked here, it is revoked there: nobody keeps a copy.
    stage.aios.vault().revoke(stage.admin(), &reference("secret://acme/prod/shared")).unwrap();
    let elsewhere = stage.again();
    let order = rotation("secret://acme/prod/shared@18", "x", Stage::Current);
    assert!(elsewhere.vault().rotate(stage.admin(), &order).is_err());
}
