//! Wycheproof's vectors for what the envelope is made of. Those for the whole of it, Cobblestone-256, are run in
//! `tests/wycheproof.rs`.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::{Sha256, Sha512};
use wycheproof::{aead, hkdf as kdf, mac as macs};

use super::{MacKey, equal, mac};

#[test]
fn aes_256_gcm_with_nonces_of_96_bits_ends_every_vector_as_it_should() {
    let mut run = 0;
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    for group in set.test_groups.iter().filter(|group| group.nonce_size == 96 && group.key_size == 256) {
        for test in &group.tests {
            let cipher = Aes256Gcm::new_from_slice(&test.key).unwrap();
            let nonce: [u8; 12] = test.nonce.as_slice().try_into().unwrap();
            let message = [&test.ct[..], &test.tag].concat();
            let opened = cipher.decrypt(&nonce.into(), Payload { msg: &message, aad: &test.aad });
            assert_eq!(opened.is_err(), test.result.must_fail(), "tc {}", test.tc_id);
            if let Ok(opened) = opened {
                assert_eq!(opened, **test.pt, "tc {}", test.tc_id);
                let sealed = cipher.encrypt(&nonce.into(), Payload { msg: &test.pt, aad: &test.aad });
                assert_eq!(sealed.unwrap(), message, "tc {}", test.tc_id);
            }
            run += 1;
        }
    }
    assert!(run >= 60, "{run}");
}

#[test]
fn hkdf_expand_with_sha_512_ends_every_vector_as_it_should() {
    let set = kdf::TestSet::load(kdf::TestName::HkdfSha512).unwrap();
    let mut run = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        // The extraction that the vectors begin with; what is sealed begins with a key that is one already.
        let mut extract = Hmac::<Sha512>::new_from_slice(&test.salt).unwrap();
        extract.update(&test.ikm);
        let prk = extract.finalize().into_bytes();
        let mut okm = vec![0; test.size];
        let expanded = Hkdf::<Sha512>::from_prk(&prk).unwrap().expand_multi_info(&[&test.info], &mut okm);
        assert_eq!(expanded.is_err(), test.result.must_fail(), "tc {}", test.tc_id);
        assert!(expanded.is_err() || okm == **test.okm, "tc {}", test.tc_id);
        run += 1;
    }
    assert!(run >= 80, "{run}");
}

#[test]
fn hmac_with_sha_256_and_sha_512_ends_every_vector_as_it_should() {
    let mut run = 0;
    for (name, is_short) in [(macs::TestName::HmacSha256, true), (macs::TestName::HmacSha512, false)] {
        let set = macs::TestSet::load(name).unwrap();
        for group in &set.test_groups {
            for test in &group.tests {
                let whole = if is_short {
                    let mut state = Hmac::<Sha256>::new_from_slice(&test.key).unwrap();
                    state.update(&test.msg);
                    state.finalize().into_bytes().to_vec()
                } else {
                    let mut state = Hmac::<Sha512>::new_from_slice(&test.key).unwrap();
                    state.update(&test.msg);
                    state.finalize().into_bytes().to_vec()
                };
                if let Ok(key) = MacKey::from_slice(&test.key).map_err(drop)
                    && is_short
                {
                    assert_eq!(mac(&key, &[&test.msg]).to_vec(), whole, "tc {}", test.tc_id);
                }
                let fits = equal(&whole[..group.tag_size / 8], &test.tag);
                assert_eq!(fits, !test.result.must_fail(), "tc {}", test.tc_id);
                run += 1;
            }
        }
    }
    assert_eq!(run, 2 * 174);
}
