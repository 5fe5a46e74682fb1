//! Administering secrets: asked for like any call, recorded before it is done, and recorded again with what it did.
//!
//! Nothing here gives a value away. Denied means that no row was read and nothing decrypted.

mod answer;
mod awaiting;
mod keeper;
mod masters;
mod moving;
mod offboarding;
mod orders;
mod payload;
mod places;
mod review;
mod tenants;
#[cfg(test)]
mod tests;
mod using;

use serde_json::{Map, Value, json};

pub use self::answer::Answer;
pub(in crate::engine) use self::keeper::Keeper;
pub use self::moving::Moved;
pub use self::offboarding::Offboarded;
pub use self::orders::{Described, DescribedVersion, Lifetime, Put, Rotation, Written};
pub use self::payload::{Payload, PayloadOrder};
pub(in crate::engine) use self::places::Places;
pub use self::review::{Fault, VaultReport};
pub use self::using::{Fetch, SecretUse};

use self::keeper::{Found, Opened};
use self::orders::{NEEDS_VERSION, demand_latest, demand_whole};
use super::live::Live;
use super::{Aios, Engine, Outcome};
use crate::model::{Code, Deadline, Refusal, Request, Resource, Secret, TenantId, Wait, Who};
use crate::vault::{
    self, Binding, Error, Fresh, Kept, SecretPath, SecretRef, Stage, Terms, check_metadata, to_text,
};

/// The action that administering secrets takes.
const ACTION: &str = "secret_admin";

/// An engine's secrets, for those who administer them.
#[derive(Clone, Debug)]
pub struct Vault(pub(super) Aios);

impl Aios {
    /// The secrets of the engine's tenants.
    #[must_use]
    pub fn vault(&self) -> Vault {
        Vault(self.clone())
    }
}

/// What an operation has found out before it changes anything.
struct Desk<'a> {
    engine: &'a Engine,
    live: &'a Live,
    path: &'a SecretPath,
    by: Deadline,
}

/// A version to be sealed.
struct New<'a> {
    value: &'a Secret,
    stage: Stage,
    lifetime: Lifetime,
    terms: String,
}

impl Vault {
    /// Puts a secret: a new one at a reference without version, a new version of one that is at the version that the
    /// reference names. Fixes whose it is and how it may be used.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `vault.conflict` where the secret is elsewhere; `policy.input` for what goes against a
    /// rule; `store.*` where the store does not take it: then it may be there or not.
    pub fn put(&self, who: impl Into<Who>, put: &Put) -> Result<Written, Refusal> {
        let terms = put.terms.write()?;
        put.terms.admit(&put.value)?;
        check_metadata(&put.metadata)?;
        self.administer(&who.into(), "put", &put.at, |desk| {
            let opened = desk.live.vault.open_or_make(desk.path.tenant())?;
            let mut found = desk.live.vault.find(&opened, desk.path)?.unwrap_or_default();
            demand_latest(&found.kept, put.at.version())?;
            found.kept.metadata.clone_from(&put.metadata);
            let Put { value, stage, lifetime, .. } = put;
            desk.add(opened, found, New { value, stage: *stage, lifetime: *lifetime, terms })
        })
    }

    /// Adds a version to the secret that is at the version that the reference names, on the same terms.
    ///
    /// # Errors
    /// As [`Vault::put`]; `vault.not_found`; `vault.ended` while it is deleted.
    pub fn rotate(&self, who: impl Into<Who>, order: &Rotation) -> Result<Written, Refusal> {
        let latest = order.at.version().ok_or(NEEDS_VERSION)?;
        self.administer(&who.into(), "rotate", &order.at, |desk| {
            let (opened, found) = desk.find()?;
            demand_latest(&found.kept, Some(latest))?;
            let terms = found.kept.version(Some(latest))?.terms.clone();
            let Rotation { value, stage, lifetime, .. } = order;
            Terms::read(&terms)?.admit(value)?;
            desk.add(opened, found, New { value, stage: *stage, lifetime: *lifetime, terms })
        })
    }

    /// Makes the pending version that the reference names current.
    ///
    /// # Errors
    /// As [`Vault::rotate`]; `vault.ended` where it is not pending.
    pub fn promote(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        let version = at.version().ok_or(NEEDS_VERSION)?;
        self.change(&who.into(), "promote", at, |kept| kept.promote(version))
    }

    /// Takes a version, or all of them, out of use at once and for good. The value stays until it is destroyed.
    ///
    /// # Errors
    /// As [`Vault::rotate`].
    pub fn revoke(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        self.change(&who.into(), "revoke", at, |kept| kept.revoke(at.version()))
    }

    /// Destroys the value of a version, or of all, for good. Backups of the store may still hold it.
    ///
    /// # Errors
    /// As [`Vault::rotate`].
    pub fn destroy(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        self.change(&who.into(), "destroy", at, |kept| kept.destroy(at.version()))
    }

    /// Takes the whole secret out of use until it is restored.
    ///
    /// # Errors
    /// As [`Vault::rotate`]; `policy.input` for a reference with a version.
    pub fn delete(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        demand_whole(at)?;
        let now = self.0.0.clock().now();
        self.change(&who.into(), "delete", at, |kept| {
            kept.delete(now);
            Ok(())
        })
    }

    /// Takes a deletion back.
    ///
    /// # Errors
    /// As [`Vault::delete`].
    pub fn restore(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Written, Refusal> {
        demand_whole(at)?;
        self.change(&who.into(), "restore", at, |kept| {
            kept.restore();
            Ok(())
        })
    }

    /// What secrets there are in the tenant of who asks, or in one of its namespaces. No value among them.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `vault.*` where a row is not what was written there.
    pub fn list(&self, who: impl Into<Who>, namespace: Option<&str>) -> Result<Vec<Described>, Refusal> {
        self.survey(&who.into(), "list", |live, tenant| {
            let Some(opened) = live.vault.open(tenant)? else { return Ok((Vec::new(), Map::new())) };
            let mut listed = Vec::new();
            for local in opened.register.floors.keys() {
                let path = SecretPath::from_local(tenant.clone(), local).map_err(|_| Error::Undecryptable)?;
                if namespace.is_some_and(|namespace| namespace != path.namespace()) {
                    continue;
                }
                if let Some(found) = live.vault.find(&opened, &path)? {
                    listed.push(Described::of(path, &found.kept)?);
                }
            }
            let data = Map::from_iter([("secrets".to_owned(), listed.len().into())]);
            Ok((listed, data))
        })
    }

    /// Decrypts every secret of the tenant of who asks, and holds its row against what the audit trail says of it. What is
    /// wrong is in the report.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `store.*` where the store cannot be read.
    pub fn verify(&self, who: impl Into<Who>) -> Result<VaultReport, Refusal> {
        let forward_secure = !self.0.0.plan.root.exportable();
        self.survey(&who.into(), "verify", |live, tenant| {
            let report = review::review(live, tenant, forward_secure)?;
            let data = json!({"secrets": report.secrets, "versions": report.versions, "faults": report.faults.len()});
            let Value::Object(data) = data else { return Err(Code::Internal.into()) };
            Ok((report, data))
        })
    }

    /// A change that seals nothing.
    fn change(
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
    fn administer(
        &self,
        who: &Who,
        operation: &'static str,
        at: &SecretRef,
        work: impl FnOnce(&Desk<'_>) -> Result<(Written, u64), Refusal>,
    ) -> Result<Written, Refusal> {
        let path = at.path();
        let secret = Resource::new("Aios::Secret", path.local())
            .tenant(path.tenant().as_str())
            .attr("namespace", path.namespace());
        let request = Request::new(who.clone(), ACTION, secret).context("operation", operation);
        let says = json!({"operation": operation, "reference": at.to_string()});
        let engine = &self.0.0;
        let live = engine.live()?;
        let by = live.deadline();
        let permit = engine.authorize(&live, &request, &Map::from_iter([("secret".to_owned(), says)]), by)?;
        let done = work(&Desk { engine, live: &live, path, by });
        let outcome = match &done {
            Ok((written, revision)) => written.said(*revision),
            Err(refusal) => Outcome::failed().with("code", refusal.code().as_str()),
        };
        let recorded = permit.complete(&outcome);
        done.and_then(|(written, _)| recorded.map(|()| written))
    }

    /// One operation on all secrets of the tenant of who asks.
    fn survey<T>(
        &self,
        who: &Who,
        operation: &'static str,
        work: impl FnOnce(&Live, &TenantId) -> Result<(T, Map<String, Value>), Refusal>,
    ) -> Result<T, Refusal> {
        let engine = &self.0.0;
        let live = engine.live()?;
        let by = live.deadline();
        let principal = match who {
            Who::Credential(credential) => engine.authenticate(&live, credential, Wait::Until(by))?,
            Who::Principal(principal) => principal.clone(),
        };
        let Some(tenant) = principal.view().tenant_id.clone() else {
            return Err(Refusal::new(Code::TenantMissing).at("principal"));
        };
        let vault = Resource::new("Aios::Vault", tenant.as_str()).tenant(tenant.as_str());
        let request = Request::new(&principal, ACTION, vault).context("operation", operation);
        let notes = Map::from_iter([("secret".to_owned(), json!({"operation": operation}))]);
        let permit = engine.authorize(&live, &request, &notes, by)?;
        let done = work(&live, &tenant);
        let outcome = match &done {
            Ok((_, data)) => {
                data.iter().fold(Outcome::ok(), |made, (name, value)| made.with(name, value.clone()))
            }
            Err(refusal) => Outcome::failed().with("code", refusal.code().as_str()),
        };
        let recorded = permit.complete(&outcome);
        done.and_then(|(answer, _)| recorded.map(|()| answer))
    }
}

impl Desk<'_> {
    fn find(&self) -> Result<(Opened, Found), Refusal> {
        Ok(self.live.vault.locate(self.path)?.ok_or(Error::NotFound)?)
    }

    /// Seals a value as the next version and keeps it.
    fn add(&self, opened: Opened, mut found: Found, new: New<'_>) -> Result<(Written, u64), Refusal> {
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
        let revision = self.live.vault.keep(self.path, opened, &found, self.by)?;
        let at = self.path.clone().at(Some(version));
        Ok((Written::of(&at, &found.kept), revision))
    }
}
