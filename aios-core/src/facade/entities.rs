//! The handle of kept entities and its operations.

use super::entity_wire::{
    ChangeEntities, DeleteEntity, EntityList, GetEntity, KeptEntity, ListEntities, PutEntity, WrittenEntities,
};
use super::handles::{Engine, Principal};
use super::wire::{Credential, Nothing, who};
use crate::engine::entities as engine;
use crate::model::{self, Refusal, Who};

/// The entities that an engine's tenants keep in the store, for those who administer them.
#[derive(Clone, Debug)]
pub struct Entities {
    entities: engine::Entities,
    /// Who asks, where a principal does.
    principal: Option<model::Principal>,
}

impl Engine {
    /// `entities`.
    ///
    /// # Errors
    /// None.
    pub fn entities(&self, _: Nothing) -> Result<Entities, Refusal> {
        Ok(Entities { entities: self.0.entities(), principal: None })
    }
}

impl Principal {
    /// `entities`.
    ///
    /// # Errors
    /// None.
    pub fn entities(&self, _: Nothing) -> Result<Entities, Refusal> {
        Ok(Entities { entities: self.0.entities(), principal: Some(self.1.clone()) })
    }
}

impl Entities {
    /// `put`.
    ///
    /// # Errors
    /// As [`engine::Entities::put`].
    pub fn put(&self, request: PutEntity) -> Result<WrittenEntities, Refusal> {
        let who = self.who(request.credential)?;
        let version = self.entities.put(who, request.entity.into(), request.expect)?;
        Ok(WrittenEntities { version })
    }

    /// `put`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn put_async(&self, request: PutEntity) -> Result<WrittenEntities, Refusal> {
        let who = self.who(request.credential)?;
        let version = self.entities.put_async(who, request.entity.into(), request.expect).await?;
        Ok(WrittenEntities { version })
    }

    /// `delete`.
    ///
    /// # Errors
    /// As [`engine::Entities::delete`].
    pub fn delete(&self, request: DeleteEntity) -> Result<WrittenEntities, Refusal> {
        let who = self.who(request.credential)?;
        Ok(WrittenEntities { version: self.entities.delete(who, request.entity, request.expect)? })
    }

    /// `delete`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn delete_async(&self, request: DeleteEntity) -> Result<WrittenEntities, Refusal> {
        let who = self.who(request.credential)?;
        let version = self.entities.delete_async(who, request.entity, request.expect).await?;
        Ok(WrittenEntities { version })
    }

    /// `change`.
    ///
    /// # Errors
    /// As [`engine::Entities::change`].
    pub fn change(&self, request: ChangeEntities) -> Result<WrittenEntities, Refusal> {
        let who = self.who(request.credential)?;
        let changes = ChangeEntities::changes(request.put, request.delete);
        Ok(WrittenEntities { version: self.entities.change(who, &changes)? })
    }

    /// `change`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn change_async(&self, request: ChangeEntities) -> Result<WrittenEntities, Refusal> {
        let who = self.who(request.credential)?;
        let changes = ChangeEntities::changes(request.put, request.delete);
        Ok(WrittenEntities { version: self.entities.change_async(who, changes).await? })
    }

    /// `get`.
    ///
    /// # Errors
    /// As [`engine::Entities::get`].
    pub fn get(&self, request: GetEntity) -> Result<KeptEntity, Refusal> {
        self.entities.get(self.who(request.credential)?, &request.entity).map(KeptEntity::from)
    }

    /// `get`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn get_async(&self, request: GetEntity) -> Result<KeptEntity, Refusal> {
        let who = self.who(request.credential)?;
        self.entities.get_async(who, request.entity).await.map(KeptEntity::from)
    }

    /// `list`.
    ///
    /// # Errors
    /// As [`engine::Entities::list`].
    pub fn list(&self, request: ListEntities) -> Result<EntityList, Refusal> {
        let who = self.who(request.credential)?;
        self.entities.list(who, request.after.as_deref()).map(EntityList::from)
    }

    /// `list`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn list_async(&self, request: ListEntities) -> Result<EntityList, Refusal> {
        let who = self.who(request.credential)?;
        self.entities.list_async(who, request.after.as_deref()).await.map(EntityList::from)
    }

    fn who(&self, credential: Option<Credential>) -> Result<Who, Refusal> {
        who(credential, self.principal.as_ref())
    }
}
