//! The handles, and the operations of the table on each: the waiting form, and the awaiting one of what may wait.
#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation takes its request, which emitters decode, by value"
)]

use std::path::Path;

use super::views::{Decision, Done, PermitView, PrincipalView, Report};
use super::wire::{KeyFile, Nothing, Opening, Outcome, Presented, Request, Trail};
use crate::engine::{self, Aios};
use crate::model::{self, Code, Refusal};

pub use super::entities::Entities;
pub use super::layer::Layer;
pub use super::payload::Payload;
pub use super::raw::PolicySet;
pub use super::sending::SecretSending;
pub use super::using::{SecretAnswer, SecretUse};
pub use super::vault::Vault;

/// The process, before anything is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

/// An opened engine.
#[derive(Clone, Debug)]
pub struct Engine(pub(super) Aios);

/// The audit trail of an engine.
#[derive(Clone, Debug)]
pub struct Audit(Aios);

/// A verified caller, and the engine that verified it.
#[derive(Clone, Debug)]
pub struct Principal(pub(super) Aios, pub(super) model::Principal);

/// Leave to make one call.
#[derive(Clone, Debug)]
pub struct Permit(pub(super) engine::Permit);

impl Host {
    /// `open`.
    ///
    /// # Errors
    /// As [`Aios::open`]; `config.invalid` where the opening names both a path and a configuration, or neither.
    pub fn open(&self, opening: Opening) -> Result<Engine, Refusal> {
        Aios::builder(opening.settings()?).build().map(Engine)
    }

    /// `open`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn open_async(&self, opening: Opening) -> Result<Engine, Refusal> {
        aside(move || Self.open(opening)).await
    }

    /// `create_root_keys`.
    ///
    /// # Errors
    /// As [`crate::root_keys::create`].
    pub fn create_root_keys(&self, file: KeyFile) -> Result<Done, Refusal> {
        crate::root_keys::create(Path::new(&file.path))?;
        Ok(Done {})
    }

    /// `create_root_keys`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn create_root_keys_async(&self, file: KeyFile) -> Result<Done, Refusal> {
        aside(move || Self.create_root_keys(file)).await
    }
}

/// Runs what may wait on a thread of its own: there is no engine yet whose waiting threads could do it.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let started = std::thread::Builder::new().name("aios-open".into()).spawn(move || {
        // Nobody waits any longer where the receiver is gone.
        drop(sender.send(work()));
    });
    started.map_err(|_| Refusal::new(Code::LimitWaiting).at("threads"))?;
    receiver.await.unwrap_or_else(|_| Err(Refusal::new(Code::Internal)))
}

impl Engine {
    /// An engine that was opened in Rust.
    #[must_use]
    pub fn of(aios: Aios) -> Self {
        Self(aios)
    }

    /// `audit`.
    ///
    /// # Errors
    /// None.
    pub fn audit(&self, _: Nothing) -> Result<Audit, Refusal> {
        Ok(Audit(self.0.clone()))
    }

    /// `authenticate`.
    ///
    /// # Errors
    /// As [`Aios::authenticate`].
    pub fn authenticate(&self, request: Presented) -> Result<Principal, Refusal> {
        let principal = self.0.authenticate(&request.credential.try_into()?)?;
        Ok(Principal(self.0.clone(), principal))
    }

    /// `authenticate`, awaited.
    ///
    /// # Errors
    /// As [`Aios::authenticate`].
    pub async fn authenticate_async(&self, request: Presented) -> Result<Principal, Refusal> {
        let principal = self.0.authenticate_async(&request.credential.try_into()?).await?;
        Ok(Principal(self.0.clone(), principal))
    }

    /// `authorize`.
    ///
    /// # Errors
    /// As [`Aios::authorize`].
    pub fn authorize(&self, request: Request) -> Result<Permit, Refusal> {
        self.0.authorize(&request.asked_by(None)?).map(Permit)
    }

    /// `authorize`, awaited.
    ///
    /// # Errors
    /// As [`Aios::authorize`].
    pub async fn authorize_async(&self, request: Request) -> Result<Permit, Refusal> {
        self.0.authorize_async(&request.asked_by(None)?).await.map(Permit)
    }

    /// `check`.
    ///
    /// # Errors
    /// As [`Aios::check`].
    pub fn check(&self, request: Request) -> Result<Decision, Refusal> {
        self.0.check(&request.asked_by(None)?).map(Decision::from)
    }

    /// `check`, awaited.
    ///
    /// # Errors
    /// As [`Aios::check`].
    pub async fn check_async(&self, request: Request) -> Result<Decision, Refusal> {
        self.0.check_async(&request.asked_by(None)?).await.map(Decision::from)
    }

    /// `check_now`.
    ///
    /// # Errors
    /// As [`Aios::check_now`].
    pub fn check_now(&self, request: Request) -> Result<Decision, Refusal> {
        self.0.check_now(&request.asked_by(None)?).map(Decision::from)
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

impl Audit {
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
        self.0.authorize(&request.asked_by(Some(&self.1))?).map(Permit)
    }

    /// `authorize`, awaited.
    ///
    /// # Errors
    /// As [`Aios::authorize`].
    pub async fn authorize_async(&self, request: Request) -> Result<Permit, Refusal> {
        self.0.authorize_async(&request.asked_by(Some(&self.1))?).await.map(Permit)
    }

    /// `check`.
    ///
    /// # Errors
    /// As [`Aios::check`].
    pub fn check(&self, request: Request) -> Result<Decision, Refusal> {
        self.0.check(&request.asked_by(Some(&self.1))?).map(Decision::from)
    }

    /// `check`, awaited.
    ///
    /// # Errors
    /// As [`Aios::check`].
    pub async fn check_async(&self, request: Request) -> Result<Decision, Refusal> {
        self.0.check_async(&request.asked_by(Some(&self.1))?).await.map(Decision::from)
    }

    /// `check_now`.
    ///
    /// # Errors
    /// As [`Aios::check_now`].
    pub fn check_now(&self, request: Request) -> Result<Decision, Refusal> {
        self.0.check_now(&request.asked_by(Some(&self.1))?).map(Decision::from)
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

    /// `still_open`.
    ///
    /// # Errors
    /// As [`engine::Permit::still_open`].
    pub fn still_open(&self, _: Nothing) -> Result<Done, Refusal> {
        self.0.still_open().map(|()| Done {})
    }

    /// `complete`.
    ///
    /// # Errors
    /// As [`engine::Permit::complete`].
    pub fn complete(&self, outcome: Outcome) -> Result<Done, Refusal> {
        self.0.complete(&outcome.into()).map(|()| Done {})
    }
}
