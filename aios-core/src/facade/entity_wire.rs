//! What is asked of kept entities and what is answered, as plain data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wire::Credential;
use super::{facts, object};
use crate::engine::entities::{Change, EntityPage, FoundEntity, NewEntity};
use crate::model::EntityRef;

/// An entity to be kept. Values are spelled as in entity files.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Entity type with its namespace, for example `Aios::Group`.
    pub r#type: String,
    /// Its id; a caller's is the issuer's name, a slash, and the subject.
    pub id: String,
    /// Its attributes, but for the tenant, and what tokens say of callers.
    #[serde(default, deserialize_with = "facts::object")]
    pub attrs: Map<String, Value>,
    /// What it stands in.
    #[serde(default, deserialize_with = "object::many")]
    pub parents: Vec<EntityRef>,
    /// Its tags.
    #[serde(default, deserialize_with = "facts::object")]
    pub tags: Map<String, Value>,
}

/// An entity to be kept in the tenant of who asks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutEntity {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// The entity.
    #[serde(deserialize_with = "object::one")]
    pub entity: Entity,
    /// Only where the one before is at this version, 0 where there is none.
    #[serde(default)]
    pub expect: Option<u64>,
}

/// An entity to be taken out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteEntity {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Which.
    #[serde(deserialize_with = "object::one")]
    pub entity: EntityRef,
    /// Only where it is at this version.
    #[serde(default)]
    pub expect: Option<u64>,
}

/// Changes that are made together: all of them or none, at most 1000.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEntities {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Entities to be kept. A refusal counts these first.
    #[serde(default, deserialize_with = "object::many")]
    pub put: Vec<EntityToPut>,
    /// Entities to be taken out.
    #[serde(default, deserialize_with = "object::many")]
    pub delete: Vec<EntityToDelete>,
}

/// One of several entities to be kept.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntityToPut {
    /// The entity.
    #[serde(deserialize_with = "object::one")]
    pub entity: Entity,
    /// Only where the one before is at this version, 0 where there is none.
    #[serde(default)]
    pub expect: Option<u64>,
}

/// One of several entities to be taken out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntityToDelete {
    /// Which.
    #[serde(deserialize_with = "object::one")]
    pub entity: EntityRef,
    /// Only where it is at this version.
    #[serde(default)]
    pub expect: Option<u64>,
}

/// Which entity to show.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetEntity {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// Which.
    #[serde(deserialize_with = "object::one")]
    pub entity: EntityRef,
}

/// Which page of the entities to show.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListEntities {
    /// Who asks for it. Left out where a principal asks.
    #[serde(default)]
    pub credential: Option<Credential>,
    /// The `next` of the page before; left out: the first page.
    #[serde(default)]
    pub after: Option<String>,
}

/// What a write came to.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct WrittenEntities {
    /// The version that the tenant's entities have now, and that what was put is at.
    pub version: u64,
}

/// An entity as it is kept.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeptEntity {
    /// Entity type with its namespace.
    pub r#type: String,
    /// Its id.
    pub id: String,
    /// Its attributes, as they were put.
    pub attrs: Map<String, Value>,
    /// What it stands in.
    pub parents: Vec<EntityRef>,
    /// Its tags.
    pub tags: Map<String, Value>,
    /// The version that its last write gave.
    pub version: u64,
}

/// Some of a tenant's entities, those that were written last at the end.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EntityList {
    /// At most 512. A page may be short, or empty, and not be the last.
    pub entities: Vec<KeptEntity>,
    /// What to ask with for the next page; none where this is the last.
    pub next: Option<String>,
    /// The version of the tenant's entities.
    pub version: u64,
}

impl ChangeEntities {
    pub(super) fn changes(put: Vec<EntityToPut>, delete: Vec<EntityToDelete>) -> Vec<Change> {
        let put = put
            .into_iter()
            .map(|EntityToPut { entity, expect }| Change::Put { entity: entity.into(), expect });
        let delete =
            delete.into_iter().map(|EntityToDelete { entity, expect }| Change::Delete { entity, expect });
        put.chain(delete).collect()
    }
}

impl From<Entity> for NewEntity {
    fn from(entity: Entity) -> Self {
        let Entity { r#type, id, attrs, parents, tags } = entity;
        Self { uid: EntityRef::new(r#type, id), attrs, parents, tags }
    }
}

impl From<FoundEntity> for KeptEntity {
    fn from(FoundEntity { entity, version }: FoundEntity) -> Self {
        let NewEntity { uid, attrs, parents, tags } = entity;
        Self { r#type: uid.kind, id: uid.id, attrs, parents, tags, version }
    }
}

impl From<EntityPage> for EntityList {
    fn from(EntityPage { entities, next, version }: EntityPage) -> Self {
        Self { entities: entities.into_iter().map(KeptEntity::from).collect(), next, version }
    }
}
