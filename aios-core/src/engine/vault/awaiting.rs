//! The awaiting forms. Dropped before they are done, what they do is done all the same.

use super::{
    Described, DueReport, Moved, Offboarded, Payload, PayloadOrder, Put, Revealed, Rotation, SecretUse,
    Vault, VaultReport, Written,
};
use crate::model::{Refusal, TenantId, Who};
use crate::vault::{Schedule, SecretRef};

impl Vault {
    /// [`Vault::put`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn put_async(&self, who: impl Into<Who>, put: Put) -> Result<Written, Refusal> {
        let who = who.into();
        self.aside(move |vault| vault.put(who, &put)).await
    }

    /// [`Vault::rotate`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn rotate_async(&self, who: impl Into<Who>, order: Rotation) -> Result<Written, Refusal> {
        let who = who.into();
        self.aside(move |vault| vault.rotate(who, &order)).await
    }

    /// [`Vault::promote`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn promote_async(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        let (who, at) = (who.into(), at.clone());
        self.aside(move |vault| vault.promote(who, &at)).await
    }

    /// [`Vault::revoke`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn revoke_async(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        let (who, at) = (who.into(), at.clone());
        self.aside(move |vault| vault.revoke(who, &at)).await
    }

    /// [`Vault::delete`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn delete_async(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        let (who, at) = (who.into(), at.clone());
        self.aside(move |vault| vault.delete(who, &at)).await
    }

    /// [`Vault::restore`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn restore_async(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        let (who, at) = (who.into(), at.clone());
        self.aside(move |vault| vault.restore(who, &at)).await
    }

    /// [`Vault::destroy`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn destroy_async(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        let (who, at) = (who.into(), at.clone());
        self.aside(move |vault| vault.destroy(who, &at)).await
    }

    /// [`Vault::list`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn list_async(
        &self,
        who: impl Into<Who>,
        namespace: Option<&str>,
    ) -> Result<Vec<Described>, Refusal> {
        let (who, namespace) = (who.into(), namespace.map(str::to_owned));
        self.aside(move |vault| vault.list(who, namespace.as_deref())).await
    }

    /// [`Vault::verify`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn verify_async(&self, who: impl Into<Who>) -> Result<VaultReport, Refusal> {
        let who = who.into();
        self.aside(move |vault| vault.verify(who)).await
    }

    /// [`Vault::schedule`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn schedule_async(
        &self,
        who: impl Into<Who>,
        at: &SecretRef,
        schedule: Option<Schedule>,
    ) -> Result<Written, Refusal> {
        let (who, at) = (who.into(), at.clone());
        self.aside(move |vault| vault.schedule(who, &at, schedule)).await
    }

    /// [`Vault::due`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn due_async(&self, who: impl Into<Who>) -> Result<DueReport, Refusal> {
        let who = who.into();
        self.aside(move |vault| vault.due(who)).await
    }

    /// [`Vault::rewrap`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn rewrap_async(&self, who: impl Into<Who>, most: usize) -> Result<Moved, Refusal> {
        let who = who.into();
        self.aside(move |vault| vault.rewrap(who, most)).await
    }

    /// [`Vault::offboard`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn offboard_async(
        &self,
        who: impl Into<Who>,
        tenant: &TenantId,
    ) -> Result<Offboarded, Refusal> {
        let (who, tenant) = (who.into(), tenant.clone());
        self.aside(move |vault| vault.offboard(who, &tenant)).await
    }

    /// [`Vault::client`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn client_async(&self, who: impl Into<Who>, at: &SecretRef) -> Result<SecretUse, Refusal> {
        let (who, at) = (who.into(), at.clone());
        self.aside(move |vault| vault.client(who, &at)).await
    }

    /// [`Vault::reveal`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn reveal_async(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Revealed, Refusal> {
        let (who, at) = (who.into(), at.clone());
        self.aside(move |vault| vault.reveal(who, &at)).await
    }

    /// [`Vault::encrypt`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn encrypt_async(&self, who: impl Into<Who>, order: PayloadOrder) -> Result<Payload, Refusal> {
        let who = who.into();
        self.aside(move |vault| vault.encrypt(who, order)).await
    }

    /// [`Vault::decrypt`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn decrypt_async(&self, who: impl Into<Who>, order: PayloadOrder) -> Result<Payload, Refusal> {
        let who = who.into();
        self.aside(move |vault| vault.decrypt(who, order)).await
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.0.aside(|aios| work(&aios.vault())).await
    }
}
