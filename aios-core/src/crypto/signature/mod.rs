//! Signatures: keys parsed once, each fixed to one algorithm.

use aws_lc_rs::signature::{self as lc, ParsedPublicKey, RsaPublicKeyComponents};

use super::Error;
use shared::SharedSecret;

mod shared;
#[cfg(any(test, feature = "testing"))]
mod signing;
#[cfg(any(test, feature = "testing"))]
pub use signing::SigningKey;

/// Algorithms for signatures of tokens (RFC 7518 section 3.1, RFC 8037, RFC 9864).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// Ed25519, spelled `EdDSA` or `Ed25519`.
    Ed25519,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// HMAC with SHA-256, under a secret shared with the issuer.
    Hs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
}

impl Algorithm {
    /// From the name in a header or a configuration; case matters.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "EdDSA" | "Ed25519" => Some(Self::Ed25519),
            "ES256" => Some(Self::Es256),
            "ES384" => Some(Self::Es384),
            "HS256" => Some(Self::Hs256),
            "PS256" => Some(Self::Ps256),
            "PS384" => Some(Self::Ps384),
            "PS512" => Some(Self::Ps512),
            "RS256" => Some(Self::Rs256),
            "RS384" => Some(Self::Rs384),
            "RS512" => Some(Self::Rs512),
            _ => None,
        }
    }

    /// The name that most issuers write into a header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Hs256 => "HS256",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
        }
    }
}

/// A key that verifies signatures of exactly one algorithm.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    key: Key,
}

#[derive(Clone, Debug)]
enum Key {
    Public(ParsedPublicKey),
    Shared(SharedSecret),
}

impl VerifyingKey {
    /// An RSA key from modulus and exponent, big endian, for an algorithm of RSA.
    ///
    /// # Errors
    /// The modulus has fewer than 2048 or more than 8192 bits or is even, the exponent is even, below 3 or above
    /// 2³³, or the algorithm is not one of RSA's.
    pub fn from_rsa_components(algorithm: Algorithm, modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        let params = match algorithm {
            Algorithm::Ps256 => &lc::RSA_PSS_2048_8192_SHA256,
            Algorithm::Ps384 => &lc::RSA_PSS_2048_8192_SHA384,
            Algorithm::Ps512 => &lc::RSA_PSS_2048_8192_SHA512,
            Algorithm::Rs256 => &lc::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Rs384 => &lc::RSA_PKCS1_2048_8192_SHA384,
            Algorithm::Rs512 => &lc::RSA_PKCS1_2048_8192_SHA512,
            Algorithm::Ed25519 | Algorithm::Es256 | Algorithm::Es384 | Algorithm::Hs256 => {
                return Err(Error);
            }
        };
        // Some issuers keep a sign byte in front of the modulus.
        let (n, e) = (significant(modulus), significant(exponent));
        let exponent_is_sane = (2..=33).contains(&bits(e)) && is_odd(e);
        if !(2048..=8192).contains(&bits(n)) || !is_odd(n) || !exponent_is_sane {
            return Err(Error);
        }
        let key = RsaPublicKeyComponents { n, e }.to_parsed_public_key(params).map_err(|_| Error)?;
        Ok(Self { algorithm, key: Key::Public(key) })
    }

    /// An elliptic curve key from a point's coordinates, for `Es256` or `Es384`.
    ///
    /// # Errors
    /// A coordinate is not as long as the curve's field, the point is not on the curve, or the algorithm belongs to
    /// another kind of key.
    pub fn from_ec_point(algorithm: Algorithm, x: &[u8], y: &[u8]) -> Result<Self, Error> {
        let (scheme, length): (&'static lc::EcdsaVerificationAlgorithm, _) = match algorithm {
            Algorithm::Es256 => (&lc::ECDSA_P256_SHA256_FIXED, 32),
            Algorithm::Es384 => (&lc::ECDSA_P384_SHA384_FIXED, 48),
            Algorithm::Ed25519
            | Algorithm::Hs256
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512
            | Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512 => return Err(Error),
        };
        if x.len() != length || y.len() != length {
            return Err(Error);
        }
        let point = [&[UNCOMPRESSED], x, y].concat();
        let key = ParsedPublicKey::new(scheme, point).map_err(|_| Error)?;
        Ok(Self { algorithm, key: Key::Public(key) })
    }

    /// An Ed25519 key from its 32 bytes.
    ///
    /// # Errors
    /// The point is not spelled canonically or is one of the few of small order, under which anybody could sign.
    pub fn from_ed25519(point: &[u8]) -> Result<Self, Error> {
        let mut y: [u8; 32] = point.try_into().map_err(|_| Error)?;
        let [.., last] = &mut y;
        *last &= 0x7f;
        if !is_canonical(&y) || SMALL_ORDER.contains(&y) {
            return Err(Error);
        }
        let key = ParsedPublicKey::new(&lc::ED25519, point).map_err(|_| Error)?;
        Ok(Self { algorithm: Algorithm::Ed25519, key: Key::Public(key) })
    }

    /// A secret shared with the issuer, for `Hs256`: whoever has it can also sign.
    ///
    /// # Errors
    /// Shorter than 32 bytes or longer than 1024.
    pub fn from_shared_secret(secret: Vec<u8>) -> Result<Self, Error> {
        Ok(Self { algorithm: Algorithm::Hs256, key: Key::Shared(SharedSecret::new(secret)?) })
    }

    /// The one algorithm it verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether both are the same key for the same algorithm.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm
            && match (&self.key, &other.key) {
                (Key::Public(ours), Key::Public(theirs)) => ours.as_ref() == theirs.as_ref(),
                (Key::Shared(ours), Key::Shared(theirs)) => ours.is_same(theirs),
                (Key::Public(_), Key::Shared(_)) | (Key::Shared(_), Key::Public(_)) => false,
            }
    }

    /// Verifies a signature over a message.
    ///
    /// # Errors
    /// The signature does not fit; without a reason.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        match &self.key {
            Key::Public(key) => key.verify_sig(message, signature).map_err(|_| Error),
            Key::Shared(secret) => secret.verify(message, signature),
        }
    }
}

fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |byte| byte.leading_zeros());
    number.len() * 8 - usize::try_from(unused).unwrap_or(0)
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte & 1 == 1)
}

fn is_canonical(y: &[u8; 32]) -> bool {
    y.iter().rev().lt(FIELD_PRIME.iter().rev())
}

const UNCOMPRESSED: u8 = 4;

/// 2²⁵⁵ − 19, little endian.
const FIELD_PRIME: [u8; 32] = {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed;
    bytes[31] = 0x7f;
    bytes
};

/// The y coordinates of the points of order 1, 2, 4 and 8, little endian.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = FIELD_PRIME;
        minus_one[0] -= 1;
        minus_one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

#[cfg(test)]
mod tests;
