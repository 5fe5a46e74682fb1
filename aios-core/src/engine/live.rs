//! All that does not survive `fork()`: threads, connections, queues, chain heads and keys, in one value per process.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::calls::Calls;
use super::entities::{self, Keeper as EntityKeeper};
use super::home::Home;
use super::identify::Verified;
use super::journal::Journal;
use super::masters::Masters;
use super::proofs::NonceKey;
use super::revocations::{Revocations, Rules, Uptime};
use super::scribe::Scribe;
use super::stored::{Store, claim_mode};
use super::strangers::Strangers;
use super::vault::{Keeper, Places, Workers};
use super::waiters::{Turn, Waiters};
use super::writer::Writer;
use crate::audit::Ledger;
use crate::config::AuditSettings;
use crate::crypto::RootKeys;
use crate::model::{Code, Deadline, Refusal, Stopwatch};
use crate::net;
use crate::policy::{Desk, Policies};
use crate::revocation::{self, Index};
use crate::store::memory::Memory;
use crate::token::{Introspector, KeySource};

/// Bytes of verified tokens that are remembered.
const REMEMBERED: usize = 32 * 1024 * 1024;

/// The engine's state in one process.
#[derive(Debug)]
pub(super) struct Live {
    process: u32,
    pub(super) desk: Desk,
    pub(super) scribe: Arc<Scribe>,
    pub(super) journal: Arc<Journal>,
    pub(super) masters: Arc<Masters>,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) door: Arc<net::Door>,
    pub(super) keys: Arc<dyn KeySource>,
    pub(super) introspection: Arc<dyn Introspector>,
    pub(super) calls: Calls,
    pub(super) verified: Verified,
    pub(super) strangers: Strangers,
    pub(super) revocations: Revocations,
    /// Where proofs need a nonce of this process.
    pub(super) nonces: Option<NonceKey>,
    pub(super) vault: Keeper,
    pub(super) entities: EntityKeeper,
    /// Requests with secrets that are under way.
    pub(super) places: Places,
    /// Threads that drive rotations.
    pub(super) workers: Workers,
    pub(super) home: Home,
    patience: std::time::Duration,
    waiters: Waiters,
    closed: AtomicBool,
    store: Store,
}

/// What opening needs; kept so that a child process can open its own.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) policies: Arc<Policies>,
    pub(super) scribe: Arc<Scribe>,
    pub(super) store: Option<PathBuf>,
    pub(super) root: Arc<dyn RootKeys>,
    /// Where the root keys are, unless the host gave them.
    pub(super) root_file: Option<PathBuf>,
    pub(super) origins: Vec<net::Origin>,
    pub(super) endpoints: Vec<net::Endpoint>,
    pub(super) outbound: net::Outbound,
    pub(super) audit: AuditSettings,
    /// How revocations are read, and where, if not in the store.
    pub(super) revocation: (Arc<Rules>, Option<Arc<dyn revocation::Revocations>>),
    pub(super) uptime: PlannedUptime,
    /// Whether proofs need a nonce of this process.
    pub(super) nonces: bool,
    pub(super) home: Home,
    /// For how long what was read of tenants' entities is taken to be all of them.
    pub(super) entities_bound: std::time::Duration,
}

/// The clock by which knowledge grows old.
#[derive(Clone)]
pub(super) struct PlannedUptime(pub(super) Uptime);

impl std::fmt::Debug for PlannedUptime {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("PlannedUptime")
    }
}

/// What a forked child takes over from its parent.
#[derive(Debug, Default)]
pub(super) struct Legacy {
    revocations: Arc<Index>,
    memory: Memory,
}

impl Live {
    /// `known` is what the process knows already.
    pub(super) fn open(plan: &Plan, known: Legacy) -> Result<Arc<Self>, Refusal> {
        let store = Store::open(plan, known.memory)?;
        claim_mode(&*store.rows(), plan.scribe.clock.name())?;
        let door = Arc::new(net::Door::new(plan.outbound.clone()));
        let since = Stopwatch::start();
        let uptime: net::Uptime = Arc::new(move || since.elapsed());
        let keys = net::Keys::new(plan.origins.clone(), Arc::clone(&uptime), &door).map_err(out_of_reach)?;
        let introspection = net::Introspection::new(plan.endpoints.clone(), uptime, &door);
        let introspection = Arc::new(introspection.map_err(out_of_reach)?);
        let scribe = Arc::clone(&plan.scribe);
        let masters = Arc::new(Masters::new(
            scribe.deployment.clone(),
            (store.rows(), store.ledger()),
            Arc::clone(&plan.root),
        ));
        let writer = Writer {
            chains: std::collections::HashMap::new(),
            ledger: store.ledger(),
            masters: Arc::clone(&masters),
            scribe: Arc::clone(&scribe),
            journal: std::sync::Weak::new(),
        };
        let clocks = (Arc::clone(&scribe.clock), Arc::clone(&plan.uptime.0));
        let (rules, elsewhere) = plan.revocation.clone();
        let revocations = elsewhere.unwrap_or_else(|| store.revocations());
        Ok(Arc::new(Self {
            process: std::process::id(),
            desk: Desk::new(Arc::clone(&plan.policies)),
            journal: Journal::new(writer, plan.audit.queue_per_tenant, plan.audit.deadline),
            masters,
            ledger: store.ledger(),
            door,
            keys: Arc::new(keys),
            introspection,
            calls: Calls::default(),
            verified: Verified::new(REMEMBERED),
            strangers: Strangers::new(scribe.clock.now()),
            revocations: Revocations::new(revocations, rules, clocks, known.revocations),
            nonces: plan.nonces.then(NonceKey::make).transpose()?,
            vault: keeper_of_secrets(plan, &store),
            entities: keeper_of_entities(plan, &store),
            places: Places::default(),
            workers: Workers::default(),
            home: plan.home.clone(),
            patience: plan.audit.deadline,
            waiters: Waiters::default(),
            scribe,
            closed: AtomicBool::new(false),
            store,
        }))
    }

    /// Whether this process made it.
    pub(super) fn is_here(&self) -> bool {
        self.process == std::process::id()
    }

    /// Whether permits of it are good for anything.
    pub(super) fn is_open(&self) -> bool {
        self.is_here() && !self.closed.load(Ordering::Acquire)
    }

    /// The process that made it.
    pub(super) fn process(&self) -> u32 {
        self.process
    }

    /// How long a call may wait.
    pub(super) fn deadline(&self) -> Deadline {
        Deadline::after(self.patience)
    }

    /// Runs something that waits on a thread that may.
    pub(super) fn aside(&self, work: impl FnOnce(Turn) + Send + 'static) -> Result<(), Refusal> {
        self.waiters.run(self.deadline(), work)
    }

    /// Flushes, ends the chains and closes the store.
    pub(super) fn close(&self) -> Result<(), Refusal> {
        self.workers.end(self.deadline());
        self.strangers.write(&self.journal, &self.scribe);
        self.closed.store(true, Ordering::Release);
        self.journal.close(self.deadline())?;
        match &self.store {
            Store::Memory(_) => Ok(()),
            Store::Sqlite(store) => Ok(store.close()?),
        }
    }

    /// Bounds the store's size from its next connection on; 0 lifts the bound.
    #[cfg(feature = "testing")]
    pub(super) fn limit_pages(&self, pages: u32) {
        match &self.store {
            Store::Memory(_) => {}
            Store::Sqlite(store) => store.limit_pages(pages),
        }
    }

    /// What a forked child of it must not forget: what stood in memory only.
    pub(super) fn legacy(&self) -> Legacy {
        match &self.store {
            Store::Memory(store) => {
                Legacy { revocations: self.revocations.known(), memory: store.inherited() }
            }
            Store::Sqlite(_) => Legacy::default(),
        }
    }

    /// Leaves it behind in a forked child: nothing is closed or freed, and its keys are wiped where that is possible.
    pub(super) fn abandon(self: Arc<Self>) {
        self.journal.forget_keys();
        self.vault.forget_keys();
        std::mem::forget(self);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if self.is_here() {
            // Told, and not waited for: one of them may be who drops this.
            self.workers.end(Deadline::after(std::time::Duration::ZERO));
            self.strangers.write(&self.journal, &self.scribe);
            // Nobody is left to tell; what fails shows as chains without a close record.
            let _ = self.journal.close(self.deadline());
        }
    }
}

fn keeper_of_secrets(plan: &Plan, store: &Store) -> Keeper {
    let (deployment, root) = (plan.scribe.deployment.clone(), Arc::clone(&plan.root));
    Keeper::new(deployment, store.rows(), root, plan.uptime.clone())
}

fn keeper_of_entities(plan: &Plan, store: &Store) -> EntityKeeper {
    let (deployment, root) = (plan.scribe.deployment.clone(), Arc::clone(&plan.root));
    let masters = entities::Masters::new(deployment, store.rows(), root);
    EntityKeeper::new(store.shelves(), masters, (plan.entities_bound, plan.uptime.clone()))
}

fn out_of_reach(error: net::Error) -> Refusal {
    Refusal::new(Code::ConfigInvalid).at("issuer").hint(error.to_string())
}
