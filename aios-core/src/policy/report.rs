//! What was loaded, and what will cost more than it need.

use schemars::JsonSchema;
use serde::Serialize;

use super::Policies;

/// More policies than this of one action that name neither a principal nor a resource are a warning.
const MANY: usize = 100;

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PolicyReport {
    /// How many policies.
    pub policies: usize,
    /// How many entities of files, in all tenants together.
    pub entities: usize,
    /// Of each action, sorted, how many of its policies every request for it evaluates.
    pub unscoped: Vec<Unscoped>,
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

impl Policies {
    /// Says what was loaded.
    #[must_use]
    pub fn report(&self) -> PolicyReport {
        let counts = self.index.unscoped(self.vocabulary.lineages()).into_iter();
        let counts = counts.map(|(action, policies)| Unscoped { action: action.to_string(), policies });
        let mut unscoped: Vec<Unscoped> = counts.collect();
        unscoped.sort_unstable();
        let many = unscoped.iter().filter(|unscoped| unscoped.policies > MANY);
        let warning = |Unscoped { action, policies }: &Unscoped| {
            format!(
                "{policies} policies of {action} name neither a principal nor a resource, nor a group of them; \
                 each request for it evaluates them all"
            )
        };
        let warnings = many.map(warning).collect();
        PolicyReport { policies: self.index.len(), entities: self.base.len(), unscoped, warnings }
    }
}
