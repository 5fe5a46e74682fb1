//! The awaiting forms: the same journey, first on the caller's thread with ports told not to wait.
//!
//! No async runtime is asked for: the futures are woken by whichever thread commits or waits.

use serde_json::Map;

use super::authorize::Prepared;
use super::slot::slot;
use super::vault::Diagnosis;
use super::waiters::Turn;
use super::{Aios, IssuerKeys, Permit, Report, Rewrap, RootKeyReport};
use crate::model::{Code, Credential, Decision, Principal, Refusal, Request, TenantId, Timestamp, Wait, Who};
use crate::revocation::Selector;

impl Aios {
    /// [`Aios::authenticate`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn authenticate_async(&self, credential: &Credential) -> Result<Principal, Refusal> {
        let live = self.0.live()?;
        match self.0.authenticate(&live, credential, Wait::Never) {
            Err(refusal) if refusal.code() == Code::WouldWait => {
                let credential = credential.clone();
                self.aside(move |aios| aios.authenticate(&credential)).await
            }
            answer => answer,
        }
    }

    /// [`Aios::authorize`], awaited. Dropped before it is done, an intent that became durable is recorded as abandoned.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn authorize_async(&self, request: &Request) -> Result<Permit, Refusal> {
        let live = self.0.live()?;
        match self.0.prepare(&live, request, &Map::new(), Wait::Never) {
            Err(refusal) if refusal.code() == Code::WouldWait => {
                let request = request.clone();
                self.aside(move |aios| aios.authorize(&request)).await
            }
            Err(refusal) => Err(refusal),
            Ok(Prepared::Known(permit)) => Ok(permit),
            Ok(Prepared::New(mut intent)) => {
                let place = live.journal.append_awaited(intent.take_records()?)?;
                let durable = place.await.unwrap_or(Err(Refusal::new(Code::AuditUnavailable)))?;
                intent.still_stands(Wait::Never)?;
                Ok(intent.granted(durable))
            }
        }
    }

    /// [`Aios::check`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn check_async(&self, request: &Request) -> Result<Decision, Refusal> {
        let live = self.0.live()?;
        match self.0.check(&live, request, Wait::Never) {
            Err(refusal) if refusal.code() == Code::WouldWait => {
                let request = request.clone();
                self.aside(move |aios| aios.check(&request)).await
            }
            answer => answer,
        }
    }

    /// [`Aios::revoke`], awaited. Dropped before it is done, it is done all the same.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn revoke_async(&self, who: impl Into<Who>, selector: &Selector) -> Result<(), Refusal> {
        let (who, selector) = (who.into(), selector.clone());
        self.aside(move |aios| aios.revoke(who, &selector)).await
    }

    /// [`Aios::revoke_before`], awaited. Dropped before it is done, it is done all the same.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn revoke_before_async(
        &self,
        who: impl Into<Who>,
        selector: &Selector,
        time: Timestamp,
    ) -> Result<(), Refusal> {
        let (who, selector) = (who.into(), selector.clone());
        self.aside(move |aios| aios.revoke_before(who, &selector, time)).await
    }

    /// [`Aios::reinstate`], awaited. Dropped before it is done, it is done all the same.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn reinstate_async(&self, who: impl Into<Who>, selector: &Selector) -> Result<(), Refusal> {
        let (who, selector) = (who.into(), selector.clone());
        self.aside(move |aios| aios.reinstate(who, &selector)).await
    }

    /// [`Aios::verify`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn verify_async(&self, tenant: Option<&TenantId>) -> Result<Report, Refusal> {
        let tenant = tenant.cloned();
        self.aside(move |aios| aios.verify(tenant.as_ref())).await
    }

    /// [`Aios::hydrate`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn hydrate_async(&self) -> Result<Vec<IssuerKeys>, Refusal> {
        self.aside(Self::hydrate).await
    }

    /// [`Aios::rotate_root_key`], awaited. Dropped before it is done, it is done all the same.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn rotate_root_key_async(&self) -> Result<String, Refusal> {
        self.aside(Self::rotate_root_key).await
    }

    /// [`Aios::rewrap_masters`], awaited. Dropped before it is done, it is done all the same.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn rewrap_masters_async(&self, order: Rewrap) -> Result<RootKeyReport, Refusal> {
        self.aside(move |aios| aios.rewrap_masters(order)).await
    }

    /// [`Aios::retire_root_key`], awaited. Dropped before it is done, it is done all the same.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn retire_root_key_async(&self, kid: &str) -> Result<RootKeyReport, Refusal> {
        let kid = kid.to_owned();
        self.aside(move |aios| aios.retire_root_key(&kid)).await
    }

    /// [`Aios::doctor`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn doctor_async(&self, unused_days: u32) -> Result<Diagnosis, Refusal> {
        self.aside(move |aios| aios.doctor(unused_days)).await
    }

    /// [`Aios::flush`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn flush_async(&self) -> Result<(), Refusal> {
        self.aside(Self::flush).await
    }

    /// [`Aios::close`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn close_async(&self) -> Result<(), Refusal> {
        self.aside(Self::close).await
    }

    /// Runs a waiting form on a thread that may wait.
    pub(super) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (sender, receiver) = slot();
        let aios = self.clone();
        // A receiver that is gone gives the answer back; a permit dropped here is recorded as abandoned.
        self.0.live()?.aside(move |turn| {
            let late = || Err(Refusal::new(Code::LimitWaiting));
            drop(sender.send(if turn == Turn::Late { late() } else { work(&aios) }));
        })?;
        receiver.await.unwrap_or(Err(Refusal::new(Code::Internal)))
    }
}
