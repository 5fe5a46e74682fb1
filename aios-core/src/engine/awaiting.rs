//! The awaiting forms: the same journey, first on the caller's thread with ports told not to wait.
//!
//! No async runtime is asked for: the futures are woken by whichever thread commits or waits.

use super::authorize::{Intent, Prepared};
use super::journal::Place;
use super::slot::slot;
use super::{Aios, Permit, Report};
use crate::model::{Code, Credential, Decision, Principal, Refusal, Request, TenantId, Wait, Who};
use crate::tenant;

impl Aios {
    /// [`Aios::authenticate`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn authenticate_async(&self, credential: &Credential) -> Result<Principal, Refusal> {
        let live = self.0.live()?;
        let who = Who::Credential(credential.clone());
        match self.0.identify(&live, &who, self.0.clock().now(), Wait::Never) {
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
        match self.0.prepare(&live, request, Wait::Never) {
            Err(refusal) if refusal.code() == Code::WouldWait => {
                let request = portable(request)?;
                self.aside(move |aios| aios.authorize(&request)).await
            }
            Err(refusal) => Err(refusal),
            Ok(Prepared::Known(permit)) => Ok(permit),
            Ok(Prepared::New(mut intent)) => {
                let place = live.journal.append_awaited(intent.owner(), intent.take_entry())?;
                let mut pending = Pending { intent: Some(intent), place };
                let place =
                    (&mut pending.place).await.unwrap_or(Err(Refusal::new(Code::AuditUnavailable)))?;
                let intent = pending.intent.take().ok_or(Code::Internal)?;
                Ok(intent.granted(place))
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
                let request = portable(request)?;
                self.aside(move |aios| aios.check(&request)).await
            }
            answer => answer,
        }
    }

    /// [`Aios::verify`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn verify_async(&self, tenant: Option<&TenantId>) -> Result<Report, Refusal> {
        let tenant = tenant.cloned();
        self.aside(move |aios| aios.verify(tenant.as_ref())).await
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
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (sender, receiver) = slot();
        let aios = self.clone();
        // A receiver that is gone gives the answer back; a permit dropped here is recorded as abandoned.
        self.0.live()?.aside(move || drop(sender.send(work(&aios))))?;
        receiver.await.unwrap_or(Err(Refusal::new(Code::Internal)))
    }
}

/// A copy for another thread. What the tenant guard would refuse is refused here: its copy could exhaust the stack.
fn portable(request: &Request) -> Result<Request, Refusal> {
    tenant::bounded(request)?;
    Ok(request.clone())
}

/// An intent whose caller may go away while it is written.
struct Pending {
    intent: Option<Box<Intent>>,
    place: Place,
}

impl Drop for Pending {
    fn drop(&mut self) {
        // Durable, but nobody heard of it: granted and dropped, it is recorded as abandoned.
        if let (Some(intent), Some(Ok(place))) = (self.intent.take(), self.place.close()) {
            drop(intent.granted(place));
        }
    }
}
