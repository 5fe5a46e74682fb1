//! Which tenant a token belongs to. The registry decides, not the claim.

use super::check::Presented;
use super::mapping::Speaker;
use super::preset::Subject;
use super::{Error, Tenants};
use crate::model::TenantId;

/// The token's tenant, out of what its issuer may assert and whose its client is. `claim` is what the token says.
pub(super) fn decide(
    presented: &Presented<'_>,
    speaker: &Speaker<'_>,
    claim: Result<Option<&str>, Error>,
) -> Result<Option<TenantId>, Error> {
    let asserted = asserted(presented, claim)?;
    if asserted.as_ref().is_some_and(is_platform) {
        return Err(Error::TenantNotAllowed);
    }
    let Some(home) = speaker.client.and_then(|client| client.tenant.as_ref()) else { return Ok(asserted) };
    if !is_platform(home) {
        let is_elsewhere = asserted.is_some_and(|tenant| tenant != *home);
        return if is_elsewhere { Err(Error::TenantNotAllowed) } else { Ok(Some(home.clone())) };
    }
    // The platform's client is the platform only when it speaks for itself: its users are their own tenants'.
    let is_default = matches!(presented.issuer.tenants, Tenants::Fixed(_));
    match (speaker.subject, asserted) {
        (Subject::Client, None) => Ok(Some(home.clone())),
        (Subject::Client, Some(_)) if is_default => Ok(Some(home.clone())),
        (Subject::Client | Subject::User, asserted) => Ok(asserted),
    }
}

/// What the issuer says, as far as it may say it.
fn asserted(
    presented: &Presented<'_>,
    claim: Result<Option<&str>, Error>,
) -> Result<Option<TenantId>, Error> {
    let issuer = presented.issuer;
    if let Tenants::Fixed(tenant) = &issuer.tenants {
        return Ok(Some(tenant.clone()));
    }
    let Some(claim) = claim? else { return Ok(None) };
    let tenant = match &issuer.tenants {
        Tenants::Claim => claim.parse().ok(),
        Tenants::Fixed(tenant) => Some(tenant.clone()),
        Tenants::Listed(tenants) => tenants.get(claim).cloned(),
        Tenants::Prefixed => TenantId::prefixed(&issuer.name, claim).ok(),
    };
    tenant.map(Some).ok_or(Error::TenantNotAllowed)
}

fn is_platform(tenant: &TenantId) -> bool {
    tenant.as_str() == TenantId::PLATFORM
}
