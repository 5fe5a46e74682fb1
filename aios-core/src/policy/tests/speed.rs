//! How long a check takes beside bare Cedar: `cargo test -p aios-core --lib policy::tests::speed -- --ignored --nocapture`.

use std::time::Instant;

use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityUid, Request as Bare, RestrictedExpression as Value,
};

use super::{admit, data, load, user};
use crate::model::{Principal, Request};
use crate::policy::{Desk, Kept};

fn policies() -> Desk {
    let policy = r#"@id("pN") permit(principal in Aios::Role::"roleN", action == Aios::Action::"read",
        resource is Aios::Data) when { principal.tenant == "acme" && principal.scopes.contains("crm.read") };"#;
    let text: Vec<String> = (0..10).map(|n| policy.replace('N', &n.to_string())).collect();
    let text = text.concat();
    load(&[("a.cedar", &text)])
}

fn bare_entity(uid: &str, attrs: Vec<(&str, Value)>, parents: &[EntityUid]) -> Entity {
    let attrs = attrs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Entity::new(uid.parse().unwrap(), attrs, parents.iter().cloned().collect()).unwrap()
}

struct Cedar {
    principal: Entity,
    roles: Vec<Entity>,
    resource: Entity,
    action: EntityUid,
    authorizer: Authorizer,
}

fn cedar() -> Cedar {
    let roles: Vec<Entity> =
        (0..3).map(|n| bare_entity(&format!(r#"Aios::Role::"role{n}""#), vec![], &[])).collect();
    let text = |text: &str| Value::new_string(text.to_owned());
    let attrs = vec![
        ("tenant", text("acme")),
        ("issuer", text("corp")),
        ("client", text("web")),
        ("scopes", Value::new_set([text("crm.read")])),
        ("auth_time", Value::new_long(1_000)),
    ];
    let parents: Vec<EntityUid> = roles.iter().map(Entity::uid).collect();
    Cedar {
        principal: bare_entity(r#"Aios::User::"corp/42""#, attrs, &parents),
        roles,
        resource: bare_entity(r#"Aios::Data::"report-7""#, vec![("tenant", text("acme"))], &[]),
        action: r#"Aios::Action::"read""#.parse().unwrap(),
        authorizer: Authorizer::new(),
    }
}

fn ours(policies: &Desk, principal: &Principal, request: &Request) {
    let admitted = admit(policies, principal, request);
    assert_eq!(policies.decide(&admitted, &Kept::default()).unwrap().policies.len(), 3);
}

fn theirs(policies: &Desk, cedar: &Cedar) {
    let schema = Some(&policies.policies().vocabulary.schema);
    let (principal, resource) = (cedar.principal.uid(), cedar.resource.uid());
    let request = Bare::new(principal, cedar.action.clone(), resource, Context::empty(), schema).unwrap();
    let entities =
        [&cedar.principal, &cedar.resource].into_iter().chain(&cedar.roles).cloned().collect::<Vec<_>>();
    let entities = Entities::from_entities(entities, schema).unwrap();
    let response = cedar.authorizer.is_authorized(&request, policies.policies().index.all(), &entities);
    assert_eq!(response.diagnostics().reason().count(), 3);
}

#[test]
#[ignore = "a measurement, not a check"]
#[expect(clippy::disallowed_methods, reason = "measures")]
fn a_check_costs_at_most_half_again_of_bare_cedar() {
    let (policies, cedar) = (policies(), cedar());
    let principal = user(&["role0", "role1", "role2"]);
    let request = Request::new(&principal, "read", data("report-7"));
    let mut ratios = Vec::new();
    for _ in 0..30 {
        let time = |run: &dyn Fn()| {
            let start = Instant::now();
            (0..1_000).for_each(|_| run());
            start.elapsed().as_secs_f64() * 1_000.0
        };
        let b = time(&|| theirs(&policies, &cedar));
        let a = time(&|| ours(&policies, &principal, &request));
        ratios.push((a / b, a, b));
    }
    ratios.sort_by(|x, y| x.0.total_cmp(&y.0));
    let (ratio, a, b) = ratios[15];
    println!(
        "ours {a:.2} us, bare cedar {b:.2} us, ratio {ratio:.2}, {:.2} to {:.2}",
        ratios[0].0, ratios[29].0
    );
}
