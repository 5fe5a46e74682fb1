//! Microsoft Entra ID, tokens of version 1 and 2: `oid` within `tid` is who asks; facets tell agents.

use super::{Reading, Subject};
use crate::model::{Actor, Kind};
use crate::token::check::Presented;
use crate::token::claims::Claims;
use crate::token::error::shown;
use crate::token::{Error, kinds};

/// Facet of a subject or actor that is an agent.
const AGENT: &str = "11";
/// Facet of a subject that is an agent's user account.
const AGENTS_USER: &str = "13";

/// The directory that `iss` names is the one that `tid` names.
pub(super) fn admits(presented: &Presented<'_>) -> Result<(), Error> {
    let claims = presented.claims;
    let directory = claims.required_identifier("tid")?;
    let iss = claims.text("iss")?.unwrap_or_default();
    // An `iss` that is configured as it is names one directory, too.
    let is_same =
        presented.issuer.iss.directory(iss).map_or(iss.contains(directory), |named| named == directory);
    if !is_same || !is_directory(directory) {
        return Err(claims.wrong_type("tid"));
    }
    // An ID token's audience is its client, which may be the API as well.
    kinds::names_a_client(presented, &["azp", "appid"])
}

/// Microsoft's key sets serve many directories, and each key says whose it is: one directory's, or `{tenantid}`.
pub(super) fn is_signed_with(presented: &Presented<'_>, whose: Option<&str>) -> Result<(), Error> {
    let directory = presented.claims.required_identifier("tid")?;
    if whose.is_none_or(|whose| whose.contains("{tenantid}") || whose.contains(directory)) {
        return Ok(());
    }
    let kid = presented.header.kid.as_deref().map(shown).unwrap_or_default();
    Err(Error::UnknownKey { kid })
}

pub(super) fn read<'t>(presented: &Presented<'t>) -> Result<Reading<'t>, Error> {
    let claims = presented.claims;
    let mut reading = Reading::usual(presented, &["azp", "appid"])?;
    let pairwise = reading.id;
    // `sub` differs from app to app; `oid` does not.
    reading.id = claims.required_identifier("oid")?;
    reading.scopes.retain(|scope| *scope != "/");
    reading.token_id = claims.identifier("uti")?;
    // This provider's agents are told by facets, not by `act`.
    reading.actors.clear();
    let is_app = claims.text("idtyp")? == Some("app")
        || (claims.text("idtyp")?.is_none() && !claims.has("scp") && pairwise == reading.id);
    if is_app {
        reading.subject = Subject::Client;
        // A managed identity is a workload that Azure itself vouches for.
        reading.kind = claims.has("xms_mirid").then_some(Kind::Service);
    } else {
        reading.subject = Subject::User;
    }
    if has_facet(claims, "xms_sub_fct", AGENT)? || has_facet(claims, "xms_sub_fct", AGENTS_USER)? {
        reading.kind = Some(Kind::Agent);
    }
    if let Some(agent) = acting(presented, &reading)? {
        reading.actors.push(agent);
    }
    Ok(reading)
}

/// The agent that acts for another subject.
fn acting(presented: &Presented<'_>, reading: &Reading<'_>) -> Result<Option<Actor>, Error> {
    let is_itself = has_facet(presented.claims, "xms_sub_fct", AGENT)?;
    if is_itself || !has_facet(presented.claims, "xms_act_fct", AGENT)? {
        return Ok(None);
    }
    // An agent that does not say which one it is cannot be asked about.
    let id = reading.client_id.ok_or_else(|| presented.claims.missing("azp"))?;
    Ok(Some(Actor { kind: Kind::Agent, issuer: presented.issuer.name.clone(), id: id.to_owned() }))
}

/// Facets stand in any order, separated by spaces; unknown ones mean nothing to us.
fn has_facet(claims: &Claims<'_>, claim: &str, facet: &str) -> Result<bool, Error> {
    Ok(claims.words(claim)?.contains(&facet))
}

/// Whether text is a directory's id: 8-4-4-4-12 lower-case hexadecimal digits.
#[must_use]
pub fn is_directory(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_hex = |group: &&str| group.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(is_hex)
}
