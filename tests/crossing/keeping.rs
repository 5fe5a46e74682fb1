//! What tenants keep in the store counts across them: each side sees its own tenant's, and nobody sees by another's.

use aios_core::engine::entities::NewEntity;
use aios_core::engine::vault::PayloadOrder;
use aios_core::model::EntityRef;
use aios_core::{Aios, Code, Credential, Refusal, Request};
use serde_json::{Map, Value, json};

use super::{configuration, recorded, theirs, world};
use crate::world::World;

/// Globex lets guests read what stands in its showroom, and forbids its drafts.
const SHOWS: &str = r#"
@id("shows") permit (principal, action == Aios::Action::"read", resource is Aios::Data in Aios::Data::"showroom");
@id("drafts") forbid (principal, action, resource in Aios::Data::"drafts");
"#;
const KEEPERS: &str = r#"@id("keepers") permit (principal in Aios::Role::"auditor", action == Aios::Action::"administer", resource is Aios::Entities);
@id("writes") permit (principal, action == Aios::Action::"write", resource is Aios::Data);"#;

struct Visit {
    world: World,
    aios: Aios,
}

impl Visit {
    fn new() -> Self {
        Self::with(|_| ())
    }

    fn with(more: impl FnOnce(&World)) -> Self {
        let world = world();
        more(&world);
        std::fs::write(world.path("policies/tenants/globex/own.cedar"), SHOWS).unwrap();
        std::fs::write(world.path("policies/keepers.cedar"), KEEPERS).unwrap();
        let mut configuration = configuration(&world, "sqlite:aios.db");
        configuration["policy"]["entities_bound_milliseconds"] = json!(0);
        let aios = world.try_open(configuration).unwrap();
        Self { world, aios }
    }

    fn of(&self, tenant: &str) -> Credential {
        self.world.ada(&json!({"sub": "keeper", "tid": tenant}))
    }

    fn keep(&self, tenant: &str, id: &str, parent: &str) -> u64 {
        let uid = |id: &str| EntityRef::new("Aios::Data", id);
        let entity =
            NewEntity { uid: uid(id), attrs: Map::new(), parents: vec![uid(parent)], tags: Map::new() };
        self.aios.entities().put(self.of(tenant), entity, None).unwrap()
    }

    /// Somebody of acme reads globex's plan.
    fn asks(&self, who: &str) -> Request {
        Request::new(self.world.ada(&json!({"sub": who})), "read", theirs())
    }

    /// Whether Ada of acme may read globex's plan, in either form.
    fn answer(&self) -> Result<(), Code> {
        let asked = self.asks("ada");
        let decision = self.aios.check(&asked).unwrap();
        let answer = self.aios.authorize(&asked).map(drop).map_err(|refusal| refusal.code());
        assert_eq!(decision.code, answer.err());
        answer
    }
}

#[test]
fn where_a_thing_stands_its_own_tenant_says_and_the_callers_tenant_cannot() {
    let visit = Visit::new();
    assert_eq!(visit.answer(), Err(Code::PolicyDenied));
    // What the caller's tenant keeps under that name makes it a name of both, which nobody can tell apart.
    visit.keep("t-acme", "plan", "showroom");
    assert_eq!(visit.answer(), Err(Code::TenantMismatch));
    let visit = Visit::new();
    visit.keep("t-globex", "plan", "showroom");
    assert_eq!(visit.answer(), Ok(()));
    visit.keep("t-globex", "showroom", "drafts");
    assert_eq!(visit.answer(), Err(Code::PolicyDenied));
}

/// A schema in which data has an owner, and policies look at what is known of the owner.
const OWNED: &str = r#"namespace Aios {
    entity User in [Role, Group, Domain] = { "tenant": String, "issuer": String, "scopes": Set<String>, "client"?: String,
        "auth_time"?: Long, "acr"?: String, "cleared"?: Bool };
    entity Data in [Data] = { "tenant"?: String, "owner"?: User };
    action read, list appliesTo { principal: [User, Agent, Service, App], resource: [Data], context: { "with"?: User } };
}"#;
const CLEARED: &str = r#"@id("cleared") forbid (principal, action == Aios::Action::"read", resource is Aios::Data)
    unless { resource has owner && resource.owner has cleared && resource.owner.cleared };"#;

#[test]
fn what_one_tenant_keeps_of_a_person_is_not_believed_about_the_others_things() {
    let visit = Visit::with(|world| {
        std::fs::write(world.path("policies/schema.cedarschema"), OWNED).unwrap();
        let permits = r#"@id("reads") permit (principal in Aios::Role::"analyst", action == Aios::Action::"read", resource is Aios::Data);"#;
        std::fs::write(world.path("policies/all.cedar"), format!("{permits}\n{CLEARED}")).unwrap();
        let folder = world.path("policies/tenants/globex/entities");
        std::fs::create_dir_all(&folder).unwrap();
        let plan = r#"[{"uid": {"type": "Aios::Data", "id": "plan"}, "parents": [{"type": "Aios::Data", "id": "showroom"}],
            "attrs": {"owner": {"__entity": {"type": "Aios::User", "id": "corp/carol"}}}},
            {"uid": {"type": "Aios::Data", "id": "showroom"}, "parents": [], "attrs": {}}]"#;
        std::fs::write(folder.join("own.json"), plan).unwrap();
    });
    let uid = EntityRef::new("Aios::User", "corp/carol");
    let attrs = Map::from_iter([("cleared".to_owned(), json!(true))]);
    let carol = NewEntity { uid, attrs, parents: Vec::new(), tags: Map::new() };
    let ask = || {
        let carol = json!({"__entity": {"type": "Aios::User", "id": "corp/carol"}});
        let asked = Request::new(visit.world.ada(&json!({})), "read", theirs()).context("with", carol);
        visit.aios.check(&asked).unwrap().code
    };
    assert_eq!(ask(), Some(Code::PolicyDenied));
    visit.aios.entities().put(visit.of("t-acme"), carol.clone(), None).unwrap();
    assert_eq!(ask(), Some(Code::PolicyEntityConflict));
    // The same from the tenant whose thing it is counts, where the visitor does not name her.
    let visit_home = visit.aios.entities();
    visit_home.delete(visit.of("t-acme"), carol.uid.clone(), None).unwrap();
    visit_home.put(visit.of("t-globex"), carol, None).unwrap();
    assert_eq!(visit.answer(), Ok(()));
}

#[test]
fn whoever_no_grant_names_learns_nothing_of_what_the_other_tenant_keeps() {
    let visit = Visit::new();
    visit.keep("t-globex", "plan", "showroom");
    let file = rusqlite::Connection::open(visit.world.path("aios.db")).unwrap();
    file.execute("UPDATE shelf SET value = zeroblob(60) WHERE shelf LIKE '%globex%'", []).unwrap();
    assert_eq!(
        visit.aios.check(&visit.asks("ada")).map_err(|failed| failed.code()),
        Err(Code::EntitiesDamaged)
    );
    let answer = visit.aios.check(&visit.asks("tim")).unwrap();
    assert_eq!(answer.code, Some(Code::TenantMismatch));
}

#[test]
fn each_tenants_record_says_by_which_of_its_own_states_was_decided() {
    let visit = Visit::new();
    let of_acme = visit.keep("t-acme", "notes", "shelf");
    visit.keep("t-globex", "plan", "showroom");
    let of_globex = visit.keep("t-globex", "other", "showroom");
    assert_eq!(visit.answer(), Ok(()));
    visit.aios.flush().unwrap();
    let said = |tenant: &str| {
        let intents = recorded(&visit.world, tenant, "intent");
        let across = intents.iter().find(|body| body.says["cross_tenant"].is_object());
        across.unwrap().says["entities_version"].clone()
    };
    assert_eq!((said("acme"), said("globex")), (json!(of_acme), json!(of_globex)));
    assert_ne!(of_acme, of_globex);
}

#[test]
fn no_payload_is_sealed_or_opened_across_tenants() {
    let visit = Visit::new();
    visit.keep("t-globex", "plan", "showroom");
    let order = PayloadOrder { resource: theirs(), context: Map::new(), trace: None };
    let refused = |answer: Result<_, Refusal>| answer.map(drop).unwrap_err().code();
    let ada = || visit.world.ada(&json!({}));
    assert_eq!(refused(visit.aios.vault().decrypt(ada(), order.clone())), Code::TenantMismatch);
    assert_eq!(refused(visit.aios.vault().encrypt(ada(), order)), Code::TenantMismatch);
    visit.aios.flush().unwrap();
    let failed = recorded(&visit.world, "acme", "outcome");
    let code = failed.last().unwrap().says["outcome"]["data"]["code"].clone();
    assert_eq!(code, Value::from("tenant.mismatch"));
}
