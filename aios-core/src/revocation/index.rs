//! Whether a caller is out, from all entries in their order.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Entry, Mark, Verdict};
use crate::model::{Facts, TenantId, Timestamp};

/// What all entries together say. Cheap to clone: tenants share their parts until one changes.
#[derive(Clone, Debug, Default)]
pub struct Index(HashMap<TenantId, Arc<HashMap<Mark, Out>>>);

/// What is said of somebody.
#[derive(Clone, Copy, Debug)]
struct Out {
    all: bool,
    before: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Index {
    /// Takes the next entry. What was said before still holds, unless it is lifted.
    pub fn apply(&mut self, entry: &Entry) {
        let marks = Arc::make_mut(self.0.entry(entry.tenant.clone()).or_default());
        let (all, before) = match entry.verdict {
            Verdict::All => (true, None),
            Verdict::Before(time) => (false, Some(time)),
            Verdict::Lifted => {
                marks.remove(&entry.mark);
                return;
            }
        };
        let new = Out { all, before, until: entry.until };
        marks.entry(entry.mark).and_modify(|known| known.join(new)).or_insert(new);
    }

    /// Whether a caller is out. Whoever has no tenant is nobody's to revoke, and may do nothing anyway.
    #[must_use]
    pub fn revokes(&self, facts: &Facts) -> bool {
        facts.tenant_id.as_ref().is_some_and(|tenant| self.revokes_in(tenant, facts))
    }

    /// Whether a tenant, the caller's or one that it visits, has it out.
    #[must_use]
    pub fn revokes_in(&self, tenant: &TenantId, facts: &Facts) -> bool {
        let Some(marks) = self.0.get(tenant) else { return false };
        let is_out = |mark| marks.get(&mark).is_some_and(|out| out.concerns(facts.issued_at));
        Mark::any(tenant, facts, &is_out)
    }

    /// Forgets what is over: by now no token is accepted that it concerns.
    pub fn forget(&mut self, now: Timestamp) {
        let is_over = |out: &Out| out.until.is_some_and(|until| until <= now);
        for marks in self.0.values_mut().filter(|marks| marks.values().any(is_over)) {
            Arc::make_mut(marks).retain(|_, out| !is_over(out));
        }
        self.0.retain(|_, marks| !marks.is_empty());
    }
}

impl Out {
    fn join(&mut self, other: Self) {
        self.all |= other.all;
        self.before = self.before.max(other.before);
        self.until = self.until.zip(other.until).map(|(one, other)| one.max(other));
    }

    fn concerns(self, issued_at: Option<Timestamp>) -> bool {
        self.all || self.before.is_some_and(|time| issued_at.is_none_or(|issued_at| issued_at < time))
    }
}
