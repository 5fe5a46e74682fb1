//! The testing kit as other languages see it: handles, requests and answers of `testing_operations!`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::handles::{Engine, aside};
pub use super::testing_vault::{OpenedEnvelope, SealedEnvelope};
use super::views::{Decision, Done};
use super::wire::{Nothing, Opening, Request};
use crate::crypto::signature::Algorithm;
use crate::engine::Aios;
use crate::model::{self, Code, Refusal, Timestamp};
use crate::testing::{self, TestClock, TestIdp};

/// Whether the next operation panics.
static PANIC: AtomicBool = AtomicBool::new(false);

/// The testing kit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kit;

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct Clock(Arc<TestClock>);

/// An identity provider that signs whatever a test says.
#[derive(Clone, Debug)]
pub struct Idp(TestIdp);

/// An identity provider that answers on loopback.
#[derive(Clone, Debug)]
pub struct Served(Arc<Mutex<Option<testing::Served>>>);

/// A moment.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// Seconds since 1970.
    pub seconds: i64,
}

/// An issuer's name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// What its tokens' `iss` says.
    pub iss: String,
}

/// What a token is to say.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Its claims. `iss` is the provider's unless they name one; a null removes one.
    pub claims: Map<String, Value>,
    /// Members of the header beside or instead of `alg`, `kid` and `typ`; a null removes one.
    #[serde(default)]
    pub header: Map<String, Value>,
    /// The signature's algorithm; left out: `ES256`. `opaque` gives a token that says nothing, and begins with the header's `prefix`:
    /// the provider says what it stands for where it is served, until its keys are replaced.
    #[serde(default)]
    pub algorithm: Option<String>,
}

/// A signed token.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Token {
    /// Its text.
    pub token: String,
}

/// A JSON Web Key Set (RFC 7517 §5).
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Keys {
    /// Its keys.
    pub keys: Value,
}

/// What a served identity provider did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ServedView {
    /// Where it answers; none once it was stopped.
    pub iss: Option<String>,
    /// How many requests it has taken.
    pub requests: u64,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Token")
    }
}

/// Panics where a test asked for it.
pub(super) fn panic_if_asked() {
    let asked = PANIC.load(Ordering::Relaxed) && PANIC.swap(false, Ordering::SeqCst);
    assert!(!asked, "a test asked for this panic");
}

impl Kit {
    /// `clock`.
    ///
    /// # Errors
    /// None.
    pub fn clock(&self, moment: Moment) -> Result<Clock, Refusal> {
        Ok(Clock(Arc::new(TestClock::new(Timestamp::from_seconds(moment.seconds)))))
    }

    /// `echo`.
    ///
    /// # Errors
    /// None.
    pub fn echo(&self, request: Request) -> Result<Decision, Refusal> {
        let digest = Arc::from(request.action.as_str());
        // As many words as a usual decision has, so that taking it apart costs as much.
        let policies = vec![request.action, request.resource.r#type, request.resource.id];
        let (errors, obligations) = (Vec::new(), Vec::new());
        Ok(Decision {
            allowed: false,
            code: None,
            policies,
            errors,
            obligations,
            digest,
            entities_version: 0,
        })
    }

    /// `idp`.
    ///
    /// # Errors
    /// None.
    pub fn idp(&self, issuer: Issuer) -> Result<Idp, Refusal> {
        Ok(Idp(TestIdp::new(issuer.iss)))
    }

    /// `panic_next`.
    ///
    /// # Errors
    /// None.
    pub fn panic_next(&self, _: Nothing) -> Result<Done, Refusal> {
        PANIC.store(true, Ordering::SeqCst);
        Ok(Done {})
    }
}

impl Clock {
    /// `engine`.
    ///
    /// # Errors
    /// As the host's `open`.
    pub fn engine(&self, opening: Opening) -> Result<Engine, Refusal> {
        Aios::builder(opening.settings()?).clock(Arc::clone(&self.0)).build().map(Engine::of)
    }

    /// `engine`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn engine_async(&self, opening: Opening) -> Result<Engine, Refusal> {
        let clock = self.clone();
        aside(move || clock.engine(opening)).await
    }

    /// `now`.
    ///
    /// # Errors
    /// None.
    pub fn now(&self, _: Nothing) -> Result<Moment, Refusal> {
        Ok(Moment { seconds: model::Clock::now(&*self.0).seconds() })
    }

    /// `set`.
    ///
    /// # Errors
    /// None.
    pub fn set(&self, moment: Moment) -> Result<Done, Refusal> {
        self.0.set(Timestamp::from_seconds(moment.seconds));
        Ok(Done {})
    }
}

impl Idp {
    /// `sign`.
    ///
    /// # Errors
    /// `policy.input` where no such algorithm is known.
    pub fn sign(&self, claims: Claims) -> Result<Token, Refusal> {
        let Claims { claims, header, algorithm } = claims;
        if algorithm.as_deref() == Some("opaque") {
            let prefix = header.get("prefix").and_then(Value::as_str).unwrap_or_default();
            return Ok(Token { token: self.0.sign_opaque(prefix, Value::Object(claims)) });
        }
        let algorithm = Algorithm::from_name(algorithm.as_deref().unwrap_or("ES256")).ok_or_else(|| {
            Refusal::new(Code::PolicyInput).at("algorithm").expected("the name of a signature algorithm")
        })?;
        Ok(Token { token: self.0.sign(Value::Object(claims), Value::Object(header), algorithm) })
    }

    /// `jwks`.
    ///
    /// # Errors
    /// None.
    pub fn jwks(&self, _: Nothing) -> Result<Keys, Refusal> {
        Ok(Keys { keys: self.0.jwks().get_mut("keys").map(Value::take).unwrap_or_default() })
    }

    /// `rotate`.
    ///
    /// # Errors
    /// None.
    pub fn rotate(&self, _: Nothing) -> Result<Done, Refusal> {
        self.0.rotate();
        Ok(Done {})
    }

    /// `serve`.
    ///
    /// # Errors
    /// `store.unavailable` where no port is to be had.
    pub fn serve(&self, _: Nothing) -> Result<Served, Refusal> {
        let served = self.0.serve().map_err(|_| Refusal::new(Code::StoreUnavailable).at("loopback port"))?;
        Ok(Served(Arc::new(Mutex::new(Some(served)))))
    }

    /// `serve`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn serve_async(&self, _: Nothing) -> Result<Served, Refusal> {
        let idp = self.clone();
        aside(move || idp.serve(Nothing {})).await
    }
}

impl Served {
    /// `view`.
    ///
    /// # Errors
    /// None.
    pub fn view(&self, _: Nothing) -> Result<ServedView, Refusal> {
        let served = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = served.as_ref().map_or(0, testing::Served::requests);
        Ok(ServedView {
            iss: served.as_ref().map(|served| served.iss().to_owned()),
            requests: u64::try_from(requests).unwrap_or(u64::MAX),
        })
    }

    /// `stop`.
    ///
    /// # Errors
    /// None.
    pub fn stop(&self, _: Nothing) -> Result<Done, Refusal> {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        Ok(Done {})
    }

    /// `stop`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn stop_async(&self, _: Nothing) -> Result<Done, Refusal> {
        let served = self.clone();
        aside(move || served.stop(Nothing {})).await
    }
}
