//! What the doctor finds, as data, and what the process lets others see of its memory.
#![expect(
    clippy::needless_pass_by_value,
    reason = "every operation takes its request, which emitters decode, by value"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::handles::{Engine, Host};
use super::wire::Nothing;
use crate::engine;
use crate::engine::vault::{Diagnosis, Symptom};
use crate::model::Refusal;

/// After how many days without a use a secret is told, unless told.
const UNUSED_DAYS: u32 = 90;

/// What to look for.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Examination {
    /// After how many days without a use a secret is told; 90 unless told.
    #[serde(default)]
    pub unused_days: Option<u32>,
}

/// What the doctor found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DoctorReport {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Tenants that were looked at.
    pub tenants: usize,
    /// Secrets that were looked at.
    pub secrets: usize,
    /// What somebody should look after.
    pub symptoms: Vec<SymptomView>,
}

/// Something that somebody should look after.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SymptomView {
    /// What it is, for example `vault.overdue`; where calls are refused for it, the code of the refusal.
    pub code: &'static str,
    /// Whose; none: the system's, or everybody's.
    pub tenant: Option<String>,
    /// Which secret or version; none: something of the tenant's as a whole.
    pub reference: Option<String>,
    /// Which root key, where it is about one.
    pub root_key: Option<String>,
    /// What to do about it.
    pub remedy: &'static str,
}

impl From<Diagnosis> for DoctorReport {
    fn from(found: Diagnosis) -> Self {
        let Diagnosis { tenants, secrets, symptoms } = found;
        let symptoms: Vec<_> = symptoms.into_iter().map(SymptomView::from).collect();
        Self { ok: symptoms.is_empty(), tenants, secrets, symptoms }
    }
}

impl From<Symptom> for SymptomView {
    fn from(symptom: Symptom) -> Self {
        let Symptom { ailment, tenant, reference, root_key } = symptom;
        let (tenant, reference) =
            (tenant.map(|tenant| tenant.to_string()), reference.map(|at| at.to_string()));
        Self { code: ailment.as_str(), tenant, reference, root_key, remedy: ailment.remedy() }
    }
}

impl Engine {
    /// `doctor`.
    ///
    /// # Errors
    /// As [`crate::Aios::doctor`].
    pub fn doctor(&self, asked: Examination) -> Result<DoctorReport, Refusal> {
        self.0.doctor(asked.unused_days.unwrap_or(UNUSED_DAYS)).map(DoctorReport::from)
    }

    /// `doctor`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn doctor_async(&self, asked: Examination) -> Result<DoctorReport, Refusal> {
        self.0.doctor_async(asked.unused_days.unwrap_or(UNUSED_DAYS)).await.map(DoctorReport::from)
    }
}

/// Whether the operating system writes this process's memory to disk when it crashes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CoreDumps {
    /// Whether it does not.
    pub off: bool,
    /// Why it may, where it may.
    pub why: Option<&'static str>,
}

impl Host {
    /// `forbid_core_dumps`.
    ///
    /// # Errors
    /// None.
    pub fn forbid_core_dumps(&self, _: Nothing) -> Result<CoreDumps, Refusal> {
        let why = match engine::forbid_core_dumps() {
            engine::CoreDumps::Off => None,
            engine::CoreDumps::On(why) => Some(why),
        };
        Ok(CoreDumps { off: why.is_none(), why })
    }
}
