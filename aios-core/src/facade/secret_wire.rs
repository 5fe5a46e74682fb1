//! What is asked of the vault, as plain data. A value goes in here, and none comes out anywhere.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::object;
use super::schedules::SecretSchedule;
use super::wire::Credential;
use crate::engine::vault::Lifetime;
use crate::model::{self, Refusal, Secret, Timestamp};
use crate::vault::{self, Error, SecretRef, Stage};

/// A secret to be put.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutSecret {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Where: `secret://tenant/namespace/name` for a new one, with the version that it is at for another version.
    pub reference: String,
    /// Its value, at most 64 KiB.
    #[schemars(with = "String")]
    pub value: SecretText,
    /// Whose it is.
    #[serde(deserialize_with = "object::one")]
    pub owner: SecretOwner,
    /// Where it may be sent by HTTP; left out: nowhere.
    #[serde(default, deserialize_with = "object::maybe")]
    pub http: Option<HttpUse>,
    /// How often it may be used; left out: as often as anybody likes.
    #[serde(default, deserialize_with = "object::maybe")]
    pub limits: Option<UseLimits>,
    /// What its administrators say about it; no secret.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// When its values are to be replaced; left out: as it was, and never for a new secret.
    #[serde(default, deserialize_with = "object::maybe")]
    pub schedule: Option<SecretSchedule>,
    /// What the new version becomes, `pending` or `current`; left out: `current`.
    #[serde(default)]
    pub stage: Option<Stage>,
    /// From when on it may be used, seconds since 1970.
    #[serde(default)]
    pub not_before: Option<i64>,
    /// Until when it may be used, seconds since 1970.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// A new value for a secret, on the same terms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateSecret {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// The secret, with the version that it is at.
    pub reference: String,
    /// The new value, at most 64 KiB.
    #[schemars(with = "String")]
    pub value: SecretText,
    /// What the new version becomes, `pending` or `current`; left out: `current`.
    #[serde(default)]
    pub stage: Option<Stage>,
    /// From when on it may be used, seconds since 1970.
    #[serde(default)]
    pub not_before: Option<i64>,
    /// Until when it may be used, seconds since 1970.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// A secret, or one of its versions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedSecret {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Which: `secret://tenant/namespace/name`, with `@version` behind it or not.
    pub reference: String,
}

/// Which secrets to list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSecrets {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Of this namespace; left out: of the whole tenant.
    #[serde(default)]
    pub namespace: Option<String>,
}

/// Whose secrets to verify: the tenant's of who asks.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifySecrets {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
}

/// How many secrets to move under their tenant's new master: the tenant's of who asks.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RewrapSecrets {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// So many at most: 1 or more, 1000 unless told. Pause between calls as you like.
    #[serde(default)]
    pub most: Option<u32>,
}

/// Whose secrets to destroy.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OffboardTenant {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// The tenant.
    pub tenant: String,
}

/// A reference as text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceText {
    /// `secret://tenant/namespace/name@version`.
    pub reference: String,
}

/// Whose a secret is.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretOwner {
    /// What the owner is.
    pub kind: model::Kind,
    /// The issuer that vouches for them.
    pub issuer: String,
    /// Their id there.
    pub id: String,
}

/// Where a secret may be sent by HTTP, and how. Fixed when it is put.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpUse {
    /// Hosts, exactly: `api.example.com`, or with a port that is not 443.
    pub hosts: Vec<String>,
    /// Methods in upper case; left out: every method.
    #[serde(default)]
    pub methods: Vec<String>,
    /// What a path must begin with, up to a `/`; left out: every path.
    #[serde(default)]
    pub paths: Vec<String>,
    /// The header that carries it, in lower case.
    pub header: String,
    /// The header's value, with one `{}` where the secret goes.
    pub template: String,
}

/// How often a secret may be used, by all processes together. Fixed when it is put.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UseLimits {
    /// So many uses in any `per_seconds`, 1 to 1000000.
    #[serde(default)]
    pub uses: Option<u64>,
    /// The span that `uses` are counted in, 1 to 31622400 seconds.
    #[serde(default)]
    pub per_seconds: Option<u64>,
    /// So many uses of each version, ever.
    #[serde(default)]
    pub total: Option<u64>,
}

/// A value on its way in; wiped when it is sealed. `Debug` shows nothing.
#[derive(Deserialize)]
#[serde(from = "String")]
pub struct SecretText(Zeroizing<String>);

impl std::fmt::Debug for SecretText {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SecretText")
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl SecretText {
    /// The bytes, and no other copy of them.
    pub(super) fn into_secret(mut self) -> Secret {
        Secret::new(std::mem::take(&mut *self.0).into_bytes())
    }
}

/// A reference that a request names.
pub(super) fn reference(text: &str) -> Result<SecretRef, Refusal> {
    text.parse().map_err(|error: vault::InvalidReference| {
        Error::Invalid { at: "reference", rule: error.rule() }.into()
    })
}

pub(super) fn stage(stage: Option<Stage>) -> Result<Stage, Refusal> {
    match stage {
        None | Some(Stage::Current) => Ok(Stage::Current),
        Some(Stage::Pending) => Ok(Stage::Pending),
        Some(Stage::Previous | Stage::Retired | Stage::Destroyed) => {
            Err(Error::Invalid { at: "stage", rule: "pending or current" }.into())
        }
    }
}

pub(super) fn lifetime(not_before: Option<i64>, expires_at: Option<i64>) -> Lifetime {
    let moment = |seconds: Option<i64>| seconds.map(Timestamp::from_seconds);
    Lifetime { not_before: moment(not_before), expires: moment(expires_at) }
}

impl SecretOwner {
    pub(super) fn meant(self) -> Result<vault::Owner, Refusal> {
        let rule = "the name of an issuer";
        let issuer = self.issuer.parse().map_err(|_| Error::Invalid { at: "owner.issuer", rule })?;
        Ok(vault::Owner { kind: self.kind, issuer, id: self.id })
    }
}

impl From<UseLimits> for vault::Limits {
    fn from(limits: UseLimits) -> Self {
        let UseLimits { uses, per_seconds, total } = limits;
        Self { uses, per_seconds, total }
    }
}

impl From<HttpUse> for vault::Http {
    fn from(http: HttpUse) -> Self {
        let HttpUse { hosts, methods, paths, header, template } = http;
        Self { hosts, methods, paths, header, template }
    }
}
