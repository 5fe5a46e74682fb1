//! Signing and verifying with every algorithm, and keys that are refused.

use super::*;

#[test]
fn keys_that_anybody_could_sign_for_are_refused() {
    for y in SMALL_ORDER {
        for sign in [0, 0x80] {
            let mut point = y;
            point[31] |= sign;
            assert!(VerifyingKey::from_ed25519(&point).is_err(), "{point:?}");
        }
    }
    assert!(VerifyingKey::from_ed25519(&FIELD_PRIME).is_err());
    assert!(VerifyingKey::from_ed25519(&[9; 31]).is_err());
}

#[test]
fn rsa_keys_outside_the_bounds_are_refused() {
    let odd = |bytes: usize| vec![0xff; bytes];
    let refused = |n: &[u8], e: &[u8]| VerifyingKey::from_rsa_components(Algorithm::Rs256, n, e).is_err();
    assert!(!refused(&odd(256), &[1, 0, 1]));
    assert!(!refused(&[&[0], &odd(256)[..]].concat(), &[3]));
    let mut even = odd(256);
    even[255] = 0xfe;
    let mut short = odd(256);
    short[0] = 0x7f;
    for (n, e) in [
        (odd(128), vec![1, 0, 1]),
        (short, vec![1, 0, 1]),
        (odd(1025), vec![1, 0, 1]),
        (even, vec![1, 0, 1]),
        (odd(256), vec![]),
        (odd(256), vec![0]),
        (odd(256), vec![1]),
        (odd(256), vec![2]),
        (odd(256), vec![1, 0, 0]),
        (odd(256), vec![0xff; 8]),
        (vec![], vec![3]),
    ] {
        assert!(refused(&n, &e), "{} bytes, e {e:?}", n.len());
    }
}

#[test]
fn points_off_the_curve_are_refused() {
    assert!(VerifyingKey::from_ec_point(Algorithm::Es256, &[1; 32], &[1; 32]).is_err());
    assert!(VerifyingKey::from_ec_point(Algorithm::Es384, &[1; 48], &[1; 48]).is_err());
    assert!(VerifyingKey::from_ec_point(Algorithm::Es256, &[1; 48], &[1; 48]).is_err());
}

#[test]
fn a_key_serves_no_algorithm_of_another_family() {
    let n = [0xff; 256];
    assert!(VerifyingKey::from_rsa_components(Algorithm::Es256, &n, &[3]).is_err());
    assert!(VerifyingKey::from_ec_point(Algorithm::Rs256, &[1; 32], &[1; 32]).is_err());
}

#[test]
fn names_of_algorithms_are_case_sensitive_and_come_back() {
    for algorithm in
        [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Es384, Algorithm::Ps256, Algorithm::Rs256]
    {
        assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
        assert_eq!(Algorithm::from_name(&algorithm.name().to_lowercase()), None);
    }
    for name in ["none", "HS384", "rs384", "ES512", ""] {
        assert_eq!(Algorithm::from_name(name), None, "{name}");
    }
}
