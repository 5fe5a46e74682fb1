//! What a tenant's audit trail says of its secrets: how often their rows were written, when each was last used, and whether
//! all of them were destroyed.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{moving, offboarding};
use crate::audit::{self, Kind, Owner};
use crate::engine::live::Live;
use crate::engine::writer::refusal;
use crate::model::hex::hex;
use crate::model::{Refusal, TenantId};
use crate::vault::{SecretPath, SecretRef};

/// Records read at a time.
const PAGE: usize = 256;

/// What a tenant's trail says of its secrets.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// When each one was last used, as records spell it.
    uses: BTreeMap<String, String>,
    /// How often each one's row was written.
    pub(super) revisions: BTreeMap<String, u64>,
    /// How often the row of each one's uses was written.
    pub(super) counts: BTreeMap<String, u64>,
    /// Whether the masters were destroyed.
    pub(super) is_offboarded: bool,
}

impl Told {
    /// When a secret last went along with a request, as records spell it.
    pub(super) fn last_use(&self, path: &SecretPath) -> Option<&String> {
        self.uses.get(&path.local())
    }
}

/// Reads it from the trail: what outcomes say whose intents are the vault's own, as callers say in theirs what they like.
pub(super) fn told(live: &Live, tenant: &TenantId) -> Result<Told, Refusal> {
    let mut heard = Heard::default();
    for chain in live.ledger.chains(Some(&Owner::Tenant(tenant.clone()))).map_err(refusal)? {
        let (mut from, name) = (0, hex(&chain.id.incarnation));
        loop {
            let page = live.ledger.records(chain.id.incarnation, from, PAGE).map_err(refusal)?;
            for record in &page {
                if let Some(body) = body(&record.frame) {
                    heard.take(tenant, (&name, record.seq), body);
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => from = last.seq + 1,
                Some(_) | None => break,
            }
        }
    }
    Ok(heard.understood())
}

/// What was read so far: outcomes may stand in another chain than their intents, and before them.
#[derive(Default)]
struct Heard {
    told: Told,
    about: HashMap<(String, u64), About>,
    ended: Vec<(Named, Said)>,
}

/// What an intent of the vault's is about.
enum About {
    /// One secret, by `namespace/name`.
    One(String),
    /// Those that its outcome names.
    Several,
}

impl Heard {
    fn take(&mut self, tenant: &TenantId, (chain, seq): (&str, u64), body: Body) {
        match body {
            Body { secret: Some(asked), time, .. } => {
                let Some(about) = asked.about(tenant) else { return };
                if let (About::One(local), Some(_)) = (&about, &asked.host) {
                    let last = self.told.uses.entry(local.clone()).or_default();
                    *last = time.occurred.max(std::mem::take(last));
                }
                self.about.insert((chain.to_owned(), seq), about);
            }
            Body { intent: Some(intent), outcome: Some(outcome), .. } => {
                self.ended.push((intent, outcome.data));
            }
            Body { event: Some(event), state: Some(state), .. } => {
                self.told.is_offboarded |= offboarding::is_done(&event, &state);
            }
            Body { .. } => {}
        }
    }

    fn understood(self) -> Told {
        let Self { mut told, about, ended } = self;
        for (intent, said) in ended {
            let Said { revision, counted, revisions, counts } = said;
            let (revisions, counts) = match about.get(&(intent.chain, intent.seq)) {
                Some(About::One(local)) => {
                    let one =
                        |told: Option<u64>| told.map(|told| (local.clone(), told)).into_iter().collect();
                    (one(revision), one(counted))
                }
                Some(About::Several) => (revisions, counts),
                None => continue,
            };
            for (known, told) in [(&mut told.revisions, revisions), (&mut told.counts, counts)] {
                for (local, times) in told {
                    let most = known.entry(local).or_default();
                    *most = times.max(*most);
                }
            }
        }
        told
    }
}

/// The members of a record's body that matter here.
#[derive(Deserialize)]
struct Body {
    time: Time,
    /// Of an intent, and written by the vault alone.
    secret: Option<Asked>,
    /// Of an outcome.
    intent: Option<Named>,
    outcome: Option<Ended>,
    /// Of an event that is no call.
    event: Option<String>,
    state: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    operation: Option<String>,
    reference: Option<String>,
    /// Of a request that carried it.
    host: Option<String>,
}

#[derive(Deserialize)]
struct Time {
    occurred: String,
}

#[derive(Deserialize)]
struct Named {
    chain: String,
    seq: u64,
}

#[derive(Deserialize)]
struct Ended {
    data: Said,
}

/// What an outcome says of rows. One that says it in other forms is a caller's.
#[derive(Deserialize)]
struct Said {
    revision: Option<u64>,
    counted: Option<u64>,
    #[serde(default)]
    revisions: BTreeMap<String, u64>,
    #[serde(default)]
    counts: BTreeMap<String, u64>,
}

impl Asked {
    fn about(&self, tenant: &TenantId) -> Option<About> {
        let Some(reference) = &self.reference else {
            return (self.operation.as_deref() == Some(moving::OPERATION)).then_some(About::Several);
        };
        let path = reference.parse::<SecretRef>().ok()?;
        (path.path().tenant() == tenant).then(|| About::One(path.path().local()))
    }
}

fn body(frame: &[u8]) -> Option<Body> {
    let parts = audit::parse(frame)?;
    let matters = matches!(parts.header.kind, Kind::Event | Kind::Intent | Kind::Outcome);
    if matters { serde_json::from_slice(parts.body).ok() } else { None }
}
