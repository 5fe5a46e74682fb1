//! The awaiting forms. Dropped before they are done, what they do is done all the same.

use super::{Change, Entities, EntityPage, FoundEntity, NewEntity};
use crate::model::{EntityRef, Refusal, Who};

impl Entities {
    /// [`Entities::put`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn put_async(
        &self,
        who: impl Into<Who>,
        entity: NewEntity,
        expect: Option<u64>,
    ) -> Result<u64, Refusal> {
        let who = who.into();
        self.aside(move |entities| entities.put(who, entity, expect)).await
    }

    /// [`Entities::delete`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn delete_async(
        &self,
        who: impl Into<Who>,
        entity: EntityRef,
        expect: Option<u64>,
    ) -> Result<u64, Refusal> {
        let who = who.into();
        self.aside(move |entities| entities.delete(who, entity, expect)).await
    }

    /// [`Entities::change`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn change_async(&self, who: impl Into<Who>, changes: Vec<Change>) -> Result<u64, Refusal> {
        let who = who.into();
        self.aside(move |entities| entities.change(who, &changes)).await
    }

    /// [`Entities::get`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn get_async(&self, who: impl Into<Who>, entity: EntityRef) -> Result<FoundEntity, Refusal> {
        let who = who.into();
        self.aside(move |entities| entities.get(who, &entity)).await
    }

    /// [`Entities::list`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn list_async(&self, who: impl Into<Who>, after: Option<&str>) -> Result<EntityPage, Refusal> {
        let (who, after) = (who.into(), after.map(str::to_owned));
        self.aside(move |entities| entities.list(who, after.as_deref())).await
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.0.aside(|aios| work(&aios.entities())).await
    }
}
