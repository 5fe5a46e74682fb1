//! What a tenant may keep: its own things, as the schema declares them, and nothing that only a token says.

use serde_json::{Map, Value, json};

use super::Kept;
use crate::model::json::{bound, canonical};
use crate::model::{EntityRef, Ownership, TenantId};
use crate::policy::layer::{self, Principal};
use crate::policy::vocabulary::{Type, Vocabulary};
use crate::policy::{Error, Policies};

/// Largest text of an entity, in bytes.
const MAX_TEXT: usize = 16 * 1024;
/// Most things that an entity stands in directly.
const MAX_PARENTS: usize = 256;
/// Largest id, in bytes.
const MAX_ID: usize = 1024;

/// An entity to be kept. Values are spelled as in entity files.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEntity {
    /// Its type and id.
    pub uid: EntityRef,
    /// Its attributes, but for what AIOS knows: the tenant and, of principals, what tokens say.
    pub attrs: Map<String, Value>,
    /// What it stands in.
    pub parents: Vec<EntityRef>,
    /// Its tags.
    pub tags: Map<String, Value>,
}

impl NewEntity {
    /// It, as an entity file spells it; one spelling for each.
    #[must_use]
    pub fn text(&self) -> String {
        let reference = |uid: &EntityRef| json!({"type": uid.kind, "id": uid.id});
        let mut parents: Vec<&EntityRef> = self.parents.iter().collect();
        parents.sort_unstable();
        let parents: Vec<Value> = parents.into_iter().map(reference).collect();
        let mut entity = json!({"uid": reference(&self.uid), "attrs": self.attrs, "parents": parents});
        if let Some(members) = entity.as_object_mut().filter(|_| !self.tags.is_empty()) {
            members.insert("tags".to_owned(), Value::Object(self.tags.clone()));
        }
        let mut text = Vec::new();
        canonical(&entity, &mut text);
        String::from_utf8(text).unwrap_or_default()
    }

    fn is_bounded(&self) -> Result<(), Error> {
        let most = |at: &str, most: usize, what: &str| Error::input(at, format!("at most {most} {what}"));
        if self.uid.id.is_empty() || self.uid.id.len() > MAX_ID {
            return Err(Error::input("entity.id", format!("1 to {MAX_ID} bytes")));
        }
        if self.parents.len() > MAX_PARENTS {
            return Err(most("entity.parents", MAX_PARENTS, "parents"));
        }
        let is_long = |parent: &&EntityRef| parent.id.len() > MAX_ID || parent.kind.len() > MAX_ID;
        if self.parents.iter().any(|parent| is_long(&parent)) || self.uid.kind.len() > MAX_ID {
            return Err(most("entity.parents", MAX_ID, "bytes in a type or an id"));
        }
        let mut sorted: Vec<&EntityRef> = self.parents.iter().collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            return Err(Error::input("entity.parents", "each parent once"));
        }
        for (at, members) in [("entity.attrs", &self.attrs), ("entity.tags", &self.tags)] {
            bound(members).map_err(|_| most(at, MAX_TEXT, "bytes, and 32 levels"))?;
        }
        if self.text().len() > MAX_TEXT { Err(most("entity", MAX_TEXT, "bytes of JSON")) } else { Ok(()) }
    }
}

/// Types of ours whose things are no tenant's to describe: what is done to them is done to keys, records and tenants.
const OF_THE_GATE: [&str; 7] = [
    "Aios::Audit",
    "Aios::Entities",
    "Aios::Policies",
    "Aios::Revocation",
    "Aios::Secret",
    "Aios::Tenant",
    "Aios::Vault",
];

impl Policies {
    /// Whose an entity is, seen from a tenant that keeps these in the store.
    #[must_use]
    pub fn whose(&self, tenant: &TenantId, kept: Option<&Kept>, entity: &EntityRef) -> Ownership {
        match self.ownership(tenant, entity) {
            Ownership::Unknown if kept.is_some_and(|kept| kept.get(entity).is_some()) => Ownership::Own,
            known @ (Ownership::Foreign | Ownership::Own | Ownership::Shared | Ownership::Unknown) => known,
        }
    }

    /// Whether a tenant may keep an entity, by itself.
    ///
    /// # Errors
    /// [`Error::Input`] for what does not fit the schema or a limit, [`Error::Foreign`] for what is another tenant's,
    /// [`Error::Conflict`] for what the files know.
    pub fn admit(&self, tenant: &TenantId, entity: &NewEntity) -> Result<(), Error> {
        entity.is_bounded()?;
        let vocabulary = &self.vocabulary;
        let kind = vocabulary.find(&entity.uid.kind);
        let kind = kind.ok_or_else(|| Error::input("entity.type", "an entity type of the schema"))?;
        if vocabulary.is_shared(&entity.uid.kind) {
            return Err(Error::input("entity.type", "a type that is not declared shared"));
        }
        if OF_THE_GATE.contains(&kind.name.to_string().as_str()) {
            return Err(Error::input("entity.type", "no type whose things AIOS itself makes and guards"));
        }
        if vocabulary.role.as_ref().is_some_and(|role| role.is(&kind.name)) {
            return Err(Error::input("entity.type", "no role: roles come of tokens and of the files"));
        }
        match self.ownership(tenant, &entity.uid) {
            Ownership::Own | Ownership::Shared => return Err(Error::Conflict { at: "entity".to_owned() }),
            Ownership::Foreign => return Err(Error::Foreign { at: "entity" }),
            Ownership::Unknown => {}
        }
        let is_foreign = |uid: &EntityRef| self.ownership(tenant, uid) == Ownership::Foreign;
        if entity.parents.iter().any(is_foreign) {
            return Err(Error::Foreign { at: "entity.parents" });
        }
        untold(vocabulary, kind, entity)?;
        let json = serde_json::from_str(&entity.text()).map_err(|_| Error::input("entity", "JSON"))?;
        let written = layer::read_one(json, vocabulary, Some(tenant))
            .map_err(|problem| Error::input("entity", format!("what the schema declares: {problem}")))?;
        let is_foreign = |uid| self.base.ownership(tenant, uid) == Ownership::Foreign;
        if written.refs.iter().any(is_foreign) { Err(Error::Foreign { at: "entity.attrs" }) } else { Ok(()) }
    }

    /// Whether an entity stands well among those of a state: not in itself, in not too many, and in no role.
    ///
    /// # Errors
    /// See there.
    pub fn settles(&self, tenant: &TenantId, kept: &Kept, entity: &EntityRef) -> Result<(), Error> {
        let Some(uid) = self.vocabulary.uid(entity) else { return Ok(()) };
        match self.view(tenant, Some(kept)).get(&uid) {
            Err(Error::Unfit { entity: unfit, problem }) if unfit == *entity => {
                Err(Error::input("entity.parents", problem))
            }
            answer => answer.map(drop),
        }
    }
}

/// What only a token says, nobody keeps: an old `acr` must not pass for a fresh one.
fn untold(vocabulary: &Vocabulary, kind: &Type, entity: &NewEntity) -> Result<(), Error> {
    if vocabulary.is_principal(&kind.name) == Principal::No {
        return Ok(());
    }
    let told = kind.facts.iter().find(|fact| entity.attrs.contains_key(fact.as_str()));
    match told {
        Some(fact) => Err(Error::input(
            format!("entity.attrs.{}", fact.as_str()),
            "nothing: it comes of the caller's token",
        )),
        None => Ok(()),
    }
}
