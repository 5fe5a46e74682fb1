//! Looks at everything that is kept under the root keys, for the host, and says of each thing that is wrong what to do.

use std::collections::BTreeSet;

use serde_json::json;

use super::moving::UNDER_WAY_SECONDS;
use super::review;
use super::telling::{Told, told};
use super::{Fault, Live};
use crate::audit::Owner;
use crate::engine::{Aios, roots, writer};
use crate::model::{Code, Refusal, TenantId, Timestamp, Wait};
use crate::vault::{Age, SecretPath, SecretRef, Stage};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Tenants that were looked at.
    pub tenants: usize,
    /// Secrets that were looked at.
    pub secrets: usize,
    /// What is wrong.
    pub symptoms: Vec<Symptom>,
}

/// Something that somebody should look after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symptom {
    /// What it is.
    pub ailment: Ailment,
    /// Whose; none: the system's, or everybody's.
    pub tenant: Option<TenantId>,
    /// Which secret or version; none: something of the tenant's as a whole.
    pub reference: Option<SecretRef>,
    /// Which root key, where it is about one.
    pub root_key: Option<String>,
}

macro_rules! ailments {
    ($($name:ident $text:literal $remedy:literal;)*) => {
        /// What can be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Ailment {
            $(#[doc = $remedy] $name,)*
        }

        impl Ailment {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable string. Where calls are refused for it, it is the code of the refusal.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }
        }
    };
}

ailments! {
    AuditUnavailable "audit.unavailable" "check the store, which takes no records: disk, locks, permissions";
    EntitiesDamaged "entities.damaged" "find out who writes to the store, and restore the tenant's entities from a backup";
    EntitiesRolledBack "entities.rolled_back" "find out who writes to the store, and restore it from a newer backup";
    KeyRetiring "key.retiring" "wrap the masters anew until nothing is left, then retire the root key";
    KeyUnusable "key.unusable" "put the root key back into the key file that the master names";
    StoreCorrupt "store.corrupt" "find out who writes to the store, and restore it from a backup";
    VaultExpired "vault.expired" "rotate the secret, or destroy it if nobody needs it";
    VaultHalfMoved "vault.half_moved" "have an administrator of the tenant call rewrap until it is finished";
    VaultOverdue "vault.overdue" "rotate the secret, or change its schedule";
    VaultRolledBack "vault.rolled_back" "find out who writes to the store, and restore it from a newer backup";
    VaultUndecryptable "vault.undecryptable" "restore the row from a backup, or put the secret anew";
    VaultUnused "vault.unused" "delete the secret; destroy it once nobody has missed it";
}

impl Aios {
    /// Looks at every tenant's masters, secrets and trail: decrypts all, holds them against the trail, and finds what is
    /// overdue, expired, or was not used for so many days. Reads only, but for a record in the system's chain. No value is in it.
    ///
    /// # Errors
    /// Only what keeps from looking: `store.*`, `engine.closed`.
    pub fn doctor(&self, unused_days: u32) -> Result<Diagnosis, Refusal> {
        let live = self.0.live()?;
        let mut exam = Exam::new(&live, self.0.clock().now(), unused_days);
        exam.roots(self)?;
        for tenant in tenants(&live)? {
            exam.tenant(&tenant, !self.0.plan.root.exportable())?;
        }
        let Exam { diagnosis: mut found, .. } = exam;
        let says = json!({"secrets": found.secrets, "symptoms": found.symptoms.len()});
        if roots::told(&live, "doctor", ("done", says)).is_err() {
            found.symptoms.push(Symptom::of(Ailment::AuditUnavailable, None));
        }
        Ok(found)
    }
}

impl Symptom {
    fn of(ailment: Ailment, tenant: Option<&TenantId>) -> Self {
        Self { ailment, tenant: tenant.cloned(), reference: None, root_key: None }
    }
}

struct Exam<'a> {
    live: &'a Live,
    now: Timestamp,
    unused_since: Timestamp,
    diagnosis: Diagnosis,
}

impl<'a> Exam<'a> {
    fn new(live: &'a Live, now: Timestamp, unused_days: u32) -> Self {
        let unused_since = now.plus_seconds(-86_400 * i64::from(unused_days));
        let diagnosis = Diagnosis { tenants: 0, secrets: 0, symptoms: Vec::new() };
        Self { live, now, unused_since, diagnosis }
    }

    /// Which root keys still wrap something though another one is current.
    fn roots(&mut self, aios: &Aios) -> Result<(), Refusal> {
        let report = aios.rewrap_masters(crate::engine::Rewrap::DryRun)?;
        for kid in report.wraps.into_keys().filter(|kid| *kid != report.current) {
            let retiring = Symptom::of(Ailment::KeyRetiring, None);
            self.diagnosis.symptoms.push(Symptom { root_key: Some(kid), ..retiring });
        }
        Ok(())
    }

    fn tenant(&mut self, tenant: &TenantId, forward_secure: bool) -> Result<(), Refusal> {
        self.diagnosis.tenants += 1;
        match review::review(self.live, tenant, forward_secure) {
            Ok(report) => {
                self.diagnosis.secrets += report.secrets;
                for fault in report.faults {
                    self.blame(tenant, fault);
                }
            }
            Err(refusal) => {
                // What the trail needs does not open, or is damaged.
                let code = refusal.code();
                let is_theirs = matches!(code, Code::KeyUnusable | Code::StoreCorrupt);
                return if is_theirs {
                    self.blame(tenant, Fault { reference: None, code });
                    Ok(())
                } else {
                    Err(refusal)
                };
            }
        }
        self.entities(tenant)?;
        let Ok(Some(opened)) = self.live.vault.open(tenant) else { return Ok(()) };
        let since = opened.register.leaving_since();
        if since.is_some_and(|since| since.plus_seconds(UNDER_WAY_SECONDS) <= self.now) {
            self.diagnosis.symptoms.push(Symptom::of(Ailment::VaultHalfMoved, Some(tenant)));
        }
        let told = told(self.live, tenant)?;
        for local in opened.register.floors.keys() {
            if let Ok(path) = SecretPath::from_local(tenant.clone(), local) {
                self.secret(&path, &told);
            }
        }
        Ok(())
    }

    /// Whether what the tenant keeps can be read: each of its calls is refused where it cannot.
    fn entities(&mut self, tenant: &TenantId) -> Result<(), Refusal> {
        let by = Wait::Until(self.live.deadline());
        let Err(refusal) = self.live.entities.fresh(tenant, by) else { return Ok(()) };
        let code = refusal.code();
        if !matches!(
            code,
            Code::EntitiesDamaged | Code::EntitiesRolledBack | Code::KeyUnusable | Code::StoreCorrupt
        ) {
            return Err(refusal);
        }
        self.blame(tenant, Fault { reference: None, code });
        Ok(())
    }

    /// How a secret that can be read stands; what cannot be read was found before.
    fn secret(&mut self, path: &SecretPath, told: &Told) {
        let Ok(Some((_, found))) = self.live.vault.locate(path) else { return };
        let Some(current) = found.kept.versions().iter().find(|kept| kept.stage == Stage::Current) else {
            return;
        };
        if found.kept.is_deleted() {
            return;
        }
        let is_expired = current.expires.is_some_and(|expires| expires <= self.now.nanos());
        let is_overdue = found.kept.due(self.now).is_some_and(|due| due.age == Age::Overdue);
        let was_used = told.last_use(path).is_some_and(|last| *last > self.unused_since.to_string());
        let is_unused = Timestamp::from_nanos(current.created) <= self.unused_since && !was_used;
        let at = path.clone().at(Some(current.version()));
        for (is_so, ailment) in [
            (is_expired, Ailment::VaultExpired),
            (is_overdue, Ailment::VaultOverdue),
            (is_unused, Ailment::VaultUnused),
        ] {
            if is_so {
                let symptom = Symptom::of(ailment, Some(path.tenant()));
                self.diagnosis.symptoms.push(Symptom { reference: Some(at.clone()), ..symptom });
            }
        }
    }

    fn blame(&mut self, tenant: &TenantId, fault: Fault) {
        let known = [
            Ailment::EntitiesDamaged,
            Ailment::EntitiesRolledBack,
            Ailment::KeyUnusable,
            Ailment::VaultRolledBack,
            Ailment::VaultUndecryptable,
        ];
        let ailment = known.into_iter().find(|ailment| ailment.as_str() == fault.code.as_str());
        let ailment = ailment.unwrap_or(Ailment::StoreCorrupt);
        let symptom = Symptom::of(ailment, Some(tenant));
        self.diagnosis.symptoms.push(Symptom { reference: fault.reference, ..symptom });
    }
}

fn tenants(live: &Live) -> Result<BTreeSet<TenantId>, Refusal> {
    let chains = live.ledger.chains(None).map_err(writer::refusal)?;
    let tenant = |owner| if let Owner::Tenant(tenant) = owner { Some(tenant) } else { None };
    Ok(chains.into_iter().filter_map(|chain| tenant(chain.id.owner)).collect())
}
