//! Tokens, names and values made to break something.

use aios_core::{Aios, Code, Credential, EntityRef, Outcome, Request, Resource};
use serde_json::{Map, Value, json};

use super::awaiting::block_on;
use super::{SQLITE, code, is_whole, refusal};
use crate::world::World;

const AWKWARD: [&str; 12] = [
    "\"",
    "it's; DROP TABLE audit_record; --",
    "line\nbreak\r\n",
    "nul\0nul",
    "\u{202e}txt.exe",
    "\u{2066}iso\u{2069}",
    "\u{430}d\u{430}", // Cyrillic a
    "e\u{301}",        // not composed
    "\u{feff}bom",
    "{\"__entity\":{\"type\":\"Aios::Data\",\"id\":\"x\"}}",
    "Aios::Data::\"report-7\"",
    "\u{1f4a3}\u{10ffff}",
];

#[test]
fn garbage_for_a_token_is_refused_everywhere_alike() {
    let world = World::new();
    let aios = world.open("memory:");
    let good = world.ada(&json!({})).token().to_owned();
    let huge = "a".repeat(10 * 1024 * 1024);
    let cases = [
        (String::new(), Code::TokenMalformed),
        (" ".to_owned(), Code::TokenMalformed),
        ("x".to_owned(), Code::TokenMalformed),
        ("..".to_owned(), Code::TokenMalformed),
        ("a.b.c".to_owned(), Code::TokenMalformed),
        ("....".to_owned(), Code::TokenEncryptedUnsupported),
        ("\0\u{1}\u{7f}\u{80}\u{ffff}".to_owned(), Code::TokenMalformed),
        ("\u{202e}.\u{430}.\u{1f4a3}".to_owned(), Code::TokenMalformed),
        (format!("{good}\n"), Code::TokenMalformed),
        (format!(" {good}"), Code::TokenMalformed),
        (format!("Bearer {good}"), Code::TokenMalformed),
        (good.replace('.', "\u{ff0e}"), Code::TokenMalformed),
        (format!("{good}="), Code::TokenMalformed),
        (format!("{huge}.{huge}.{huge}"), Code::TokenTooLarge),
        (huge, Code::TokenTooLarge),
    ];
    for (token, expected) in cases {
        let shown: String = token.chars().take(40).collect();
        let who = Credential::Bearer(token);
        let request = Request::new(who.clone(), "read", World::report());
        let refused = refusal(aios.authorize(&request));
        assert_eq!(refused.code(), expected, "{shown:?}");
        assert!(refused.to_string().len() < 1000, "{shown:?} is repeated: {refused}");
        assert_eq!(aios.check(&request).unwrap().code, Some(expected), "{shown:?}");
        assert_eq!(aios.authenticate(&who).unwrap_err().code(), expected, "{shown:?}");
        assert_eq!(block_on(aios.authorize_async(&request)).unwrap_err().code(), expected, "{shown:?}");
    }
    // None of it reached a tenant's chain.
    assert!(aios.verify(None).unwrap().chains <= 1);
}

#[test]
fn awkward_ids_are_kept_exactly_and_stand_for_nothing_else() {
    let world = World::new();
    let aios = world.open(SQLITE);
    let mut permits = Vec::new();
    for id in AWKWARD {
        let request =
            Request::new(world.ada(&json!({})), "read", Resource::new("Aios::Data", id).tenant("acme"));
        let permit = aios.authorize(&request.call(id)).unwrap();
        assert_eq!(permit.view().resource, EntityRef::new("Aios::Data", id));
        permit.complete(&Outcome::ok().with(id, id)).unwrap();
        permits.push(permit.view().id.clone());
    }
    let records = is_whole(&world, &aios, &permits);
    let intents: Vec<_> = records.iter().filter(|record| record.is("intent")).collect();
    let kept: Vec<_> =
        intents.iter().map(|intent| (&intent.says["resource"]["id"], &intent.says["call"])).collect();
    let given: Vec<Value> = AWKWARD.iter().map(|id| json!(id)).collect();
    assert_eq!(kept, given.iter().map(|id| (id, id)).collect::<Vec<_>>());
}

#[test]
fn awkward_subjects_are_themselves_or_refused() {
    let world = World::new();
    let aios = world.open(SQLITE);
    for sub in AWKWARD {
        match aios.authorize(&Request::new(world.ada(&json!({"sub": sub})), "read", World::report())) {
            Ok(permit) => {
                assert_eq!(permit.view().principal.view().subject, sub);
                permit.complete(&Outcome::ok()).unwrap();
            }
            Err(refusal) => {
                assert!(sub.chars().any(char::is_control), "{sub:?}: {refusal}");
                assert_eq!(
                    (refusal.code(), refusal.detail().at.as_deref()),
                    (Code::TokenClaimType, Some("sub"))
                );
            }
        }
    }
    // The agent that acts is told from its look-alike: helper may read, hеlper with a Cyrillic е may not.
    let by =
        |client: &str| Request::new(world.ada(&json!({"act": {"sub": client}})), "read", World::report());
    let looks_alike = aios.authorize(&by("h\u{435}lper"));
    assert_eq!(code(looks_alike), Code::PolicyDenied);
    is_whole(&world, &aios, &[]);
}

#[test]
fn awkward_tenants_actions_types_traces_and_roles_get_nothing() {
    let world = World::new();
    let aios = world.open(SQLITE);
    let ada = || world.ada(&json!({}));
    for awkward in
        AWKWARD.into_iter().chain(["ACME", "acme ", "acme\0", "\u{430}cme", "acme/", "", "../acme"])
    {
        let data = || Resource::new("Aios::Data", "x");
        let role =
            json!({"roles": [awkward, format!("Analyst{awkward}"), format!("{awkward}Analyst\u{200b}")]});
        let cases = [
            (Request::new(ada(), "read", data().tenant(awkward)), Code::TenantMismatch),
            (Request::new(ada(), awkward, World::report()), Code::PolicyUnknownAction),
            (Request::new(ada(), format!("read{awkward} "), World::report()), Code::PolicyUnknownAction),
            (Request::new(ada(), "read", Resource::new(awkward, "x").tenant("acme")), Code::PolicyInput),
            (Request::new(ada(), "read", data().tenant("acme").parent(awkward, awkward)), Code::PolicyInput),
            (Request::new(ada(), "read", World::report()).trace(awkward), Code::PolicyInput),
            (Request::new(world.ada(&role), "read", World::report()), Code::PolicyDenied),
            (Request::new(world.ada(&json!({"tid": awkward})), "read", data()), Code::TokenTenantNotAllowed),
        ];
        for (request, expected) in cases {
            let refused = code(aios.authorize(&request));
            let token = matches!(refused, Code::TokenClaimType | Code::TokenTenantMissing);
            assert!(refused == expected || token, "{awkward:?}: {refused}, not {expected}, for {request:?}");
            assert_eq!(aios.check(&request).unwrap().code, Some(refused), "{request:?}");
        }
    }
    let records = is_whole(&world, &aios, &[]);
    assert!(!records.iter().any(|record| record.is("intent")), "something was permitted");
}

#[test]
fn names_too_long_for_a_record_are_refused_with_their_place() {
    let world = World::new();
    let aios = world.open(SQLITE);
    let long = "x".repeat(10 * 1024 * 1024);
    let ask = |action: &str, resource: Resource| Request::new(world.ada(&json!({})), action, resource);
    let cases = [
        ("action", ask(&long, World::report())),
        ("resource.type", ask("read", Resource::new(&*long, "x").tenant("acme"))),
        ("resource.id", ask("read", Resource::new("Aios::Data", &*long).tenant("acme"))),
        ("resource.tenant", ask("read", Resource::new("Aios::Data", "x").tenant(&*long))),
        ("call", ask("read", World::report()).call(&*long)),
        ("trace", ask("read", World::report()).trace(&*long)),
    ];
    let mut crowded = ask("read", World::report());
    crowded.resource.parents = vec![EntityRef::new("Aios::Data", "parent"); 1_000_000];
    for (place, request) in cases.into_iter().chain([("resource.parents", crowded)]) {
        let refused = refusal(aios.authorize(&request));
        assert_eq!((refused.code(), refused.detail().at.as_deref()), (Code::PolicyInput, Some(place)));
        assert!(refused.to_string().len() < 1000, "{place} is repeated");
    }
    is_whole(&world, &aios, &[]);
}

/// Lists within lists. Made and buried without recursion, so that only the product can overflow a stack.
fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, level| {
        if level % 2 == 0 {
            Value::Array(vec![inner])
        } else {
            Value::Object(Map::from_iter([("x".into(), inner)]))
        }
    })
}

fn bury(members: &mut Map<String, Value>) {
    let mut left: Vec<Value> = std::mem::take(members).into_iter().map(|(_, value)| value).collect();
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(members) => left.extend(members.into_iter().map(|(_, value)| value)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

fn refuses_in_every_form(aios: &Aios, request: &Request, place: &str) {
    let detail = |refusal: aios_core::Refusal| (refusal.code(), refusal.detail().at.clone());
    let expected = (Code::PolicyInput, Some(place.to_owned()));
    // First the awaiting form: it copies the request to another thread while nothing is at hand yet.
    assert_eq!(detail(block_on(aios.authorize_async(request)).map(drop).unwrap_err()), expected);
    assert_eq!(detail(refusal(aios.authorize(request))), expected);
    assert_eq!(aios.check(request).unwrap().code, Some(Code::PolicyInput));
    assert_eq!(block_on(aios.check_async(request)).unwrap().code, Some(Code::PolicyInput));
}

#[test]
fn values_ten_thousand_levels_deep_or_ten_megabytes_wide_are_refused_with_their_place() {
    let makers: [&dyn Fn() -> Value; 5] = [
        &|| deep(10_000),
        &|| deep(1_000_000),
        &|| json!("x".repeat(10 * 1024 * 1024)),
        &|| Value::Array(vec![json!(0); 5 * 1024 * 1024]),
        &|| Value::Object((0..300_000).map(|index| (format!("{index:030}"), json!(index))).collect()),
    ];
    for make in makers {
        for place in ["context", "input", "resource.attrs"] {
            let world = World::new();
            let aios = world.open(SQLITE);
            let mut request = world.read();
            let members = match place {
                "context" => &mut request.context,
                "input" => &mut request.input,
                _ => &mut request.resource.attrs,
            };
            members.insert("x".into(), make());
            refuses_in_every_form(&aios, &request, place);
            [&mut request.context, &mut request.input, &mut request.resource.attrs]
                .into_iter()
                .for_each(bury);
            // Refused before anybody asked who it is, and so counted with the strangers.
            let records = is_whole(&world, &aios, &[]);
            assert_eq!(records.last().unwrap().says["counts"][0]["code"], "policy.input", "{records:?}");
        }
    }
}

#[test]
fn an_outcome_too_deep_or_large_is_refused_and_the_permit_stays_open() {
    let world = World::new();
    let aios = world.open(SQLITE);
    let permit = aios.authorize(&world.read()).unwrap();
    for data in [deep(1000), json!("x".repeat(10 * 1024 * 1024))] {
        let refused = permit.complete(&Outcome::ok().with("x", data)).unwrap_err();
        assert_eq!((refused.code(), refused.detail().at.as_deref()), (Code::PolicyInput, Some("outcome")));
    }
    permit.complete(&Outcome::ok()).unwrap();
    is_whole(&world, &aios, &[permit.view().id.clone()]);
}
