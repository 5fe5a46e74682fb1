//! Signing keys of a test issuer. Products only verify.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{self as lc, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Algorithm, Error};

/// A key that signs for one algorithm.
#[derive(Debug)]
pub struct SigningKey {
    algorithm: Algorithm,
    pair: Pair,
}

#[derive(Debug)]
enum Pair {
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(rsa::KeyPair),
}

impl SigningKey {
    /// A fresh random key; RSA keys have 2048 bits.
    ///
    /// # Errors
    /// The operating system gives no randomness, or tests do not sign with this algorithm.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Error> {
        let pair = match algorithm {
            Algorithm::Ed25519 => Ed25519KeyPair::generate().map(Pair::Ed25519),
            Algorithm::Es256 => EcdsaKeyPair::generate(&lc::ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::Ec),
            Algorithm::Es384 => EcdsaKeyPair::generate(&lc::ECDSA_P384_SHA384_FIXED_SIGNING).map(Pair::Ec),
            // A secret is no pair of keys, and what published vectors show needs no signer.
            Algorithm::Hs256 | Algorithm::Ps384 | Algorithm::Ps512 | Algorithm::Rs384 | Algorithm::Rs512 => {
                return Err(Error);
            }
            Algorithm::Ps256 | Algorithm::Rs256 => rsa::KeyPair::generate(KeySize::Rsa2048).map(Pair::Rsa),
        };
        Ok(Self { algorithm, pair: pair.map_err(|_| Error)? })
    }

    /// The algorithm it signs for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Signs a message, in the form that tokens carry (ECDSA as `r || s`).
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => {
                pair.sign(&random, message).map(|done| done.as_ref().to_vec()).map_err(|_| Error)
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let padding: &'static dyn lc::RsaEncoding = if self.algorithm == Algorithm::Ps256 {
                    &lc::RSA_PSS_SHA256
                } else {
                    &lc::RSA_PKCS1_SHA256
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).map_err(|_| Error)?;
                Ok(signature)
            }
        }
    }

    /// The public half as a JSON Web Key.
    #[must_use]
    pub fn public_jwk(&self, kid: &str) -> Value {
        let mut jwk = json!({ "kid": kid, "alg": self.algorithm.name(), "use": "sig" });
        for (name, value) in self.public_members() {
            if let Some(members) = jwk.as_object_mut() {
                members.insert(name.to_owned(), value.into());
            }
        }
        jwk
    }

    fn public_members(&self) -> Vec<(&'static str, String)> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.pair {
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if self.algorithm == Algorithm::Es384 { "P-384" } else { "P-256" };
                vec![("kty", "EC".into()), ("crv", curve.into()), ("x", text(x)), ("y", text(y))]
            }
            Pair::Ed25519(pair) => {
                vec![
                    ("kty", "OKP".into()),
                    ("crv", "Ed25519".into()),
                    ("x", text(pair.public_key().as_ref())),
                ]
            }
            Pair::Rsa(pair) => {
                let (n, e) =
                    components(pair.public_key().as_ref(), pair.public_modulus_len()).unwrap_or_default();
                vec![("kty", "RSA".into()), ("n", text(n)), ("e", text(e))]
            }
        }
    }
}

/// Modulus and exponent out of an `RSAPublicKey` in DER: the modulus is as long as said and followed by the tag and
/// the length of the exponent, which takes the rest.
fn components(der: &[u8], modulus_len: usize) -> Option<(&[u8], &[u8])> {
    const TAG_INTEGER: u8 = 2;
    (0..der.len()).find_map(|start| {
        let (modulus, rest) = der.get(start..)?.split_at_checked(modulus_len)?;
        let [TAG_INTEGER, length, exponent @ ..] = rest else { return None };
        (usize::from(*length) == exponent.len()).then_some((modulus, exponent))
    })
}
