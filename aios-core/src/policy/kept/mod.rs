//! Entities and policies of one tenant that are kept in the store: one state of them. What a request needs is read when one
//! first does.

mod admit;
mod policies;
mod trie;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, OnceLock};

use cedar_policy::EntityUid;

pub use self::admit::NewEntity;
pub use self::policies::KeptPolicies;

use self::trie::Trie;
use super::Error;
use super::layer::{self, Written};
use super::vocabulary::{GroupTypes, Vocabulary};
use crate::model::{EntityRef, TenantId};

/// One state of what a tenant keeps. Cheap to clone: copies share what they have in common.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    version: u64,
    hasher: RandomState,
    entities: Trie<KeptEntity>,
    /// The same, by the names of their rows.
    names: Trie<KeptEntity>,
    /// By type, how many stand in something.
    placed: BTreeMap<String, usize>,
    policies: Option<Arc<KeptPolicies>>,
}

/// A kept entity.
#[derive(Debug)]
pub struct KeptEntity {
    /// Its type and id.
    pub uid: EntityRef,
    /// The state in which it was written last.
    pub version: u64,
    /// The name of its row, evenly distributed and no other's.
    pub name: [u8; 32],
    /// What its keeper has to remember of it. Nothing here looks at it.
    pub stamp: [u8; 32],
    /// It, as an entity file spells it.
    pub text: Box<str>,
    /// Whether it stands in something.
    pub is_placed: bool,
    read: OnceLock<Box<Result<Written, String>>>,
}

impl KeptEntity {
    /// An entity as its keeper read it.
    #[must_use]
    pub fn new(
        uid: EntityRef,
        (version, name, stamp): (u64, [u8; 32], [u8; 32]),
        text: Box<str>,
        parents: usize,
    ) -> Self {
        Self { uid, version, name, stamp, text, is_placed: parents > 0, read: OnceLock::new() }
    }

    /// It, checked against the schema, when it is first asked for.
    fn read(&self, vocabulary: &Vocabulary, tenant: &TenantId) -> Result<&Written, Error> {
        let read = self.read.get_or_init(|| {
            let json = serde_json::from_str(&self.text).map_err(|error| error.to_string());
            Box::new(json.and_then(|json| layer::read_one(json, vocabulary, Some(tenant))))
        });
        (**read)
            .as_ref()
            .map_err(|message| Error::Unfit { entity: self.uid.clone(), problem: message.clone() })
    }
}

/// What the tenants of a request keep.
#[derive(Debug, Clone, Copy)]
pub struct Keeps<'k> {
    /// The caller's.
    pub own: &'k Kept,
    /// The one into which the request reaches.
    pub visited: Option<&'k Kept>,
}

impl<'k> From<&'k Kept> for Keeps<'k> {
    fn from(own: &'k Kept) -> Self {
        Self { own, visited: None }
    }
}

impl Keeps<'_> {
    /// Whether either keeps it.
    pub(super) fn contains(self, uid: &EntityUid) -> bool {
        self.own.contains(uid) || self.visited.is_some_and(|kept| kept.contains(uid))
    }
}

impl Kept {
    /// Which state it is: 0 where nothing was ever kept.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many entities there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entities.len() == 0
    }

    /// An entity.
    #[must_use]
    pub fn get(&self, uid: &EntityRef) -> Option<&KeptEntity> {
        self.find(&uid.kind, &uid.id)
    }

    /// Says that this is now the state of that version.
    pub fn advance(&mut self, version: u64) {
        self.version = version;
    }

    /// Puts an entity in the place of the one of its uid, and gives that one's stamp.
    pub fn insert(&mut self, entity: KeptEntity) -> Option<[u8; 32]> {
        let hash = self.hash(&entity.uid.kind, &entity.uid.id);
        if entity.is_placed {
            *self.placed.entry(entity.uid.kind.clone()).or_default() += 1;
        }
        let entity = Arc::new(entity);
        let uid = &entity.uid;
        let before = self.entities.insert(hash, Arc::clone(&entity), |known| known.uid == *uid);
        self.names.insert(head(&entity.name), Arc::clone(&entity), |known| known.name == entity.name);
        let before = before?;
        self.displace(&before);
        Some(before.stamp)
    }

    /// Takes out the entity whose row has that name, and gives its stamp. Who it was need not be known any more.
    pub fn remove(&mut self, name: &[u8; 32]) -> Option<[u8; 32]> {
        let before = self.names.remove(head(name), |known| known.name == *name)?;
        let hash = self.hash(&before.uid.kind, &before.uid.id);
        self.entities.remove(hash, |known| known.uid == before.uid);
        self.displace(&before);
        Some(before.stamp)
    }

    fn displace(&mut self, before: &KeptEntity) {
        if before.is_placed
            && let Some(count) = self.placed.get_mut(&before.uid.kind)
        {
            *count = count.saturating_sub(1);
        }
    }

    /// Whether groups, or what groups can stand in, stand in something here.
    pub(super) fn may_place_groups(&self, types: &GroupTypes) -> bool {
        let is_placed = |kind: &str| self.placed.get(kind).is_some_and(|count| *count > 0);
        std::iter::once(&types.group).chain(&types.above).any(|kind| is_placed(&kind.to_string()))
    }

    pub(super) fn contains(&self, uid: &EntityUid) -> bool {
        !self.is_empty() && self.find(&uid.type_name().to_string(), uid.id().unescaped()).is_some()
    }

    /// What is kept of an entity, checked.
    pub(super) fn written(
        &self,
        uid: &EntityUid,
        (vocabulary, tenant): (&Vocabulary, &TenantId),
    ) -> Result<Option<&Written>, Error> {
        if self.is_empty() {
            return Ok(None);
        }
        let found = self.find(&uid.type_name().to_string(), uid.id().unescaped());
        found.map(|entity| entity.read(vocabulary, tenant)).transpose()
    }

    fn find(&self, kind: &str, id: &str) -> Option<&KeptEntity> {
        let hash = self.hash(kind, id);
        self.entities.get(hash, |known| known.uid.kind == kind && known.uid.id == id).map(|known| &**known)
    }

    /// How many nodes stand here and not there.
    #[cfg(test)]
    pub(super) fn copied_of(&self, other: &Self) -> usize {
        let new = |here: &Trie<KeptEntity>, there: &Trie<KeptEntity>| {
            let there = there.nodes();
            here.nodes().into_iter().filter(|node| !there.contains(node)).count()
        };
        new(&self.entities, &other.entities) + new(&self.names, &other.names)
    }

    /// How many entities were read for some decision.
    #[cfg(test)]
    pub(super) fn entities_read(&self) -> usize {
        self.entities.values().into_iter().filter(|entity| entity.read.get().is_some()).count()
    }

    fn hash(&self, kind: &str, id: &str) -> u64 {
        self.hasher.hash_one((kind, id))
    }
}

fn head(name: &[u8; 32]) -> u64 {
    name.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}
