//! The engine: the only room that knows all domains and their order.

mod administered;
mod authorize;
mod awaiting;
mod batch;
mod builder;
mod calls;
mod committer;
mod dumps;
pub mod entities;
mod explain;
mod home;
mod identify;
mod intent;
mod journal;
mod keys;
pub mod layer;
mod live;
mod masters;
mod notes;
mod permit;
mod proofs;
mod queue;
pub mod raw;
mod revocations;
mod revoke;
mod roots;
mod scribe;
mod slot;
mod standing;
mod stored;
mod strangers;
pub mod vault;
mod verify;
mod waiters;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use serde_json::Map;

pub use self::builder::Builder;
pub use self::dumps::{CoreDumps, forbid_core_dumps};
pub use self::explain::{ExplainedStep, Explanation, Mapped, StepOutcome, Verdict};
pub use self::keys::{DroppedKey, IssuerKeys};
pub use self::permit::{Outcome, Permit};
pub use self::roots::{MasterPurpose, Rewrap, RootKeyReport, UnusableMaster};
pub use self::verify::{Finding, Place, Report};
pub use crate::net::{Egress, Purpose};

pub use crate::policy::PolicyReport;

use self::live::{Live, Plan};
use self::proofs::Identified;
use crate::audit::Owner;
use crate::config::{self, Settings};
use crate::model::{
    Clock, Code, Credential, Decision, Principal, Refusal, Request, Resource, Secret, TenantId, Wait, Who,
};
use crate::tenant::Crossings;
pub use crate::token::Said;

/// The gate, opened. Cheap to clone; all clones are one engine. Usable from any number of threads, and in forked
/// children, which open their own store.
#[derive(Clone, Debug)]
pub struct Aios(Arc<Engine>);

#[derive(Debug)]
struct Engine {
    settings: Settings,
    /// The grants across tenants, as requests spell them.
    crossings: Crossings,
    plan: Plan,
    live: ArcSwap<Live>,
    closed: AtomicBool,
}

impl Aios {
    /// Opens an engine from a configuration file.
    ///
    /// # Errors
    /// `config.invalid` with every mistake found; `store.*` where the store cannot be used; `key.unusable`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Refusal> {
        Self::builder(config::read(path.as_ref())?).build()
    }

    /// An engine from checked settings, with parts given by the host.
    #[must_use]
    pub fn builder(settings: Settings) -> Builder {
        Builder::new(settings)
    }

    /// Turns a credential into a verified caller. May wait for the issuer's keys, and for the store where a proof is used up.
    /// The caller is then asked for no other: a proof is for one request, and one request may take several calls.
    ///
    /// # Errors
    /// `token.*`, each with what was expected and what to do.
    pub fn authenticate(&self, credential: &Credential) -> Result<Principal, Refusal> {
        let live = self.0.live()?;
        self.0.authenticate(&live, credential, Wait::Until(live.deadline()))
    }

    /// Decides, and records the decision before anyone can act on it: the permit exists once its intent is durable.
    ///
    /// # Errors
    /// A denial (`token.*`, `tenant.*`, `policy.*`) or a failure (`audit.*`, `store.*`); either way there is no permit.
    pub fn authorize(&self, request: &Request) -> Result<Permit, Refusal> {
        let live = self.0.live()?;
        self.0.authorize(&live, request, &Map::new(), live.deadline())
    }

    /// The same decision as data: nothing is recorded, and nothing consumed but a proof that came with the credential. A
    /// refusal is an answer here.
    ///
    /// # Errors
    /// Failures only (503, 500): the question could not be answered.
    pub fn check(&self, request: &Request) -> Result<Decision, Refusal> {
        let live = self.0.live()?;
        self.0.check(&live, request, Wait::Until(live.deadline()))
    }

    /// As [`Aios::check`], from what is at hand: it never waits, not even for an issuer's keys.
    ///
    /// # Errors
    /// As [`Aios::check`]; `would_wait` where something is not at hand.
    pub fn check_now(&self, request: &Request) -> Result<Decision, Refusal> {
        self.0.check(&*self.0.live()?, request, Wait::Never)
    }

    /// Verifies the audit chains of a tenant, or of everybody. For the host: positions and counts, no bodies.
    ///
    /// # Errors
    /// The store cannot be read, or its masters cannot be unwrapped. A damaged trail is a report, not an error.
    pub fn verify(&self, tenant: Option<&TenantId>) -> Result<Report, Refusal> {
        let live = self.0.live()?;
        // A store that takes no more records can still be read; what it does not hold shows as dangling.
        let _ = live.journal.flush(live.deadline());
        verify::verify(&live, tenant, !self.0.plan.root.exportable())
    }

    /// Gives an auditor a tenant's audit master: action `export` on `Aios::Audit` of that tenant, which policy must
    /// permit, recorded like any call.
    ///
    /// # Errors
    /// As [`Aios::authorize`].
    ///
    /// # Security
    /// Whoever holds the master can verify that tenant's chains and can also forge them.
    pub fn verification_key(&self, who: impl Into<Who>, tenant: &TenantId) -> Result<Secret, Refusal> {
        let trail = Resource::new("Aios::Audit", tenant.as_str()).tenant(tenant.as_str());
        let permit = self.authorize(&Request::new(who, "export", trail))?;
        let key = self.0.live()?.masters.secret(&Owner::Tenant(tenant.clone()));
        permit.complete(&if key.is_ok() { Outcome::ok() } else { Outcome::failed() })?;
        key
    }

    /// Everybody whom this engine can ask over the network, by name, purpose and host. Nothing else is ever asked.
    ///
    /// # Errors
    /// `engine.closed`.
    pub fn egress(&self) -> Result<Vec<Egress>, Refusal> {
        Ok(self.0.live()?.door.egress())
    }

    /// Waits until every outcome and refusal recorded so far is durable.
    ///
    /// # Errors
    /// `audit.unavailable`: they are still waiting, and are tried again with the next commit.
    pub fn flush(&self) -> Result<(), Refusal> {
        let live = self.0.live()?;
        live.strangers.write(&live.journal, &live.scribe);
        live.journal.flush(live.deadline())
    }

    /// Flushes, ends the chains with close records and closes the store. Afterwards everything is `engine.closed`.
    /// Complete permits first: what is open now stays without an outcome.
    ///
    /// # Errors
    /// What could not be made durable; the engine is closed all the same.
    pub fn close(&self) -> Result<(), Refusal> {
        let live = self.0.live()?;
        if self.0.closed.swap(true, Ordering::AcqRel) {
            return Err(Refusal::new(Code::EngineClosed));
        }
        live.close()
    }

    /// Bounds the store's size in pages from its next connection on, to see what a full disk does; 0 lifts the bound.
    ///
    /// # Errors
    /// `engine.closed`.
    #[cfg(feature = "testing")]
    pub fn limit_pages(&self, pages: u32) -> Result<(), Refusal> {
        self.0.live()?.limit_pages(pages);
        Ok(())
    }

    /// What was loaded as policy, and what of it will cost more than it need.
    ///
    /// # Errors
    /// `engine.closed`.
    pub fn policies(&self) -> Result<PolicyReport, Refusal> {
        let live = self.0.live()?;
        Ok(live.desk.policies().report_with(self.0.crossings.iter(), self.0.clock().now()))
    }

    /// Digest of the configuration and policies that decide, lower-case hex of SHA-256.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.0.settings.digest
    }
}

impl Engine {
    /// This process's state. A forked child leaves its parent's behind and opens its own.
    fn live(&self) -> Result<Arc<Live>, Refusal> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Refusal::new(Code::EngineClosed));
        }
        let live = self.live.load_full();
        if live.is_here() {
            return Ok(live);
        }
        let fresh = Live::open(&self.plan, live.legacy())?;
        let before = self.live.compare_and_swap(&live, Arc::clone(&fresh));
        if Arc::ptr_eq(&before, &live) {
            live.abandon();
            return Ok(fresh);
        }
        // Another thread of this child was first; ours closes unused.
        Ok(Arc::clone(&before))
    }

    fn check(&self, live: &Live, request: &Request, wait: Wait) -> Result<Decision, Refusal> {
        let mut entities_version = 0;
        let judged =
            self.identify(live, request, wait).and_then(|Identified { principal, spend, .. }| {
                let kept = self.kept(live, &principal, request, wait)?;
                entities_version = kept.versions()[0];
                let judged = self.judge(live, (principal, kept.keeps()), request, self.clock().now())?;
                live.admits(&judged.0, wait)?;
                live.spend_for(judged.0.principal(), spend.as_ref(), wait)?;
                Ok(judged)
            });
        let digest = Arc::clone(&self.settings.digest);
        match judged {
            Ok((_, verdict)) => Ok(Decision {
                allowed: true,
                code: None,
                policies: verdict.policies,
                errors: Vec::new(),
                digest,
                entities_version,
            }),
            Err(refusal) if refusal.is_denial() => {
                let detail = refusal.detail();
                let (policies, errors) = (detail.policies.clone(), detail.errors.clone());
                let code = Some(detail.code);
                Ok(Decision { allowed: false, code, policies, errors, digest, entities_version })
            }
            Err(failure) => Err(failure),
        }
    }

    fn clock(&self) -> &dyn Clock {
        &*self.plan.scribe.clock
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // A forked child that never used the engine must not join its parent's threads.
        let live = self.live.load_full();
        if !live.is_here() {
            live.abandon();
        }
    }
}
