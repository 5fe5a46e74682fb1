//! The vault's handle and its operations, and the parting of references.
#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation takes its request, which emitters decode, by value"
)]

use super::handles::{Engine, Host, Principal};
use super::revealing::RevealedSecret;
use super::schedules::SecretSchedule;
use super::secret_views::{ReferenceParts, SecretList, SecretReport, WrittenSecret};
use super::secret_wire::{
    ListSecrets, NamedSecret, PutSecret, ReferenceText, RotateSecret, VerifySecrets, lifetime, reference,
    stage,
};
use super::wire::{Credential, Nothing, who};
use crate::engine::vault as engine;
use crate::model::{self, Refusal, Who};
use crate::vault::Terms;

/// The secrets of an engine's tenants, for those who administer them.
#[derive(Clone, Debug)]
pub struct Vault {
    pub(super) vault: engine::Vault,
    /// Who asks, where a principal does.
    principal: Option<model::Principal>,
}

impl Host {
    /// `part_reference`.
    ///
    /// # Errors
    /// `policy.input`: it is no reference.
    pub fn part_reference(&self, text: ReferenceText) -> Result<ReferenceParts, Refusal> {
        reference(&text.reference).map(ReferenceParts::from)
    }
}

impl Engine {
    /// `vault`.
    ///
    /// # Errors
    /// None.
    pub fn vault(&self, _: Nothing) -> Result<Vault, Refusal> {
        Ok(Vault { vault: self.0.vault(), principal: None })
    }
}

impl Principal {
    /// `vault`.
    ///
    /// # Errors
    /// None.
    pub fn vault(&self, _: Nothing) -> Result<Vault, Refusal> {
        Ok(Vault { vault: self.0.vault(), principal: Some(self.1.clone()) })
    }
}

impl Vault {
    /// `put`.
    ///
    /// # Errors
    /// As [`engine::Vault::put`].
    pub fn put(&self, request: PutSecret) -> Result<WrittenSecret, Refusal> {
        let (who, put) = self.putting(request)?;
        self.vault.put(who, &put).map(WrittenSecret::from)
    }

    /// `put`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn put_async(&self, request: PutSecret) -> Result<WrittenSecret, Refusal> {
        let (who, put) = self.putting(request)?;
        self.vault.put_async(who, put).await.map(WrittenSecret::from)
    }

    /// `rotate`.
    ///
    /// # Errors
    /// As [`engine::Vault::rotate`].
    pub fn rotate(&self, request: RotateSecret) -> Result<WrittenSecret, Refusal> {
        let (who, order) = self.rotating(request)?;
        self.vault.rotate(who, &order).map(WrittenSecret::from)
    }

    /// `rotate`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn rotate_async(&self, request: RotateSecret) -> Result<WrittenSecret, Refusal> {
        let (who, order) = self.rotating(request)?;
        self.vault.rotate_async(who, order).await.map(WrittenSecret::from)
    }

    /// `promote`.
    ///
    /// # Errors
    /// As [`engine::Vault::promote`].
    pub fn promote(&self, named: NamedSecret) -> Result<WrittenSecret, Refusal> {
        self.vault
            .promote(self.who(named.credential)?, &reference(&named.reference)?)
            .map(WrittenSecret::from)
    }

    /// `promote`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn promote_async(&self, named: NamedSecret) -> Result<WrittenSecret, Refusal> {
        let (who, at) = (self.who(named.credential)?, reference(&named.reference)?);
        self.vault.promote_async(who, &at).await.map(WrittenSecret::from)
    }

    /// `revoke`.
    ///
    /// # Errors
    /// As [`engine::Vault::revoke`].
    pub fn revoke(&self, named: NamedSecret) -> Result<WrittenSecret, Refusal> {
        self.vault.revoke(self.who(named.credential)?, &reference(&named.reference)?).map(WrittenSecret::from)
    }

    /// `revoke`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn revoke_async(&self, named: NamedSecret) -> Result<WrittenSecret, Refusal> {
        let (who, at) = (self.who(named.credential)?, reference(&named.reference)?);
        self.vault.revoke_async(who, &at).await.map(WrittenSecret::from)
    }

    /// `delete`.
    ///
    /// # Errors
    /// As [`engine::Vault::delete`].
    pub fn delete(&self, named: NamedSecret) -> Result<WrittenSecret, Refusal> {
        self.vault.delete(self.who(named.credential)?, &reference(&named.reference)?).map(WrittenSecret::from)
    }

    /// `delete`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn delete_async(&self, named: NamedSecret) -> Result<WrittenSecret, Refusal> {
        let (who, at) = (self.who(named.credential)?, reference(&named.reference)?);
        self.vault.delete_async(who, &at).await.map(WrittenSecret::from)
    }

    /// `restore`.
    ///
    /// # Errors
    /// As [`engine::Vault::restore`].
    pub fn restore(&self, named: NamedSecret) -> Result<WrittenSecret, Refusal> {
        self.vault
            .restore(self.who(named.credential)?, &reference(&named.reference)?)
            .map(WrittenSecret::from)
    }

    /// `restore`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn restore_async(&self, named: NamedSecret) -> Result<WrittenSecret, Refusal> {
        let (who, at) = (self.who(named.credential)?, reference(&named.reference)?);
        self.vault.restore_async(who, &at).await.map(WrittenSecret::from)
    }

    /// `destroy`.
    ///
    /// # Errors
    /// As [`engine::Vault::destroy`].
    pub fn destroy(&self, named: NamedSecret) -> Result<WrittenSecret, Refusal> {
        self.vault
            .destroy(self.who(named.credential)?, &reference(&named.reference)?)
            .map(WrittenSecret::from)
    }

    /// `destroy`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn destroy_async(&self, named: NamedSecret) -> Result<WrittenSecret, Refusal> {
        let (who, at) = (self.who(named.credential)?, reference(&named.reference)?);
        self.vault.destroy_async(who, &at).await.map(WrittenSecret::from)
    }

    /// `list`.
    ///
    /// # Errors
    /// As [`engine::Vault::list`].
    pub fn list(&self, request: ListSecrets) -> Result<SecretList, Refusal> {
        self.vault.list(self.who(request.credential)?, request.namespace.as_deref()).map(SecretList::from)
    }

    /// `list`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn list_async(&self, request: ListSecrets) -> Result<SecretList, Refusal> {
        let who = self.who(request.credential)?;
        self.vault.list_async(who, request.namespace.as_deref()).await.map(SecretList::from)
    }

    /// `verify`.
    ///
    /// # Errors
    /// As [`engine::Vault::verify`].
    pub fn verify(&self, request: VerifySecrets) -> Result<SecretReport, Refusal> {
        self.vault.verify(self.who(request.credential)?).map(SecretReport::from)
    }

    /// `verify`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn verify_async(&self, request: VerifySecrets) -> Result<SecretReport, Refusal> {
        self.vault.verify_async(self.who(request.credential)?).await.map(SecretReport::from)
    }

    /// `reveal`.
    ///
    /// # Errors
    /// As [`engine::Vault::reveal`].
    pub fn reveal(&self, named: NamedSecret) -> Result<RevealedSecret, Refusal> {
        self.vault.reveal(self.who(named.credential)?, &reference(&named.reference)?).map(RevealedSecret::of)
    }

    /// `reveal`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn reveal_async(&self, named: NamedSecret) -> Result<RevealedSecret, Refusal> {
        let (who, at) = (self.who(named.credential)?, reference(&named.reference)?);
        self.vault.reveal_async(who, &at).await.map(RevealedSecret::of)
    }

    pub(super) fn who(&self, credential: Option<Credential>) -> Result<Who, Refusal> {
        who(credential, self.principal.as_ref())
    }

    fn putting(&self, request: PutSecret) -> Result<(Who, engine::Put), Refusal> {
        let at = reference(&request.reference)?;
        let mut terms = Terms::of(request.owner.meant()?);
        terms.http = request.http.map(Into::into);
        terms.limits = request.limits.map(Into::into);
        let put = engine::Put {
            at,
            value: request.value.into_secret(),
            terms,
            metadata: request.metadata,
            schedule: request.schedule.map(SecretSchedule::meant).transpose()?,
            stage: stage(request.stage)?,
            lifetime: lifetime(request.not_before, request.expires_at),
        };
        Ok((self.who(request.credential)?, put))
    }

    fn rotating(&self, request: RotateSecret) -> Result<(Who, engine::Rotation), Refusal> {
        let order = engine::Rotation {
            at: reference(&request.reference)?,
            value: request.value.into_secret(),
            stage: stage(request.stage)?,
            lifetime: lifetime(request.not_before, request.expires_at),
        };
        Ok((self.who(request.credential)?, order))
    }
}
