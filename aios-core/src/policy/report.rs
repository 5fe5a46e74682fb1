//! What was loaded, and what will cost more than it need.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::Policies;
use super::index::Index;
use super::tenants::Layer;
use crate::model::TenantId;

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
    /// What will cost more than it need.
    pub warnings: Vec<String>,
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
        let mut layers: Vec<_> = self.tenants.layers.iter().collect();
        layers.sort_unstable_by_key(|(tenant, _)| tenant.as_str());
        for (tenant, layer) in &layers {
            warnings.extend(many(&self.unscoped(&layer.index), &format!("tenants/{tenant}: ")));
        }
        let count = |(tenant, layer): &(&TenantId, &Arc<Layer>)| TenantPolicies {
            tenant: tenant.to_string(),
            policies: layer.index.len(),
        };
        let tenants = layers.iter().map(count).collect();
        PolicyReport { policies: self.index.len(), entities: self.base.len(), unscoped, tenants, warnings }
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
