//! The tenant guard: a request stays within its principal's tenant, unless a grant of the platform's says exactly this
//! request. In code, so that no policy can lift it.

mod crossings;

use std::sync::Arc;

use serde_json::{Map, Value};

pub use crossings::Crossings;

use crate::model::{
    Admitted, Code, Crossing, EntityRef, Ownership, Principal, Refusal, Request, TenantId, Timestamp, json,
};

/// What the guard has to know of the world. No message names another tenant.
#[derive(Clone, Copy)]
pub struct Border<'b> {
    /// Whose an entity is, seen from a tenant.
    pub whose: &'b dyn Fn(&TenantId, &EntityRef) -> Ownership,
    /// Whether things of a type may come without a tenant.
    pub shared: &'b dyn Fn(&str) -> bool,
    /// The platform's grants.
    pub crossings: &'b Crossings,
    /// By which grants end.
    pub now: Timestamp,
}

impl std::fmt::Debug for Border<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Border({:?})", self.crossings)
    }
}

/// Why the guard refused. No message names another tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The caller's: the grant by which it could reach there is over.
    #[error("{0} reaches outside the principal's tenant, and the grant for it has ended")]
    Ended(&'static str),
    /// The caller's: this place reaches outside the principal's tenant.
    #[error("{0} reaches outside the principal's tenant")]
    Mismatch(&'static str),
    /// The caller's or the issuer's: this place names no tenant.
    #[error("{0} names no tenant")]
    Missing(&'static str),
    /// The caller's: this place is nested too deeply or is too large to be looked through.
    #[error("{0} is nested too deeply or is too large")]
    TooLarge(&'static str),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Ended(place) => {
                let hint = "the grant for this has ended: ask the platform to renew it";
                Self::new(Code::TenantMismatch).at(place).hint(hint)
            }
            Error::Mismatch(place) => Self::new(Code::TenantMismatch).at(place),
            Error::Missing(place) => Self::new(Code::TenantMissing).at(place),
            Error::TooLarge(place) => Self::new(Code::PolicyInput).at(place).expected(format!(
                "at most {} levels and {} bytes",
                json::MAX_DEPTH,
                json::MAX_SIZE
            )),
        }
    }
}

/// Admits a request that touches nothing of another tenant, or only what a grant says.
///
/// # Errors
/// See [`Error`].
///
/// # Security
/// A resource that no store knows belongs to whom the request says; the host answers for that word.
pub fn guard<'r>(
    principal: Principal,
    request: &'r Request,
    border: &Border<'_>,
) -> Result<Admitted<'r>, Error> {
    let tenant = principal.view().tenant_id.clone().ok_or(Error::Missing("principal"))?;
    let crossing = border.crossing(&principal, &tenant, request)?;
    let resource_tenant = match &crossing {
        None => border.resource_tenant(&tenant, request)?,
        Some(crossing) => Some(border.visited(crossing, request)?),
    };
    let is_outside = |entity: &EntityRef| border.is_outside(&tenant, crossing.as_deref(), entity);
    // A thing of the other tenant's does not stand in one of the caller's.
    let is_the_callers = |entity: &EntityRef| {
        crossing.as_deref().is_some_and(|crossing| border.seen(crossing, entity).0 == Ownership::Own)
    };
    if request.resource.parents.iter().any(|parent| is_outside(parent) || is_the_callers(parent)) {
        return Err(Error::Mismatch("resource.parents"));
    }
    let parts = [
        ("resource.attrs", &request.resource.attrs),
        ("context", &request.context),
        ("input", &request.input),
    ];
    for (place, members) in parts {
        json::bound(members).map_err(|json::TooLarge| Error::TooLarge(place))?;
        if any_reference(members, &is_outside) {
            return Err(Error::Mismatch(place));
        }
    }
    Ok(Admitted::new(principal, tenant, resource_tenant, crossing, request))
}

impl Border<'_> {
    /// The grant by which a request may reach into the tenant that it names, if that is another.
    fn crossing(
        &self,
        principal: &Principal,
        tenant: &TenantId,
        request: &Request,
    ) -> Result<Option<Arc<Crossing>>, Error> {
        let named = request.resource.tenant.as_deref().filter(|named| *named != tenant.as_str());
        // Tenant ids have one spelling, so what is no tenant id is nobody's.
        let Some(to) = named.and_then(|named| named.parse::<TenantId>().ok()) else { return Ok(None) };
        let Some(found) = self.crossings.find(principal, &(tenant.clone(), to), request) else {
            return Ok(None);
        };
        if self.now < found.expires {
            Ok(Some(Arc::clone(found)))
        } else {
            Err(Error::Ended("resource.tenant"))
        }
    }

    /// Whose a resource of the principal's own tenant is, or nobody's.
    fn resource_tenant(&self, tenant: &TenantId, request: &Request) -> Result<Option<TenantId>, Error> {
        let resource = &request.resource;
        let named = resource.tenant.as_deref();
        // What is no tenant id is not ours either.
        if named.is_some_and(|named| named != tenant.as_str()) {
            return Err(Error::Mismatch("resource.tenant"));
        }
        match (self.whose)(tenant, &EntityRef::new(resource.kind.as_str(), resource.id.as_str())) {
            Ownership::Foreign => Err(Error::Mismatch("resource")),
            Ownership::Own => Ok(Some(tenant.clone())),
            Ownership::Shared => Ok(None),
            Ownership::Unknown if named.is_some() => Ok(Some(tenant.clone())),
            Ownership::Unknown if (self.shared)(&resource.kind) => Ok(None),
            Ownership::Unknown => Err(Error::Missing("resource.tenant")),
        }
    }

    /// The tenant into which a grant reaches, whose the resource must be and nobody else's: where the caller's tenant has
    /// one of the same name, its policies would speak of that one.
    fn visited(&self, crossing: &Crossing, request: &Request) -> Result<TenantId, Error> {
        let resource = EntityRef::new(request.resource.kind.as_str(), request.resource.id.as_str());
        let is_theirs = matches!(
            self.seen(crossing, &resource),
            // What a tenant keeps in the store, the other's files do not know.
            (Ownership::Foreign | Ownership::Unknown, Ownership::Own)
                | (Ownership::Unknown, Ownership::Unknown)
        );
        if is_theirs { Ok(crossing.to.clone()) } else { Err(Error::Mismatch("resource")) }
    }

    /// Whether a request may not name it: another tenant's or, across tenants, a third one's or what both would take
    /// for theirs.
    fn is_outside(&self, tenant: &TenantId, crossing: Option<&Crossing>, entity: &EntityRef) -> bool {
        let Some(crossing) = crossing else { return (self.whose)(tenant, entity) == Ownership::Foreign };
        !matches!(
            self.seen(crossing, entity),
            (Ownership::Own, Ownership::Foreign | Ownership::Unknown)
                | (Ownership::Foreign | Ownership::Unknown, Ownership::Own)
                | (Ownership::Shared, Ownership::Shared)
                | (Ownership::Unknown, Ownership::Unknown)
        )
    }

    /// Whose an entity is, seen from either tenant.
    fn seen(&self, crossing: &Crossing, entity: &EntityRef) -> (Ownership, Ownership) {
        ((self.whose)(&crossing.from, entity), (self.whose)(&crossing.to, entity))
    }
}

/// Whether a test holds for any `{"__entity": {"type", "id"}}`. INVARIANT: the members are bounded.
fn any_reference(members: &Map<String, Value>, test: &dyn Fn(&EntityRef) -> bool) -> bool {
    let part = |value: &Map<String, Value>, name| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let named = members
        .get("__entity")
        .and_then(Value::as_object)
        .and_then(|entity| Some(EntityRef::new(part(entity, "type")?, part(entity, "id")?)));
    named.is_some_and(|entity| test(&entity)) || members.values().any(|value| any_inside(value, test))
}

fn any_inside(value: &Value, test: &dyn Fn(&EntityRef) -> bool) -> bool {
    match value {
        Value::Object(members) => any_reference(members, test),
        Value::Array(items) => items.iter().any(|item| any_inside(item, test)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests;
