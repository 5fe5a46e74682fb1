//! Putting an engine together: settings, and what only the host can give.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arc_swap::ArcSwap;

use super::home::Home;
use super::live::{Legacy, Live, Plan, PlannedUptime};
use super::revocations::{Rules, Uptime};
use super::scribe::Scribe;
use super::{Aios, Engine};
use crate::config::document::NonceWord;
use crate::config::{Settings, StoreUrl};
use crate::crypto::{self, RootKeys};
use crate::model::{Clock, Code, Realm, Refusal, Stopwatch, SystemClock};
use crate::policy::{Policies, Source};
use crate::revocation::Revocations;
use crate::store::key_file::KeyFile;
use crate::store::memory::ProcessRoot;
use crate::tenant::Crossings;

/// Builds an engine.
pub struct Builder {
    settings: Settings,
    clock: Arc<dyn Clock>,
    root: Option<Arc<dyn RootKeys>>,
    revocations: Option<Arc<dyn Revocations>>,
    uptime: Uptime,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Builder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Builder {
    pub(super) fn new(settings: Settings) -> Self {
        let since = Stopwatch::start();
        let uptime = Arc::new(move || since.elapsed());
        Self { settings, clock: Arc::new(SystemClock), root: None, revocations: None, uptime }
    }

    /// Takes the time by which knowledge of revocations grows old from this clock, which must never go back.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn uptime(mut self, uptime: impl Fn() -> std::time::Duration + Send + Sync + 'static) -> Self {
        self.uptime = Arc::new(uptime);
        self
    }

    /// Takes the time from this clock. Its name stands in each chain's first record, and a store that was opened with
    /// a clock of another name is refused.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Wraps masters under these root keys, in place of the configured key file.
    #[must_use]
    pub fn root_keys(mut self, root: impl RootKeys + 'static) -> Self {
        self.root = Some(Arc::new(root));
        self
    }

    /// Keeps revocations here, in place of the configured store. What forked children do with it is its affair.
    #[must_use]
    pub fn revocations(mut self, revocations: impl Revocations + 'static) -> Self {
        self.revocations = Some(Arc::new(revocations));
        self
    }

    /// Opens the engine.
    ///
    /// # Errors
    /// `config.invalid` with every mistake found in policies; `store.*`; `key.unusable`.
    pub fn build(mut self) -> Result<Aios, Refusal> {
        let settings = &mut self.settings;
        // An engine takes only its own principals, whoever else holds these settings.
        settings.issuers.realm = Realm(crypto::random().map_err(|_| Code::Internal)?);
        let policies = policies(settings)?;
        let revocation = Arc::new(Rules::new(&settings.revocation, &policies)?);
        let crossings = crossings(settings, &policies)?;
        let (root, root_file) = match self.root {
            Some(root) => (root, None),
            None => (root_keys(settings)?, settings.root_keys.clone()),
        };
        let scribe = Arc::new(Scribe {
            clock: self.clock,
            deployment: settings.deployment.clone(),
            config: Arc::clone(&settings.digest),
            plaintext_loopback: settings.development_plaintext_loopback,
        });
        // Absolute, because a host may change its folder later, and a child would then open another store.
        let store = match &settings.store {
            StoreUrl::Memory => None,
            StoreUrl::Sqlite(path) => Some(std::path::absolute(path).map_err(|_| Code::StoreUnavailable)?),
        };
        let (origins, audit) = (std::mem::take(&mut settings.keys), settings.audit);
        let uptime = PlannedUptime(self.uptime);
        let nonces = nonces(settings.dpop_nonce, store.is_some(), self.revocations.is_some())?;
        let revocation = (revocation, self.revocations);
        let outbound = std::mem::take(&mut settings.outbound);
        let endpoints = std::mem::take(&mut settings.endpoints);
        let policies = Arc::new(policies);
        let plan = Plan {
            policies,
            scribe,
            store,
            root,
            root_file,
            origins,
            endpoints,
            outbound,
            audit,
            revocation,
            uptime,
            nonces,
            home: Home::default(),
            entities_bound: settings.policy.entities_bound,
        };
        let live = Live::open(&plan, Legacy::default())?;
        live.masters.check()?;
        let live = ArcSwap::new(live);
        let home = plan.home.clone();
        let closed = AtomicBool::new(false);
        let engine = Arc::new(Engine { settings: self.settings, crossings, plan, live, closed });
        home.settle(&engine);
        Ok(Aios(engine))
    }
}

/// Whether proofs need a nonce. Where only this process remembers which were used, one of before its start, or one that
/// another process was shown, must not pass.
fn nonces(word: Option<NonceWord>, is_kept: bool, has_port: bool) -> Result<bool, Refusal> {
    match word {
        Some(NonceWord::Required) => Ok(true),
        // Whether a port of the host's outlives the process only the host knows, so it has to say so.
        None => Ok(!is_kept),
        Some(NonceWord::Never) if is_kept || has_port => Ok(false),
        Some(NonceWord::Never) => {
            let expected = "\"required\", because a store in memory forgets which proofs were used";
            Err(Refusal::new(Code::ConfigInvalid).at("dpop.nonce").expected(expected))
        }
    }
}

fn policies(settings: &mut Settings) -> Result<Policies, Refusal> {
    let source = Source {
        files: std::mem::take(&mut settings.policy.files),
        user_types: settings.policy.user_types.clone(),
        shared: settings.policy.shared.clone(),
        roles: settings.policy.roles.clone(),
        delegable: settings.policy.delegable.clone(),
        crossings: settings.crossings.clone(),
    };
    Policies::load(&source).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Refusal::new(Code::ConfigInvalid).at("policies").hint(lines.join("\n"))
    })
}

/// The grants across tenants, as the policies understand them.
fn crossings(settings: &Settings, policies: &Policies) -> Result<Crossings, Refusal> {
    let found = policies.crossings(&settings.crossings, &settings.revocation.strict);
    found.map(Crossings::new).map_err(|problems| {
        let first = problems.first().map(|problem| problem.file.clone()).unwrap_or_default();
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Refusal::new(Code::ConfigInvalid).at(first).hint(format!("correct:\n{}", lines.join("\n")))
    })
}

/// The configured key file; a store in memory may do without, as its keys need not outlive the process.
fn root_keys(settings: &Settings) -> Result<Arc<dyn RootKeys>, Refusal> {
    match (&settings.root_keys, &settings.store) {
        (Some(path), _) => {
            let file = KeyFile::open(path)
                .map_err(|error| Refusal::new(Code::ConfigInvalid).at("keys.file").hint(error.to_string()))?;
            Ok(Arc::new(file))
        }
        (None, StoreUrl::Memory) => Ok(Arc::new(ProcessRoot::make().map_err(|_| Code::KeyUnusable)?)),
        (None, StoreUrl::Sqlite(_)) => Err(Refusal::new(Code::ConfigInvalid)
            .at("keys.file")
            .expected("a root key file, because the store outlives the process")),
    }
}
