//! Envelopes: what opens, what does not, and that nothing says why.

use super::*;
use crate::crypto;

fn binding<'a>(path: &'a SecretPath, version: u64, terms: &'a [u8]) -> Binding<'a> {
    Binding { path, version: super::version(version), terms }
}

fn sealed() -> (Vec<u8>, TenantKeys) {
    let keys = keys(&acme());
    let envelope = seal(&[keys.wrapping()], &binding(&path(), 3, TERMS), &secret(b"sk-1")).unwrap();
    (envelope, keys)
}

fn opens(envelope: &[u8], keys: &TenantKeys, path: &SecretPath, version: u64, terms: &[u8]) -> bool {
    let opened = open(envelope, &[keys.wrapping()], &binding(path, version, terms));
    match opened {
        Ok(value) => value.expose() == b"sk-1",
        Err(error) => {
            assert_eq!(error, Error::Undecryptable);
            false
        }
    }
}

#[test]
fn r01_two_seals_of_one_secret_share_no_salt_commitment_or_ciphertext() {
    let ((one, _), (other, _)) = (sealed(), sealed());
    let (one, other) = (Envelope::parse(&one).unwrap(), Envelope::parse(&other).unwrap());
    for range in [0..24, 24..56, 56..60] {
        assert_ne!(one.body[range.clone()], other.body[range]);
    }
    assert_ne!(one.wraps[0].wrapped, other.wraps[0].wrapped);
}

#[test]
fn r02_a_data_key_and_a_wrap_are_sealed_with_keys_of_their_own_salt() {
    // No key meets GCM itself: each message's key and nonce come from a fresh salt of 24 bytes, so that the limit of
    // 2^32 random nonces under one key is not ours. What is sealed a thousand times under one key has a thousand salts.
    let keys = keys(&acme());
    let salts: std::collections::BTreeSet<Vec<u8>> = (0..500)
        .flat_map(|_| {
            let envelope = seal(&[keys.wrapping()], &binding(&path(), 1, TERMS), &secret(b"x")).unwrap();
            let parsed = Envelope::parse(&envelope).unwrap();
            [parsed.body[..24].to_vec(), parsed.wraps[0].wrapped[..24].to_vec()]
        })
        .collect();
    assert_eq!(salts.len(), 1000);
}

#[test]
fn r04_r07_r09_each_field_of_the_context_is_committed_to() {
    let (envelope, keys) = sealed();
    let at = |tenant: &str, namespace: &str, name: &str| {
        SecretPath::new(tenant.parse().unwrap(), namespace, name).unwrap()
    };
    assert!(opens(&envelope, &keys, &path(), 3, TERMS));
    assert!(!opens(&envelope, &keys, &at("acne", "prod", "openai/main"), 3, TERMS), "tenant");
    assert!(!opens(&envelope, &keys, &at("acme", "dev", "openai/main"), 3, TERMS), "namespace");
    assert!(!opens(&envelope, &keys, &at("acme", "prod", "openai/other"), 3, TERMS), "name");
    assert!(!opens(&envelope, &keys, &path(), 2, TERMS), "version");
    let bobs = String::from_utf8(TERMS.to_vec()).unwrap().replace("alice", "bob");
    assert!(!opens(&envelope, &keys, &path(), 3, bobs.as_bytes()), "owner");
    let spaced = [TERMS, b" "].concat();
    assert!(!opens(&envelope, &keys, &path(), 3, &spaced), "the terms' bytes as such count");
}

#[test]
fn r05_a_byte_moved_from_one_field_to_the_next_is_found() {
    let (envelope, keys) = sealed();
    let shifted = SecretPath::new(acme(), "prodo", "penai/main").unwrap();
    assert_eq!(shifted.namespace().len() + shifted.name().len(), 4 + 11);
    assert!(!opens(&envelope, &keys, &shifted, 3, TERMS));
}

#[test]
fn r07_neither_an_envelope_nor_its_wrap_opens_with_another_tenants_key() {
    let (ours, keys) = sealed();
    let globex: TenantId = "globex".parse().unwrap();
    // The same master, even: the tenant is in the keys, in the wrap and in the body.
    let theirs = super::keys(&globex);
    let their_path = SecretPath::new(globex, "prod", "openai/main").unwrap();
    assert!(!opens(&ours, &theirs, &their_path, 3, TERMS));
    assert!(!opens(&ours, &theirs, &path(), 3, TERMS));
    let other = seal(&[theirs.wrapping()], &binding(&their_path, 3, TERMS), &secret(b"sk-1")).unwrap();
    let (ours, other) = (Envelope::parse(&ours).unwrap(), Envelope::parse(&other).unwrap());
    let swapped = Envelope { wraps: other.wraps, body: ours.body }.write().unwrap();
    assert!(!opens(&swapped, &keys, &path(), 3, TERMS) && !opens(&swapped, &theirs, &path(), 3, TERMS));
}

#[test]
fn r08_the_wrap_of_another_secret_of_the_tenant_leads_nowhere() {
    let ((one, keys), (other, _)) = (sealed(), sealed());
    let (one, other) = (Envelope::parse(&one).unwrap(), Envelope::parse(&other).unwrap());
    let mixed = Envelope { wraps: other.wraps, body: one.body }.write().unwrap();
    assert!(!opens(&mixed, &keys, &path(), 3, TERMS));
}

#[test]
fn r17_a_rewrap_leaves_the_body_as_it_is_and_every_wrap_is_verified() {
    let (envelope, keys) = sealed();
    let next = WrappingKey::new(Provider::AwsKms, "alias/two", secret(&[8; 32]));
    let moved = rewrap(&envelope, &[keys.wrapping()], &[keys.wrapping(), &next], &acme()).unwrap();
    let (before, after) = (Envelope::parse(&envelope).unwrap(), Envelope::parse(&moved).unwrap());
    assert_eq!((before.body, after.wraps.len()), (after.body, 2));
    let path = path();
    let bound = binding(&path, 3, TERMS);
    for key in [keys.wrapping(), &next] {
        assert_eq!(open(&moved, &[key], &bound).unwrap().expose(), b"sk-1");
    }
    assert_eq!(verify(&moved, &[keys.wrapping(), &next], &bound), Ok(()));
    // The second wrap is damaged: a reader that has the first key does not notice, verification does.
    let mut damaged = moved.clone();
    let second = 6 + 2 + keys.wrapping().kid().len() + 2 + 104 + 2 + "alias/two".len() + 2;
    damaged[second] ^= 1;
    assert!(open(&damaged, &[keys.wrapping(), &next], &bound).is_ok());
    assert_eq!(verify(&damaged, &[keys.wrapping(), &next], &bound), Err(Error::Undecryptable));
    assert_eq!(verify(&moved, &[], &bound), Err(Error::Undecryptable));
    assert!(rewrap(&damaged, &[&next], &[keys.wrapping()], &acme()).is_err());
}

#[test]
fn r18_without_the_master_nothing_of_the_tenant_opens() {
    let (envelope, keys) = sealed();
    let fresh = TenantKeys::derive(&secret(&[9; 32]), &acme(), "m-1").unwrap();
    assert!(opens(&envelope, &keys, &path(), 3, TERMS));
    assert!(!opens(&envelope, &fresh, &path(), 3, TERMS));
}

#[test]
fn r20_everything_has_its_bounds() {
    let keys = keys(&acme());
    let path = path();
    let bound = binding(&path, 1, TERMS);
    for length in [1, 16 * 1024 - 1, 16 * 1024, MAX_SECRET] {
        let value = secret(&vec![42; length]);
        let envelope = seal(&[keys.wrapping()], &bound, &value).unwrap();
        assert_eq!(open(&envelope, &[keys.wrapping()], &bound).unwrap().expose(), value.expose());
    }
    for length in [0, MAX_SECRET + 1] {
        assert!(matches!(
            seal(&[keys.wrapping()], &bound, &secret(&vec![42; length])),
            Err(Error::Invalid { at: "value", .. })
        ));
    }
    let named = |kid: &str| WrappingKey::new(Provider::Custom(0x80), kid, secret(&[1; 32]));
    let many: Vec<_> = (0..5).map(|number| named(&number.to_string())).collect();
    let first = |count: usize| many.iter().take(count).collect::<Vec<_>>();
    for (keys, good) in [(first(0), false), (first(1), true), (first(4), true), (first(5), false)] {
        assert_eq!(seal(&keys, &bound, &secret(b"x")).is_ok(), good, "{} wraps", keys.len());
    }
    for (kid, good) in [("", false), ("k", true), (&*"k".repeat(255), true), (&*"k".repeat(256), false)] {
        assert_eq!(seal(&[&named(kid)], &bound, &secret(b"x")).is_ok(), good, "kid of {}", kid.len());
    }
    assert!(seal(&[&many[0], &many[0]], &bound, &secret(b"x")).is_err(), "one key twice");
    let (envelope, _) = sealed();
    let parsed = Envelope::parse(&envelope).unwrap();
    for (length, good) in [(0, false), (1, true), (4096, true), (4097, false)] {
        let wrapped = vec![1; length];
        let wraps = vec![Wrap { provider: Provider::AwsKms, kid: "k", wrapped: &wrapped }];
        assert_eq!(Envelope { wraps, body: parsed.body }.write().is_ok(), good, "wrapped of {length}");
    }
}

#[test]
fn r21_an_envelopes_length_tells_the_secrets_and_says_no_more() {
    // Padding is not offered: the page says so, and this is what a reader of the store sees.
    let keys = keys(&acme());
    let path = path();
    for length in [1, 51, 64, 1000] {
        let bound = binding(&path, 1, TERMS);
        let envelope = seal(&[keys.wrapping()], &bound, &secret(&vec![0; length])).unwrap();
        assert_eq!(envelope.len(), 6 + 2 + 3 + 2 + 104 + 72 + length);
    }
}

#[test]
fn r23_a_wrap_relabelled_with_another_key_id_or_provider_does_not_open() {
    let (envelope, _) = sealed();
    let key = || crypto::mac(&crypto::MacKey::from_slice(&[7; 32]).unwrap(), &[b"x"]);
    let known = WrappingKey::new(Provider::Local, "k-1", secret(&key()));
    let path = path();
    let bound = binding(&path, 1, TERMS);
    let envelope_of_one = seal(&[&known], &bound, &secret(b"sk-1")).unwrap();
    for (provider, kid) in [(Provider::Local, "k-2"), (Provider::TenantKey, "k-1")] {
        let relabelled = WrappingKey::new(provider, kid, secret(&key()));
        let mut parsed = Envelope::parse(&envelope_of_one).unwrap();
        (parsed.wraps[0].provider, parsed.wraps[0].kid) = (provider, kid);
        let written = parsed.write().unwrap();
        assert!(matches!(open(&written, &[&relabelled], &bound), Err(Error::Undecryptable)));
    }
    assert!(open(&envelope, &[&known], &bound).is_err(), "no key at hand");
}

#[test]
fn text_and_bytes_of_an_envelope_are_one_another() {
    let (envelope, _) = sealed();
    let text = to_text(&envelope);
    assert!(text.starts_with("aev1.QUVWMQ"));
    assert_eq!(from_text(&text).unwrap(), envelope);
    let bare = text.strip_prefix("aev1.").unwrap();
    for bad in ["", "aev1", bare, &format!("{text}="), &format!("{text} "), &format!("AEV1.{bare}")] {
        assert_eq!(from_text(bad), Err(Error::Undecryptable), "{bad}");
    }
}
