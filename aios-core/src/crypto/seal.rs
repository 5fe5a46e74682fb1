//! Authenticated encryption that commits to its key: Cobblestone-256 (C2SP chunked encryption, AES-256-GCM).
//!
//! `message = salt (24) || commitment (32) || chunks`; key, base nonce and commitment are HKDF-Expand-SHA-512 of the
//! input key over label, salt and context. The commitment is compared, in constant time, before anything is
//! decrypted, so no message opens under two keys.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use sha2::Sha512;
use zeroize::{Zeroize as _, Zeroizing};

use super::{Error, equal, random};
use crate::model::Secret;

const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
const SALT: usize = 24;
const COMMITMENT: usize = 32;
const CHUNK: usize = 16 * 1024;
const TAG: usize = 16;
/// What a message begins with: salt and commitment.
pub const HEAD: usize = SALT + COMMITMENT;
/// Most full chunks of one message: 64 GiB, far below what one key of AES-GCM may encrypt.
const MOST_CHUNKS: u64 = 4 << 20;

/// Seals a plaintext under a 32-byte key for a context.
///
/// # Errors
/// The key is not 32 bytes, or the operating system gives no randomness.
pub fn seal(key: &Secret, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    let (mut sealing, mut message) = Sealing::begin(key, context)?;
    message.reserve(plaintext.len() + (plaintext.len() / CHUNK + 1) * TAG);
    sealing.update(plaintext, &mut message)?;
    sealing.finish(&mut message)?;
    Ok(message)
}

/// Opens what [`seal`] made under the same key and context.
///
/// # Errors
/// Anything else; without a reason.
pub fn open(key: &Secret, context: &[u8], message: &[u8]) -> Result<Secret, Error> {
    let (head, chunks) = message.split_first_chunk::<HEAD>().ok_or(Error)?;
    let mut opening = Opening::begin(key, context, head)?;
    let mut plaintext = Zeroizing::new(Vec::with_capacity(chunks.len()));
    opening.update(chunks, &mut plaintext)?;
    opening.finish(&mut plaintext)?;
    Ok(Secret::new(std::mem::take(&mut *plaintext)))
}

/// A message that is sealed part by part.
#[derive(Debug)]
pub struct Sealing(Chunks);

impl Sealing {
    /// Begins a message, and gives the bytes that it begins with.
    ///
    /// # Errors
    /// As [`seal`].
    pub fn begin(key: &Secret, context: &[u8]) -> Result<(Self, Vec<u8>), Error> {
        let salt = random()?;
        let derived = Derived::new(key, &salt, context)?;
        let head = [&salt[..], &derived.commitment].concat();
        Ok((Self(Chunks::new(derived)), head))
    }

    /// Seals more of the plaintext. What does not fill a chunk waits for more.
    ///
    /// # Errors
    /// The message is longer than 64 GiB.
    pub fn update(&mut self, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.0.each(CHUNK, plaintext, |derived, counter, chunk| {
            out.extend_from_slice(
                &derived.cipher.encrypt(&derived.nonce(counter), chunk).map_err(|_| Error)?,
            );
            Ok(())
        })
    }

    /// Seals the last chunk, which says that the message ends here.
    ///
    /// # Errors
    /// None that can be provoked.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), Error> {
        let Chunks { derived, counter, waiting } = self.0;
        let last = derived.cipher.encrypt(&derived.nonce(counter), waiting.as_slice()).map_err(|_| Error)?;
        out.extend_from_slice(&last);
        Ok(())
    }
}

/// A message that is opened part by part. What comes out is what was sealed, as far as it goes: that it is all of it,
/// [`Opening::finish`] alone says.
#[derive(Debug)]
pub struct Opening(Chunks);

impl Opening {
    /// Begins to open a message by the bytes that it begins with. What they commit to is compared first.
    ///
    /// # Errors
    /// It was sealed under another key or context.
    pub fn begin(key: &Secret, context: &[u8], head: &[u8; HEAD]) -> Result<Self, Error> {
        let (salt, commitment) = head.split_first_chunk::<SALT>().ok_or(Error)?;
        let derived = Derived::new(key, salt, context)?;
        if equal(&derived.commitment, commitment) { Ok(Self(Chunks::new(derived))) } else { Err(Error) }
    }

    /// Opens more of the message.
    ///
    /// # Errors
    /// It is not what was sealed.
    pub fn update(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.0.each(CHUNK + TAG, message, |derived, counter, chunk| {
            let opened = derived.cipher.decrypt(&derived.nonce(counter), chunk).map_err(|_| Error)?;
            out.extend_from_slice(&Zeroizing::new(opened));
            Ok(())
        })
    }

    /// Opens the last chunk. It is always shorter than the others, so a cut at a chunk's edge is found.
    ///
    /// # Errors
    /// The message does not end here.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), Error> {
        let Chunks { derived, counter, waiting } = self.0;
        let last = derived.cipher.decrypt(&derived.nonce(counter), waiting.as_slice()).map_err(|_| Error)?;
        out.extend_from_slice(&Zeroizing::new(last));
        Ok(())
    }
}

/// What waits until a chunk is full.
struct Chunks {
    derived: Derived,
    counter: u64,
    waiting: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Chunks {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} chunks", self.counter)
    }
}

impl Chunks {
    fn new(derived: Derived) -> Self {
        Self { derived, counter: 0, waiting: Zeroizing::default() }
    }

    /// Works on every chunk that is full with these bytes.
    fn each(
        &mut self,
        size: usize,
        mut bytes: &[u8],
        mut work: impl FnMut(&Derived, u64, &[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        while self.waiting.len() + bytes.len() >= size {
            let (filling, after) = bytes.split_at(size - self.waiting.len());
            if self.counter >= MOST_CHUNKS {
                return Err(Error);
            }
            if self.waiting.is_empty() {
                work(&self.derived, self.counter, filling)?;
            } else {
                self.wait(filling);
                work(&self.derived, self.counter, &self.waiting)?;
                self.waiting.zeroize();
            }
            self.counter += 1;
            bytes = after;
        }
        self.wait(bytes);
        Ok(())
    }

    /// A vector that grew by itself would leave a copy behind. A secret, in one piece, need not wipe a whole chunk's room.
    fn wait(&mut self, bytes: &[u8]) {
        let length = self.waiting.len() + bytes.len();
        if length > self.waiting.capacity() {
            let room = if self.waiting.capacity() == 0 { length } else { CHUNK + TAG };
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&self.waiting);
            self.waiting = larger;
        }
        self.waiting.extend_from_slice(bytes);
    }
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
    fn what_comes_in_one_piece_takes_its_own_room_and_what_comes_in_more_a_chunks() {
        let (mut sealing, mut out) = Sealing::begin(&Secret::new(vec![7; 32]), b"").unwrap();
        for (length, room) in [(64, 64), (1, CHUNK + TAG), (CHUNK, CHUNK + TAG), (CHUNK, CHUNK + TAG)] {
            sealing.update(&vec![1; length], &mut out).unwrap();
            assert_eq!(sealing.0.waiting.capacity(), room);
        }
        assert_eq!(sealing.0.waiting.len(), 65);
    }

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
    fn in_parts_of_any_size_it_is_the_same_message() {
        let key = Secret::new(vec![7; 32]);
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5] {
            let plaintext: Vec<u8> = (0..=255).cycle().take(length).collect();
            for size in [1, 1000, CHUNK - 1, CHUNK, CHUNK + TAG, 4 * CHUNK] {
                let (mut sealing, mut message) = Sealing::begin(&key, b"here").unwrap();
                plaintext.chunks(size).for_each(|part| sealing.update(part, &mut message).unwrap());
                sealing.finish(&mut message).unwrap();
                assert_eq!(open(&key, b"here", &message).unwrap().expose(), plaintext, "{length} by {size}");
                let (head, rest) = message.split_first_chunk().unwrap();
                let mut opening = Opening::begin(&key, b"here", head).unwrap();
                let mut opened = Vec::new();
                rest.chunks(size).for_each(|part| opening.update(part, &mut opened).unwrap());
                opening.finish(&mut opened).unwrap();
                assert_eq!(opened, plaintext, "{length} by {size}");
            }
        }
    }

    #[test]
    fn a_message_cut_anywhere_or_with_its_chunks_in_another_order_is_no_message() {
        let key = Secret::new(vec![7; 32]);
        let message = seal(&key, b"", &vec![1; 3 * CHUNK + 7]).unwrap();
        let edges = (0..4).map(|chunk| HEAD + chunk * (CHUNK + TAG));
        for cut in edges.clone().chain([0, 1, HEAD - 1, HEAD + 1, message.len() - 1]) {
            assert!(open(&key, b"", &message[..cut]).is_err(), "cut at {cut}");
        }
        let at: Vec<usize> = edges.collect();
        let chunk = |index: usize| &message[at[index]..at[index + 1]];
        let (head, last) = (&message[..HEAD], &message[at[3]..]);
        for order in [[1, 0, 2], [0, 2, 1], [0, 0, 2]] {
            let moved = [head, chunk(order[0]), chunk(order[1]), chunk(order[2]), last].concat();
            assert!(open(&key, b"", &moved).is_err(), "{order:?}");
        }
        assert!(open(&key, b"", &[&message[..], b"x"].concat()).is_err());
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
