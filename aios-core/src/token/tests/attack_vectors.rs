//! The 84 tokens of `tests/vectors/data/attack_vectors.json`, each with its expected end.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::*;
use super::{claims, code, sign};
use crate::crypto::signature::{Algorithm, SigningKey};
use crate::model::{Credential, TenantId};

const VECTORS: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/data/attack_vectors.json"));

/// The file's policy as configuration: issuer `idp` speaks for `t1`, `other` for `other/…`.
fn issuers(policy: &Value) -> Issuers {
    let strings = |name: &str| -> Vec<String> { serde_json::from_value(policy[name].clone()).unwrap() };
    let number = |name: &str| policy[name].as_i64().unwrap();
    let size = |name: &str| usize::try_from(number(name)).unwrap();
    let listed = BTreeMap::from([("t1".to_owned(), "t1".parse().unwrap())]);
    let issuer = |name: &str, iss: &String, tenants| Issuer {
        name: name.parse().unwrap(),
        iss: Speaks::exactly(iss.as_str()),
        algorithms: strings("algs").iter().map(|name| Algorithm::from_name(name).unwrap()).collect(),
        typ: strings("typ"),
        leeway_seconds: number("leeway"),
        max_lifetime_seconds: number("max_lifetime"),
        required: strings("required"),
        tenants,
        ..super::issuer("x", "", Algorithm::Rs256)
    };
    let iss = strings("issuers");
    Issuers {
        audience: strings("audience"),
        limits: Limits {
            max_token_bytes: size("max_token_bytes"),
            max_header_bytes: size("max_header_bytes"),
            max_actor_depth: size("max_actor_depth"),
        },
        issuers: vec![
            issuer("idp", &iss[0], Tenants::Listed(listed)),
            issuer("other", &iss[1], Tenants::Prefixed),
        ],
        ..super::issuers(Vec::new())
    }
}

fn key_sets(file: &Value, issuers: &Issuers) -> BTreeMap<IssuerName, Arc<KeySet>> {
    let set = |issuer: &Issuer| {
        let sets = file["jwks_by_issuer"].as_object().unwrap();
        let jwks = sets.iter().find(|(iss, _)| issuer.iss.is(iss)).unwrap().1.to_string();
        Arc::new(KeySet::from_jwks(jwks.as_bytes(), &issuer.algorithms).unwrap())
    };
    issuers.issuers.iter().map(|issuer| (issuer.name.clone(), set(issuer))).collect()
}

#[test]
fn every_attack_vector_ends_with_exactly_its_code() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let now = Timestamp::from_seconds(file["now"].as_i64().unwrap());
    let issuers = issuers(&file["policy"]);
    let keys = key_sets(&file, &issuers);
    let vectors = file["vectors"].as_array().unwrap();
    let mut wrong = Vec::new();
    for vector in vectors {
        let token = vector["token"].as_str().unwrap();
        let verified = verify(token, &issuers, &|name| keys.get(name).cloned(), now);
        let bearer = Credential::Bearer(token.to_owned());
        let end =
            verified.and_then(|verified| Ok(verified.proven(&bearer, &super::rules(), None, now)?.principal));
        let actual = end.as_ref().err().cloned().map(|stop| code(stop).as_str());
        if actual != vector["code"].as_str() || end.is_ok() != (vector["expect"] == "accept") {
            wrong.push((vector["id"].clone(), vector["code"].clone(), actual));
        }
        let explained = explain(
            &Credential::Bearer(token.to_owned()),
            (&issuers, &super::rules()),
            &|name| keys.get(name).cloned(),
            now,
        );
        assert_eq!(
            explained.refusal.map(|error| error.code().as_str()),
            actual,
            "explained: {}",
            vector["id"]
        );
        if let Ok(principal) = end {
            assert_eq!(principal.view().tenant_id.as_ref().map(TenantId::as_str), Some("t1"));
        }
    }
    assert_eq!(wrong, []);
    assert_eq!(vectors.len(), 84);
}

#[test]
fn a_second_issuer_speaks_for_its_own_tenants_only() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let mut issuers = issuers(&file["policy"]);
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let jwks = serde_json::json!({ "keys": [key.public_jwk("o2")] }).to_string();
    let set = Arc::new(KeySet::from_jwks(jwks.as_bytes(), &[Algorithm::Es256]).unwrap());
    let header = serde_json::json!({ "alg": "ES256", "typ": "at+jwt", "kid": "o2" });
    let token = sign(&key, &header, &claims(serde_json::json!({ "iss": "https://other.test/" })).to_string());
    let now = Timestamp::from_seconds(super::NOW);

    let principal = verify(&token, &issuers, &|_| Some(set.clone()), now).unwrap();
    assert_eq!(principal.view().tenant_id.as_ref().map(TenantId::as_str), Some("other/t1"));

    issuers.issuers[1].tenants = Tenants::Listed(BTreeMap::new());
    let refusal = verify(&token, &issuers, &|_| Some(set.clone()), now).unwrap_err();
    assert_eq!(refusal, Stop::Refused(Error::TenantNotAllowed));
}
