//! What somebody administers: permitted by policy, its intent durable before anything is done, its outcome recorded. In one
//! place, so that no operation can leave out a step.

use serde_json::{Map, Value};

use super::live::Live;
use super::permit::{Outcome, Permit};
use super::{Aios, Engine};
use crate::model::{Code, Deadline, Principal, Refusal, Request, TenantId, Wait, Who};

/// An operation under way.
pub(super) struct UnderWay<'a> {
    pub(super) engine: &'a Engine,
    pub(super) live: &'a Live,
    pub(super) permit: &'a Permit,
    pub(super) by: Deadline,
}

impl Aios {
    /// Does something that a permit allows. `notes` are further members of the intent, and `work` says what the outcome says.
    pub(super) fn administer<T>(
        &self,
        request: &Request,
        notes: (&str, Value),
        work: impl FnOnce(&UnderWay<'_>) -> Result<(T, Outcome), Refusal>,
    ) -> Result<T, Refusal> {
        let engine = &*self.0;
        let live = engine.live()?;
        let by = live.deadline();
        let notes = Map::from_iter([(notes.0.to_owned(), notes.1)]);
        let permit = engine.authorize(&live, request, &notes, by)?;
        match work(&UnderWay { engine, live: &live, permit: &permit, by }) {
            Ok((done, outcome)) => permit.complete(&outcome).map(|()| done),
            Err(refusal) => {
                let failed = Outcome::failed().with("code", refusal.code().as_str());
                // Refused either way.
                let _ = permit.complete(&failed);
                Err(refusal)
            }
        }
    }

    /// Who asks, and their tenant.
    pub(super) fn administrator(&self, who: &Who) -> Result<(Principal, TenantId), Refusal> {
        let principal = match who {
            Who::Credential(credential) => {
                let live = self.0.live()?;
                self.0.authenticate(&live, credential, Wait::Until(live.deadline()))?
            }
            Who::Principal(principal) => principal.clone(),
        };
        let tenant = principal.view().tenant_id.clone();
        let tenant = tenant.ok_or_else(|| Refusal::new(Code::TenantMissing).at("principal"))?;
        Ok((principal, tenant))
    }
}
