//! Which keys of a set are taken.

use super::*;

const X25519: &str = "Gj-EX5AABFsKdQc6shcpmjSmGFutAdMI6iRkxxM12N0";
const EC_X: &str = "AeFWpEXYyuF0Zbtr1cmUP5snI7VUVSFEMN4AwKYk5qM";
const EC_Y: &str = "4pwwhKHYNyEdFv2anrjZhmnWt3QsmClBNzgtf532nT0";
const ALL: [Algorithm; 5] =
    [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519, Algorithm::Ps256];

fn ec(more: &str) -> String {
    format!(r#"{{"kty":"EC","crv":"P-256","x":"{EC_X}","y":"{EC_Y}"{more}}}"#)
}

fn okp(more: &str) -> String {
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X25519}"{more}}}"#)
}

fn rsa(more: &str) -> String {
    format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"{more}}}"#, "_".repeat(342 - 1) + "w")
}

fn import(keys: &[String], algorithms: &[Algorithm]) -> (KeySet, Vec<Dropped>) {
    let document = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
    let set = KeySet::from_jwks(document.as_bytes(), algorithms).unwrap();
    let dropped = set.dropped().to_vec();
    (set, dropped)
}

#[test]
fn unfit_keys_are_dropped_and_the_others_serve() {
    for unfit in [
        ec(r#","kid":"a","d":"AA""#),
        ec(r#","kid":"a","use":"enc""#),
        ec(r#","kid":"a","use":1"#),
        ec(r#","kid":"a","key_ops":["sign"]"#),
        ec(r#","kid":"a","key_ops":["verify","sign"]"#),
        ec(r#","kid":"a","key_ops":"verify""#),
        ec(r#","kid":"a","alg":"ES384""#),
        ec(r#","kid":"a","alg":"RS256""#),
        ec(r#","kid":"a","alg":"HS256""#),
        ec(""),
        ec(r#","kid":1"#),
        ec(r#","kid":"""#),
        ec(r#","kid":"é""#),
        ec(r#","kid":"a""#).replace("P-256", "P-384"),
        ec(r#","kid":"a""#).replace("P-256", "Ed25519"),
        ec(r#","kid":"a""#).replace("EC", "OKP"),
        ec(r#","kid":"a""#).replace(EC_Y, EC_X),
        ec(r#","kid":"a""#).replace(EC_Y, "AA"),
        ec(r#","kid":"a""#).replace(EC_Y, "+"),
        okp(r#","kid":"a""#).replace(X25519, &"A".repeat(43)),
        rsa(r#","kid":"a""#).replace("\"_", "\"D"),
        rsa(r#","kid":"a""#).replace("AQAB", "AQ"),
        rsa(r#","kid":"a","crv":"P-256""#),
        r#"{"kty":"oct","k":"AAAA","kid":"a"}"#.to_owned(),
        r#"{"kty":"AKP","kid":"a","alg":"ML-DSA-65","pub":"AA"}"#.to_owned(),
        r#"{"kid":"a"}"#.to_owned(),
        "7".to_owned(),
    ] {
        let (set, dropped) = import(&[unfit.clone(), okp(r#","kid":"good""#)], &ALL);
        assert_eq!((set.len(), dropped.len()), (1, 1), "{unfit}");
        assert!(set.find("good").is_some());
    }
}

#[test]
fn a_key_serves_one_algorithm_the_first_that_fits() {
    let key = |alg: &str, algorithms: &[Algorithm]| {
        import(&[rsa(&format!(r#","kid":"a"{alg}"#))], algorithms)
            .0
            .find("a")
            .map(|found| found.key.algorithm())
    };
    assert_eq!(key("", &[Algorithm::Es256, Algorithm::Ps256, Algorithm::Rs256]), Some(Algorithm::Ps256));
    assert_eq!(key("", &[Algorithm::Rs256, Algorithm::Ps256]), Some(Algorithm::Rs256));
    assert_eq!(key(r#","alg":"PS256""#, &[Algorithm::Rs256, Algorithm::Ps256]), Some(Algorithm::Ps256));
    assert_eq!(key(r#","alg":"PS256""#, &[Algorithm::Rs256]), None);
    assert_eq!(key("", &[Algorithm::Es256]), None);
    let marked = ec(r#","kid":"a","use":"sig","key_ops":["verify"],"alg":"ES256""#);
    assert_eq!(import(&[marked], &ALL).1, []);
}

#[test]
fn two_keys_of_one_id_are_both_dropped_unless_they_are_the_same() {
    let (a, b) = (ec(r#","kid":"a""#), okp(r#","kid":"a""#));
    let (set, dropped) = import(&[a.clone(), a.clone()], &ALL);
    assert_eq!((set.len(), dropped.len()), (1, 0));
    for (keys, lost) in [(vec![a.clone(), b.clone()], 2), (vec![a.clone(), b, a], 3)] {
        let (set, dropped) = import(&keys, &ALL);
        assert!(set.is_empty() && set.find("a").is_none());
        assert_eq!(dropped.len(), lost);
        assert!(dropped.iter().all(|one| one.kid.as_deref() == Some("a")));
    }
}

#[test]
fn documents_beyond_the_bounds_are_unusable() {
    let many = |count| format!(r#"{{"keys":[{}]}}"#, vec!["0"; count].join(","));
    assert!(KeySet::from_jwks(many(100).as_bytes(), &ALL).is_ok());
    let large = format!("{}{}", many(1), " ".repeat(MOST_BYTES));
    for document in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[]} x"#, &many(101), &large] {
        let end = KeySet::from_jwks(document.as_bytes(), &ALL);
        assert!(matches!(end, Err(Error::KeySetUnusable { .. })), "{document:.40}");
    }
}
