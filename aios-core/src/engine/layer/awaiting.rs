//! The awaiting forms. Dropped before they are done, what they do is done all the same.

use super::{FoundPolicies, Layer, NamedPolicy, PolicyChanges};
use crate::model::{Refusal, Who};

impl Layer {
    /// [`Layer::put`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn put_async(
        &self,
        who: impl Into<Who>,
        policy: NamedPolicy,
        expect: Option<u64>,
    ) -> Result<u64, Refusal> {
        let who = who.into();
        self.0.aside(move |aios| aios.layer().put(who, policy, expect)).await
    }

    /// [`Layer::remove`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn remove_async(
        &self,
        who: impl Into<Who>,
        name: &str,
        expect: Option<u64>,
    ) -> Result<u64, Refusal> {
        let (who, name) = (who.into(), name.to_owned());
        self.0.aside(move |aios| aios.layer().remove(who, &name, expect)).await
    }

    /// [`Layer::change`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn change_async(
        &self,
        who: impl Into<Who>,
        changes: PolicyChanges,
        expect: Option<u64>,
    ) -> Result<u64, Refusal> {
        let who = who.into();
        self.0.aside(move |aios| aios.layer().change(who, &changes, expect)).await
    }

    /// [`Layer::list`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn list_async(&self, who: impl Into<Who>) -> Result<FoundPolicies, Refusal> {
        let who = who.into();
        self.0.aside(move |aios| aios.layer().list(who)).await
    }
}
