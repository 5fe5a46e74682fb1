//! A decision across tenants: the platform, the principal's tenant and the resource's tenant each have to permit it, and
//! none may forbid it.
//!
//! Each is asked about what it may know. The resource's tenant sees a stranger, whose roles and groups count against the
//! stranger only: they were given by somebody else. Where a tenant has no policies of its own, it permits nothing.

use std::collections::HashSet;

use cedar_policy::{Decision, PolicyId, Response};

use super::answers::{incomplete, merge, unfit};
use super::bounds::Delegated;
use super::candidates::Seen;
use super::case::Case;
use super::groups::Groups;
use super::index::Index;
use super::kept::Keeps;
use super::levels::Need;
use super::standpoint::{Guise, Standpoint};
use super::tenants::{prefix, reasons};
use super::{Desk, Error, Own, Verdict};
use crate::model::decision::PolicyFault;
use crate::model::{Admitted, Crossing};

/// What the three say of one who asks.
struct Voices<'r> {
    platform: &'r Response,
    home: &'r Response,
    owner: &'r Response,
    /// The owner's, of the same stranger with the roles and groups of its token.
    objection: &'r Response,
}

impl Desk {
    pub(super) fn decide_across(
        &self,
        admitted: &Admitted<'_>,
        crossing: &Crossing,
        kept: Keeps<'_>,
    ) -> Result<Verdict, Error> {
        let (home, owner) = (prefix(&crossing.from), prefix(&crossing.to));
        let answers = self.ask_across(admitted, crossing, kept);
        let verdict = answers.and_then(|answers| merge(&answers)).map_err(|error| discreet(error, &owner))?;
        let without = |prefix: &str| {
            let others = verdict.policies.iter().filter(|id| !id.starts_with(prefix));
            others.cloned().collect()
        };
        Ok(Verdict { policies: without(&owner), owners: without(&home) })
    }

    fn ask_across(
        &self,
        admitted: &Admitted<'_>,
        crossing: &Crossing,
        kept: Keeps<'_>,
    ) -> Result<Vec<Response>, Error> {
        let policies = &*self.policies;
        let bounds = &policies.tenants.bounds;
        // First, as it sees everything: what does not fit is told of before anybody is asked who sees less.
        let book = (&policies.index, &self.seen, &policies.groups);
        let (platform, delegated) =
            self.hear(admitted, Standpoint::platform(policies, crossing, kept), book, |case| {
                bounds.has_action(&case.action.uid) && bounds.has_resource(case.resource.uid.type_name())
            })?;
        let delegated = if delegated { Delegated::Yes } else { Delegated::No };
        let layer = |own: Option<&Own>, at: Standpoint<'_>| match own {
            Some((layer, seen)) => {
                Ok(self.hear(admitted, at, (&layer.index, seen, &layer.groups), |_| ())?.0)
            }
            None => Ok(platform.iter().map(|_| silence()).collect::<Vec<_>>()),
        };
        let home = self.own(&crossing.from, Some(kept.own))?;
        let owners = self.own(&crossing.to, kept.visited)?;
        let home = layer(home, Standpoint::home(policies, crossing, kept))?;
        let owner = layer(owners, Standpoint::owner(policies, crossing, (kept, Guise::Stranger)))?;
        let objection = layer(owners, Standpoint::owner(policies, crossing, (kept, Guise::Claiming)))?;
        let voices = platform.iter().zip(&home).zip(owner.iter().zip(&objection));
        let voices =
            voices.map(|((platform, home), (owner, objection))| Voices { platform, home, owner, objection });
        Ok(voices.map(|voices| voices.united(delegated)).collect())
    }

    /// What some policies say of each who asks, and what else is to be known of the case.
    fn hear<T>(
        &self,
        admitted: &Admitted<'_>,
        at: Standpoint<'_>,
        (index, seen, groups): (&Index, &Seen, &Groups),
        note: impl FnOnce(&Case<'_>) -> T,
    ) -> Result<(Vec<Response>, T), Error> {
        let mut case = Case::new(&self.policies, admitted, at)?;
        let note = note(&case);
        if !admitted.principal().view().groups_complete {
            incomplete(&case.looking(groups))?;
        }
        let choose = |asker| case.candidates(asker, (index, seen)).map_err(unfit);
        let chosen = case.askers.iter().map(choose).collect::<Result<Vec<_>, _>>()?;
        let need = chosen.iter().fold(Need::default(), |need, each| need.with(&each.need));
        let entities = case.entities(&need)?;
        let ask = |(asker, chosen)| Ok(self.answer(&self.request(&case, asker)?, chosen, &entities));
        let answers = case.askers.iter().zip(chosen.iter().map(AsRef::as_ref)).map(ask);
        Ok((answers.collect::<Result<_, Error>>()?, note))
    }
}

impl Voices<'_> {
    fn united(&self, delegated: Delegated) -> Response {
        let all = [self.platform, self.home, self.owner, self.objection];
        let errors = all.into_iter().flat_map(|each| each.diagnostics().errors()).cloned().collect();
        let of = |voices: &[&Response], decision| -> HashSet<PolicyId> {
            voices.iter().flat_map(|each| reasons(each, decision)).cloned().collect()
        };
        let forbidding = of(&all, Decision::Deny);
        let voices = [self.platform, self.home, self.owner];
        let all_permit = voices.iter().all(|voice| voice.decision() == Decision::Allow);
        match delegated {
            Delegated::Yes if forbidding.is_empty() && all_permit => {
                Response::new(Decision::Allow, of(&voices, Decision::Allow), errors)
            }
            Delegated::No | Delegated::Yes => Response::new(Decision::Deny, forbidding, errors),
        }
    }
}

/// Nothing is permitted, and nothing forbidden.
fn silence() -> Response {
    Response::new(Decision::Deny, HashSet::new(), Vec::new())
}

/// A refusal without the names of the owner's policies: the caller and its tenant's records are not to know them.
fn discreet(error: Error, owner: &str) -> Error {
    let hidden = |faults: Vec<PolicyFault>| {
        let mut told: Vec<PolicyFault> = faults
            .into_iter()
            .map(|fault| if fault.policy.starts_with(owner) { of_owner() } else { fault })
            .collect();
        told.sort_unstable_by(|a, b| (&a.policy, &a.message).cmp(&(&b.policy, &b.message)));
        told.dedup();
        told
    };
    match error {
        Error::Denied { policies } => {
            Error::Denied { policies: policies.into_iter().filter(|id| !id.starts_with(owner)).collect() }
        }
        Error::Evaluation { faults } => Error::Evaluation { faults: hidden(faults) },
        Error::GroupsIncomplete { faults } => Error::GroupsIncomplete { faults: hidden(faults) },
        Error::LayerUnfit { faults } => Error::LayerUnfit { faults: hidden(faults) },
        // What is kept and does not fit may be the owner's, and is not the caller's to know.
        Error::Unfit { .. } => Error::Conflict { at: "resource".to_owned() },
        Error::Conflict { .. }
        | Error::Foreign { .. }
        | Error::Input { .. }
        | Error::TooManyEntities
        | Error::UnknownAction { .. } => error,
    }
}

fn of_owner() -> PolicyFault {
    PolicyFault { policy: String::new(), message: "a policy of the resource's tenant".to_owned() }
}
