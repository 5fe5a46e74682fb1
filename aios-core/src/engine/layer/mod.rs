//! Administering the policies that a tenant keeps in the store: asked for like any call, recorded before it is done, and
//! recorded again with what it did. They stand beside its entities, in one state with them (`engine/entities/keeper.rs`).

mod awaiting;
mod orders;
mod reading;
mod writing;

use serde_json::{Map, Value, json};

pub use self::orders::{FoundPolicies, NamedPolicy, PolicyChanges};

use super::administered::UnderWay;
use super::{Aios, Outcome};
use crate::model::{Refusal, Request, Resource, TenantId, Wait, Who};

/// The action that administering policies takes.
const ACTION: &str = "administer";

/// The policies that an engine's tenants keep in the store, for those who administer them.
#[derive(Clone, Debug)]
pub struct Layer(pub(super) Aios);

impl Aios {
    /// The policies that the engine's tenants keep in the store.
    #[must_use]
    pub fn layer(&self) -> Layer {
        Layer(self.clone())
    }
}

impl Layer {
    /// Keeps a policy in the tenant of who asks, in the place of the one of its name. With `expect`, only where the tenant's
    /// policies are at that revision, 0 where there never were any. Gives the revision that they have now.
    ///
    /// # Errors
    /// As [`Layer::change`].
    pub fn put(&self, who: impl Into<Who>, policy: NamedPolicy, expect: Option<u64>) -> Result<u64, Refusal> {
        self.operate(&who.into(), "put", (&PolicyChanges { put: vec![policy], remove: Vec::new() }, expect))
    }

    /// Takes a policy out of those of the tenant of who asks.
    ///
    /// # Errors
    /// As [`Layer::change`].
    pub fn remove(&self, who: impl Into<Who>, name: &str, expect: Option<u64>) -> Result<u64, Refusal> {
        let changes = PolicyChanges { put: Vec::new(), remove: vec![name.to_owned()] };
        self.operate(&who.into(), "remove", (&changes, expect))
    }

    /// Makes several changes, all of them or none, in one write that no decision sees half of.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `policy.input` for a name or a limit; `policy.unfit` with everything that is wrong with what
    /// there would be, by policy and line; `policy.conflict`, `policy.not_found`; `entities.damaged` and
    /// `entities.rolled_back`; `store.*` where the store does not take it: then it may be kept or not.
    pub fn change(
        &self,
        who: impl Into<Who>,
        changes: &PolicyChanges,
        expect: Option<u64>,
    ) -> Result<u64, Refusal> {
        self.operate(&who.into(), "change", (changes, expect))
    }

    /// All policies that the tenant of who asks keeps, as they stand now.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `entities.damaged` and `entities.rolled_back`; `store.*`.
    pub fn list(&self, who: impl Into<Who>) -> Result<FoundPolicies, Refusal> {
        let says = json!({"operation": "list"});
        self.administer(&who.into(), ("list", None), says, |doing, tenant| {
            let state = doing.live.entities.fresh(tenant, Wait::Until(doing.by))?;
            let found = FoundPolicies::of(state.kept.policies());
            let data = Map::from_iter([("policies".to_owned(), found.policies.len().into())]);
            Ok((found, data))
        })
    }

    fn operate(
        &self,
        who: &Who,
        operation: &'static str,
        (changes, expect): (&PolicyChanges, Option<u64>),
    ) -> Result<u64, Refusal> {
        changes.bound()?;
        let (says, digest) = changes.noted(operation);
        self.administer(who, (operation, Some(digest)), says, |doing, tenant| {
            let revision = writing::write((doing.live, doing.by), tenant, changes, expect)?;
            Ok((revision, Map::from_iter([("revision".to_owned(), revision.into())])))
        })
    }

    /// One operation on the policies of the tenant of who asks: permitted by policy, its intent durable before a row is read,
    /// its outcome recorded.
    fn administer<T>(
        &self,
        who: &Who,
        (operation, digest): (&'static str, Option<String>),
        says: Value,
        work: impl FnOnce(&UnderWay<'_>, &TenantId) -> Result<(T, Map<String, Value>), Refusal>,
    ) -> Result<T, Refusal> {
        let (principal, tenant) = self.0.administrator(who)?;
        let layer = Resource::new("Aios::Policies", tenant.as_str()).tenant(tenant.as_str());
        let mut request = Request::new(&principal, ACTION, layer).context("operation", operation);
        request.input.extend(digest.map(|digest| ("changes".to_owned(), digest.into())));
        self.0.administer(&request, ("policies", says), |doing| {
            work(doing, &tenant).map(|(answer, data)| (answer, Outcome::saying(data)))
        })
    }
}
