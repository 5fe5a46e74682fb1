//! The handle of tenants' policies in the store and its operations.

use super::handles::{Engine, Principal};
use super::layer_wire::{ChangePolicies, ListPolicies, PolicyList, PutPolicy, RemovePolicy, WrittenPolicies};
use super::wire::{Credential, Nothing, who};
use crate::engine::layer::{self as engine, NamedPolicy, PolicyChanges};
use crate::model::{self, Refusal, Who};

/// The policies that an engine's tenants keep in the store, for those who administer them.
#[derive(Clone, Debug)]
pub struct Layer {
    layer: engine::Layer,
    /// Who asks, where a principal does.
    principal: Option<model::Principal>,
}

impl Engine {
    /// `layer`.
    ///
    /// # Errors
    /// None.
    pub fn layer(&self, _: Nothing) -> Result<Layer, Refusal> {
        Ok(Layer { layer: self.0.layer(), principal: None })
    }
}

impl Principal {
    /// `layer`.
    ///
    /// # Errors
    /// None.
    pub fn layer(&self, _: Nothing) -> Result<Layer, Refusal> {
        Ok(Layer { layer: self.0.layer(), principal: Some(self.1.clone()) })
    }
}

impl Layer {
    /// `put`.
    ///
    /// # Errors
    /// As [`engine::Layer::put`].
    pub fn put(
        &self,
        PutPolicy { credential, name, text, expect }: PutPolicy,
    ) -> Result<WrittenPolicies, Refusal> {
        let revision = self.layer.put(self.who(credential)?, NamedPolicy { name, text }, expect)?;
        Ok(WrittenPolicies { revision })
    }

    /// `put`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn put_async(&self, asked: PutPolicy) -> Result<WrittenPolicies, Refusal> {
        let PutPolicy { credential, name, text, expect } = asked;
        let policy = NamedPolicy { name, text };
        Ok(WrittenPolicies { revision: self.layer.put_async(self.who(credential)?, policy, expect).await? })
    }

    /// `remove`.
    ///
    /// # Errors
    /// As [`engine::Layer::remove`].
    pub fn remove(&self, asked: RemovePolicy) -> Result<WrittenPolicies, Refusal> {
        let who = self.who(asked.credential)?;
        Ok(WrittenPolicies { revision: self.layer.remove(who, &asked.name, asked.expect)? })
    }

    /// `remove`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn remove_async(&self, asked: RemovePolicy) -> Result<WrittenPolicies, Refusal> {
        let who = self.who(asked.credential)?;
        Ok(WrittenPolicies { revision: self.layer.remove_async(who, &asked.name, asked.expect).await? })
    }

    /// `change`.
    ///
    /// # Errors
    /// As [`engine::Layer::change`].
    pub fn change(&self, asked: ChangePolicies) -> Result<WrittenPolicies, Refusal> {
        let (who, changes, expect) = self.changes(asked)?;
        Ok(WrittenPolicies { revision: self.layer.change(who, &changes, expect)? })
    }

    /// `change`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn change_async(&self, asked: ChangePolicies) -> Result<WrittenPolicies, Refusal> {
        let (who, changes, expect) = self.changes(asked)?;
        Ok(WrittenPolicies { revision: self.layer.change_async(who, changes, expect).await? })
    }

    /// `list`.
    ///
    /// # Errors
    /// As [`engine::Layer::list`].
    pub fn list(&self, asked: ListPolicies) -> Result<PolicyList, Refusal> {
        self.layer.list(self.who(asked.credential)?).map(PolicyList::from)
    }

    /// `list`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn list_async(&self, asked: ListPolicies) -> Result<PolicyList, Refusal> {
        let who = self.who(asked.credential)?;
        self.layer.list_async(who).await.map(PolicyList::from)
    }

    fn changes(&self, asked: ChangePolicies) -> Result<(Who, PolicyChanges, Option<u64>), Refusal> {
        let ChangePolicies { credential, put, remove, expect } = asked;
        let put = put.into_iter().map(NamedPolicy::from).collect();
        Ok((self.who(credential)?, PolicyChanges { put, remove }, expect))
    }

    fn who(&self, credential: Option<Credential>) -> Result<Who, Refusal> {
        who(credential, self.principal.as_ref())
    }
}
