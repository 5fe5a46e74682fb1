//! The vectors that an independent program made (`tests/vectors/data`).

use aes_gcm::aead::{Aead as _, KeyInit as _};
use serde_json::Value;

use super::*;
use crate::crypto;

const ENVELOPES: &str = include_str!("../../../../tests/vectors/data/envelope_v1.json");
const SALAMANDERS: &str = include_str!("../../../../tests/vectors/data/salamander.json");

fn unhex(value: &Value) -> Vec<u8> {
    let pairs = value.as_str().unwrap().as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn every_envelope_of_the_vectors_ends_as_it_should() {
    let file: Value = serde_json::from_str(ENVELOPES).unwrap();
    let keys: Vec<WrappingKey> = file["keks"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(kid, key)| WrappingKey::new(Provider::Local, kid, Secret::new(unhex(key))))
        .collect();
    let all: Vec<&WrappingKey> = keys.iter().collect();
    let mut refused = 0;
    for test in file["tests"].as_array().unwrap() {
        let text = |member: &str| test[member].as_str().unwrap();
        let path =
            SecretPath::new(text("tenant").parse().unwrap(), text("namespace"), text("secret")).unwrap();
        let number = version(test["version"].as_u64().unwrap());
        let binding = Binding { path: &path, version: number, terms: text("policy").as_bytes() };
        let opened = open(&unhex(&test["envelope"]), &all, &binding);
        if text("result") == "valid" {
            assert_eq!(opened.unwrap().expose(), file["plaintext"].as_str().unwrap().as_bytes());
            assert_eq!(binding.context(), unhex(&file["context_hex"]));
        } else {
            assert_eq!(opened.err(), Some(Error::Undecryptable), "{}", text("label"));
            refused += 1;
        }
    }
    assert_eq!((file["tests"].as_array().unwrap().len(), refused), (22, 19));
    let wrap = context::wrap(Provider::Local, "kek-1", &"tenant-a".parse().unwrap());
    assert_eq!(wrap, unhex(&file["wrap_context_hex"]));
}

#[test]
fn r03_what_opens_under_two_keys_is_refused_by_its_commitment() {
    let file: Value = serde_json::from_str(SALAMANDERS).unwrap();
    for test in file["tests"].as_array().unwrap() {
        let (context, message) = (unhex(&test["ctx"]), unhex(&test["ct"]));
        let key = |name: &str| Secret::new(unhex(&test[name]));
        assert_eq!(crypto::open(&key("key1"), &context, &message).unwrap().expose(), unhex(&test["msg1"]));
        assert!(crypto::open(&key("key2"), &context, &message).is_err());
        // The vector is what it claims to be: the GCM part alone opens under the second key, too.
        let mut okm = [0; 76];
        let mut padded = [0; 64];
        padded[..32].copy_from_slice(key("key2").expose());
        let info: [&[u8]; 3] =
            [b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0", &message[..24], &context];
        let kdf = hkdf::Hkdf::<sha2::Sha512>::from_prk(&padded).unwrap();
        kdf.expand_multi_info(&info, &mut okm).unwrap();
        let cipher = aes_gcm::Aes256Gcm::new_from_slice(&okm[..32]).unwrap();
        let nonce: [u8; 12] = okm[32..44].try_into().unwrap();
        assert!(cipher.decrypt(&nonce.into(), &message[56..]).is_ok());
        assert_ne!(&okm[44..], &message[24..56]);
    }
}
