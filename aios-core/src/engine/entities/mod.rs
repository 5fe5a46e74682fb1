//! Administering entities that are kept in the store: asked for like any call, recorded before it is done, and recorded again
//! with what it did. A decision reads them by `keeper.rs`.

mod awaiting;
mod both;
mod keeper;
mod keys;
mod orders;
mod state;
mod writing;

use serde_json::{Map, Value, json};

pub(in crate::engine) use self::both::KeptOfBoth;
pub(in crate::engine) use self::keeper::Keeper;
pub(in crate::engine) use self::keys::Masters;
pub use self::orders::{Change, EntityPage, FoundEntity};
pub(in crate::engine) use self::state::State;
pub(in crate::engine) use self::writing::Rows;
pub use crate::policy::NewEntity;

use self::orders::{Cursor, bound, noted};
use super::live::Live;
use super::{Aios, Outcome};
use crate::entities::{Error, HEAD, POLICIES, Row, Written, name, shelf};
use crate::model::{Deadline, EntityRef, Refusal, Request, Resource, TenantId, Wait, Who};
use crate::store::SHELF_PAGE;

/// The action that administering entities takes.
const ACTION: &str = "administer";

/// An engine's kept entities, for those who administer them.
#[derive(Clone, Debug)]
pub struct Entities(pub(super) Aios);

impl Aios {
    /// The entities that the engine's tenants keep in the store.
    #[must_use]
    pub fn entities(&self) -> Entities {
        Entities(self.clone())
    }
}

/// What an operation does, as policy and the record are told.
struct Order<'a> {
    operation: &'static str,
    /// The types of the entities that it is about.
    types: Vec<&'a str>,
    says: Value,
    /// Of all that is to be written. The record holds it under the tenant's key, as an input.
    digest: Option<String>,
}

impl Entities {
    /// Keeps an entity in the tenant of who asks, in the place of the one of its type and id. With `expect`, only where that
    /// one is at that version, 0 where there is none. Gives the version that the tenant's entities have now.
    ///
    /// # Errors
    /// As [`Entities::change`].
    pub fn put(&self, who: impl Into<Who>, entity: NewEntity, expect: Option<u64>) -> Result<u64, Refusal> {
        self.operate(&who.into(), "put", &[Change::Put { entity, expect }])
    }

    /// Takes an entity out of the tenant of who asks.
    ///
    /// # Errors
    /// As [`Entities::change`].
    pub fn delete(
        &self,
        who: impl Into<Who>,
        entity: EntityRef,
        expect: Option<u64>,
    ) -> Result<u64, Refusal> {
        self.operate(&who.into(), "delete", &[Change::Delete { entity, expect }])
    }

    /// Makes up to 1000 changes, all of them or none, in one write that no decision sees half of.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `policy.input` for what goes against the schema or a limit; `policy.entity_conflict` for what the
    /// files know; `tenant.mismatch` for what is another tenant's; `entities.conflict`, `entities.not_found`;
    /// `entities.damaged` and `entities.rolled_back`; `store.*` where the store does not take it: then it may be kept or not.
    pub fn change(&self, who: impl Into<Who>, changes: &[Change]) -> Result<u64, Refusal> {
        self.operate(&who.into(), "change", changes)
    }

    /// An entity of the tenant of who asks, as it stands now.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `entities.not_found`; `entities.damaged` and `entities.rolled_back`; `store.*`.
    pub fn get(&self, who: impl Into<Who>, entity: &EntityRef) -> Result<FoundEntity, Refusal> {
        let says = json!({"operation": "get", "type": entity.kind, "name": name(entity)});
        let order = Order { operation: "get", types: vec![&entity.kind], says, digest: None };
        self.administer(&who.into(), order, |live, tenant, by| {
            let state = live.entities.fresh(tenant, Wait::Until(by))?;
            let found = state.kept.get(entity).ok_or(Error::NotFound)?;
            Ok((FoundEntity::of(&found.text, found.version)?, Map::new()))
        })
    }

    /// A page of the entities of the tenant of who asks, those that were written last at the end. An entity that is written
    /// meanwhile moves there, so that none is missed.
    ///
    /// # Errors
    /// As [`Entities::get`]; `policy.input` for an `after` that no page gave.
    pub fn list(&self, who: impl Into<Who>, after: Option<&str>) -> Result<EntityPage, Refusal> {
        let Cursor { version, name: behind } = Cursor::read(after)?;
        let order =
            Order { operation: "list", types: Vec::new(), says: json!({"operation": "list"}), digest: None };
        self.administer(&who.into(), order, |live, tenant, by| {
            let state = live.entities.fresh(tenant, Wait::Until(by))?;
            let mut page = EntityPage { entities: Vec::new(), next: None, version: state.kept.version() };
            let Some(keys) = &state.keys else { return Ok((page, Map::new())) };
            let rows = live.entities.shelves.since(&shelf(tenant), version, &behind)?;
            if let Some(last) = rows.last().filter(|_| rows.len() >= SHELF_PAGE) {
                page.next = Some(Cursor { version: last.version, name: last.name.clone() }.write());
            }
            for item in rows.into_iter().filter(|item| item.name != HEAD && item.name != POLICIES) {
                let row = Row::read(keys, item.version, &item.name, &item.value)?;
                let Some(Written { uid, text, .. }) = row.entity else { continue };
                let is_known = state.kept.get(&uid).is_some_and(|known| known.version == item.version);
                // What is newer was written since.
                if !is_known && item.version <= state.kept.version() {
                    return Err(Error::Damaged.into());
                }
                page.entities.push(FoundEntity::of(&text, item.version)?);
            }
            let data = Map::from_iter([("entities".to_owned(), page.entities.len().into())]);
            Ok((page, data))
        })
    }

    fn operate(&self, who: &Who, operation: &'static str, changes: &[Change]) -> Result<u64, Refusal> {
        bound(changes)?;
        let mut types: Vec<&str> = changes.iter().map(|change| change.uid().kind.as_str()).collect();
        types.sort_unstable();
        types.dedup();
        let (says, digest) = noted(operation, changes);
        let order = Order { operation, types, says, digest: Some(digest) };
        self.administer(who, order, |live, tenant, by| {
            let version = writing::write(live, tenant, changes, by)?;
            Ok((version, Map::from_iter([("version".to_owned(), version.into())])))
        })
    }

    /// One operation on the entities of the tenant of who asks: permitted by policy, its intent durable before a row is read,
    /// its outcome recorded.
    fn administer<T>(
        &self,
        who: &Who,
        order: Order<'_>,
        work: impl FnOnce(&Live, &TenantId, Deadline) -> Result<(T, Map<String, Value>), Refusal>,
    ) -> Result<T, Refusal> {
        let (principal, tenant) = self.0.administrator(who)?;
        let Order { operation, types, says, digest } = order;
        let entities = Resource::new("Aios::Entities", tenant.as_str()).tenant(tenant.as_str());
        let mut request = Request::new(&principal, ACTION, entities).context("operation", operation);
        // Of none nothing could be said that does not hold: what names no types is about all of them.
        if !types.is_empty() {
            request = request.context("types", types);
        }
        request.input.extend(digest.map(|digest| ("changes".to_owned(), digest.into())));
        self.0.administer(&request, ("entities", says), |doing| {
            work(doing.live, &tenant, doing.by).map(|(answer, data)| (answer, Outcome::saying(data)))
        })
    }
}
