//! Static entities: one shared base and one layer for each tenant, checked and closed under ancestry when they are loaded.

use std::collections::{HashMap, HashSet};

use cedar_policy::{Entities, Entity, EntityUid};

use super::layer::{self, Files, Written};
use super::source::{self, Problem};
use super::view::{Store, View};
use super::vocabulary::Vocabulary;
use crate::model::{Ownership, TenantId};

/// All static entities.
#[derive(Debug, Default)]
pub(super) struct Base {
    shared: Layer,
    /// In what groups of the shared base stand.
    above_groups: HashSet<EntityUid>,
    tenants: HashMap<TenantId, Tenant>,
    /// What any tenant's layer knows.
    owned: HashSet<EntityUid>,
}

pub(super) type Layer = HashMap<EntityUid, Static>;

/// What the files say of one tenant's.
#[derive(Debug, Default)]
pub(super) struct Tenant {
    pub(super) own: Layer,
    /// Shared ones that have other ancestors here, because one of theirs is the tenant's.
    pub(super) shifted: Layer,
    pub(super) above_groups: HashSet<EntityUid>,
}

/// An entity from a file.
#[derive(Debug)]
pub(super) struct Static {
    /// With all its ancestors.
    pub(super) entity: Entity,
    pub(super) ancestors: Vec<EntityUid>,
    /// The entities to which its attributes and tags lead.
    pub(super) refs: Vec<EntityUid>,
}

impl Base {
    pub(super) fn view<'b>(&'b self, tenant: &TenantId, store: Option<Store<'b>>) -> View<'b> {
        let tenant = self.tenants.get(tenant);
        View { tenant, shared: &self.shared, above_groups: &self.above_groups, store }
    }

    /// What the shared base holds, for whoever knows no tenants.
    pub(super) fn shared(&self) -> View<'_> {
        View { tenant: None, shared: &self.shared, above_groups: &self.above_groups, store: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.owned.is_empty()
    }

    /// How many entities there are, in all tenants together.
    pub(super) fn len(&self) -> usize {
        self.tenants.values().map(|tenant| tenant.own.len()).sum::<usize>() + self.shared.len()
    }

    pub(super) fn ownership(&self, tenant: &TenantId, uid: &EntityUid) -> Ownership {
        if self.tenants.get(tenant).is_some_and(|tenant| tenant.own.contains_key(uid)) {
            return Ownership::Own;
        }
        if self.shared.contains_key(uid) {
            return Ownership::Shared;
        }
        if self.owned.contains(uid) { Ownership::Foreign } else { Ownership::Unknown }
    }

    /// Whether a name is that of something which either tenant's files know as its own: where the other uses it too, it may
    /// mean something else.
    pub(super) fn is_own_of_either(&self, (one, other): (&TenantId, &TenantId), uid: &EntityUid) -> bool {
        [one, other].into_iter().any(|tenant| self.ownership(tenant, uid) == Ownership::Own)
    }

    /// Entities without tenants.
    pub(super) fn of(written: &Files, problems: &mut Vec<Problem>) -> Self {
        let scope = Scope { own: &Files::new(), shared: written };
        let shared = scope.close(&written.keys().collect::<Vec<_>>(), "entities", problems);
        Self { shared, ..Self::default() }
    }

    /// Reads all entity files: each entity is checked by itself, each layer for entities that are their own ancestor.
    pub(super) fn load(
        files: &source::Files<'_>,
        vocabulary: &Vocabulary,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let check = |tenant| move |json| layer::read_one(json, vocabulary, tenant);
        let written = layer::read(&files.shared, check(None), problems);
        let scope = Scope { own: &Files::new(), shared: &written };
        let shared = scope.close(&written.keys().collect::<Vec<_>>(), "entities", problems);
        let below = below(&shared);
        let (mut tenants, mut owned) = (HashMap::new(), HashSet::new());
        for (tenant, files) in &files.tenants {
            let own = layer::read(files, check(Some(tenant)), problems);
            let mut layer = Scope { own: &own, shared: &written }.tenant(&below, tenant, problems);
            layer.above_groups = above_groups(layer.own.iter().chain(&layer.shifted), vocabulary);
            tenants.insert(tenant.clone(), layer);
            owned.extend(own.into_keys());
        }
        let above_groups = above_groups(shared.iter(), vocabulary);
        Self { shared, above_groups, tenants, owned }
    }
}

/// In what groups of a layer stand.
fn above_groups<'l>(
    layer: impl Iterator<Item = (&'l EntityUid, &'l Static)>,
    vocabulary: &Vocabulary,
) -> HashSet<EntityUid> {
    let Some(types) = &vocabulary.group_types else { return HashSet::new() };
    let groups = layer.filter(|(uid, _)| *uid.type_name() == types.group);
    groups.flat_map(|(_, group)| &group.ancestors).cloned().collect()
}

/// For each entity of a layer or outside of it, those of the layer whose ancestor it is.
fn below(layer: &Layer) -> HashMap<&EntityUid, Vec<&EntityUid>> {
    let mut below: HashMap<&EntityUid, Vec<&EntityUid>> = HashMap::new();
    for (uid, entity) in layer {
        entity.ancestors.iter().for_each(|ancestor| below.entry(ancestor).or_default().push(uid));
    }
    below
}

/// What the files say that count for somebody.
#[derive(Debug, Clone, Copy)]
struct Scope<'f> {
    own: &'f Files,
    shared: &'f Files,
}

impl<'f> Scope<'f> {
    fn get(self, uid: &EntityUid) -> Option<&'f Written> {
        self.own.get(uid).or_else(|| self.shared.get(uid))
    }

    fn tenant(
        self,
        below: &HashMap<&'f EntityUid, Vec<&'f EntityUid>>,
        tenant: &TenantId,
        problems: &mut Vec<Problem>,
    ) -> Tenant {
        let shifted: HashSet<&EntityUid> =
            self.own.keys().filter_map(|uid| below.get(uid)).flatten().copied().collect();
        let shifted = shifted.into_iter().filter(|uid| !self.own.contains_key(*uid));
        let both: Vec<&EntityUid> = self.own.keys().chain(shifted).collect();
        let layer = self.close(&both, &format!("tenants/{tenant}/entities"), problems);
        let (own, shifted) = layer.into_iter().partition(|(uid, _)| self.own.contains_key(uid));
        Tenant { own, shifted, above_groups: HashSet::new() }
    }

    /// Gives entities all their ancestors. Whatever stands above them is looked at with them.
    fn close(self, uids: &[&'f EntityUid], place: &str, problems: &mut Vec<Problem>) -> Layer {
        let mut queue = uids.to_vec();
        let (mut seen, mut entities) = (HashSet::new(), Vec::new());
        while let Some(uid) = queue.pop() {
            let Some(written) = self.get(uid).filter(|_| seen.insert(uid)) else { continue };
            entities.push(written.entity.clone());
            queue.extend(&written.parents);
        }
        // Without the schema, to which each was compared when it was read.
        let closed = match Entities::from_entities(entities, None) {
            Ok(closed) => closed,
            Err(error) => {
                problems.push(Problem::new(place, None, error.to_string()));
                return Layer::new();
            }
        };
        let close = |uid: &EntityUid| {
            let ancestors = closed.ancestors(uid)?.cloned().collect();
            let refs = self.get(uid)?.refs.clone();
            Some((uid.clone(), Static { entity: closed.get(uid)?.clone(), ancestors, refs }))
        };
        uids.iter().copied().filter_map(close).collect()
    }
}
