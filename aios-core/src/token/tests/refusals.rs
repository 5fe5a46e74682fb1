//! What is refused besides the attack vectors, and what a held principal is worth.

use super::*;

#[test]
fn any_changed_byte_of_a_valid_token_is_refused() {
    let world = World::new();
    let token = world.token(&claims(json!({})));
    assert!(world.verify_text(&token).is_ok());
    for index in 0..token.len() {
        for byte in (0..=0x7f).chain([token.as_bytes()[index] ^ 1]) {
            let mut changed = token.clone().into_bytes();
            changed[index] = byte;
            let changed = String::from_utf8(changed).unwrap();
            assert!(changed == token || world.verify_text(&changed).is_err(), "byte {index} as {byte:#x}");
        }
    }
}

#[test]
fn claims_of_wrong_type_range_or_absence_are_refused() {
    let world = World::new();
    for (changes, expected) in [
        (json!({ "sub": "" }), Code::TokenClaimType),
        (json!({ "sub": "a\nb" }), Code::TokenClaimType),
        (json!({ "sub": null }), Code::TokenClaimMissing),
        (json!({ "iss": null }), Code::TokenClaimMissing),
        (json!({ "iss": ["https://corp.test/"] }), Code::TokenClaimType),
        (json!({ "aud": null }), Code::TokenClaimMissing),
        (json!({ "aud": [["api://aios"]] }), Code::TokenClaimType),
        (json!({ "nbf": "1" }), Code::TokenClaimType),
        (json!({ "iat": true }), Code::TokenClaimType),
        (json!({ "jti": 1 }), Code::TokenClaimType),
        (json!({ "sid": "a\u{0}" }), Code::TokenClaimType),
        (json!({ "azp": ["a"] }), Code::TokenClaimType),
        (json!({ "roles": "Analyst" }), Code::TokenClaimType),
        (json!({ "roles": ["Analyst", 1] }), Code::TokenClaimType),
        (json!({ "groups": "g" }), Code::TokenClaimType),
        (json!({ "groups": ["a\u{0}"] }), Code::TokenClaimType),
        (json!({ "scp": { "a": 1 } }), Code::TokenClaimType),
        (json!({ "auth_time": "1" }), Code::TokenClaimType),
        (json!({ "cnf": { "jkt": "x" } }), Code::TokenPopRequired),
        (json!({ "cnf": 0 }), Code::TokenPopRequired),
    ] {
        assert_eq!(world.verify(changes.clone()).err(), Some(expected), "{changes}");
    }
}

#[test]
fn times_are_compared_exactly_and_leeway_stretches_them() {
    let mut world = World::new();
    for (leeway, changes, expected) in [
        (0, json!({ "exp": NOW }), Some(Code::TokenExpired)),
        (0, json!({ "exp": 1_800_000_000.25 }), None),
        (30, json!({ "exp": NOW - 29 }), None),
        (30, json!({ "exp": NOW - 30 }), Some(Code::TokenExpired)),
        (0, json!({ "nbf": NOW }), None),
        (0, json!({ "nbf": 1_800_000_000.25 }), Some(Code::TokenNotYetValid)),
        (30, json!({ "nbf": NOW + 30 }), None),
        (30, json!({ "nbf": NOW + 31 }), Some(Code::TokenNotYetValid)),
        (0, json!({ "iat": NOW + 1 }), Some(Code::TokenNotYetValid)),
        (0, json!({ "iat": NOW, "exp": NOW + 86400 }), None),
        (0, json!({ "iat": NOW, "exp": NOW + 86401 }), Some(Code::TokenLifetimeTooLong)),
        (0, json!({ "iat": null, "exp": NOW + 86401 }), Some(Code::TokenLifetimeTooLong)),
    ] {
        world.issuer().leeway_seconds = leeway;
        assert_eq!(world.verify(changes.clone()).err(), expected, "{leeway} {changes}");
    }
}

#[test]
fn a_token_of_another_type_is_refused() {
    let mut world = World::new();
    let typed = |world: &World, typ: Option<&str>| {
        let mut header = json!({ "alg": "EdDSA", "kid": "k1" });
        if let Some(typ) = typ {
            header["typ"] = typ.into();
        }
        world.verify_text(&sign(&world.key, &header, &claims(json!({})).to_string())).err()
    };
    for (typ, is_accepted) in
        [(Some("AT+jwt"), true), (Some("application/at+jwt"), true), (Some("JWT"), false), (None, false)]
    {
        assert_eq!(typed(&world, typ).is_none(), is_accepted, "{typ:?}");
    }
    world.issuer().typ.clear();
    for (typ, is_accepted) in
        [(Some("JWT"), true), (None, true), (Some("at+jwt"), false), (Some("logout+jwt"), false)]
    {
        assert_eq!(typed(&world, typ).is_none(), is_accepted, "{typ:?}");
    }
}

#[test]
fn only_a_plausible_token_causes_a_fetch() {
    let world = World::new();
    let now = Timestamp::from_seconds(NOW);
    let stop = |changes| verify(&world.token(&claims(changes)), &world.issuers, &|_| None, now).unwrap_err();
    let corp: IssuerName = "corp".parse().unwrap();
    assert_eq!(stop(json!({})), Stop::Needs(Needs::Keys { issuer: corp, kid: "k1".into() }));
    for junk in [json!({ "aud": "x" }), json!({ "exp": 1 }), json!({ "exp": "x" }), json!({ "iss": "x" })] {
        assert!(matches!(stop(junk.clone()), Stop::Refused(_)), "{junk}");
    }
    for header in [
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": "k1" }),
        json!({ "alg": "EdDSA", "typ": "logout+jwt", "kid": "k1" }),
        json!({ "alg": "EdDSA", "typ": "at+jwt" }),
    ] {
        let token = sign(&world.key, &header, &claims(json!({})).to_string());
        let end = verify(&token, &world.issuers, &|_| None, now).unwrap_err();
        assert!(matches!(end, Stop::Refused(_)), "{header}");
    }
}

#[test]
fn an_issuer_uses_only_its_own_algorithms_and_keys() {
    let mut world = World::new();
    world.issuer().algorithms = vec![Algorithm::Es256];
    assert_eq!(world.verify(json!({})).err(), Some(Code::TokenAlgNotAllowed));
    let mut stranger = World::new();
    stranger.key = world.key;
    assert_eq!(stranger.verify(json!({})).err(), Some(Code::TokenBadSignature));
}

#[test]
fn every_algorithm_verifies_what_its_key_signed() {
    for algorithm in
        [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Es384, Algorithm::Ps256, Algorithm::Rs256]
    {
        let world = World::signing_with(SigningKey::generate(algorithm).unwrap());
        assert!(world.verify(json!({})).is_ok(), "{algorithm:?}");
    }
}

#[test]
fn a_held_principal_ends_with_its_token_and_serves_one_engine() {
    let mut world = World::new();
    world.issuer().leeway_seconds = 30;
    let principal = world.verify(json!({})).unwrap();
    let check = |realm, seconds| still_valid(&principal, realm, Timestamp::from_seconds(seconds));
    assert_eq!(check(Realm([7; 16]), NOW + 629), Ok(()));
    let at = Timestamp::from_seconds(NOW + 600);
    assert_eq!(check(Realm([7; 16]), NOW + 630), Err(Error::Expired { at }));
    assert_eq!(check(Realm([8; 16]), NOW), Err(Error::ForeignPrincipal));
}

#[test]
fn refusals_say_what_was_expected_without_bytes_of_the_token() {
    let world = World::new();
    let token = world.token(&claims(json!({ "aud": "x\n\u{1b}[0m" })));
    let now = Timestamp::from_seconds(NOW);
    let Err(Stop::Refused(error)) = verify(&token, &world.issuers, &|_| Some(world.keys.clone()), now) else {
        panic!()
    };
    let refusal = crate::model::Refusal::from(error);
    assert_eq!(refusal.detail().expected.as_deref(), Some("api://aios"));
    assert_eq!(refusal.detail().actual.as_deref(), Some("x\\n\\u{1b}[0m"));
}

#[test]
fn claims_become_the_facts_of_a_principal() {
    let world = World::new();
    let principal = world.verify(json!({
        "roles": ["Analyst", "Admin", "Analyst"], "scp": "crm.read  crm.write", "groups": ["g1"], "sid": "s", "jti": "j",
        "azp": "web", "auth_time": NOW - 60, "acr": "1", "amr": ["pwd", "mfa"],
    }));
    let principal = principal.unwrap();
    let facts = principal.view();
    assert_eq!((facts.subject.as_str(), facts.kind), ("u1", Kind::User));
    assert_eq!(facts.roles, ["analyst"]);
    assert_eq!(facts.scopes, ["crm.read", "crm.write"]);
    assert_eq!((facts.groups.as_slice(), facts.groups_complete), (["g1".to_owned()].as_slice(), true));
    assert_eq!((facts.session_id.as_deref(), facts.token_id.as_deref()), (Some("s"), Some("j")));
    assert_eq!((facts.client_id.as_deref(), facts.acr.as_deref()), (Some("web"), Some("1")));
    assert_eq!(facts.auth_time, Some(Timestamp::from_seconds(NOW - 60)));
    assert_eq!(facts.amr, ["pwd", "mfa"]);
    assert!(facts.actors.is_empty());
}

#[test]
fn left_out_groups_are_marked() {
    let world = World::new();
    for (changes, complete) in [
        (json!({}), true),
        (json!({ "hasgroups": false }), true),
        (json!({ "hasgroups": true }), false),
        (json!({ "_claim_names": { "groups": "src1" } }), false),
        (json!({ "_claim_names": { "other": "src1" } }), true),
    ] {
        assert_eq!(world.verify(changes.clone()).unwrap().view().groups_complete, complete, "{changes}");
    }
}

#[test]
fn roles_follow_the_configuration() {
    let mut world = World::new();
    let claimed = json!({ "roles": ["Analyst", "analyst"] });
    for (roles, expected) in [
        (Roles::Mapped(BTreeMap::new()), vec![]),
        (Roles::Prefixed, vec!["corp/Analyst", "corp/analyst"]),
        (Roles::All, vec!["Analyst", "analyst"]),
    ] {
        world.issuer().roles = roles;
        assert_eq!(world.verify(claimed.clone()).unwrap().view().roles, expected);
    }
}

#[test]
fn a_shared_secret_verifies_hs256_and_a_public_key_never_does() {
    let secret = b"0123456789abcdef0123456789abcdef";
    let sign = |key: &[u8], header: &str| {
        use hmac::{Hmac, KeyInit, Mac};
        let payload = claims(json!({})).to_string();
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let mut state = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
        state.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(state.finalize().into_bytes()))
    };
    let mut world = World::new();
    world.issuer().algorithms = vec![Algorithm::Hs256];
    let key = crate::crypto::signature::VerifyingKey::from_shared_secret(secret.to_vec()).unwrap();
    world.keys = Arc::new(KeySet::of_shared_secret(key));
    let (plain, named) = (r#"{"alg":"HS256","typ":"at+jwt"}"#, r#"{"alg":"HS256","typ":"at+jwt","kid":"x"}"#);
    for header in [plain, named] {
        assert!(world.verify_text(&sign(secret, header)).is_ok(), "{header}");
    }
    assert_eq!(world.verify_text(&sign(&[7; 32], plain)).unwrap_err(), Code::TokenBadSignature);
    // A public key's text as the secret, at an issuer of public keys.
    let world = World::signing_with(SigningKey::generate(Algorithm::Rs256).unwrap());
    let public = world.key.public_jwk("k1").to_string();
    let header = r#"{"alg":"HS256","typ":"at+jwt","kid":"k1"}"#;
    let refused = world.verify_text(&sign(public.as_bytes(), header)).unwrap_err();
    assert_eq!(refused, Code::TokenAlgNotAllowed);
}
