//! The end of a tenant's secrets: its masters are destroyed, and then nothing opens, for anybody, for good.

use serde_json::json;

use super::{Live, Outcome, Vault};
use crate::audit::{Kind, Owner};
use crate::engine::Permit;
use crate::model::{Code, Ownership, Refusal, Request, Resource, TenantId, Who};

/// The action that off-boarding takes.
const ACTION: &str = "offboard";
/// What the tenant's own trail calls it.
const EVENT: &str = "vault.offboard";

/// A tenant whose secrets are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offboarded {
    /// Which one.
    pub tenant: TenantId,
    /// Whether there were masters to destroy.
    pub had_secrets: bool,
}

impl Vault {
    /// Destroys the masters of a tenant's secrets: nothing of them opens any more, in any process, from the next use on, and
    /// none is taken any more. The tenant's audit trail stays. Done twice, it is done.
    ///
    /// Policy has to permit `offboard` on `Aios::Tenant`, which is nobody's own: it takes `[policy] shared`, and the role
    /// `platform_operator` has it. The intent is in the trail of who asks, and the tenant's own trail says it, too, both before
    /// anything is destroyed.
    ///
    /// # Errors
    /// As [`super::Aios::authorize`]; `store.*` where the store does not take it: then it may be done or not, and can be repeated.
    ///
    /// # Security
    /// A backup from before, with its root key, still opens.
    pub fn offboard(&self, who: impl Into<Who>, tenant: &TenantId) -> Result<Offboarded, Refusal> {
        let request = Request::new(who, ACTION, Resource::new("Aios::Tenant", tenant.as_str()));
        self.0.administer(&request, ("secret", json!({"operation": ACTION})), |doing| {
            nobodys_own(doing.live, doing.permit)?;
            told(doing.live, tenant, "begins")?;
            let now = doing.engine.clock().now();
            let had_secrets = doing.live.vault.destroy_masters(tenant, now, doing.by)?;
            told(doing.live, tenant, "done")?;
            let done = Offboarded { tenant: tenant.clone(), had_secrets };
            Ok((done, Outcome::ok().with("had_secrets", had_secrets)))
        })
    }
}

/// What is permitted must be about the tenant as the platform's, and not about something that the caller's own tenant calls so.
fn nobodys_own(live: &Live, permit: &Permit) -> Result<(), Refusal> {
    let (policies, grant) = (live.desk.policies(), permit.view());
    let of_files = grant.principal.view().tenant_id.as_ref();
    let of_files = of_files.map(|own| policies.ownership(own, &grant.resource));
    let is_nobodys = policies.is_shared_type(&grant.resource.kind)
        && grant.visits.is_none()
        && matches!(of_files, None | Some(Ownership::Shared | Ownership::Unknown));
    if is_nobodys { Ok(()) } else { Err(Refusal::new(Code::TenantMissing).at("resource.tenant")) }
}

/// Records it in the tenant's own chain, and waits until it is durable.
fn told(live: &Live, tenant: &TenantId, state: &str) -> Result<(), Refusal> {
    let owner = Owner::Tenant(tenant.clone());
    let entry = live.scribe.told(&owner, Kind::Event, json!({"event": EVENT, "state": state}))?;
    live.journal.must([(owner, entry)])?;
    live.journal.flush(live.deadline())
}

/// Whether an event of a tenant's own trail says that it was done.
pub(super) fn is_done(event: &str, state: &str) -> bool {
    (event, state) == (EVENT, "done")
}
