//! An issuer's public keys, imported one by one from its JSON Web Key Set (RFC 7517).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Error;
use super::compact::decode;
use super::error::shown;
use super::header::is_kid;
use super::json::{self, Bounds, Json, Members};
use crate::crypto::signature::{Algorithm, VerifyingKey};

/// Keys by their id, each fixed to one algorithm.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    keys: HashMap<String, Key>,
    /// The one key of an issuer that shares a secret, whatever its tokens call it.
    shared: Option<Key>,
    dropped: Vec<Dropped>,
}

/// A key of a set.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key itself.
    pub key: VerifyingKey,
    /// Whose tokens it may sign, where the set says so (a member `issuer`, as Microsoft's sets have it).
    pub issuer: Option<String>,
}

impl Key {
    fn is_same(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.key.is_same(&other.key)
    }
}

/// A key that was left out of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Its id, where it has one that can be shown.
    pub kid: Option<String>,
    /// Why it cannot be used.
    pub reason: &'static str,
}

impl KeySet {
    /// Imports the keys of a document that are fit to verify this issuer's tokens; keeps in mind which are not.
    ///
    /// A key without `alg` is fixed to the first of `algorithms` that fits it. Two different keys of one id are both
    /// left out, for no one can tell which is meant.
    ///
    /// # Errors
    /// [`Error::KeySetUnusable`]: larger than 512 KiB or 100 keys, or no JSON object with a list `keys`.
    pub fn from_jwks(bytes: &[u8], algorithms: &[Algorithm]) -> Result<Self, Error> {
        if bytes.len() > MOST_BYTES {
            return Err(unusable("larger than 512 KiB"));
        }
        let document =
            json::read_object(bytes, BOUNDS).map_err(|_| unusable("no well-formed JSON object"))?;
        let Some(Json::List(keys)) = document.find("keys") else { return Err(unusable("no list `keys`")) };
        if keys.len() > MOST_KEYS {
            return Err(unusable("more than 100 keys"));
        }
        let mut import = Import::default();
        for key in keys {
            import.add(key, algorithms);
        }
        Ok(import.finish())
    }

    /// The set of an issuer that shares a secret: one key, whatever its tokens call it.
    #[must_use]
    pub fn of_shared_secret(key: VerifyingKey) -> Self {
        Self { shared: Some(Key { key, issuer: None }), ..Self::default() }
    }

    /// The key of this id.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&Key> {
        self.shared().or_else(|| self.keys.get(kid))
    }

    /// The key of an issuer that shares a secret.
    #[must_use]
    pub fn shared(&self) -> Option<&Key> {
        self.shared.as_ref()
    }

    /// How many keys it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len() + usize::from(self.shared.is_some())
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys that were left out.
    #[must_use]
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }
}

/// Keys so far; none where two different ones claim the id.
#[derive(Default)]
struct Import {
    keys: HashMap<String, Option<Key>>,
    dropped: Vec<Dropped>,
}

impl Import {
    fn add(&mut self, jwk: &Json<'_>, algorithms: &[Algorithm]) {
        let kid = kid(jwk);
        let imported = kid.ok_or("no usable `kid`").and_then(|kid| Ok((kid, import(jwk, algorithms)?)));
        match imported {
            Ok((kid, key)) => self.insert(kid, key),
            Err(reason) => self.dropped.push(Dropped { kid: kid.map(shown), reason }),
        }
    }

    fn insert(&mut self, kid: &str, key: Key) {
        const AMBIGUOUS: &str = "another key has the same `kid`";
        match self.keys.entry(kid.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(Some(key));
            }
            Entry::Occupied(taken) if taken.get().as_ref().is_some_and(|first| first.is_same(&key)) => {}
            Entry::Occupied(mut taken) => {
                let copies = if taken.insert(None).is_some() { 2 } else { 1 };
                let dropped = Dropped { kid: Some(kid.to_owned()), reason: AMBIGUOUS };
                self.dropped.extend(std::iter::repeat_n(dropped, copies));
            }
        }
    }

    fn finish(self) -> KeySet {
        let keys = self.keys.into_iter().filter_map(|(kid, key)| Some((kid, key?)));
        KeySet { keys: keys.collect(), shared: None, dropped: self.dropped }
    }
}

fn kid<'j>(jwk: &'j Json<'_>) -> Option<&'j str> {
    let Json::Object(members) = jwk else { return None };
    match members.find("kid") {
        Some(Json::Text(kid)) if is_kid(kid) => Some(kid),
        _ => None,
    }
}

/// The key, fit to verify for the first of these algorithms that suits it.
pub(super) fn import(jwk: &Json<'_>, algorithms: &[Algorithm]) -> Result<Key, &'static str> {
    let Json::Object(jwk) = jwk else { return Err("not an object") };
    if PRIVATE_MEMBERS.iter().any(|name| jwk.find(name).is_some()) {
        return Err("holds a private or symmetric key");
    }
    serves_verification(jwk)?;
    let fitting = fitting(jwk)?;
    let algorithm = match text(jwk, "alg")? {
        None => algorithms.iter().copied().find(|algorithm| fitting.contains(algorithm)),
        Some(name) => Algorithm::from_name(name).filter(|algorithm| algorithms.contains(algorithm)),
    };
    let algorithm = algorithm.ok_or("its algorithm is not among the issuer's `algorithms`")?;
    if !fitting.contains(&algorithm) {
        return Err("`alg` does not fit `kty` and `crv`");
    }
    let key = match algorithm {
        Algorithm::Ed25519 => VerifyingKey::from_ed25519(&bytes(jwk, "x")?),
        // A secret is never published.
        Algorithm::Hs256 => return Err("holds a private or symmetric key"),
        Algorithm::Es256 | Algorithm::Es384 => {
            VerifyingKey::from_ec_point(algorithm, &bytes(jwk, "x")?, &bytes(jwk, "y")?)
        }
        Algorithm::Ps256
        | Algorithm::Ps384
        | Algorithm::Ps512
        | Algorithm::Rs256
        | Algorithm::Rs384
        | Algorithm::Rs512 => {
            VerifyingKey::from_rsa_components(algorithm, &bytes(jwk, "n")?, &bytes(jwk, "e")?)
        }
    };
    let issuer = text(jwk, "issuer")?.map(str::to_owned);
    Ok(Key { key: key.map_err(|_| "weak or not a valid key")?, issuer })
}

/// `use` and `key_ops`, where given, must both permit verification.
fn serves_verification(jwk: &Members<'_>) -> Result<(), &'static str> {
    if text(jwk, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err("`use` is not `sig`");
    }
    match jwk.find("key_ops") {
        None => Ok(()),
        Some(Json::List(operations)) if matches!(operations.as_slice(), [Json::Text(only)] if only == "verify") => {
            Ok(())
        }
        Some(_) => Err("`key_ops` is not `verify` alone"),
    }
}

/// The algorithms that a key of this type and curve could serve.
fn fitting(jwk: &Members<'_>) -> Result<&'static [Algorithm], &'static str> {
    let kind = (text(jwk, "kty")?.unwrap_or_default(), text(jwk, "crv")?);
    match kind {
        ("EC", Some("P-256")) => Ok(&[Algorithm::Es256]),
        ("EC", Some("P-384")) => Ok(&[Algorithm::Es384]),
        ("OKP", Some("Ed25519")) => Ok(&[Algorithm::Ed25519]),
        ("RSA", None) => Ok(&[
            Algorithm::Ps256,
            Algorithm::Rs256,
            Algorithm::Ps384,
            Algorithm::Ps512,
            Algorithm::Rs384,
            Algorithm::Rs512,
        ]),
        _ => Err("unsupported `kty` or `crv`"),
    }
}

fn text<'j>(jwk: &'j Members<'_>, name: &str) -> Result<Option<&'j str>, &'static str> {
    match jwk.find(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(_) => Err("a member has the wrong type"),
    }
}

fn bytes(jwk: &Members<'_>, name: &str) -> Result<Vec<u8>, &'static str> {
    let text = text(jwk, name)?.ok_or("a part of the key is missing")?;
    decode(text).map_err(|_| "a part of the key is not base64url")
}

fn unusable(reason: &'static str) -> Error {
    Error::KeySetUnusable { reason }
}

const MOST_BYTES: usize = 512 * 1024;
const MOST_KEYS: usize = 100;
const BOUNDS: Bounds = Bounds { depth: 16, members: 64 * MOST_KEYS };
const PRIVATE_MEMBERS: [&str; 9] = ["d", "dp", "dq", "k", "oth", "p", "priv", "q", "qi"];

#[cfg(test)]
mod tests;
