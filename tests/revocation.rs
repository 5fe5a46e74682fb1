//! Revoked is out: at every use, in this process at once, in others within the bound, and never without a record.

mod between;
pub(crate) mod flaky;
mod outage;
mod race;
mod stores;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aios_core::model::Timestamp;
use aios_core::revocation::{Entry, Error};
use aios_core::{Aios, Builder, Code, Credential, Outcome, Refusal, Request, Resource, Selector, config};
use serde_json::{Value, json};

use self::flaky::Flaky;
use crate::hostile::awaiting::block_on;
use crate::world::{START, World};

const POLICIES: &str = r#"
@id("admins-revoke") permit (principal in Aios::Role::"admin", action == Aios::Action::"revoke", resource is Aios::Revocation);
@id("admins-administer") permit (principal in Aios::Role::"admin", action == Aios::Action::"administer", resource is Aios::Data);
"#;

/// A world with administrators, and a clock by which knowledge grows old.
struct Scene {
    world: World,
    uptime: Arc<AtomicU64>,
}

impl Scene {
    fn new() -> Self {
        let world = World::new();
        std::fs::write(world.path("policies/revoke.cedar"), POLICIES).unwrap();
        Self { world, uptime: Arc::default() }
    }

    fn configuration(&self, store: &str, revocation: &Value) -> Value {
        let mut configuration = self.world.configuration(store);
        configuration["issuer"][0]["roles"]["admin"] = json!("Admin");
        let mut other = configuration["issuer"][0].clone();
        other["name"] = json!("other");
        other["iss"] = json!("https://other.example.com/");
        configuration["issuer"].as_array_mut().unwrap().push(other);
        configuration["audit"] = json!({"deadline_seconds": 1});
        configuration["revocation"] = revocation.clone();
        configuration
    }

    fn builder(&self, store: &str, revocation: &Value) -> Builder {
        self.build(self.configuration(store, revocation))
    }

    fn build(&self, configuration: Value) -> Builder {
        let settings = config::from_value(configuration, self.world.base()).unwrap();
        let uptime = Arc::clone(&self.uptime);
        let uptime = move || Duration::from_millis(uptime.load(Ordering::SeqCst));
        Aios::builder(settings).clock(Arc::clone(&self.world.clock)).uptime(uptime)
    }

    fn open(&self, store: &str) -> Aios {
        self.builder(store, &json!({})).build().unwrap()
    }

    fn pass(&self, milliseconds: u64) {
        self.uptime.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// A token of somebody of acme, in a session and by a client, read by an agent's agent.
    fn token(&self, changes: &Value) -> Credential {
        let mut claims = json!({"sid": "s-1", "jti": "t-1", "azp": "web"});
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.world.ada(&claims)
    }

    fn admin(&self) -> Credential {
        self.token(&json!({"sub": "root", "sid": "s-root", "jti": "t-root", "azp": null, "roles": ["Admin"]}))
    }
}

fn read(who: impl Into<aios_core::model::Who>) -> Request {
    Request::new(who, "read", World::report())
}

fn session(id: &str) -> Selector {
    selector("session", id)
}

fn selector(kind: &str, id: &str) -> Selector {
    serde_json::from_value(json!({"kind": kind, "issuer": "corp", "id": id})).unwrap()
}

fn code<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> Code {
    answer.unwrap_err().code()
}

/// Whether reading is permitted.
fn may_read(aios: &Aios, token: &Credential) -> bool {
    match aios.authorize(&read(token.clone())) {
        Ok(permit) => {
            permit.complete(&Outcome::ok()).unwrap();
            true
        }
        Err(refusal) if refusal.code() == Code::TokenRevoked => false,
        Err(refusal) => panic!("{refusal}"),
    }
}

#[test]
fn a_revocation_reaches_whom_it_names_at_every_use() {
    let chain = json!({"sub": "helper", "act": {"sub": "planner", "act": {"sub": "deep"}}});
    let selectors = [
        session("s-1"),
        selector("token", "t-1"),
        selector("client", "web"),
        selector("agent", "helper"),
        selector("agent", "deep"),
        serde_json::from_value(
            json!({"kind": "subject", "issuer": "corp", "subject_kind": "user", "id": "ada"}),
        )
        .unwrap(),
        Selector::Tenant,
    ];
    for selector in selectors {
        let scene = Scene::new();
        let aios = scene.open("memory:");
        let token = scene.token(&json!({"act": chain}));
        let ada = aios.authenticate(&token).unwrap();
        let permit = aios.authorize(&read(token.clone()).call("call-1")).unwrap();
        aios.authorize(&read(&ada)).unwrap().complete(&Outcome::ok()).unwrap();
        assert_eq!(permit.view().id, aios.authorize(&read(&ada).call("call-1")).unwrap().view().id);

        aios.revoke(scene.admin(), &selector).unwrap();
        assert_eq!(code(aios.authenticate(&token)), Code::TokenRevoked, "{selector:?}: remembered");
        for who in [token.clone().into(), aios_core::model::Who::from(&ada)] {
            assert_eq!(code(aios.authorize(&read(who.clone()))), Code::TokenRevoked, "{selector:?}");
            assert_eq!(code(aios.authorize(&read(who.clone()).call("call-1"))), Code::TokenRevoked);
            assert_eq!(aios.check(&read(who.clone())).unwrap().code, Some(Code::TokenRevoked));
            assert_eq!(aios.check_now(&read(who)).unwrap().code, Some(Code::TokenRevoked));
        }
        assert_eq!(code(permit.still_open()), Code::TokenRevoked, "{selector:?}: an open permit");
        // What happened is recorded all the same.
        permit.complete(&Outcome::failed()).unwrap();
        assert!(aios.verify(None).unwrap().ok);

        // Others are not meant: another session, another kind, another issuer, another tenant.
        let globex = scene.token(&json!({"tid": "t-globex", "act": chain}));
        let there = Request::new(globex, "read", Resource::new("Aios::Data", "x").tenant("globex"));
        assert!(aios.check(&there).unwrap().allowed, "{selector:?} reaches another tenant");
        let helper = json!({"sub": "helper", "sid": "s-2", "jti": "t-2", "azp": null});
        let elsewhere = json!({"iss": "https://other.example.com/"});
        for others in [helper, elsewhere] {
            let is_everybody = selector == Selector::Tenant;
            assert_eq!(may_read(&aios, &scene.token(&others)), !is_everybody, "{selector:?} {others}");
        }
    }
}

#[test]
fn tokens_of_before_a_time_are_out_and_later_ones_are_not() {
    let scene = Scene::new();
    let aios = scene.open("memory:");
    let issued = |iat: Value| scene.token(&json!({"iat": iat, "jti": format!("t-{iat}")}));
    let cases =
        [(json!(START - 1), false), (json!(START), true), (json!(START + 1), true), (Value::Null, false)];
    assert!(cases.iter().all(|(iat, _)| may_read(&aios, &issued(iat.clone()))));
    let time = Timestamp::from_seconds(START);
    aios.revoke_before(scene.admin(), &session("s-1"), time).unwrap();
    for (iat, expected) in &cases {
        assert_eq!(may_read(&aios, &issued(iat.clone())), *expected, "{iat}");
    }
}

#[test]
fn the_reinstated_may_again_unless_another_revocation_means_them() {
    let scene = Scene::new();
    let aios = scene.open("memory:");
    let token = scene.token(&json!({}));
    let permit = aios.authorize(&read(token.clone())).unwrap();
    for selector in [session("s-1"), selector("client", "web")] {
        aios.revoke(scene.admin(), &selector).unwrap();
    }
    assert_eq!(code(permit.still_open()), Code::TokenRevoked);
    aios.reinstate(scene.admin(), &session("s-1")).unwrap();
    assert!(!may_read(&aios, &token));
    aios.reinstate(scene.admin(), &selector("client", "web")).unwrap();
    assert!(may_read(&aios, &token));
    // A permit that was seen to have ended stays so.
    assert_eq!(code(permit.still_open()), Code::TokenRevoked);
}

#[test]
fn only_whom_policy_permits_may_revoke_and_only_in_their_own_tenant() {
    let scene = Scene::new();
    let aios = scene.open("memory:");
    let ada = scene.token(&json!({}));
    let globex = json!({"sub": "root", "sid": "x", "azp": null, "roles": ["Admin"], "tid": "t-globex"});
    assert_eq!(code(aios.revoke(ada.clone(), &session("s-1"))), Code::PolicyDenied);
    for selector in [session("s-1"), Selector::Tenant] {
        aios.revoke(scene.token(&globex), &selector).unwrap();
        assert!(may_read(&aios, &ada), "another tenant's administrator reaches with {selector:?}");
    }
    let nobody = scene.token(&json!({"tid": null, "roles": ["Admin"]}));
    assert_eq!(code(aios.revoke(nobody, &session("s-1"))), Code::TenantMissing);
    let unknown = serde_json::from_value(json!({"kind": "session", "issuer": "crop", "id": "s-1"})).unwrap();
    assert_eq!(code(aios.revoke(scene.admin(), &unknown)), Code::PolicyInput);
    assert!(may_read(&aios, &ada));
    // Whoever is revoked revokes nobody.
    aios.revoke(scene.admin(), &session("s-root")).unwrap();
    assert_eq!(code(aios.revoke(scene.admin(), &session("s-1"))), Code::TokenRevoked);
}

#[test]
fn awaited_revocations_do_what_the_waiting_ones_do() {
    for store in ["memory:", "sqlite:aios.db"] {
        let scene = Scene::new();
        let aios = scene.open(store);
        let (token, admin, whom) = (scene.token(&json!({})), scene.admin(), session("s-1"));
        block_on(aios.revoke_async(admin.clone(), &whom)).unwrap();
        assert!(!may_read(&aios, &token));
        block_on(aios.reinstate_async(admin.clone(), &whom)).unwrap();
        assert!(may_read(&aios, &token));
        let later = Timestamp::from_seconds(START + 1);
        block_on(aios.revoke_before_async(admin, &whom, later)).unwrap();
        assert!(!may_read(&aios, &token));
        let answer = block_on(aios.authorize_async(&read(token.clone())));
        assert_eq!(code(answer), Code::TokenRevoked);
        let refused = block_on(aios.revoke_async(scene.token(&json!({"sid": "s-2"})), &whom));
        assert_eq!(code(refused), Code::PolicyDenied);
    }
}

#[test]
fn a_wrong_action_name_in_the_configuration_is_refused() {
    let scene = Scene::new();
    for revocation in [json!({"strict": ["exprot"]}), json!({"grace_seconds": {"raed": 5}})] {
        let refused = scene.builder("memory:", &revocation).build().unwrap_err();
        assert_eq!(refused.code(), Code::ConfigInvalid, "{revocation}: {refused}");
    }
}
