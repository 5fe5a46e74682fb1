//! What was loaded, and what will cost more than it need.

use std::collections::BTreeSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::index::Index;
use super::tenants::Layer;
use super::{Policies, users};
use crate::model::{Crossing, Kind, TenantId, Timestamp};

/// More policies than this of one action that name neither a principal nor a resource are a warning.
const MANY: usize = 100;

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PolicyReport {
    /// How many policies of the platform.
    pub policies: usize,
    /// How many entities of files, in all tenants together.
    pub entities: usize,
    /// Of each action, sorted, how many of the platform's policies every request for it evaluates.
    pub unscoped: Vec<Unscoped>,
    /// Of each tenant with policies of its own, sorted, how many there are.
    pub tenants: Vec<TenantPolicies>,
    /// The grants across tenants, in the configuration's order.
    pub cross_tenant: Vec<Granted>,
    /// What will cost more than it need, what will come to nothing, and policies that name one user.
    pub warnings: Vec<String>,
}

/// A grant across tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Granted {
    /// What both tenants' records call it.
    pub name: String,
    /// The principals' tenant.
    pub from_tenant: String,
    /// The things' tenant.
    pub to_tenant: String,
    /// How many principals it names.
    pub principals: usize,
    /// Entity types of the things.
    pub resource_types: Vec<String>,
    /// What may be asked, by full names, sorted.
    pub actions: Vec<String>,
    /// From when on it lifts nothing, seconds since 1970.
    pub expires_at: i64,
}

/// The policies of an action that name neither a principal nor a resource, nor a group of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Unscoped {
    /// The action's full name.
    pub action: String,
    /// How many there are.
    pub policies: usize,
}

/// The policies that a tenant has of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct TenantPolicies {
    /// Whose they are.
    pub tenant: String,
    /// How many there are.
    pub policies: usize,
}

impl Policies {
    /// Says what was loaded.
    #[must_use]
    pub fn report(&self) -> PolicyReport {
        let unscoped = self.unscoped(&self.index);
        let mut warnings: Vec<String> = many(&unscoped, "").collect();
        let user = &self.vocabulary.kind(Kind::User).name;
        warnings.extend(users::warning(self.index.all(), user, &[]));
        let mut layers: Vec<_> = self.tenants.layers.iter().collect();
        layers.sort_unstable_by_key(|(tenant, _)| tenant.as_str());
        for (tenant, layer) in &layers {
            let whose = format!("tenants/{tenant}: ");
            warnings.extend(many(&self.unscoped(&layer.index), &whose));
            let named = users::warning(layer.index.all(), user, self.tenants.visitors(tenant));
            warnings.extend(named.map(|warning| whose + &warning));
        }
        let count = |(tenant, layer): &(&TenantId, &Arc<Layer>)| TenantPolicies {
            tenant: tenant.to_string(),
            policies: layer.index.len(),
        };
        let tenants = layers.iter().map(count).collect();
        let (policies, entities) = (self.index.len(), self.base.len());
        PolicyReport { policies, entities, unscoped, tenants, cross_tenant: Vec::new(), warnings }
    }

    /// Says what was loaded, and what comes of the grants across tenants.
    #[must_use]
    pub fn report_with<'c>(
        &self,
        crossings: impl Iterator<Item = &'c Crossing>,
        now: Timestamp,
    ) -> PolicyReport {
        let mut report = self.report();
        for crossing in crossings {
            let Crossing { name, from, to, .. } = crossing;
            if crossing.expires <= now {
                report.warnings.push(format!("cross_tenant {name}: it has ended and lifts nothing"));
            }
            for tenant in [from, to].into_iter().filter(|tenant| !self.has_layer(tenant)) {
                report.warnings.push(format!(
                    "cross_tenant {name}: {tenant} has no policies of its own in the files; unless it keeps some in the store, nothing is permitted"
                ));
            }
            let names: BTreeSet<String> = crossing
                .actions
                .iter()
                .filter_map(|name| Some(self.vocabulary.action(name).ok()?.uid.to_string()))
                .collect();
            report.cross_tenant.push(Granted {
                name: name.clone(),
                from_tenant: from.to_string(),
                to_tenant: to.to_string(),
                principals: crossing.principals.len(),
                resource_types: crossing.resource_types.clone(),
                actions: names.into_iter().collect(),
                expires_at: crossing.expires.seconds(),
            });
        }
        report
    }

    fn unscoped(&self, index: &Index) -> Vec<Unscoped> {
        let counts = index.unscoped(self.vocabulary.lineages()).into_iter();
        let counts = counts.map(|(action, policies)| Unscoped { action: action.to_string(), policies });
        let mut unscoped: Vec<Unscoped> = counts.collect();
        unscoped.sort_unstable();
        unscoped
    }
}

fn many<'u>(unscoped: &'u [Unscoped], whose: &'u str) -> impl Iterator<Item = String> {
    let many = unscoped.iter().filter(|unscoped| unscoped.policies > MANY);
    many.map(move |Unscoped { action, policies }| {
        format!(
            "{whose}{policies} policies of {action} name neither a principal nor a resource, nor a group of them; \
             each request for it evaluates them all"
        )
    })
}
