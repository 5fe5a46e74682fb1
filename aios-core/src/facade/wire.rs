//! The plain data that other languages send. Unknown fields are errors; secrets are not here.

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use super::credential::{Credential, HttpRequest, NamedCredential};
pub use super::doctor::Examination;
pub use super::entity_wire::{
    ChangeEntities, DeleteEntity, Entity, EntityToDelete, EntityToPut, GetEntity, ListEntities, PutEntity,
};
pub use super::layer_wire::{ChangePolicies, KeptPolicy, ListPolicies, PutPolicy, RemovePolicy};
pub use super::payload::{PayloadBytes, PayloadOrder};
pub use super::raw::{PolicyTexts, RawQuestion};
pub use super::revoking::{Revoking, RevokingBefore, Selector, SelectorKind};
pub use super::roots::{Rewrapping, RootKeyId};
pub use super::schedules::{DueSecrets, ScheduleSecret, SecretSchedule};
pub use super::secret_wire::{
    HttpUse, ListSecrets, NamedSecret, OffboardTenant, PutSecret, ReferenceText, RewrapSecrets, RotateSecret,
    SecretOwner, SecretText, UseLimits, VerifySecrets,
};
pub use super::sending::{BodyPart, SecretUpload};
pub use super::using::{CredentialName, HeaderLine, SecretFetch};

use super::{facts, object};
use crate::config::{self, Settings};
use crate::engine;
use crate::model::{self, Code, EntityRef, Refusal, TenantId, Who};

/// What to open an engine from: a file, or the same tree as a value.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Path of the configuration file.
    #[serde(default)]
    pub path: Option<String>,
    /// The configuration itself.
    #[serde(default, deserialize_with = "facts::maybe")]
    pub configuration: Option<Map<String, Value>>,
    /// The folder where the configuration's relative paths start; left out: the process's.
    #[serde(default)]
    pub base: Option<String>,
}

/// Where a root key file is to be.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// Its path.
    pub path: String,
}

/// Who is asking, on its own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Presented {
    /// What proves it.
    pub credential: Credential,
}

/// A question to the gate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Who is asking. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// The action's name.
    pub action: String,
    /// The thing acted upon.
    #[serde(deserialize_with = "object::one")]
    pub resource: Resource,
    /// The call's arguments.
    #[serde(default, deserialize_with = "facts::object")]
    pub input: Map<String, Value>,
    /// Further facts for policies.
    #[serde(default, deserialize_with = "facts::object")]
    pub context: Map<String, Value>,
    /// A W3C `traceparent`.
    #[serde(default)]
    pub trace: Option<String>,
    /// The caller's id of this call.
    #[serde(default)]
    pub call: Option<String>,
}

/// The thing acted upon.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Entity type with its namespace, for example `Aios::Data`.
    pub r#type: String,
    /// Id, any text.
    pub id: String,
    /// The tenant it belongs to.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Attributes, for things that the entity store does not know.
    #[serde(default, deserialize_with = "facts::object")]
    pub attrs: Map<String, Value>,
    /// Entities it belongs to.
    #[serde(default, deserialize_with = "object::many")]
    pub parents: Vec<EntityRef>,
}

impl From<Resource> for model::Resource {
    fn from(Resource { r#type: kind, id, tenant, attrs, parents }: Resource) -> Self {
        Self { kind, id, tenant, attrs, parents }
    }
}

/// Whose trail to verify.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// A tenant; left out: everybody's, and the system's.
    #[serde(default)]
    pub tenant: Option<String>,
}

/// Keys that another process fetched.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The text of `snapshot_keys`.
    pub snapshot: String,
}

/// How a call ended.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Whether the call succeeded.
    pub status: Status,
    /// Facts for the record, 16 KiB at most. Stored as they are: no secrets.
    #[serde(default, deserialize_with = "facts::object")]
    pub data: Map<String, Value>,
}

/// Whether a call succeeded.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The call was made or tried and failed.
    Failed,
    /// The call was made and succeeded.
    Ok,
}

/// No arguments.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl Opening {
    /// The checked settings.
    pub(super) fn settings(self) -> Result<Settings, Refusal> {
        let Self { path, configuration, base } = self;
        match (path, configuration, base) {
            (Some(path), None, None) => Ok(config::read(Path::new(&path))?),
            (None, Some(tree), base) => {
                let base = base.unwrap_or_else(|| ".".to_owned());
                Ok(config::from_value(Value::Object(tree), Path::new(&base))?)
            }
            _ => Err(Refusal::new(Code::ConfigInvalid)
                .at("opening")
                .expected("either a path or a configuration, and a base beside a configuration only")),
        }
    }
}

impl Request {
    /// The question of a principal, or of whoever the credential stands for.
    pub(super) fn asked_by(self, principal: Option<&model::Principal>) -> Result<model::Request, Refusal> {
        let Self { credential, action, resource, input, context, trace, call } = self;
        let who = who(credential, principal)?;
        let resource = resource.into();
        Ok(model::Request { who, action, resource, input, context, trace, call })
    }
}

/// Who asks: a principal, who needs no credential, or who the credential stands for.
pub(super) fn who(
    credential: Option<Credential>,
    principal: Option<&model::Principal>,
) -> Result<Who, Refusal> {
    match (credential, principal) {
        (None, Some(principal)) => Ok(Who::Principal(principal.clone())),
        (Some(credential), None) => Ok(Who::Credential(credential.try_into()?)),
        (None, None) => Err(Code::TokenMissing.into()),
        (Some(_), Some(_)) => {
            Err(Refusal::new(Code::PolicyInput).at("credential").expected("none, because a principal asks"))
        }
    }
}

impl Trail {
    /// The tenant, if one was named.
    pub(super) fn tenant(&self) -> Result<Option<TenantId>, Refusal> {
        self.tenant
            .as_ref()
            .map(|tenant| tenant.parse())
            .transpose()
            .map_err(|_| Refusal::new(Code::PolicyInput).at("tenant").expected("a tenant id"))
    }
}

impl From<Outcome> for engine::Outcome {
    fn from(outcome: Outcome) -> Self {
        let made = match outcome.status {
            Status::Failed => Self::failed(),
            Status::Ok => Self::ok(),
        };
        outcome.data.into_iter().fold(made, |made, (name, value)| made.with(name, value))
    }
}
