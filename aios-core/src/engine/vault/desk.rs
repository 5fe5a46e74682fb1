//! How each operation goes: permitted by policy, its intent durable before a row is read, its outcome recorded.

use serde_json::{Map, Value, json};

use super::keeper::{Found, Opened};
use super::{ACTION, Engine, Lifetime, Live, Outcome, Vault, Written};
use crate::model::{Deadline, Refusal, Request, Resource, Secret, TenantId, Who};
use crate::vault::{self, Binding, Error, Fresh, Kept, SecretPath, SecretRef, Stage, to_text};

/// What an operation has found out before it changes anything.
pub(super) struct Desk<'a> {
    pub(super) engine: &'a Engine,
    pub(super) live: &'a Live,
    pub(super) path: &'a SecretPath,
    pub(super) by: Deadline,
}

/// A version to be sealed.
pub(super) struct New<'a> {
    pub(super) value: &'a Secret,
    pub(super) stage: Stage,
    pub(super) lifetime: Lifetime,
    pub(super) terms: String,
    pub(super) by: By,
}

/// Who brings a version.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// An administrator.
    Hand,
    /// A driver, which has not finished with it.
    Driver,
}

impl Vault {
    /// A change that seals nothing.
    pub(super) fn change(
        &self,
        who: &Who,
        operation: &'static str,
        at: &SecretRef,
        work: impl FnOnce(&mut Kept) -> Result<(), Error>,
    ) -> Result<Written, Refusal> {
        self.administer(who, operation, at, |desk| {
            let (opened, mut found) = desk.find()?;
            work(&mut found.kept)?;
            let revision = desk.live.vault.keep(desk.path, opened, &found, desk.by)?;
            Ok((Written::of(at, &found.kept), revision))
        })
    }

    /// One operation on one secret: permitted by policy, its intent durable before a row is read, its outcome recorded.
    pub(super) fn administer(
        &self,
        who: &Who,
        operation: &'static str,
        at: &SecretRef,
        work: impl FnOnce(&Desk<'_>) -> Result<(Written, u64), Refusal>,
    ) -> Result<Written, Refusal> {
        let path = at.path();
        let request = Request::new(who.clone(), ACTION, resource(path)).context("operation", operation);
        let says = json!({"operation": operation, "reference": at.to_string()});
        self.0.administer(&request, ("secret", says), |doing| {
            let desk = Desk { engine: doing.engine, live: doing.live, path, by: doing.by };
            work(&desk).map(|(written, revision)| {
                let outcome = written.said(revision);
                (written, outcome)
            })
        })
    }

    /// One operation on all secrets of the tenant of who asks.
    pub(super) fn survey<T>(
        &self,
        who: &Who,
        operation: &'static str,
        work: impl FnOnce(&Live, &TenantId) -> Result<(T, Map<String, Value>), Refusal>,
    ) -> Result<T, Refusal> {
        let (principal, tenant) = self.0.administrator(who)?;
        let vault = Resource::new("Aios::Vault", tenant.as_str()).tenant(tenant.as_str());
        let request = Request::new(&principal, ACTION, vault).context("operation", operation);
        self.0.administer(&request, ("secret", json!({"operation": operation})), |doing| {
            work(doing.live, &tenant).map(|(answer, data)| (answer, Outcome::saying(data)))
        })
    }
}

/// A secret as policies know it.
pub(super) fn resource(path: &SecretPath) -> Resource {
    Resource::new("Aios::Secret", path.local())
        .tenant(path.tenant().as_str())
        .attr("namespace", path.namespace())
}

/// What is made of each secret of a tenant that is meant.
pub(super) fn every<T>(
    live: &Live,
    tenant: &TenantId,
    is_meant: impl Fn(&SecretPath) -> bool,
    make: impl Fn(SecretPath, &Kept) -> Result<T, Error>,
) -> Result<Vec<T>, Refusal> {
    let Some(opened) = live.vault.open(tenant)? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for local in opened.register.floors.keys() {
        let path = SecretPath::from_local(tenant.clone(), local).map_err(|_| Error::Undecryptable)?;
        if !is_meant(&path) {
            continue;
        }
        if let Some(found) = live.vault.find(&opened, &path)? {
            all.push(make(path, &found.kept)?);
        }
    }
    Ok(all)
}

impl Desk<'_> {
    pub(super) fn find(&self) -> Result<(Opened, Found), Refusal> {
        Ok(self.live.vault.locate(self.path)?.ok_or(Error::NotFound)?)
    }

    /// Seals a value as the next version and keeps it.
    pub(super) fn add(
        &self,
        opened: Opened,
        mut found: Found,
        new: New<'_>,
    ) -> Result<(Written, u64), Refusal> {
        let version = found.kept.next()?;
        let binding = Binding { path: self.path, version, terms: new.terms.as_bytes() };
        let envelope = to_text(&vault::seal(&[opened.keys.wrapping()], &binding, new.value)?);
        let fresh = Fresh {
            version,
            stage: new.stage,
            created: self.engine.clock().now(),
            not_before: new.lifetime.not_before,
            expires: new.lifetime.expires,
            fingerprint: opened.keys.fingerprint(new.value),
            terms: new.terms,
            envelope,
        };
        found.kept.add(fresh, self.engine.settings.vault.keep_versions)?;
        found.kept.drive((new.by == By::Driver).then_some(version));
        let revision = self.live.vault.keep(self.path, opened, &found, self.by)?;
        let at = self.path.clone().at(Some(version));
        Ok((Written::of(&at, &found.kept), revision))
    }
}
