//! Audit masters: random, one per owner, wrapped by the root and kept beside the records they protect.
//!
//! A master is unwrapped when a chain opens or is verified, and forgotten again: what stays in memory is the chain's
//! ratcheting key and the key of digests, and neither leads back.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::writer::refusal;
use crate::audit::{Ledger, Master, Owner};
use crate::crypto::{self, MacKey, RootKeyError, RootKeys, Wrapped};
use crate::model::{Code, Refusal, Secret};
use crate::store::{Row, Rows, StoreError};

/// Finds or makes masters.
#[derive(Debug)]
pub(super) struct Masters {
    deployment: String,
    rows: Arc<dyn Rows>,
    ledger: Arc<dyn Ledger>,
    root: Arc<dyn RootKeys>,
    digest_keys: RwLock<HashMap<Owner, Arc<MacKey>>>,
}

impl Masters {
    pub(super) fn new(
        deployment: String,
        (rows, ledger): (Arc<dyn Rows>, Arc<dyn Ledger>),
        root: Arc<dyn RootKeys>,
    ) -> Self {
        Self { deployment, rows, ledger, root, digest_keys: RwLock::default() }
    }

    /// The owner's master, to write with; made when first asked for.
    pub(super) fn writing(&self, owner: &Owner) -> Result<Master, Refusal> {
        match self.find(owner)? {
            Some(master) => key(&master),
            None => key(&self.make(owner)?),
        }
    }

    /// Whether the root keys at hand are those of this store: they open the system chain's master, if there is one. A root
    /// that cannot be asked now may be the right one.
    ///
    /// # Errors
    /// `key.unusable`.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match self.find(&Owner::System) {
            Err(refusal) if refusal.code() == Code::KeyUnusable => Err(refusal),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Which root key wraps the owner's master; none where there is no master.
    pub(super) fn root_key_of(&self, owner: &Owner) -> Result<Option<String>, Refusal> {
        let row = self.rows.get(&row_key(owner)).map_err(unavailable)?;
        let kid = |row: Row| decode(&row.value).map(|wrapped| wrapped.kid).ok_or(Code::StoreCorrupt.into());
        row.map(kid).transpose()
    }

    /// Wraps the owner's master under the current root key, unless somebody else changes it meanwhile; says whether it did.
    pub(super) fn rewrap(&self, owner: &Owner) -> Result<bool, Refusal> {
        let Some(row) = self.rows.get(&row_key(owner)).map_err(unavailable)? else { return Ok(false) };
        let master = self.unwrap(owner, &row.value)?;
        let wrapped = self.root.wrap(&self.context(owner), &master).map_err(|error| root(error, ""))?;
        self.rows.put_if(&row_key(owner), row.version, &encode(&wrapped)).map_err(unavailable)
    }

    /// The owner's master, to verify with; it must be there.
    pub(super) fn verifying(&self, owner: &Owner) -> Result<Master, Refusal> {
        key(&self.secret(owner)?)
    }

    /// The master's bytes; it must be there.
    pub(super) fn secret(&self, owner: &Owner) -> Result<Secret, Refusal> {
        self.find(owner)?.ok_or_else(|| Refusal::new(Code::KeyUnusable))
    }

    /// The owner's key for digests, if it is at hand.
    pub(super) fn known_digest_key(&self, owner: &Owner) -> Option<Arc<MacKey>> {
        self.digest_keys.read().unwrap_or_else(PoisonError::into_inner).get(owner).cloned()
    }

    /// The owner's key for digests.
    pub(super) fn digest_key(&self, owner: &Owner) -> Result<Arc<MacKey>, Refusal> {
        if let Some(key) = self.known_digest_key(owner) {
            return Ok(key);
        }
        let key = Arc::new(self.writing(owner)?.digest_key(owner));
        let mut keys = self.digest_keys.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(keys.entry(owner.clone()).or_insert(key)))
    }

    fn find(&self, owner: &Owner) -> Result<Option<Secret>, Refusal> {
        let row = self.rows.get(&row_key(owner)).map_err(unavailable)?;
        row.map(|row| self.unwrap(owner, &row.value)).transpose()
    }

    fn make(&self, owner: &Owner) -> Result<Secret, Refusal> {
        // Somebody took the master of chains that exist: a new one would make them look forged.
        // Or another process was first with both.
        if !self.ledger.chains(Some(owner)).map_err(refusal)?.is_empty() {
            return self.secret(owner);
        }
        let fresh = Zeroizing::new(crypto::random::<32>().map_err(|_| Refusal::new(Code::KeyUnusable))?);
        let wrapped = self.root.wrap(&self.context(owner), &Secret::new(fresh.to_vec()));
        let wrapped = wrapped.map_err(|error| root(error, ""))?;
        self.rows.put_if(&row_key(owner), 0, &encode(&wrapped)).map_err(unavailable)?;
        // Another process may have been first; what stands there now counts for both.
        self.secret(owner)
    }

    fn unwrap(&self, owner: &Owner, row: &[u8]) -> Result<Secret, Refusal> {
        let wrapped = decode(row).ok_or(Code::StoreCorrupt)?;
        self.root.unwrap(&self.context(owner), &wrapped).map_err(|error| root(error, &wrapped.kid))
    }

    /// A wrapped master opens for its owner in its deployment only.
    fn context(&self, owner: &Owner) -> Vec<u8> {
        crypto::frame(&[b"aios/audit-master/v1", self.deployment.as_bytes(), owner.as_str().as_bytes()])
    }
}

fn key(secret: &Secret) -> Result<Master, Refusal> {
    Master::from_slice(secret.expose()).map_err(|_| Refusal::new(Code::KeyUnusable))
}

fn row_key(owner: &Owner) -> String {
    format!("audit/master/{}", owner.as_str())
}

/// `kid length (1) || kid || wrapped bytes`.
pub(super) fn encode(wrapped: &Wrapped) -> Vec<u8> {
    let kid: Vec<u8> = wrapped.kid.bytes().take(255).collect();
    let mut out = vec![u8::try_from(kid.len()).unwrap_or(u8::MAX)];
    out.extend_from_slice(&kid);
    out.extend_from_slice(&wrapped.bytes);
    out
}

pub(super) fn decode(row: &[u8]) -> Option<Wrapped> {
    let (length, rest) = row.split_first()?;
    let (kid, bytes) = rest.split_at_checked(usize::from(*length))?;
    Some(Wrapped { kid: String::from_utf8(kid.to_vec()).ok()?, bytes: bytes.to_vec() })
}

fn root(error: RootKeyError, kid: &str) -> Refusal {
    match error {
        RootKeyError::Unavailable => Refusal::new(Code::AuditUnavailable).at("root keys"),
        RootKeyError::Unknown | RootKeyError::Unusable => unusable(kid),
    }
}

/// What cannot be opened needs this root key. The id is text of the store's, so only a plain one is shown.
pub(super) fn unusable(kid: &str) -> Refusal {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte);
    let is_shown = (1..=64).contains(&kid.len()) && kid.bytes().all(is_plain);
    let refusal = Refusal::new(Code::KeyUnusable);
    if is_shown { refusal.at(format!("root key {kid}")) } else { refusal.at("root key") }
}

/// A store that cannot be used means that nothing can be recorded.
fn unavailable(error: StoreError) -> Refusal {
    match error {
        StoreError::Busy(what) | StoreError::Unavailable(what) => {
            Refusal::new(Code::AuditUnavailable).at(what)
        }
        StoreError::Corrupt(_) | StoreError::Newer => error.into(),
    }
}
