//! Authenticated encryption that commits to its key: Cobblestone-256 (C2SP chunked encryption, AES-256-GCM).
//!
//! `message = salt (24) || commitment (32) || chunks`; key, base nonce and commitment are HKDF-Expand-SHA-512 of the
//! input key over label, salt and context. The commitment is compared, in constant time, before anything is
//! decrypted, so no message opens under two keys.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use sha2::Sha512;
use zeroize::Zeroizing;

use super::{Error, equal, random};
use crate::model::Secret;

const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
const SALT: usize = 24;
const COMMITMENT: usize = 32;
const CHUNK: usize = 16 * 1024;
const TAG: usize = 16;

/// Seals a plaintext under a 32-byte key for a context.
///
/// # Errors
/// The key is not 32 bytes, or the operating system gives no randomness.
pub fn seal(key: &Secret, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    seal_with(key, random()?, context, plaintext)
}

/// Opens what [`seal`] made under the same key and context.
///
/// # Errors
/// Anything else; without a reason.
pub fn open(key: &Secret, context: &[u8], message: &[u8]) -> Result<Secret, Error> {
    let (salt, rest) = message.split_first_chunk::<SALT>().ok_or(Error)?;
    let (commitment, mut chunks) = rest.split_first_chunk::<COMMITMENT>().ok_or(Error)?;
    let derived = Derived::new(key, salt, context)?;
    if !equal(&derived.commitment, commitment) {
        return Err(Error);
    }
    let mut plaintext = Zeroizing::new(Vec::with_capacity(chunks.len()));
    let mut counter = 0;
    while chunks.len() >= CHUNK + TAG {
        let (chunk, after) = chunks.split_at(CHUNK + TAG);
        let opened = Zeroizing::new(derived.cipher.decrypt(&derived.nonce(counter), chunk).map_err(|_| Error)?);
        plaintext.extend_from_slice(&opened);
        chunks = after;
        counter += 1;
    }
    // The last chunk is always shorter than the others, so a cut at a chunk's edge is found.
    let last = Zeroizing::new(derived.cipher.decrypt(&derived.nonce(counter), chunks).map_err(|_| Error)?);
    plaintext.extend_from_slice(&last);
    Ok(Secret::new(std::mem::take(&mut *plaintext)))
}

fn seal_with(key: &Secret, salt: [u8; SALT], context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    let derived = Derived::new(key, &salt, context)?;
    let mut message = Vec::with_capacity(SALT + COMMITMENT + plaintext.len() + TAG);
    message.extend_from_slice(&salt);
    message.extend_from_slice(&derived.commitment);
    let mut rest = plaintext;
    let mut counter = 0;
    while rest.len() >= CHUNK {
        let (chunk, after) = rest.split_at(CHUNK);
        message.extend_from_slice(&derived.cipher.encrypt(&derived.nonce(counter), chunk).map_err(|_| Error)?);
        rest = after;
        counter += 1;
    }
    message.extend_from_slice(&derived.cipher.encrypt(&derived.nonce(counter), rest).map_err(|_| Error)?);
    Ok(message)
}

struct Derived {
    cipher: Aes256Gcm,
    base_nonce: [u8; 12],
    commitment: [u8; COMMITMENT],
}

impl Derived {
    fn new(key: &Secret, salt: &[u8; SALT], context: &[u8]) -> Result<Self, Error> {
        if key.expose().len() != 32 {
            return Err(Error);
        }
        // HMAC pads a short key with zeros to its block, so padding the key here changes nothing; the crate asks for
        // 64 bytes because HKDF-Extract would have made so many.
        let mut padded = Zeroizing::new([0; 64]);
        padded.iter_mut().zip(key.expose()).for_each(|(to, from)| *to = *from);
        let kdf = Hkdf::<Sha512>::from_prk(&*padded).map_err(|_| Error)?;
        let mut okm = Zeroizing::new([0; 76]);
        kdf.expand_multi_info(&[LABEL, salt, context], &mut *okm).map_err(|_| Error)?;
        let (key, rest) = okm.split_first_chunk::<32>().ok_or(Error)?;
        let (base_nonce, commitment) = rest.split_first_chunk::<12>().ok_or(Error)?;
        Ok(Self {
            cipher: Aes256Gcm::new_from_slice(key).map_err(|_| Error)?,
            base_nonce: *base_nonce,
            commitment: commitment.try_into().map_err(|_| Error)?,
        })
    }

    fn nonce(&self, counter: u64) -> Nonce<aes_gcm::aead::consts::U12> {
        let mut nonce = self.base_nonce;
        for (byte, count) in nonce.iter_mut().skip(4).zip(counter.to_be_bytes()) {
            *byte ^= count;
        }
        nonce.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_bytes_open_only_under_their_key_and_context() {
        let key = Secret::new(vec![7; 32]);
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let plaintext = vec![42; length];
            let message = seal(&key, b"here", &plaintext).unwrap();
            assert_eq!(open(&key, b"here", &message).unwrap().expose(), plaintext);
            assert!(open(&key, b"there", &message).is_err());
            assert!(open(&Secret::new(vec![8; 32]), b"here", &message).is_err());
        }
    }

    #[test]
    fn any_changed_byte_is_found() {
        let key = Secret::new(vec![7; 32]);
        let message = seal(&key, b"", b"attack at dawn").unwrap();
        for index in 0..message.len() {
            let mut changed = message.clone();
            changed[index] ^= 1;
            assert!(open(&key, b"", &changed).is_err(), "byte {index}");
        }
    }
}
