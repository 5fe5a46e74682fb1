//! The raw engine, for hosts that bring no tokens: policies asked about whoever the host names. It is not the gate: nobody is
//! verified, no tenant is held apart, nothing is recorded, and no permit comes of it.
//!
//! ```
//! use aios_core::EntityRef;
//! use aios_core::raw::{Policies, Question, Texts};
//!
//! let policies = r#"@id("owners") permit (principal == User::"ada", action, resource in Folder::"plans");"#;
//! let entities = r#"[{"uid": {"type": "Doc", "id": "7"}, "attrs": {}, "parents": [{"type": "Folder", "id": "plans"}]}]"#;
//! let texts = Texts { policies: policies.into(), schema: None, entities: Some(entities.into()) };
//! let policies = Policies::load(&texts)?;
//! let decision = policies.decide(&Question {
//!     principal: EntityRef::new("User", "ada"),
//!     action: EntityRef::new("Action", "read"),
//!     resource: EntityRef::new("Doc", "7"),
//!     context: serde_json::Map::new(),
//! });
//! assert!(decision.allowed && decision.policies == ["owners"] && decision.generation == 1);
//! # Ok::<(), aios_core::Refusal>(())
//! ```

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::crypto::sha256;
use crate::model::decision::PolicyFault;
use crate::model::hex::hex;
use crate::model::{Code, Refusal};
use crate::policy::raw::{Desk, Loaded};
pub use crate::policy::raw::{Question, Texts};

/// Policies that answer whoever asks. Cheap to clone; all clones are one. Usable from any number of threads and in forked
/// children.
///
/// # Security
/// A decision says what the policies say of the names in the question. That the principal is who it is said to be, and may see
/// the resource's tenant, is the host's to know.
#[derive(Clone, Debug)]
pub struct Policies(Arc<ArcSwap<Held>>);

/// What is loaded at one time, in one process.
#[derive(Debug)]
struct Held {
    process: u32,
    desk: Desk,
    loaded: Summary,
}

/// What is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How often policies were loaded here: 1 at first, one more with each reload that took effect.
    pub generation: u64,
    /// Digest of the texts, lower-case hex of SHA-256.
    pub digest: Arc<str>,
    /// How many policies there are.
    pub policies: usize,
    /// How many static entities there are.
    pub entities: usize,
}

/// What the policies say. Data: there is no permit in it, and nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether they permit it.
    pub allowed: bool,
    /// Why not.
    pub code: Option<Code>,
    /// Ids of the policies that decided, sorted.
    pub policies: Vec<String>,
    /// Policies that failed; any one of them refuses.
    pub errors: Vec<PolicyFault>,
    /// The place in the question that does not fit.
    pub at: Option<String>,
    /// What belongs there.
    pub expected: Option<String>,
    /// The generation of the policies that decided.
    pub generation: u64,
    /// The digest of the policies that decided.
    pub digest: Arc<str>,
}

impl Policies {
    /// Reads policies, schema and entities. With a schema all are validated strictly against it.
    ///
    /// # Errors
    /// `config.invalid` with every problem found.
    pub fn load(texts: &Texts) -> Result<Self, Refusal> {
        let (loaded, digest) = read(texts)?;
        Ok(Self(Arc::new(ArcSwap::from_pointee(Held::new(loaded, 1, digest)))))
    }

    /// Puts others in their place, all at once: each decision is of the old ones or of the new. Where the new ones cannot be
    /// read, the old ones stay.
    ///
    /// # Errors
    /// As [`Policies::load`].
    pub fn reload(&self, texts: &Texts) -> Result<Summary, Refusal> {
        let (loaded, digest) = read(texts)?;
        // Without a lock, which a forked child would inherit: whoever comes second counts on from the first.
        let mut made = None;
        let old = self.0.rcu(|held| {
            let generation = held.loaded.generation + 1;
            let next = Arc::new(Held::new(Arc::clone(&loaded), generation, Arc::clone(&digest)));
            made = Some(next.loaded.clone());
            next
        });
        old.leave();
        made.ok_or_else(|| Code::Internal.into())
    }

    /// What is loaded.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.0.load().loaded.clone()
    }

    /// Asks the policies. Where the question does not fit, or any policy fails, the answer is no.
    #[must_use]
    pub fn decide(&self, question: &Question) -> Decision {
        let held = self.here();
        let Summary { generation, digest, .. } = held.loaded.clone();
        let (code, policies, errors, at, expected) = match held.desk.decide(question) {
            Ok(verdict) => (None, verdict.policies, Vec::new(), None, None),
            Err(error) => {
                let refusal = Refusal::from(error);
                let detail = refusal.detail().clone();
                (Some(detail.code), detail.policies, detail.errors, detail.at, detail.expected)
            }
        };
        Decision { allowed: code.is_none(), code, policies, errors, at, expected, generation, digest }
    }

    /// What this process asks. A forked child remembers anew: its parent's memory may be locked by a thread it has not.
    fn here(&self) -> Arc<Held> {
        let held = self.0.load_full();
        if held.is_here() {
            return held;
        }
        let again = |held: &Arc<Held>| if held.is_here() { Arc::clone(held) } else { Arc::new(held.again()) };
        self.0.rcu(again).leave();
        self.0.load_full()
    }
}

impl Held {
    fn new(loaded: Arc<Loaded>, generation: u64, digest: Arc<str>) -> Self {
        let (policies, entities) = (loaded.policies(), loaded.entities());
        let summary = Summary { generation, digest, policies, entities };
        Self { process: std::process::id(), desk: Desk::new(loaded), loaded: summary }
    }

    fn is_here(&self) -> bool {
        self.process == std::process::id()
    }

    /// Ends one that others stand in the place of. A parent's is leaked, not freed: a thread that this process has not may have
    /// been changing it.
    fn leave(self: Arc<Self>) {
        if !self.is_here() {
            std::mem::forget(self);
        }
    }

    /// The same, remembering nothing.
    fn again(&self) -> Self {
        let loaded = self.loaded.clone();
        Self { process: std::process::id(), desk: Desk::new(Arc::clone(self.desk.loaded())), loaded }
    }
}

fn read(texts: &Texts) -> Result<(Arc<Loaded>, Arc<str>), Refusal> {
    let loaded = Loaded::load(texts).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Refusal::new(Code::ConfigInvalid).at("policies").hint(lines.join("\n"))
    })?;
    Ok((Arc::new(loaded), digest(texts).into()))
}

/// Each part behind its length, so that nothing moves from one to the next; an absent part is a zero.
fn digest(texts: &Texts) -> String {
    let parts = [Some(&texts.policies), texts.schema.as_ref(), texts.entities.as_ref()];
    let mut bytes = Vec::new();
    for part in parts {
        let Some(text) = part else {
            bytes.push(0);
            continue;
        };
        bytes.push(1);
        bytes.extend(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    hex(&sha256(&[&bytes]))
}
