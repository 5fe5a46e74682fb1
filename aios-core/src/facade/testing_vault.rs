//! Envelopes of test vectors, opened under the keys that the vectors give.
#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation takes its request, which emitters decode, by value"
)]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::testing::Kit;
use crate::model::{Refusal, Secret};
use crate::vault::{Binding, Error, Provider, SecretPath, Version, WrappingKey, open};

/// An envelope of a test vector, and all that opens it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SealedEnvelope {
    /// The envelope, in hexadecimal.
    pub envelope: String,
    /// Keys by their ids, 32 bytes each, in hexadecimal; all of the provider `local`.
    pub keys: BTreeMap<String, String>,
    /// Whose secret.
    pub tenant: String,
    /// Which part of the tenant's secrets.
    pub namespace: String,
    /// Its name there.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// The terms of use as they are stored.
    pub terms: String,
}

/// What an envelope of a test vector holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OpenedEnvelope {
    /// The value.
    pub value: String,
}

impl Kit {
    /// `open_envelope`.
    ///
    /// # Errors
    /// `vault.undecryptable`.
    pub fn open_envelope(&self, sealed: SealedEnvelope) -> Result<OpenedEnvelope, Refusal> {
        let undecryptable = || Error::Undecryptable;
        let key = |(kid, key): (&String, &String)| {
            let key = Secret::new(bytes(key).ok_or_else(undecryptable)?);
            Ok(WrappingKey::new(Provider::Local, kid, key))
        };
        let keys = sealed.keys.iter().map(key).collect::<Result<Vec<_>, Error>>()?;
        let tenant = sealed.tenant.parse().map_err(|_| Error::Undecryptable)?;
        let path =
            SecretPath::new(tenant, &sealed.namespace, &sealed.name).map_err(|_| Error::Undecryptable)?;
        let version = Version::try_from(sealed.version).map_err(|_| Error::Undecryptable)?;
        let binding = Binding { path: &path, version, terms: sealed.terms.as_bytes() };
        let envelope = bytes(&sealed.envelope).ok_or_else(undecryptable)?;
        let value = open(&envelope, &keys.iter().collect::<Vec<_>>(), &binding)?;
        Ok(OpenedEnvelope { value: String::from_utf8_lossy(value.expose()).into_owned() })
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    text.as_bytes().chunks(2).map(pair).collect()
}
