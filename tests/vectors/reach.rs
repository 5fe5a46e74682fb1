//! Which codes the rules provoke. A new code needs a rule, or a reason here.

use std::collections::BTreeSet;

use aios_core::Code;

use super::format::{File, Rule, Step};

/// Codes that no rule can provoke, and why. What provokes them instead is tested where it says.
const BEYOND: &[(Code, &str)] = &[
    (Code::TokenForeignPrincipal, "a principal is asked through its own engine: tests/journey.rs"),
    (Code::AuditUnavailable, "needs a store that fails while it is used: tests/hostile/outage.rs"),
    (Code::AuditBusy, "needs many calls at a time: tests/hostile/load.rs"),
    (Code::StoreNewer, "needs a store of a later version: tests/hostile/damage.rs"),
    (Code::StoreWrongMode, "needs an engine with the real clock: tests/journey.rs"),
    (Code::KeyInUse, "needs the id of a key that was made at random: tests/vault/roots.rs"),
    (Code::KeyUnusable, "needs a store that another engine wrote: tests/journey.rs"),
    (Code::VaultRolledBack, "needs a store that somebody else wrote to: tests/vault/tampering.rs"),
    (Code::EntitiesUnfit, "needs a schema that changed since: tests/entities/journey.rs"),
    (Code::EntitiesDamaged, "needs a store that somebody else wrote to: tests/entities/tampering.rs"),
    (Code::EntitiesRolledBack, "needs a store that somebody else wrote to: tests/entities/tampering.rs"),
    (Code::LimitWaiting, "needs more calls that await than threads wait for them"),
    (Code::Internal, "needs a panic: tests/facade.rs"),
];

/// The codes that a file's rules expect, as refusals and as data of checks.
pub(crate) fn expected(file: &File) -> BTreeSet<String> {
    file.rules.iter().flat_map(of_rule).map(str::to_owned).collect()
}

fn of_rule(rule: &Rule) -> impl Iterator<Item = &str> {
    let opening = rule.opening.iter().map(|opening| &opening.refusal);
    let steps = rule.steps.iter().filter_map(|step| match step {
        Step::Call(call) => call.refusal.as_ref().or(call.answer.as_ref()),
        Step::Clock(_) => None,
    });
    opening.chain(steps).filter_map(|members| members.get("code")?.as_str())
}

/// Says which codes no rule provokes and no reason excuses, and which are excused for nothing.
pub(crate) fn unreached(seen: &BTreeSet<String>) -> Vec<String> {
    let excused = |code: &Code| BEYOND.iter().any(|(beyond, _)| beyond == code);
    let wrong = |code: &&Code| seen.contains(code.as_str()) == excused(code);
    let unknown = seen.iter().filter(|code| Code::ALL.iter().all(|known| known.as_str() != code.as_str()));
    Code::ALL.iter().filter(wrong).map(ToString::to_string).chain(unknown.cloned()).collect()
}
