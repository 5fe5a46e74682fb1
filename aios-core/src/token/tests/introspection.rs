//! Opaque tokens: whose they are, and what their issuers say of them.

use super::*;
use crate::token::introspection::{Answer, Introspects, introspected, reader};

fn reading(prefix: Option<&str>) -> Introspects {
    Introspects { prefix: prefix.map(str::to_owned), unnamed_is_client: false }
}

fn says(world: &World, answer: &Value) -> Result<Principal, Code> {
    let answer = Answer::read(answer.to_string().into_bytes()).map_err(|error| error.code())?;
    let now = Timestamp::from_seconds(NOW);
    let unproven = introspected(&answer, &"corp".parse().unwrap(), &world.issuers, now);
    let proven =
        |unproven: Unproven| unproven.proven(&Credential::Bearer(String::new()), &rules(), None, now);
    unproven.and_then(proven).map(|proven| proven.principal).map_err(|error| error.code())
}

/// An answer of the usual members, changed by some; null takes one away.
fn answer(changes: Value) -> Value {
    let mut answer = claims(changes);
    let members = answer.as_object_mut().unwrap();
    members.entry("active").or_insert(json!(true));
    members.remove("no-active").map(|_| members.remove("active"));
    answer
}

fn introspecting() -> World {
    let mut world = World::new();
    world.issuer().introspection = Some(reading(None));
    world.issuer().required = ["iss", "aud", "exp", "sub"].map(str::to_owned).into();
    world
}

#[test]
fn a_token_goes_to_the_issuer_it_is_of_and_what_speaks_for_itself_to_none() {
    let mut world = introspecting();
    let signed = world.token(&claims(json!({})));
    let whose =
        |world: &World, token: &str| reader(token, &world.issuers).map(|issuer| issuer.name.to_string());
    // Random, and begins with a brace once decoded.
    for token in ["e3-random", "x", "Vw3Ba_8-~+/k=", "ya29.a0Af", "opaque"] {
        assert_eq!(whose(&world, token).as_deref(), Some("corp"), "{token}");
    }
    let broken = [
        format!(" {signed}"),
        format!("{signed}\n"),
        format!("{signed}."),
        signed.split_once('.').unwrap().0.to_owned(),
        signed.rsplit_once('.').unwrap().0.to_owned(),
        signed.split_once('.').unwrap().1.to_owned(),
        signed.replace('.', ","),
        signed.replace('.', "-"),
        format!("x{signed}"),
        format!("{signed}.e.f"),
        "v2.local.abc".to_owned(),
        "aios_rk_live_abc".to_owned(),
        "a b".to_owned(),
        "a\u{e9}".to_owned(),
        String::new(),
        "x".repeat(20_000),
    ];
    for token in broken.iter().chain([&signed]) {
        assert_eq!(whose(&world, token), None, "{token}");
    }
    assert_eq!(world.verify_text(&broken[3]).map(drop), Err(Code::TokenMalformed));
    let asked = verify("opaque", &world.issuers, &|_| None, Timestamp::from_seconds(NOW)).unwrap_err();
    assert_eq!(asked, Stop::Needs(Needs::Introspection { issuer: "corp".parse().unwrap() }));
    world.issuer().introspection = Some(reading(Some("co_")));
    let other = Issuer {
        introspection: Some(reading(Some("ot."))),
        ..issuer("other", "https://other.test/", Algorithm::Ed25519)
    };
    world.issuers.issuers.push(other);
    for (token, expected) in [
        ("co_1", Some("corp")),
        ("co_a.b.c.d", Some("corp")),
        ("ot.1.2", Some("other")),
        ("x", None),
        ("co", None),
        (&signed, None),
    ] {
        assert_eq!(whose(&world, token).as_deref(), expected, "{token}");
    }
    world.issuers.issuers.iter_mut().for_each(|issuer| issuer.introspection = None);
    assert_eq!(world.verify_text("opaque").map(drop), Err(Code::TokenMalformed));
}

#[test]
fn an_answer_stands_for_the_principal_that_a_signed_token_of_its_claims_stands_for() {
    let world = introspecting();
    for changes in [
        json!({"roles": ["Analyst"], "scp": "a b", "client_id": "portal", "jti": "t", "act": {"sub": "bot"}}),
        json!({"sub": "portal", "client_id": "portal", "groups": ["g"], "acr": "1", "nbf": NOW}),
    ] {
        let signed = world.verify(changes.clone()).unwrap();
        let opaque = says(&world, &answer(changes)).unwrap();
        assert_eq!(format!("{:?}", opaque.view()), format!("{:?}", signed.view()));
    }
    let unnamed =
        says(&world, &answer(json!({"iss": null, "token_type": "bearer", "token_use": "access_token"})));
    assert_eq!(unnamed.unwrap().view().subject, "u1", "an issuer need not name itself");
}

#[test]
fn answers_are_held_to_the_rules_of_tokens() {
    let mut world = introspecting();
    for (changes, expected) in [
        (json!({"active": false}), Code::TokenInactive),
        (json!({"active": false, "sub": null, "exp": null}), Code::TokenInactive),
        (json!({"active": "true"}), Code::TokenClaimType),
        (json!({"active": 1}), Code::TokenClaimType),
        (json!({"no-active": 1}), Code::TokenClaimMissing),
        (json!({"iss": "https://other.test/"}), Code::TokenUnknownIssuer),
        (json!({"iss": 1}), Code::TokenClaimType),
        (json!({"aud": "api://other"}), Code::TokenWrongAudience),
        (json!({"aud": null}), Code::TokenClaimMissing),
        (json!({"exp": NOW}), Code::TokenExpired),
        (json!({"exp": null}), Code::TokenClaimMissing),
        (json!({"exp": (NOW + 600).to_string()}), Code::TokenClaimType),
        (json!({"nbf": NOW + 1}), Code::TokenNotYetValid),
        (json!({"iat": NOW + 1}), Code::TokenNotYetValid),
        (json!({"exp": NOW + 90_000}), Code::TokenLifetimeTooLong),
        (json!({"sub": null}), Code::TokenClaimMissing),
        (json!({"sub": null, "client_id": "portal"}), Code::TokenClaimMissing),
        (json!({"tid": "t9"}), Code::TokenTenantNotAllowed),
        (json!({"cnf": {}}), Code::TokenPopRequired),
        (json!({"cnf": {"jkt": "a"}}), Code::TokenPopRequired),
        (json!({"token_type": "DPoP"}), Code::TokenPopRequired),
        (json!({"token_type": "refresh_token"}), Code::TokenWrongType),
        (json!({"token_use": "refresh_token"}), Code::TokenWrongType),
        (json!({"token_type": 1}), Code::TokenClaimType),
    ] {
        assert_eq!(says(&world, &answer(changes.clone())).map(drop), Err(expected), "{changes}");
    }
    world.issuer().introspection.as_mut().unwrap().unnamed_is_client = true;
    let client = says(&world, &answer(json!({"sub": null, "client_id": "portal"}))).unwrap();
    assert_eq!((client.view().subject.as_str(), client.view().kind), ("portal", Kind::App));
    for changes in [json!({"sub": null, "client_id": "portal", "username": "ada"}), json!({"sub": null})] {
        assert_eq!(says(&world, &answer(changes)).map(drop), Err(Code::TokenClaimMissing));
    }
    world.issuer().introspection = None;
    assert_eq!(says(&world, &answer(json!({}))).map(drop), Err(Code::TokenInactive));
    for twice in
        [r#"{"active":false,"active":true}"#, r#"{"active":true,"sub":"a","sub":"b"}"#, "[]", "", "{"]
    {
        Answer::read(twice.into()).unwrap_err();
    }
}
