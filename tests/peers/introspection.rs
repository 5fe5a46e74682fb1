//! Opaque tokens of npm's oidc-provider, which says what they stand for when it is asked.

use super::*;

/// What an engine is told of the provider's endpoint.
fn asked(provider: &Provider, secret: &str, more: &Value) -> Value {
    std::fs::write(provider.folder.path().join("aios.secret"), secret).unwrap();
    let mut introspection = json!({
        "url": format!("{}/token/introspection", provider.issuer),
        "client_id": "aios", "client_secret": {"file": "aios.secret"}, "without_sub": "client",
    });
    introspection.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"introspection": introspection})
}

#[test]
fn an_opaque_token_of_a_real_provider_stands_for_its_client() {
    let provider = Provider::start();
    let aios = provider.engine_with(&asked(&provider, "aios-secret", &json!({})));
    let opaque = provider.token("opaque");
    let permit = read(&aios, &opaque).unwrap();
    let facts = permit.view().principal.view();
    assert_eq!((facts.subject.as_str(), facts.kind.as_str()), ("opaque", "app"));
    assert_eq!(facts.tenant_id.as_ref().map(ToString::to_string).as_deref(), Some("acme"));
    assert_eq!(facts.roles, ["analyst"]);
    permit.complete(&Outcome::ok()).unwrap();
    // Signed tokens of the same provider are verified, not asked about.
    assert_eq!(answer(&aios, &provider.token("portal")), "permitted");
    // For nobody, without an audience; and one that was never made.
    assert_eq!(answer(&aios, &provider.token_for("opaque", "")), Code::TokenClaimMissing.to_string());
    let unknown = Credential::Bearer("a".repeat(43));
    assert_eq!(answer(&aios, &unknown), Code::TokenInactive.to_string());
    assert!(aios.verify(None).unwrap().ok);
}

#[test]
fn a_token_that_its_provider_revoked_is_not_active_once_the_answer_is_no_longer_kept() {
    let provider = Provider::start();
    let kept = provider.engine_with(&asked(&provider, "aios-secret", &json!({})));
    let fresh = provider.engine_with(&asked(&provider, "aios-secret", &json!({"cache_seconds": 0})));
    let opaque = provider.token("opaque");
    let text = opaque.token();
    assert_eq!((answer(&kept, &opaque), answer(&fresh, &opaque)), ("permitted".into(), "permitted".into()));
    let form = format!("token={text}&client_id=opaque&client_secret=opaque-secret");
    post(&provider.issuer, "/token/revocation", &form);
    assert_eq!(answer(&fresh, &opaque), Code::TokenInactive.to_string());
    assert_eq!(answer(&kept, &opaque), "permitted", "an answer serves for a minute");
}

#[test]
fn a_client_that_the_provider_does_not_know_and_a_stopped_provider_are_failures() {
    let mut provider = Provider::start();
    let opaque = provider.token("opaque");
    let wrong = provider.engine_with(&asked(&provider, "wrong-secret", &json!({})));
    let right = provider.engine_with(&asked(&provider, "aios-secret", &json!({"authentication": "basic"})));
    let failure = |aios: &Aios| {
        let refused = read(aios, &opaque).map(drop).unwrap_err();
        assert_eq!((refused.code(), refused.is_denial()), (Code::TokenIntrospectionUnavailable, false));
        assert!(!format!("{refused:?}").contains("secret"), "{refused:?}");
        refused.detail().hint.clone().unwrap()
    };
    assert_eq!(failure(&wrong), "the server answers with status 401");
    provider.stop();
    assert_eq!(failure(&right), "the server cannot be reached");
}
