//! Calls across tenants: permitted by all three, in both tenants' chains or not at all, and ended by either.

mod ends;
mod keeping;
mod process;

use aios_core::{Aios, Code, Credential, Outcome, Permit, Refusal, Request, Resource, TenantId};
use serde_json::{Value, json};

use crate::bodies::{Body, bodies};
use crate::hostile::awaiting::block_on;
use crate::world::World;

const SQLITE: &str = "sqlite:aios.db";
const OURS: &str =
    r#"@id("ours") permit (principal, action == Aios::Action::"read", resource is Aios::Data);"#;
const GUESTS: &str = r#"@id("guests") permit (principal, action == Aios::Action::"read", resource is Aios::Data)
    when { principal.tenant == "acme" };"#;

/// A world in which Ada of acme may read globex's data.
pub(crate) fn world() -> World {
    let world = World::new();
    for (tenant, policies) in [("acme", OURS), ("globex", GUESTS)] {
        let folder = world.path(&format!("policies/tenants/{tenant}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("own.cedar"), policies).unwrap();
    }
    world
}

pub(crate) fn configuration(world: &World, store: &str) -> Value {
    let mut configuration = world.configuration(store);
    configuration["policy"]["delegable"] = json!({"actions": ["read"], "resources": ["Aios::Data"]});
    configuration["cross_tenant"] = json!([{
        "name": "review", "from": "acme", "to": "globex",
        "principals": [{"kind": "user", "issuer": "corp", "id": "ada"}],
        "resource_types": ["Aios::Data"], "actions": ["read"], "expires": "2027-01-15T08:01:30Z",
    }]);
    configuration["audit"] = json!({"deadline_seconds": 1});
    configuration
}

fn open(world: &World, store: &str) -> Aios {
    world.try_open(configuration(world, store)).unwrap()
}

pub(crate) fn theirs() -> Resource {
    Resource::new("Aios::Data", "plan").tenant("globex")
}

fn reading(who: Credential) -> Request {
    Request::new(who, "read", theirs())
}

fn visit(world: &World, aios: &Aios) -> Result<Permit, Refusal> {
    aios.authorize(&reading(world.ada(&json!({}))))
}

fn refused(answer: Result<Permit, Refusal>) -> Code {
    answer.map(|permit| permit.view().clone()).unwrap_err().code()
}

fn tenant(name: &str) -> TenantId {
    name.parse().unwrap()
}

/// A tenant's records of a kind.
fn recorded(world: &World, tenant: &str, kind: &str) -> Vec<Body> {
    let all = bodies(&world.path("aios.db"));
    all.into_iter().filter(|body| body.tenant == tenant && body.is(kind)).collect()
}

/// How many intents of each tenant have no outcome yet; the trail must be whole.
fn dangling(aios: &Aios) -> [usize; 2] {
    ["acme", "globex"].map(|name| {
        let report = aios.verify(Some(&tenant(name))).unwrap();
        assert!(report.ok, "{report:?}");
        report.dangling.len()
    })
}

#[test]
fn both_chains_hold_the_intent_and_how_it_ended() {
    let world = world();
    let aios = open(&world, SQLITE);
    let request = reading(world.ada(&json!({"azp": "web"}))).call("call-1").input("page", 3);
    let permit = aios.authorize(&request).unwrap();
    assert_eq!(dangling(&aios), [1, 1]);
    permit.complete(&Outcome::ok().with("rows", 7)).unwrap();
    assert_eq!(dangling(&aios), [0, 0]);

    let (ours, theirs) = (recorded(&world, "acme", "intent"), recorded(&world, "globex", "intent"));
    let ([ours], [theirs]) = (ours.as_slice(), theirs.as_slice()) else { panic!("{ours:?} {theirs:?}") };
    let id = permit.view().id.as_str();
    assert_eq!((ours.id(), theirs.id() == id), (id, false));
    let crossing = json!({"grant": "review", "from": "acme", "to": "globex"});
    assert_eq!(ours.says["cross_tenant"], crossing);
    let mut told = crossing;
    told["permit"] = id.into();
    assert_eq!(theirs.says["cross_tenant"], told);
    for intent in [ours, theirs] {
        assert_eq!(intent.says["resource"], json!({"type": "Aios::Data", "id": "plan", "tenant": "globex"}));
        assert_eq!(intent.says["action"], "read");
    }
    // Each hears of its own policies and the platform's.
    assert_eq!(ours.says["decision"]["policies"], json!(["analysts-read", "tenants/acme:ours"]));
    assert_eq!(theirs.says["decision"]["policies"], json!(["analysts-read", "tenants/globex:guests"]));
    // The owner learns who, and no more of the caller's affairs; each under salts and keys of its own.
    let digests = |body: &Body| body.says["subject"]["_sd"].as_array().unwrap().clone();
    assert_eq!((digests(ours).len(), digests(theirs).len()), (2, 1));
    assert!(!digests(ours).contains(&digests(theirs)[0]));
    assert_eq!((&ours.says["call"], &theirs.says["call"]), (&json!("call-1"), &Value::Null));
    assert_ne!(ours.says["input"]["digest"], theirs.says["input"]["digest"]);

    let outcome = |tenant: &str| recorded(&world, tenant, "outcome")[0].says["outcome"].clone();
    assert_eq!(outcome("acme"), json!({"status": "ok", "data": {"rows": 7}}));
    assert_eq!(outcome("globex"), json!({"status": "ok", "data": {}}));
    aios.close().unwrap();
    assert_eq!(dangling(&open(&world, SQLITE)), [0, 0]);
}

#[test]
fn an_awaited_call_across_is_the_same() {
    let world = world();
    let aios = open(&world, SQLITE);
    let permit = block_on(aios.authorize_async(&reading(world.ada(&json!({}))))).unwrap();
    assert_eq!(dangling(&aios), [1, 1]);
    drop(permit);
    assert_eq!(dangling(&aios), [0, 0]);
    let ended = |tenant: &str| recorded(&world, tenant, "outcome")[0].says["outcome"]["status"].clone();
    assert_eq!((ended("acme"), ended("globex")), (json!("abandoned"), json!("abandoned")));
}

#[test]
fn a_refusal_stands_in_the_callers_chain_alone() {
    let world = world();
    let aios = open(&world, SQLITE);
    let writing = Request::new(world.ada(&json!({})), "write", theirs());
    assert_eq!(refused(aios.authorize(&writing)), Code::TenantMismatch);
    std::fs::write(world.path("policies/never.cedar"), "forbid (principal, action, resource);").unwrap();
    let strict = open(&world, SQLITE);
    assert_eq!(refused(visit(&world, &strict)), Code::PolicyDenied);
    for engine in [&aios, &strict] {
        engine.flush().unwrap();
    }
    assert_eq!(recorded(&world, "acme", "event").len(), 2);
    assert_eq!(bodies(&world.path("aios.db")).iter().filter(|body| body.tenant == "globex").count(), 0);
}

#[test]
fn a_locked_store_gives_no_permit_and_no_half_of_a_record() {
    let world = world();
    let aios = open(&world, SQLITE);
    let before = visit(&world, &aios).unwrap();
    let other = rusqlite::Connection::open(world.path("aios.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(refused(visit(&world, &aios)), Code::AuditUnavailable);
    // Is owed to both from now on.
    before.complete(&Outcome::ok()).unwrap();
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    visit(&world, &aios).unwrap().complete(&Outcome::ok()).unwrap();
    assert_eq!(dangling(&aios), [0, 0]);
    for name in ["acme", "globex"] {
        assert_eq!(recorded(&world, name, "intent").len(), 2, "{name}");
        assert_eq!(recorded(&world, name, "outcome").len(), 2, "{name}");
    }
}

#[test]
fn where_one_tenants_chain_cannot_be_written_there_is_no_permit() {
    for broken in ["acme", "globex"] {
        let world = world();
        // Masters of both, and one of them spoilt.
        let aios = open(&world, SQLITE);
        drop(visit(&world, &aios).unwrap());
        aios.close().unwrap();
        let other = rusqlite::Connection::open(world.path("aios.db")).unwrap();
        let key = format!("audit/master/{broken}");
        let good: Vec<u8> =
            other.query_row("SELECT value FROM row WHERE key = ?1", [&key], |row| row.get(0)).unwrap();
        let mut bad = good.clone();
        *bad.last_mut().unwrap() ^= 1;
        let set = |value: &[u8]| {
            other.execute("UPDATE row SET value = ?1 WHERE key = ?2", rusqlite::params![value, key]).unwrap();
        };
        set(&bad);
        let aios = open(&world, SQLITE);
        assert_eq!(refused(visit(&world, &aios)), Code::KeyUnusable, "{broken}");
        let _ = aios.flush();
        for name in ["acme", "globex"] {
            assert_eq!(recorded(&world, name, "intent").len(), 1, "{broken} {name}");
        }
        set(&good);
        visit(&world, &aios).unwrap().complete(&Outcome::ok()).unwrap();
        assert_eq!(dangling(&aios), [0, 0]);
    }
}

#[test]
fn the_same_call_gets_the_same_permit_and_the_same_name_at_home_is_another() {
    let world = world();
    let aios = open(&world, "memory:");
    let ask = |resource: Resource| {
        aios.authorize(&Request::new(world.ada(&json!({})), "read", resource).call("c-1"))
    };
    let first = ask(theirs()).unwrap();
    assert_eq!(ask(theirs()).unwrap().view().id, first.view().id);
    let at_home = Resource::new("Aios::Data", "plan").tenant("acme");
    assert_eq!(refused(ask(at_home)), Code::PolicyCallReused);
}
