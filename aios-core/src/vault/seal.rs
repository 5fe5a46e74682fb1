//! Sealing a secret into an envelope and opening it: a data key of its own, wrapped by keys of the tenant.

use zeroize::Zeroizing;

use super::envelope::{Envelope, MAX_SECRET, Provider, Wrap};
use super::{Binding, Error, context};
use crate::crypto;
use crate::model::{Secret, TenantId};

/// A key that wraps data keys, and how envelopes name it.
///
/// ```compile_fail
/// fn clones<T: Clone>() {}
/// clones::<aios_core::vault::WrappingKey>();
/// ```
pub struct WrappingKey {
    provider: Provider,
    kid: String,
    key: Secret,
}

impl WrappingKey {
    /// A key of 32 bytes under its id.
    #[must_use]
    pub fn new(provider: Provider, kid: impl Into<String>, key: Secret) -> Self {
        Self { provider, kid: kid.into(), key }
    }

    /// Its id.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    fn is_of(&self, wrap: &Wrap<'_>) -> bool {
        (self.provider, self.kid.as_str()) == (wrap.provider, wrap.kid)
    }
}

impl std::fmt::Debug for WrappingKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "WrappingKey({} {})", self.provider.name(), self.kid)
    }
}

/// Seals a secret for a place, a version and terms, under 1 to 4 keys of which each opens it.
///
/// # Errors
/// [`Error::Invalid`] for a secret that is empty or above 64 KiB; [`Error::Unavailable`].
pub fn seal(keys: &[&WrappingKey], binding: &Binding<'_>, secret: &Secret) -> Result<Vec<u8>, Error> {
    if !(1..=MAX_SECRET).contains(&secret.expose().len()) {
        return Err(Error::Invalid { at: "value", rule: "a secret of 1 byte to 64 KiB" });
    }
    let fresh = Zeroizing::new(crypto::random::<32>().map_err(|_| Error::Unavailable)?);
    let data_key = Secret::new(fresh.to_vec());
    let body =
        crypto::seal(&data_key, &binding.context(), secret.expose()).map_err(|_| Error::Unavailable)?;
    assemble(keys, binding.path.tenant(), &data_key, &body)
}

/// Opens an envelope under the first of its wraps whose key is at hand. No other one is tried after that.
///
/// # Errors
/// [`Error::Undecryptable`], without a reason.
pub fn open(envelope: &[u8], keys: &[&WrappingKey], binding: &Binding<'_>) -> Result<Secret, Error> {
    let envelope = Envelope::parse(envelope)?;
    let data_key = data_key(&envelope, keys, binding.path.tenant())?;
    crypto::open(&data_key, &binding.context(), envelope.body).map_err(|_| Error::Undecryptable)
}

/// Opens every wrap whose key is at hand, and says whether each leads to the secret.
///
/// # Errors
/// [`Error::Undecryptable`]: none is at hand, or one of them does not lead there.
pub fn verify(envelope: &[u8], keys: &[&WrappingKey], binding: &Binding<'_>) -> Result<(), Error> {
    let parsed = Envelope::parse(envelope)?;
    let at_hand: Vec<_> = keys.iter().filter(|key| parsed.wraps.iter().any(|wrap| key.is_of(wrap))).collect();
    if at_hand.is_empty() {
        return Err(Error::Undecryptable);
    }
    at_hand.into_iter().try_for_each(|key| open(envelope, &[key], binding).map(drop))
}

/// Wraps the data key anew, under other keys. The body stays as it is, byte for byte, and is not opened.
///
/// # Errors
/// [`Error::Undecryptable`]: no wrap opens; [`Error::Unavailable`].
pub fn rewrap(
    envelope: &[u8],
    from: &[&WrappingKey],
    to: &[&WrappingKey],
    tenant: &TenantId,
) -> Result<Vec<u8>, Error> {
    let envelope = Envelope::parse(envelope)?;
    let data_key = data_key(&envelope, from, tenant)?;
    assemble(to, tenant, &data_key, envelope.body)
}

/// Whether an envelope's only wrap is this key's.
///
/// # Errors
/// [`Error::Undecryptable`]: it is no envelope.
pub fn is_under(envelope: &[u8], key: &WrappingKey) -> Result<bool, Error> {
    let envelope = Envelope::parse(envelope)?;
    Ok(envelope.wraps.len() == 1 && envelope.wraps.iter().all(|wrap| key.is_of(wrap)))
}

fn assemble(
    keys: &[&WrappingKey],
    tenant: &TenantId,
    data_key: &Secret,
    body: &[u8],
) -> Result<Vec<u8>, Error> {
    let wrapped = |key: &&WrappingKey| {
        let context = context::wrap(key.provider, &key.kid, tenant);
        crypto::seal(&key.key, &context, data_key.expose()).map_err(|_| Error::Unavailable)
    };
    let sealed = keys.iter().map(wrapped).collect::<Result<Vec<_>, _>>()?;
    let record = |(key, wrapped)| {
        let WrappingKey { provider, kid, .. }: &WrappingKey = key;
        let wrapped: &Vec<u8> = wrapped;
        Wrap { provider: *provider, kid, wrapped }
    };
    let wraps = keys.iter().copied().zip(&sealed).map(record).collect();
    Envelope { wraps, body }.write()
}

fn data_key(envelope: &Envelope<'_>, keys: &[&WrappingKey], tenant: &TenantId) -> Result<Secret, Error> {
    let held = |wrap| Some((wrap, *keys.iter().find(|key| key.is_of(wrap))?));
    let (wrap, key) = envelope.wraps.iter().find_map(held).ok_or(Error::Undecryptable)?;
    let context = context::wrap(wrap.provider, wrap.kid, tenant);
    crypto::open(&key.key, &context, wrap.wrapped).map_err(|_| Error::Undecryptable)
}
