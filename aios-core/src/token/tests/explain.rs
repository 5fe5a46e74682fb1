//! Explanations end as verification does, and go on where it stops.

use super::*;

fn explained(world: &World, token: &str) -> Explanation {
    explain(
        &Credential::Bearer(token.to_owned()),
        (&world.issuers, &rules()),
        &|_| Some(world.keys.clone()),
        Timestamp::from_seconds(NOW),
    )
}

/// The steps that did not pass, with the code of what failed.
fn wrong(found: &Explanation) -> Vec<String> {
    let told = |(step, end): &(Step, End)| match end {
        End::Passed => None,
        End::Failed(error) => Some(format!("{} {}", step.name(), error.code())),
        End::Lacking => Some(format!("{} lacking", step.name())),
        End::NotTaken => Some(format!("{} not taken", step.name())),
    };
    found.steps.iter().filter_map(told).collect()
}

/// Tokens that are in order, and tokens that have one or several mistakes, at every step.
fn tokens(world: &World) -> Vec<String> {
    let good = world.token(&claims(json!({})));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let flipped: String = signature.chars().rev().collect();
    let torn = [
        format!("{signed}.{flipped}"),
        format!("{signed}."),
        format!("{signed}.="),
        signed.to_owned(),
        "x".to_owned(),
        format!("{good}.YQ.YQ"),
    ];
    let header = |header: &Value| sign(&world.key, header, &claims(json!({})).to_string());
    let said = strange_claims().into_iter().map(|changes| world.token(&claims(changes)));
    said.chain(strange_headers().iter().map(header)).chain(torn).collect()
}

fn strange_claims() -> [Value; 21] {
    [
        json!({}),
        json!({ "exp": NOW - 1 }),
        json!({ "exp": NOW - 1, "aud": "x" }),
        json!({ "exp": "x" }),
        json!({ "exp": null }),
        json!({ "iss": "x" }),
        json!({ "iss": 1 }),
        json!({ "iss": null }),
        json!({ "aud": null }),
        json!({ "sub": null }),
        json!({ "nbf": NOW + 9 }),
        json!({ "iat": "x" }),
        json!({ "iat": NOW - 90_000 }),
        json!({ "tid": "t2" }),
        json!({ "tid": "t2", "roles": 1 }),
        json!({ "roles": 1 }),
        json!({ "cnf": {} }),
        json!({ "auth_time": "x" }),
        json!({ "act": { "sub": "a", "act": { "sub": "b", "act": { "sub": "c" } } } }),
        json!({ "act": {} }),
        json!({ "exp": NOW - 1, "aud": "x", "tid": "t2", "cnf": {}, "nbf": NOW + 9, "roles": 1 }),
    ]
}

fn strange_headers() -> [Value; 7] {
    [
        json!({ "alg": "EdDSA", "kid": "k1" }),
        json!({ "alg": "EdDSA", "typ": "at+jwt" }),
        json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "k2" }),
        json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k2" }),
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": "k1" }),
        json!({ "alg": "none", "typ": "at+jwt", "kid": "k1" }),
        json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "k1", "crit": ["exp"] }),
    ]
}

#[test]
fn an_explanation_ends_as_verification_does() {
    let mut world = World::new();
    world.issuer().required = vec!["tid".into()];
    for registered in [false, true] {
        world.issuer().registered_clients_only = registered;
        for token in tokens(&world) {
            let now = Timestamp::from_seconds(NOW);
            let end = verify(&token, &world.issuers, &|_| Some(world.keys.clone()), now);
            let expected = end.err().map(|stop| match stop {
                Stop::Needs(needs) => needs.into_refusal(),
                Stop::Refused(error) => error,
            });
            let found = explained(&world, &token);
            assert_eq!(found.refusal, expected, "{token}\n{:?}", found.steps);
            assert_eq!(expected.is_none(), wrong(&found).is_empty(), "{token}\n{:?}", found.steps);
        }
    }
}

#[test]
fn every_mistake_is_told_and_not_only_the_first() {
    let world = World::new();
    let token = world.token(&claims(json!({
        "exp": NOW - 1, "aud": "x", "tid": "t2", "cnf": {}, "nbf": NOW + 9, "roles": 1,
    })));
    let found = explained(&world, &token);
    assert!(found.is_verified);
    assert_eq!(found.refusal.map(|error| error.code()), Some(Code::TokenWrongAudience));
    let expected = [
        "audience token.wrong_audience",
        "expiry token.expired",
        "validity token.not_yet_valid",
        "binding token.pop_required",
        "tenant token.tenant_not_allowed",
        "roles token.claim_type",
    ];
    assert_eq!(wrong(&explained(&world, &token)), expected);
    // A mistake makes no other.
    let old = world.token(&claims(json!({ "iat": NOW - 200_000, "exp": NOW - 199_000 })));
    assert_eq!(wrong(&explained(&world, &old)), ["expiry token.expired"]);
    let endless = world.token(&claims(json!({ "iat": NOW - 200_000, "exp": null })));
    assert_eq!(wrong(&explained(&world, &endless)), ["expiry token.claim_missing"]);
}

#[test]
fn without_keys_all_is_told_that_needs_none() {
    let world = World::new();
    let without = |token: &str| {
        explain(
            &Credential::Bearer(token.to_owned()),
            (&world.issuers, &rules()),
            &|_| None,
            Timestamp::from_seconds(NOW),
        )
    };
    let good = without(&world.token(&claims(json!({ "roles": ["Analyst"] }))));
    assert_eq!(wrong(&good), ["key lacking", "signature lacking"]);
    assert!(good.refusal.is_none() && !good.is_verified);
    let facts = good.facts.unwrap();
    assert_eq!((facts.tenant_id.unwrap().as_str(), facts.roles), ("acme", vec!["analyst".to_owned()]));
    let late = without(&world.token(&claims(json!({ "exp": NOW - 1 }))));
    assert_eq!(wrong(&late), ["key lacking", "signature lacking", "expiry token.expired"]);
}

#[test]
fn what_a_token_says_is_told_cut_and_escaped_and_nothing_else_of_it() {
    let world = World::new();
    let long = "x".repeat(500);
    let token = world.token(&claims(json!({
        "aud": ["a\n\u{1b}[0m", long], "sub": "secret-subject", "email": "secret@example.com", "typ": "Bearer",
    })));
    let found = explained(&world, &token);
    let said = found.said.clone().unwrap();
    assert_eq!(said.aud, ["a\\n\\u{1b}[0m".to_owned(), "x".repeat(128)]);
    assert_eq!((said.kid.as_deref(), said.payload_typ.as_deref()), (Some("k1"), Some("Bearer")));
    assert!(said.names.contains(&"email".to_owned()));
    let told = format!("{said:?} {:?} {:?}", found.steps, found.refusal);
    let bytes = token.split('.').any(|part| told.contains(part));
    assert!(!bytes && !told.contains("secret"), "{told}");
}
