//! The grants across tenants, found by who asks what of whom.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{Crossing, IssuerName, Kind, Principal, Request, TenantId};

/// All grants, by the two tenants.
#[derive(Debug, Default)]
pub struct Crossings {
    all: Vec<Arc<Crossing>>,
    between: HashMap<(TenantId, TenantId), Vec<Arc<Crossing>>>,
}

impl Crossings {
    /// These grants, of which no two say the same.
    #[must_use]
    pub fn new(crossings: Vec<Crossing>) -> Self {
        let mut found = Self::default();
        for crossing in crossings.into_iter().map(Arc::new) {
            let tenants = (crossing.from.clone(), crossing.to.clone());
            found.between.entry(tenants).or_default().push(Arc::clone(&crossing));
            found.all.push(crossing);
        }
        found
    }

    /// All of them, in the configuration's order.
    pub fn iter(&self) -> impl Iterator<Item = &Crossing> {
        self.all.iter().map(AsRef::as_ref)
    }

    /// The grant for exactly this, ended or not.
    #[must_use]
    pub fn find(
        &self,
        principal: &Principal,
        tenants: &(TenantId, TenantId),
        request: &Request,
    ) -> Option<&Arc<Crossing>> {
        let says = |crossing: &&Arc<Crossing>| {
            crossing.actions.contains(&request.action)
                && crossing.resource_types.contains(&request.resource.kind)
                && names(crossing, principal)
        };
        self.between.get(tenants)?.iter().find(says)
    }
}

/// Whether it names the subject and, where somebody acts for it, the current actor.
fn names(crossing: &Crossing, principal: &Principal) -> bool {
    let facts = principal.view();
    let is_named = |kind: Kind, issuer: &IssuerName, id: &str| {
        crossing.principals.iter().any(|one| one.kind == kind && one.issuer == *issuer && one.id == id)
    };
    is_named(facts.kind, &facts.issuer, &facts.subject)
        && principal.actor().is_none_or(|actor| is_named(actor.kind, &actor.issuer, &actor.id))
}
