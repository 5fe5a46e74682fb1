//! The policies that one combination of shelves holds, ready to be asked, and how long they are remembered.

use std::sync::Arc;

use cedar_policy::{PolicySet, PolicySetError};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::levels::Need;

/// Fewest policies that remembered candidates may hold together.
const MIN_REMEMBERED: usize = 10_000;
/// So few items make the cache one shard: in one of several, candidates of nearly all policies would not fit.
const ONE_SHARD: usize = 31;

/// A set of policies and what their evaluation looks at.
#[derive(Debug)]
pub(super) struct Candidates {
    pub(super) set: PolicySet,
    pub(super) need: Need,
    /// How many policies stand in memory for it.
    weight: usize,
}

impl Candidates {
    /// Some policies, as a set of their own.
    pub(super) fn new<'n>(set: PolicySet, needs: impl Iterator<Item = &'n Need>) -> Self {
        let weight = set.num_of_policies();
        Self { set, need: needs.fold(Need::default(), Need::with), weight }
    }

    /// All policies there are, which stand in memory anyway.
    pub(super) fn all<'n>(set: PolicySet, needs: impl Iterator<Item = &'n Need>) -> Self {
        Self { weight: 0, ..Self::new(set, needs) }
    }
}

/// Cedar does not take a policy into another set, which it always does: nobody is let pass on that. In Cedar's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unfit(pub(super) String);

impl From<PolicySetError> for Unfit {
    fn from(error: PolicySetError) -> Self {
        Self(error.to_string())
    }
}

/// The candidates of the combinations of shelves that were seen last. Good for one [`super::Policies`] only.
#[derive(Debug)]
pub(super) struct Seen(Cache<Vec<usize>, Arc<Candidates>, Weight>);

/// Candidates weigh as much as they hold.
#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Vec<usize>, Arc<Candidates>> for Weight {
    fn weight(&self, _: &Vec<usize>, candidates: &Arc<Candidates>) -> u64 {
        u64::try_from(candidates.weight).unwrap_or(u64::MAX).saturating_add(1)
    }
}

impl Seen {
    /// Remembers candidates that hold together a quarter more policies than there are: no less would take in a set of
    /// nearly all.
    pub(super) fn new(policies: usize) -> Self {
        let most = u64::try_from(policies.max(MIN_REMEMBERED)).unwrap_or(u64::MAX);
        Self(Cache::with_weighter(ONE_SHARD, most.saturating_add(most / 4), Weight))
    }

    /// The candidates of a combination, gathered by whoever asks first.
    pub(super) fn or_gather(
        &self,
        shelves: &[usize],
        gather: impl FnOnce() -> Result<Arc<Candidates>, Unfit>,
    ) -> Result<Arc<Candidates>, Unfit> {
        self.0.get_or_insert_with(shelves, gather)
    }
}
