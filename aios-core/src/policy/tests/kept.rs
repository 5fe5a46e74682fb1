//! Entities that are kept in the store: what may be kept, and what decisions make of it.

use serde_json::{Map, Value, json};

use super::{facts, load, source, try_admit_with};
use crate::crypto::sha256;
use crate::model::{EntityRef, Facts, Principal, Refusal, Request, Resource, TenantId};
use crate::policy::{Desk, Error, Kept, KeptEntity, NewEntity, Source};

const SCHEMA: &str = r#"
namespace Aios { entity Group in [Group, Role, Org]; entity Org in [Org]; }
namespace Acme {
    entity Folder in [Folder] = { "tenant": String };
    entity Doc in [Folder] = { "tenant": String, "owner"?: Aios::User, "level"?: Long } tags String;
    action open appliesTo { principal: [Aios::User], resource: [Doc, Folder], context: {} };
}"#;
const POLICIES: &str = r#"
@id("org") permit(principal in Aios::Org::"research", action == Acme::Action::"open",
    resource in Acme::Folder::"lab");
@id("owner") permit(principal, action == Acme::Action::"open", resource is Acme::Doc)
    when { resource has owner && resource.owner == principal };
@id("admins") permit(principal in Aios::Role::"admin", action, resource);
"#;
const SHARED: &str = r#"[
    {"uid": {"type": "Aios::Group", "id": "corp/admins"}, "attrs": {}, "parents": [{"type": "Aios::Role", "id": "admin"}]},
    {"uid": {"type": "Aios::Org", "id": "science"}, "attrs": {}, "parents": [{"type": "Aios::Org", "id": "earth"}]},
    {"uid": {"type": "Aios::Org", "id": "public"}, "attrs": {}, "parents": [{"type": "Aios::Org", "id": "own"}]}]"#;
const OWN: &str = r#"[{"uid": {"type": "Acme::Folder", "id": "root"}, "attrs": {}, "parents": []}]"#;
const RIVALS: &str = r#"[{"uid": {"type": "Acme::Folder", "id": "theirs"}, "attrs": {}, "parents": []}]"#;

fn files() -> Source {
    let files = [
        ("schema.cedarschema", SCHEMA),
        ("a.cedar", POLICIES),
        ("entities/a.json", SHARED),
        ("tenants/acme/entities/a.json", OWN),
        ("tenants/rival/entities/a.json", RIVALS),
    ];
    Source { shared: vec!["Aios::Tool".into()], ..source(&files) }
}

fn scene() -> Desk {
    super::desk(&files())
}

fn acme() -> TenantId {
    "acme".parse().unwrap()
}

pub(super) fn uid(text: &str) -> EntityRef {
    let (kind, id) = text.rsplit_once("::").unwrap();
    EntityRef::new(kind, id)
}

pub(super) fn entity(name: &str, attrs: Value, parents: &[&str]) -> NewEntity {
    let Value::Object(attrs) = attrs else { panic!("no attributes") };
    let parents = parents.iter().map(|parent| uid(parent)).collect();
    NewEntity { uid: uid(name), attrs, parents, tags: Map::new() }
}

/// A state without bytes: what the store holds is another room's affair.
pub(super) fn keep(entities: &[NewEntity]) -> Kept {
    let mut kept = Kept::default();
    for entity in entities {
        insert(&mut kept, entity);
    }
    kept.advance(1);
    kept
}

pub(super) fn insert(kept: &mut Kept, entity: &NewEntity) {
    let text = entity.text().into();
    let name = sha256(&[entity.uid.kind.as_bytes(), b"/", entity.uid.id.as_bytes()]);
    kept.insert(KeptEntity::new(entity.uid.clone(), (1, name, [0; 32]), text, entity.parents.len()));
}

fn open(desk: &Desk, kept: &Kept, facts: Facts, resource: &str) -> Result<Vec<String>, Refusal> {
    let principal = Principal::new(facts);
    let EntityRef { kind, id } = uid(resource);
    let request = Request::new(&principal, "open", Resource::new(kind, id));
    let admitted = try_admit_with((desk, kept), &principal, &request)?;
    Ok(desk.decide(&admitted, kept)?.policies)
}

fn word(answer: Result<Vec<String>, Refusal>) -> String {
    answer.map_or_else(|refusal| refusal.code().to_string(), |policies| policies.join(" "))
}

/// A member of research by three steps, one of them in a file, and a document two folders down.
fn university() -> Vec<NewEntity> {
    vec![
        entity("Aios::User::corp/42", json!({}), &["Aios::Group::corp/lab"]),
        entity("Aios::Group::corp/lab", json!({}), &["Aios::Org::science"]),
        entity("Aios::Org::earth", json!({}), &["Aios::Org::research"]),
        entity("Acme::Doc::plan", json!({}), &["Acme::Folder::cellar"]),
        entity("Acme::Folder::cellar", json!({}), &["Acme::Folder::lab"]),
    ]
}

#[test]
fn who_and_what_stand_in_the_store_and_in_files_is_one_hierarchy() {
    let (desk, all) = (scene(), university());
    assert_eq!(word(open(&desk, &keep(&all), facts(), "Acme::Doc::plan")), "org");
    // Without any one of the steps it is not.
    for without in 0..all.len() {
        let mut fewer = all.clone();
        let gone = fewer.remove(without);
        let answer = word(open(&desk, &keep(&fewer), facts(), "Acme::Doc::plan"));
        let expected = if gone.uid.kind == "Acme::Doc" { "tenant.missing" } else { "policy.denied" };
        assert_eq!(answer, expected, "{:?}", gone.uid);
    }
    // A group of the token stands where the store says.
    let guest = Facts { subject: "7".into(), groups: vec!["lab".into()], ..facts() };
    assert_eq!(word(open(&desk, &keep(&all), guest, "Acme::Doc::plan")), "org");
}

#[test]
fn attributes_of_the_store_decide_and_a_request_may_not_say_otherwise() {
    let desk = scene();
    let owner = json!({"owner": {"__entity": {"type": "Aios::User", "id": "corp/42"}}, "level": 3});
    let kept = keep(&[entity("Acme::Doc::mine", owner, &[])]);
    assert_eq!(word(open(&desk, &kept, facts(), "Acme::Doc::mine")), "owner");
    let principal = Principal::new(facts());
    for (attr, value, expected) in [("level", 3, true), ("level", 4, false)] {
        let resource = Resource::new("Acme::Doc", "mine").attr(attr, value);
        let request = Request::new(&principal, "open", resource);
        let admitted = try_admit_with((&desk, &kept), &principal, &request).unwrap();
        let answer = desk.decide(&admitted, &kept);
        assert_eq!(answer.is_ok(), expected, "{answer:?}");
        assert!(expected || matches!(answer, Err(Error::Conflict { .. })));
    }
}

#[test]
fn what_may_not_be_kept_is_refused_with_its_reason() {
    let desk = scene();
    let long = "x".repeat(1025);
    let many: Vec<String> = (0..257).map(|number| format!("Acme::Folder::{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let text = "x".repeat(16 * 1024);
    let cases = [
        (entity("Acme::Nothing::x", json!({}), &[]), "policy.input entity.type"),
        (entity("Aios::Tool::x", json!({}), &[]), "policy.input entity.type"),
        (entity("Aios::Role::x", json!({}), &[]), "policy.input entity.type"),
        (entity("Acme::Doc::", json!({}), &[]), "policy.input entity.id"),
        (entity(&format!("Acme::Doc::{long}"), json!({}), &[]), "policy.input entity.id"),
        (entity("Acme::Folder::root", json!({}), &[]), "policy.entity_conflict entity"),
        (entity("Aios::Org::science", json!({}), &[]), "policy.entity_conflict entity"),
        (entity("Acme::Folder::theirs", json!({}), &[]), "tenant.mismatch entity"),
        (entity("Acme::Doc::x", json!({}), &["Acme::Folder::theirs"]), "tenant.mismatch entity.parents"),
        (entity("Acme::Doc::x", json!({"level": "high"}), &[]), "policy.input entity"),
        (entity("Acme::Doc::x", json!({"level": 1.5}), &[]), "policy.input entity"),
        (entity("Acme::Doc::x", json!({"colour": "red"}), &[]), "policy.input entity"),
        (entity("Acme::Doc::x", json!({"tenant": "rival"}), &[]), "policy.input entity"),
        (entity("Acme::Doc::x", json!({}), &["Acme::Doc::y"]), "policy.input entity"),
        (entity("Acme::Doc::x", json!({"owner": text}), &[]), "policy.input entity"),
        (entity("Acme::Folder::x", json!({}), &many), "policy.input entity.parents"),
        (entity("Acme::Folder::x", json!({}), &["Acme::Folder::y"; 2]), "policy.input entity.parents"),
        (entity("Acme::Folder::x", json!({}), &["Acme::Folder::x"]), "policy.input entity.parents"),
        (entity("Aios::User::corp/1", json!({"acr": "gold"}), &[]), "policy.input entity.attrs.acr"),
        (entity("Aios::User::corp/1", json!({"tenant": "acme"}), &[]), "policy.input entity.attrs.tenant"),
        (entity("Aios::User::corp/1", json!({"scopes": ["all"]}), &[]), "policy.input entity.attrs.scopes"),
        (entity("Aios::User::one", json!({}), &[]), "policy.input entity"),
        (entity("Aios::User::corp/1", json!({}), &["Aios::Role::admin"]), "policy.input entity.parents"),
        (
            entity("Aios::User::corp/1", json!({}), &["Aios::Group::corp/admins"]),
            "policy.input entity.parents",
        ),
    ];
    for (entity, expected) in cases {
        let policies = desk.policies();
        let kept = keep(std::slice::from_ref(&entity));
        let answer = policies
            .admit(&acme(), &entity)
            .and_then(|()| policies.settles(&acme(), &kept, &entity.uid))
            .map_err(Refusal::from);
        let refusal = answer.expect_err(expected);
        let word = format!("{} {}", refusal.code(), refusal.detail().at.as_deref().unwrap_or_default());
        assert_eq!(word, expected, "{:?}", entity.uid);
    }
    for sound in university() {
        assert_eq!(desk.policies().admit(&acme(), &sound), Ok(()), "{:?}", sound.uid);
    }
}

#[test]
fn nothing_is_its_own_ancestor_in_the_store_or_through_files() {
    let desk = scene();
    let cycles = [
        vec![
            entity("Acme::Folder::a", json!({}), &["Acme::Folder::b"]),
            entity("Acme::Folder::b", json!({}), &["Acme::Folder::a"]),
        ],
        // The file puts `public` in `own`.
        vec![entity("Aios::Org::own", json!({}), &["Aios::Org::public"])],
    ];
    for cycle in cycles {
        let kept = keep(&cycle);
        for entity in &cycle {
            let answer = desk.policies().settles(&acme(), &kept, &entity.uid);
            assert!(matches!(answer, Err(Error::Input { .. })), "{answer:?}");
        }
    }
}

#[test]
fn a_cycle_or_a_role_that_is_there_all_the_same_refuses_whoever_reaches_it() {
    let desk = scene();
    let mut all = university();
    all.push(entity("Acme::Folder::lab", json!({}), &["Acme::Folder::cellar"]));
    assert_eq!(word(open(&desk, &keep(&all), facts(), "Acme::Doc::plan")), "entities.unfit");
    assert_eq!(word(open(&desk, &keep(&all), facts(), "Acme::Folder::root")), "policy.denied");
    // A group that the files put in a role after somebody was kept in it.
    let kept = keep(&[entity("Aios::User::corp/42", json!({}), &["Aios::Group::corp/admins"])]);
    assert_eq!(word(open(&desk, &kept, facts(), "Acme::Folder::root")), "entities.unfit");
    // The token may say so.
    let admin = Facts { groups: vec!["admins".into()], ..facts() };
    assert_eq!(word(open(&desk, &Kept::default(), admin, "Acme::Folder::root")), "admins");
}

#[test]
fn what_the_schema_or_the_files_now_say_otherwise_does_not_decide() {
    let desk = scene();
    let misfits = [
        entity("Acme::Doc::plan", json!({"colour": "red"}), &[]),
        entity("Acme::Doc::plan", json!({"tenant": "rival"}), &[]),
    ];
    for misfit in misfits {
        assert_eq!(word(open(&desk, &keep(&[misfit]), facts(), "Acme::Doc::plan")), "entities.unfit");
    }
    // What the files know, they say alone.
    let kept =
        keep(&[entity("Acme::Folder::root", json!({}), &["Acme::Folder::lab"]), university().remove(0)]);
    let all = [university(), vec![entity("Acme::Folder::root", json!({}), &["Acme::Folder::lab"])]].concat();
    assert_eq!(word(open(&desk, &kept, facts(), "Acme::Folder::root")), "policy.denied");
    assert_eq!(word(open(&desk, &keep(&all), facts(), "Acme::Folder::root")), "policy.denied");
}

#[test]
fn too_many_ancestors_are_refused_and_not_walked() {
    let desk = scene();
    let folders: Vec<NewEntity> = (0..1100)
        .map(|number| {
            entity(&format!("Acme::Folder::{number}"), json!({}), &[&format!("Acme::Folder::{}", number + 1)])
        })
        .collect();
    let kept = keep(&folders);
    assert_eq!(word(open(&desk, &kept, facts(), "Acme::Folder::0")), "policy.too_many_entities");
    assert_eq!(word(open(&desk, &kept, facts(), "Acme::Folder::500")), "policy.denied");
}

#[test]
fn who_lacks_groups_may_stand_in_whatever_groups_are_kept_in() {
    let policy = r#"permit(principal in Aios::Org::"research", action == Acme::Action::"open", resource);"#;
    let desk = load(&[("schema.cedarschema", SCHEMA), ("a.cedar", policy)]);
    let partial = || Facts { groups_complete: false, subject: "7".into(), ..facts() };
    let doc = entity("Acme::Doc::x", json!({}), &[]);
    assert_eq!(
        word(open(&desk, &keep(std::slice::from_ref(&doc)), partial(), "Acme::Doc::x")),
        "policy.denied"
    );
    let group = entity("Aios::Group::corp/lab", json!({}), &["Aios::Org::research"]);
    assert_eq!(
        word(open(&desk, &keep(&[doc, group]), partial(), "Acme::Doc::x")),
        "policy.groups_incomplete"
    );
}

/// Not by the clock: what a change copies, and what a decision reads, of 100,000 entities and of 1,000.
#[test]
fn a_change_and_a_decision_cost_no_more_where_there_are_a_hundred_times_as_many() {
    let desk = scene();
    let costs = [1_000, 100_000].map(|count| {
        let mut kept = keep(&university());
        for number in 0..count {
            let parents = [format!("Aios::Group::corp/{}", number % 100)];
            let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
            insert(&mut kept, &entity(&format!("Aios::User::corp/n{number}"), json!({}), &parents));
        }
        let mut next = kept.clone();
        insert(&mut next, &entity("Aios::User::corp/n500", json!({}), &["Aios::Group::corp/lab"]));
        assert_eq!(word(open(&desk, &kept, facts(), "Acme::Doc::plan")), "org");
        (next.copied_of(&kept), kept.entities_read())
    });
    let [(few_copied, few_read), (copied, read)] = costs;
    assert_eq!((few_read, read), (5, 5));
    assert!(copied <= 16 && copied <= few_copied + 6, "{few_copied} and {copied} nodes");
}

#[test]
fn a_tenant_without_kept_entities_is_decided_as_before() {
    let desk = load(&[("a.cedar", "permit(principal, action, resource);")]);
    let kept = Kept::default();
    let principal = Principal::new(facts());
    let request = Request::new(&principal, "read", Resource::new("Aios::Data", "x").tenant("acme"));
    let admitted = try_admit_with((&desk, &kept), &principal, &request).unwrap();
    assert!(desk.decide(&admitted, &kept).is_ok());
}
