//! The tenant guard: a request stays within its principal's tenant. In code, so that no policy can lift it.

use serde_json::{Map, Value};

use crate::model::{Admitted, Code, EntityRef, Ownership, Principal, Refusal, Request, TenantId, json};

/// Why the guard refused. No message names another tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
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

/// Admits a request that touches nothing of another tenant.
///
/// `whose` says whose an entity is, seen from a tenant; `shared` whether things of a type may come without one.
///
/// # Errors
/// See [`Error`].
///
/// # Security
/// A resource that no store knows belongs to whom the request says; the host answers for that word.
pub fn guard<'r>(
    principal: Principal,
    request: &'r Request,
    whose: &dyn Fn(&TenantId, &EntityRef) -> Ownership,
    shared: &dyn Fn(&str) -> bool,
) -> Result<Admitted<'r>, Error> {
    let tenant = principal.view().tenant_id.clone().ok_or(Error::Missing("principal"))?;
    let resource_tenant = resource_tenant(&tenant, request, whose, shared)?;
    let foreign = |entity: &EntityRef| whose(&tenant, entity) == Ownership::Foreign;
    if request.resource.parents.iter().any(foreign) {
        return Err(Error::Mismatch("resource.parents"));
    }
    let parts = [
        ("resource.attrs", &request.resource.attrs),
        ("context", &request.context),
        ("input", &request.input),
    ];
    for (place, members) in parts {
        json::bound(members).map_err(|json::TooLarge| Error::TooLarge(place))?;
        if any_reference(members, &foreign) {
            return Err(Error::Mismatch(place));
        }
    }
    Ok(Admitted::new(principal, tenant, resource_tenant, request))
}

fn resource_tenant(
    tenant: &TenantId,
    request: &Request,
    whose: &dyn Fn(&TenantId, &EntityRef) -> Ownership,
    shared: &dyn Fn(&str) -> bool,
) -> Result<Option<TenantId>, Error> {
    let resource = &request.resource;
    let named = resource.tenant.as_deref();
    // Tenant ids have one spelling, so what is no tenant id is not ours either.
    if named.is_some_and(|named| named != tenant.as_str()) {
        return Err(Error::Mismatch("resource.tenant"));
    }
    match whose(tenant, &EntityRef::new(resource.kind.as_str(), resource.id.as_str())) {
        Ownership::Foreign => Err(Error::Mismatch("resource")),
        Ownership::Own => Ok(Some(tenant.clone())),
        Ownership::Shared => Ok(None),
        Ownership::Unknown if named.is_some() => Ok(Some(tenant.clone())),
        Ownership::Unknown if shared(&resource.kind) => Ok(None),
        Ownership::Unknown => Err(Error::Missing("resource.tenant")),
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
