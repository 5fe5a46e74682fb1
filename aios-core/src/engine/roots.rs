//! Rotation of root keys: a new one, all masters wrapped anew under it, and the old one taken away. For the host, who holds
//! the root keys: no tenant's principal is asked. Each step is in the system's chain before it is done.
//!
//! A master stays what it is, and so does everything under it: records, envelopes and data keys keep their bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::live::Live;
use super::writer::refusal;
use super::{Aios, Engine};
use crate::audit::{Kind, Owner};
use crate::crypto::RootKeyError;
use crate::model::{Code, Refusal, TenantId};
use crate::store::key_file::{self, KeyFileError};
use crate::token::Tenants;

/// How much to rewrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrap {
    /// So many masters at most; the next call goes on.
    AtMost(usize),
    /// None: only say what there is to do.
    DryRun,
}

/// Which root key wraps how much.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct RootKeyReport {
    /// The root key that wraps what is new.
    pub current: String,
    /// How many masters each root key wraps, by its id. What wraps none is not listed.
    pub wraps: BTreeMap<String, usize>,
    /// Rows that this call wrapped anew. A tenant's row holds all its masters for secrets.
    pub rewrapped: usize,
    /// Masters under another root key than the current one.
    pub left: usize,
    /// Masters that could not be wrapped anew, each with the reason.
    pub unusable: Vec<UnusableMaster>,
}

/// A master that does not open.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct UnusableMaster {
    /// Whose it is; none: the system's.
    #[schemars(with = "Option<String>")]
    pub tenant: Option<TenantId>,
    /// What it is for.
    pub purpose: MasterPurpose,
    /// The root key that it says it is under; empty where it cannot be read.
    pub kid: String,
    /// `key.unusable`, `vault.undecryptable`, `vault.rolled_back` or `store.corrupt`.
    #[schemars(with = "String")]
    pub code: Code,
}

/// What a master is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MasterPurpose {
    /// The audit trail.
    Audit,
    /// Entities that are kept in the store.
    Entities,
    /// The secrets.
    Vault,
}

/// Where a master is.
type Place = (Owner, MasterPurpose);

impl Aios {
    /// Puts a new random root key before all others of the key file and gives its id. Engines that run go on: what is new is
    /// wrapped under it, in every process that uses this file. Then call [`Aios::rewrap_masters`] until nothing is left.
    ///
    /// # Errors
    /// `config.invalid` at `keys.file` where the host gave the root keys, or the file cannot be changed; `audit.unavailable`.
    pub fn rotate_root_key(&self) -> Result<String, Refusal> {
        let (live, file) = (self.0.live()?, self.0.root_file()?);
        recorded(&live, "root_key.rotate", json!({}), || {
            let kid = key_file::rotate(&file)?;
            Ok((kid.clone(), json!({"kid": kid})))
        })
    }

    /// Wraps masters under the current root key that are under another one: those of the audit trail, of kept entities
    /// and of the vault, one row after another. Cut short at any moment, the next call goes on; others may do the same, and use the store, meanwhile.
    ///
    /// # Errors
    /// `audit.unavailable`; `store.*`. A master that does not open is in the report.
    pub fn rewrap_masters(&self, order: Rewrap) -> Result<RootKeyReport, Refusal> {
        let (engine, live) = (&self.0, self.0.live()?);
        let Rewrap::AtMost(most) = order else { return engine.survey_roots(&live) };
        let current = engine.current_root()?;
        let says = json!({"kid": current, "most": most});
        recorded(&live, "root_key.rewrap", says, || {
            let (rewrapped, unusable) = engine.rewrap(&live, &current, most)?;
            let mut report = RootKeyReport { rewrapped, ..engine.survey_roots(&live)? };
            report.unusable.extend(unusable);
            let wraps =
                json!({"rewrapped": rewrapped, "left": report.left, "unusable": report.unusable.len()});
            Ok((report, wraps))
        })
    }

    /// Takes a root key out of the key file that wraps nothing any more.
    ///
    /// # Errors
    /// `key.in_use` where it is the current one or still wraps something; `policy.input` where the file has no such key;
    /// `config.invalid` as [`Aios::rotate_root_key`]; `audit.unavailable`; `store.*`.
    ///
    /// # Security
    /// A backup of the store from before the rewrapping opens with the old root key alone. Keep the key where the backup is, or
    /// let both go.
    pub fn retire_root_key(&self, kid: &str) -> Result<RootKeyReport, Refusal> {
        let (live, file) = (self.0.live()?, self.0.root_file()?);
        let in_use = || Refusal::new(Code::KeyInUse).at("kid");
        recorded(&live, "root_key.retire", json!({"kid": kid}), || {
            let report = self.0.survey_roots(&live)?;
            if report.current == kid {
                return Err(in_use().expected("a root key that is not the current one"));
            }
            if let Some(wraps) = report.wraps.get(kid) {
                return Err(
                    in_use().expected(format!("a root key that wraps nothing; this one wraps {wraps}"))
                );
            }
            if !report.unusable.is_empty() {
                return Err(in_use().expected("a store in which every master can be read"));
            }
            match key_file::remove(&file, kid) {
                Err(KeyFileError::NoSuchKey) => {
                    Err(Refusal::new(Code::PolicyInput).at("kid").expected("the id of a key in the key file"))
                }
                Err(KeyFileError::Current) => Err(in_use()),
                Err(error) => Err(error.into()),
                Ok(()) => Ok((report, json!({"kid": kid}))),
            }
        })
    }
}

impl Engine {
    /// The file of root keys that this engine lives by.
    fn root_file(&self) -> Result<PathBuf, Refusal> {
        let expected = "a root key file; root keys that the host gave are rotated where they are kept";
        let refuse = || Refusal::new(Code::ConfigInvalid).at("keys.file").expected(expected);
        self.plan.root_file.clone().ok_or_else(refuse)
    }

    fn current_root(&self) -> Result<String, Refusal> {
        let away = |_: RootKeyError| Refusal::new(Code::StoreUnavailable).at("root keys");
        self.plan.root.current().map_err(away)
    }

    /// Counts what each root key wraps. Reads only.
    fn survey_roots(&self, live: &Live) -> Result<RootKeyReport, Refusal> {
        let current = self.current_root()?;
        let (mut wraps, mut unusable) = (BTreeMap::new(), Vec::new());
        for place in self.places(live)? {
            match root_keys_of(live, &place) {
                Ok(kids) => kids.into_iter().for_each(|kid| *wraps.entry(kid).or_default() += 1),
                Err(refusal) => unusable.push(UnusableMaster::at(&place, "", refusal)?),
            }
        }
        let left = wraps.iter().filter(|(kid, _)| **kid != current).map(|(_, count)| count).sum();
        Ok(RootKeyReport { current, wraps, rewrapped: 0, left, unusable })
    }

    fn rewrap(
        &self,
        live: &Live,
        current: &str,
        most: usize,
    ) -> Result<(usize, Vec<UnusableMaster>), Refusal> {
        let (mut done, mut unusable) = (0, Vec::new());
        for place in self.places(live)? {
            if done >= most {
                break;
            }
            // What cannot be read is in the survey.
            let kids = root_keys_of(live, &place).unwrap_or_default();
            let Some(kid) = kids.iter().find(|kid| *kid != current) else { continue };
            let (owner, purpose) = &place;
            let rewrapped = match (purpose, tenant(owner)) {
                (MasterPurpose::Vault, Some(tenant)) => live.vault.rewrap_masters(tenant),
                (MasterPurpose::Entities, Some(tenant)) => live.entities.rewrap_master(tenant),
                (MasterPurpose::Audit, _) | (_, None) => live.masters.rewrap(owner),
            };
            match rewrapped {
                Ok(is_done) => done += usize::from(is_done),
                Err(refusal) => unusable.push(UnusableMaster::at(&place, kid, refusal)?),
            }
        }
        Ok((done, unusable))
    }

    /// Wherever there may be a master. INVARIANT: a tenant's vault and its kept entities begin with a record in its chain, and so
    /// does its trail. A master without a chain, whose first record never became durable, is found where the tenant is configured
    /// by name.
    fn places(&self, live: &Live) -> Result<BTreeSet<Place>, Refusal> {
        let chains = live.ledger.chains(None).map_err(refusal)?;
        let owners = chains.into_iter().map(|chain| chain.id.owner).chain([Owner::System]);
        let owners = owners.chain(self.named_tenants().map(Owner::Tenant));
        let purposes = |owner: Owner| match owner {
            Owner::System => vec![(owner, MasterPurpose::Audit)],
            Owner::Tenant(_) => [MasterPurpose::Audit, MasterPurpose::Entities, MasterPurpose::Vault]
                .map(|purpose| (owner.clone(), purpose))
                .to_vec(),
        };
        Ok(owners.flat_map(purposes).collect())
    }
}

impl Engine {
    /// The tenants that the configuration names.
    fn named_tenants(&self) -> impl Iterator<Item = TenantId> {
        self.settings.issuers.issuers.iter().flat_map(|issuer| match &issuer.tenants {
            Tenants::Fixed(tenant) => vec![tenant.clone()],
            Tenants::Listed(tenants) => tenants.values().cloned().collect(),
            Tenants::Claim | Tenants::Prefixed => Vec::new(),
        })
    }
}

impl UnusableMaster {
    /// What is wrong with what is kept is reported; what keeps from looking is an error.
    fn at((owner, purpose): &Place, kid: &str, refusal: Refusal) -> Result<Self, Refusal> {
        use Code::{KeyUnusable, StoreCorrupt, VaultRolledBack, VaultUndecryptable};
        let code = refusal.code();
        if !matches!(code, KeyUnusable | StoreCorrupt | VaultRolledBack | VaultUndecryptable) {
            return Err(refusal);
        }
        Ok(Self { tenant: tenant(owner).cloned(), purpose: *purpose, kid: kid.to_owned(), code })
    }
}

fn tenant(owner: &Owner) -> Option<&TenantId> {
    match owner {
        Owner::System => None,
        Owner::Tenant(tenant) => Some(tenant),
    }
}

/// The root keys of the masters at a place, one for each master.
fn root_keys_of(live: &Live, (owner, purpose): &Place) -> Result<Vec<String>, Refusal> {
    match (purpose, tenant(owner)) {
        (MasterPurpose::Vault, Some(tenant)) => live.vault.root_keys_of(tenant),
        (MasterPurpose::Entities, Some(tenant)) => {
            Ok(live.entities.root_key_of(tenant)?.into_iter().collect())
        }
        (MasterPurpose::Audit, _) | (_, None) => Ok(live.masters.root_key_of(owner)?.into_iter().collect()),
    }
}

/// Does something about root keys once it is durably recorded that it begins, and records how it ended.
fn recorded<T>(
    live: &Live,
    event: &str,
    says: Value,
    work: impl FnOnce() -> Result<(T, Value), Refusal>,
) -> Result<T, Refusal> {
    told(live, event, ("begins", says))?;
    match work() {
        Ok((done, says)) => told(live, event, ("done", says)).map(|()| done),
        Err(refusal) => {
            // Refused either way.
            let _ = told(live, event, ("failed", json!({"code": refusal.code().as_str()})));
            Err(refusal)
        }
    }
}

/// Records it in the system's chain, and waits until it is durable.
pub(super) fn told(live: &Live, event: &str, (state, mut says): (&str, Value)) -> Result<(), Refusal> {
    if let Value::Object(members) = &mut says {
        members.insert("event".to_owned(), event.into());
        members.insert("state".to_owned(), state.into());
    }
    live.journal.must([(Owner::System, live.scribe.told(&Owner::System, Kind::System, says)?)])?;
    live.journal.flush(live.deadline())
}
