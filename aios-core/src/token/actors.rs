//! Who acts for the subject (RFC 8693 section 4.1), the current actor first.

use super::Error;
use super::check::Presented;
use super::claims::Claims;
use super::mapping::Speaker;
use super::preset::Subject;
use crate::model::{Actor, Kind};

/// The actors that `act` names.
pub(super) fn chain(presented: &Presented<'_>) -> Result<Vec<Actor>, Error> {
    let limit = presented.issuers.limits.max_actor_depth;
    let mut actors = Vec::new();
    let mut next = presented.claims.object("act", ACT)?;
    while let Some(act) = next {
        actors.push(actor(presented, &act)?);
        if actors.len() > limit {
            return Err(Error::ActorChainTooLong { limit });
        }
        next = act.object("act", ACT)?;
    }
    Ok(actors)
}

/// The actors, and the client where it is a registered agent: it is answerable for what it does with a user's token,
/// whether or not its issuer says so.
pub(super) fn with_agent(
    presented: &Presented<'_>,
    speaker: &Speaker<'_>,
    mut actors: Vec<Actor>,
) -> Result<Vec<Actor>, Error> {
    if let Some(agent) = agent(presented, speaker).filter(|agent| actors.first() != Some(agent)) {
        actors.insert(0, agent);
    }
    let limit = presented.issuers.limits.max_actor_depth;
    if actors.len() > limit { Err(Error::ActorChainTooLong { limit }) } else { Ok(actors) }
}

/// What `sub_profile` says its bearer is (draft-mcguinness-oauth-actor-profile).
pub(super) fn profiled(claims: &Claims<'_>) -> Result<Option<Kind>, Error> {
    Ok(match claims.text("sub_profile")? {
        Some("agent" | "ai_agent") => Some(Kind::Agent),
        Some("user") => Some(Kind::User),
        Some(_) | None => None,
    })
}

fn actor(presented: &Presented<'_>, act: &Claims<'_>) -> Result<Actor, Error> {
    let issuer = presented.issuer;
    let subject = act.required_identifier("sub")?;
    // An issuer vouches for its own actors only: another's name would not be its to give.
    if act.text("iss")?.is_some_and(|iss| !issuer.iss.is(iss)) {
        return Err(act.wrong_type("iss"));
    }
    let client = act.identifier("client_id")?;
    let registered = [client, Some(subject)]
        .into_iter()
        .flatten()
        .find_map(|id| presented.issuers.client(&issuer.name, id));
    let profiled = profiled(act)?;
    let (kind, id) = match registered {
        // Whoever is an agent anywhere is one.
        Some(client) if profiled == Some(Kind::Agent) => (Kind::Agent, client.id.as_str()),
        Some(client) => (client.kind, client.id.as_str()),
        None => {
            let client = client.filter(|_| issuer.preset.names_actors_by_client());
            (profiled.unwrap_or(Kind::App), client.unwrap_or(subject))
        }
    };
    Ok(Actor { kind, issuer: issuer.name.clone(), id: id.to_owned() })
}

fn agent(presented: &Presented<'_>, speaker: &Speaker<'_>) -> Option<Actor> {
    let client =
        speaker.client.filter(|client| client.kind == Kind::Agent && speaker.subject == Subject::User)?;
    Some(Actor { kind: Kind::Agent, issuer: presented.issuer.name.clone(), id: client.id.clone() })
}

pub(super) const ACT: &str = "act.";
