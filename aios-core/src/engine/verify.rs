//! Is the trail whole? Walks every chain of an owner and names the first thing that is wrong.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::live::Live;
use super::writer::refusal;
use crate::audit::body::disclosure_digest;
use crate::audit::{
    Fault, Head, Level, Owner, Pairing, StoredChain, StoredRecord, Verifier, Violation, parse,
};
use crate::model::hex::{hex, unhex};
use crate::model::{Refusal, TenantId};

/// Records read at a time.
const PAGE: usize = 512;

/// What a verification found. Positions and counts only, no bodies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Report {
    /// Nothing is wrong.
    pub ok: bool,
    /// How far it reached.
    pub level: Level,
    /// Whether a past key cannot be had from this machine: true where the root key never leaves its service.
    pub forward_secure: bool,
    /// Chains walked.
    pub chains: usize,
    /// Records walked.
    pub records: u64,
    /// Intents without an outcome: calls under way, or cut short by a crash.
    pub dangling: Vec<Place>,
    /// Disclosures that were erased.
    pub erased: u64,
    /// The first thing that is wrong.
    pub violation: Option<Finding>,
}

/// A record's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Place {
    /// The chain's incarnation, 32 hexadecimal digits.
    pub chain: String,
    /// The record's sequence number.
    pub seq: u64,
}

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Finding {
    /// Whose chain; empty for the system chain.
    pub tenant: String,
    /// Where a good record was expected.
    #[serde(flatten)]
    pub place: Place,
    /// What is wrong.
    pub fault: Fault,
}

/// Why a walk stopped.
enum Stop {
    Refused(Refusal),
    Found(Violation),
}

impl From<Violation> for Stop {
    fn from(violation: Violation) -> Self {
        Self::Found(violation)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<crate::audit::LedgerError> for Stop {
    fn from(error: crate::audit::LedgerError) -> Self {
        Self::Refused(refusal(error))
    }
}

/// Verifies a tenant's chains, or everybody's with the system chain.
pub(super) fn verify(
    live: &Live,
    tenant: Option<&TenantId>,
    forward_secure: bool,
) -> Result<Report, Refusal> {
    // One look at all chains and heads, so that what the system chain tells of and what is there are of one moment.
    let all = live.ledger.chains(None).map_err(refusal)?;
    let (system, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|chain| chain.id.owner == Owner::System);
    let is_wanted = |owner: &Owner| tenant.is_none_or(|tenant| owner.as_str() == tenant.as_str());
    let wanted: Vec<_> = others.into_iter().filter(|chain| is_wanted(&chain.id.owner)).collect();

    let mut told = Walk::new(live);
    let mut walk = Walk::new(live);
    let walked = system.iter().try_for_each(|chain| told.chain(chain)).and_then(|()| {
        complete(&told.announced, &wanted, &is_wanted)?;
        wanted.iter().try_for_each(|chain| walk.chain(chain))
    });
    let (level, violation) = match walked {
        Ok(()) => (Level::Head, None),
        Err(Stop::Refused(refusal)) => return Err(refusal),
        Err(Stop::Found(found)) => (Level::None, Some(finding(&found))),
    };
    let (mut chains, mut records) = (wanted.len(), walk.records);
    if tenant.is_none() {
        chains += system.len();
        records += told.records;
    }
    let dangling = walk.pairing.values().chain(told.pairing.values()).flat_map(Pairing::dangling);
    Ok(Report {
        ok: violation.is_none(),
        level,
        forward_secure,
        chains,
        records,
        dangling: dangling.map(|(chain, seq)| Place { chain: hex(&chain), seq }).collect(),
        erased: walk.erased,
        violation,
    })
}

/// Chains by owner's name and incarnation.
type Names = BTreeSet<(String, [u8; 16])>;

/// Every chain that the system chain tells of must be there, and no other.
fn complete(told: &Names, there: &[StoredChain], is_wanted: &dyn Fn(&Owner) -> bool) -> Result<(), Stop> {
    let names: Names =
        there.iter().map(|chain| (chain.id.owner.as_str().to_owned(), chain.id.incarnation)).collect();
    let fault = |(of, chain): &(String, [u8; 16]), fault| {
        let owner = of.parse().map_or(Owner::System, Owner::Tenant);
        let wanted = is_wanted(&owner);
        wanted.then_some(Violation { owner, chain: *chain, seq: 0, fault })
    };
    let gone = told.difference(&names).find_map(|name| fault(name, Fault::MissingChain));
    let odd = names.difference(told).find_map(|name| fault(name, Fault::Unannounced));
    gone.or(odd).map_or(Ok(()), |found| Err(found.into()))
}

struct Walk<'l> {
    live: &'l Live,
    records: u64,
    erased: u64,
    /// Chains that the system chain tells of.
    announced: Names,
    pairing: BTreeMap<Owner, Pairing>,
}

#[derive(Deserialize)]
struct Announcement {
    event: String,
    #[serde(default)]
    of: String,
    #[serde(default)]
    chain: String,
}

#[derive(Deserialize)]
struct Disclosing {
    subject: Party,
    actor: Option<Party>,
}

#[derive(Deserialize)]
struct Party {
    #[serde(rename = "_sd")]
    digests: Vec<String>,
}

impl<'l> Walk<'l> {
    fn new(live: &'l Live) -> Self {
        Self { live, records: 0, erased: 0, announced: Names::new(), pairing: BTreeMap::new() }
    }

    fn chain(&mut self, stored: &StoredChain) -> Result<(), Stop> {
        let master = self.live.masters.verifying(&stored.id.owner)?;
        let mut verifier = Verifier::new(&master, stored.id.clone());
        let Some(head) = &stored.head else { return Err(verifier.violation(Fault::MissingHead).into()) };
        while verifier.count() < head.count {
            let left = usize::try_from(head.count - verifier.count()).unwrap_or(PAGE).min(PAGE);
            let page = self.live.ledger.records(stored.id.incarnation, verifier.count(), left)?;
            if page.is_empty() {
                break;
            }
            for record in &page {
                // The number beside a record is how it is found, so it must be the record's own.
                if record.seq != verifier.count() {
                    return Err(verifier.violation(Fault::Sequence).into());
                }
                verifier.push(&record.frame)?;
                self.take(&stored.id.owner, record)
                    .map_err(|fault| Violation { seq: record.seq, ..verifier.violation(fault) })?;
            }
        }
        verifier.finish(head)?;
        self.nothing_beyond(stored, head)
            .map_err(|stop| stop.unwrap_or_else(|| verifier.violation(Fault::BeyondHead).into()))
    }

    /// A chain may have grown since its head was read; otherwise nothing may stand behind it.
    fn nothing_beyond(&self, stored: &StoredChain, head: &Head) -> Result<(), Option<Stop>> {
        let beyond = self.live.ledger.records(stored.id.incarnation, head.count, 1);
        if beyond.map_err(|error| Some(error.into()))?.is_empty() {
            return Ok(());
        }
        let now = self.live.ledger.chains(Some(&stored.id.owner)).map_err(|error| Some(error.into()))?;
        let grown = |chain: &StoredChain| {
            chain.id == stored.id && chain.head.as_ref().is_some_and(|now| now.count > head.count)
        };
        if now.iter().any(grown) { Ok(()) } else { Err(None) }
    }

    fn take(&mut self, owner: &Owner, record: &StoredRecord) -> Result<(), Fault> {
        self.records += 1;
        self.pairing.entry(owner.clone()).or_default().push(&record.frame);
        let Some(parts) = parse(&record.frame) else { return Err(Fault::Frame) };
        if *owner == Owner::System
            && let Ok(told) = serde_json::from_slice::<Announcement>(parts.body)
            && told.event == "chain.open"
            && let Some(chain) = unhex(&told.chain)
        {
            self.announced.insert((told.of, chain));
        }
        self.disclosures(parts.body, &record.disclosures)
    }

    /// Each disclosure must be one that its record names; those that are gone were erased.
    fn disclosures(&mut self, body: &[u8], disclosures: &[String]) -> Result<(), Fault> {
        let mut named: Vec<String> = match serde_json::from_slice::<Disclosing>(body) {
            Ok(body) => [Some(body.subject), body.actor]
                .into_iter()
                .flatten()
                .flat_map(|party| party.digests)
                .collect(),
            Err(_) => Vec::new(),
        };
        for disclosure in disclosures {
            let digest = disclosure_digest(disclosure);
            let found = named.iter().position(|name| *name == digest).ok_or(Fault::Disclosure)?;
            named.swap_remove(found);
        }
        self.erased = self.erased.saturating_add(u64::try_from(named.len()).unwrap_or(u64::MAX));
        Ok(())
    }
}

fn finding(violation: &Violation) -> Finding {
    Finding {
        tenant: violation.owner.as_str().to_owned(),
        place: Place { chain: hex(&violation.chain), seq: violation.seq },
        fault: violation.fault,
    }
}
