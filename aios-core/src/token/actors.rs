//! Who acts for the subject (RFC 8693 section 4.1), the current actor first.

use super::Error;
use super::check::Presented;
use super::claims::Claims;
use super::mapping::{Speaker, Subject};
use crate::model::{Actor, Kind};

/// The actors that `act` names, and the client where it is a registered agent.
pub(super) fn chain(presented: &Presented<'_>, speaker: &Speaker<'_>) -> Result<Vec<Actor>, Error> {
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
    // An agent is answerable for what it does with a user's token, whether or not its issuer says so.
    if let Some(agent) = agent(presented, speaker).filter(|agent| actors.first() != Some(agent)) {
        actors.insert(0, agent);
    }
    if actors.len() > limit { Err(Error::ActorChainTooLong { limit }) } else { Ok(actors) }
}

fn actor(presented: &Presented<'_>, act: &Claims<'_>) -> Result<Actor, Error> {
    let issuer = presented.issuer;
    let subject = act.required_identifier("sub")?;
    // An issuer vouches for its own actors only: another's name would not be its to give.
    if act.text("iss")?.is_some_and(|iss| iss != issuer.iss) {
        return Err(act.wrong_type("iss"));
    }
    let names = [act.identifier("client_id")?, Some(subject)];
    let registered = names.into_iter().flatten().find_map(|id| presented.issuers.client(&issuer.name, id));
    let (kind, id) = registered.map_or((Kind::App, subject), |client| (client.kind, client.id.as_str()));
    Ok(Actor { kind, issuer: issuer.name.clone(), id: id.to_owned() })
}

fn agent(presented: &Presented<'_>, speaker: &Speaker<'_>) -> Option<Actor> {
    let client =
        speaker.client.filter(|client| client.kind == Kind::Agent && speaker.subject == Subject::User)?;
    Some(Actor { kind: Kind::Agent, issuer: presented.issuer.name.clone(), id: client.id.clone() })
}

const ACT: &str = "act.";
