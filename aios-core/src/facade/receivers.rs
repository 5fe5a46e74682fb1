//! The handles, and the operations of the table on each: the waiting form, and the awaiting one of what may wait.
#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation takes its request, which emitters decode, by value"
)]

use std::path::Path;

use super::views::{Decision, Done, PermitView, PrincipalView, Report};
use super::wire::{Nothing, Outcome, Presented, Request, Trail};
use crate::engine::{self, Aios};
use crate::model::{self, Refusal};

/// An opened engine.
#[derive(Clone, Debug)]
pub struct Engine(Aios);

/// A verified caller, and the engine that verified it.
#[derive(Clone, Debug)]
pub struct Principal(Aios, model::Principal);

/// Leave to make one call.
#[derive(Clone, Debug)]
pub struct Permit(engine::Permit);

impl Engine {
    /// Opens an engine from a configuration file.
    ///
    /// # Errors
    /// As [`Aios::open`].
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        Aios::open(path).map(Self)
    }

    /// Opens an engine from a configuration value; its relative paths start at `base`.
    ///
    /// # Errors
    /// As [`Aios::open`].
    pub fn from_value(configuration: serde_json::Value, base: &Path) -> Result<Self, Refusal> {
        Aios::builder(crate::config::from_value(configuration, base)?).build().map(Self)
    }

    /// An engine that was opened in Rust.
    #[must_use]
    pub fn of(aios: Aios) -> Self {
        Self(aios)
    }

    /// `authenticate`.
    ///
    /// # Errors
    /// As [`Aios::authenticate`].
    pub fn authenticate(&self, request: Presented) -> Result<Principal, Refusal> {
        let principal = self.0.authenticate(&request.credential.into())?;
        Ok(Principal(self.0.clone(), principal))
    }

    /// `authenticate`, awaited.
    ///
    /// # Errors
    /// As [`Aios::authenticate`].
    pub async fn authenticate_async(&self, request: Presented) -> Result<Principal, Refusal> {
        let principal = self.0.authenticate_async(&request.credential.into()).await?;
        Ok(Principal(self.0.clone(), principal))
    }

    /// `authorize`.
    ///
    /// # Errors
    /// As [`Aios::authorize`].
    pub fn authorize(&self, request: Request) -> Result<Permit, Refusal> {
        self.0.authorize(&request.asked_by_credential()?).map(Permit)
    }

    /// `authorize`, awaited.
    ///
    /// # Errors
    /// As [`Aios::authorize`].
    pub async fn authorize_async(&self, request: Request) -> Result<Permit, Refusal> {
        self.0.authorize_async(&request.asked_by_credential()?).await.map(Permit)
    }

    /// `check`.
    ///
    /// # Errors
    /// As [`Aios::check`].
    pub fn check(&self, request: Request) -> Result<Decision, Refusal> {
        self.0.check(&request.asked_by_credential()?).map(Decision::from)
    }

    /// `check`, awaited.
    ///
    /// # Errors
    /// As [`Aios::check`].
    pub async fn check_async(&self, request: Request) -> Result<Decision, Refusal> {
        self.0.check_async(&request.asked_by_credential()?).await.map(Decision::from)
    }

    /// `verify`.
    ///
    /// # Errors
    /// As [`Aios::verify`].
    pub fn verify(&self, trail: Trail) -> Result<Report, Refusal> {
        self.0.verify(trail.tenant()?.as_ref())
    }

    /// `verify`, awaited.
    ///
    /// # Errors
    /// As [`Aios::verify`].
    pub async fn verify_async(&self, trail: Trail) -> Result<Report, Refusal> {
        self.0.verify_async(trail.tenant()?.as_ref()).await
    }

    /// `flush`.
    ///
    /// # Errors
    /// As [`Aios::flush`].
    pub fn flush(&self, _: Nothing) -> Result<Done, Refusal> {
        self.0.flush().map(|()| Done {})
    }

    /// `flush`, awaited.
    ///
    /// # Errors
    /// As [`Aios::flush`].
    pub async fn flush_async(&self, _: Nothing) -> Result<Done, Refusal> {
        self.0.flush_async().await.map(|()| Done {})
    }

    /// `close`.
    ///
    /// # Errors
    /// As [`Aios::close`].
    pub fn close(&self, _: Nothing) -> Result<Done, Refusal> {
        self.0.close().map(|()| Done {})
    }

    /// `close`, awaited.
    ///
    /// # Errors
    /// As [`Aios::close`].
    pub async fn close_async(&self, _: Nothing) -> Result<Done, Refusal> {
        self.0.close_async().await.map(|()| Done {})
    }
}

impl Principal {
    /// `view`.
    ///
    /// # Errors
    /// None.
    pub fn view(&self, _: Nothing) -> Result<PrincipalView, Refusal> {
        Ok((&self.1).into())
    }

    /// `authorize`.
    ///
    /// # Errors
    /// As [`Aios::authorize`].
    pub fn authorize(&self, request: Request) -> Result<Permit, Refusal> {
        self.0.authorize(&request.asked_by_principal(&self.1)?).map(Permit)
    }

    /// `authorize`, awaited.
    ///
    /// # Errors
    /// As [`Aios::authorize`].
    pub async fn authorize_async(&self, request: Request) -> Result<Permit, Refusal> {
        self.0.authorize_async(&request.asked_by_principal(&self.1)?).await.map(Permit)
    }

    /// `check`.
    ///
    /// # Errors
    /// As [`Aios::check`].
    pub fn check(&self, request: Request) -> Result<Decision, Refusal> {
        self.0.check(&request.asked_by_principal(&self.1)?).map(Decision::from)
    }

    /// `check`, awaited.
    ///
    /// # Errors
    /// As [`Aios::check`].
    pub async fn check_async(&self, request: Request) -> Result<Decision, Refusal> {
        self.0.check_async(&request.asked_by_principal(&self.1)?).await.map(Decision::from)
    }
}

impl Permit {
    /// `view`.
    ///
    /// # Errors
    /// None.
    pub fn view(&self, _: Nothing) -> Result<PermitView, Refusal> {
        Ok(self.0.view().into())
    }

    /// `complete`.
    ///
    /// # Errors
    /// As [`engine::Permit::complete`].
    pub fn complete(&self, outcome: Outcome) -> Result<Done, Refusal> {
        self.0.complete(&outcome.into()).map(|()| Done {})
    }
}
