//! What subjects are, and who acts for them.

use super::*;

fn world() -> World {
    let mut world = World::new();
    world.issuers.clients = vec![
        client("sales-agent", Kind::Agent, None),
        client("batch", Kind::Service, None),
        client("web", Kind::App, None),
    ];
    world
}

#[test]
fn kinds_follow_from_who_the_subject_is() {
    let world = world();
    for (changes, expected) in [
        (json!({}), Kind::User),
        (json!({ "azp": "batch" }), Kind::User),
        (json!({ "azp": "sales-agent" }), Kind::User),
        (json!({ "sub": "batch" }), Kind::User),
        (json!({ "sub": "batch", "azp": "batch" }), Kind::Service),
        (json!({ "sub": "batch", "client_id": "batch" }), Kind::Service),
        (json!({ "sub": "sales-agent", "appid": "sales-agent" }), Kind::Agent),
        (json!({ "sub": "unknown", "azp": "unknown" }), Kind::App),
        (json!({ "gty": "client-credentials" }), Kind::App),
        (json!({ "idtyp": "app", "azp": "batch" }), Kind::Service),
        (json!({ "idtyp": "user", "azp": "batch" }), Kind::User),
    ] {
        assert_eq!(world.verify(changes.clone()).unwrap().view().kind, expected, "{changes}");
    }
}

#[test]
fn actors_stand_current_first_and_a_registered_agent_is_one() {
    let world = world();
    for (changes, expected) in [
        (json!({}), vec![]),
        (json!({ "azp": "web" }), vec![]),
        (json!({ "azp": "sales-agent" }), vec!["agent sales-agent"]),
        (json!({ "azp": "sales-agent", "sub": "sales-agent" }), vec![]),
        (json!({ "act": { "sub": "x" } }), vec!["app x"]),
        (json!({ "act": { "sub": "x", "iss": "https://corp.test/" } }), vec!["app x"]),
        (json!({ "act": { "sub": "batch" } }), vec!["service batch"]),
        (json!({ "act": { "sub": "7", "client_id": "sales-agent" } }), vec!["agent sales-agent"]),
        (json!({ "act": { "sub": "x", "act": { "sub": "y" } } }), vec!["app x", "app y"]),
        (json!({ "azp": "sales-agent", "act": { "sub": "sales-agent" } }), vec!["agent sales-agent"]),
        (json!({ "azp": "sales-agent", "act": { "sub": "x" } }), vec!["agent sales-agent", "app x"]),
    ] {
        let principal = world.verify(changes.clone()).unwrap();
        let actors: Vec<_> = principal
            .view()
            .actors
            .iter()
            .map(|actor| format!("{} {}", actor.kind.as_str(), actor.id))
            .collect();
        assert_eq!(actors, expected, "{changes}");
    }
}

#[test]
fn actor_chains_are_bounded_and_typed() {
    let world = world();
    let two = json!({ "sub": "x", "act": { "sub": "y" } });
    for (changes, expected) in [
        (json!({ "act": { "sub": "w", "act": two } }), Code::TokenActorChainTooLong),
        (json!({ "azp": "sales-agent", "act": two }), Code::TokenActorChainTooLong),
        (json!({ "act": {} }), Code::TokenClaimMissing),
        (json!({ "act": { "sub": 1 } }), Code::TokenClaimType),
        (json!({ "act": { "sub": "x", "act": "y" } }), Code::TokenClaimType),
        (json!({ "act": { "sub": "x", "iss": "https://other.test/" } }), Code::TokenClaimType),
        (json!({ "act": { "sub": "x", "client_id": 1 } }), Code::TokenClaimType),
    ] {
        assert_eq!(world.verify(changes.clone()).err(), Some(expected), "{changes}");
    }
}
