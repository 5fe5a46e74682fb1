//! `WorkOS`: sessions, whose agents stand in `sub` and their users in `act`, and Connect.

use super::reading::as_they_are;
use super::{Reading, Subject};
use crate::model::{Actor, Kind};
use crate::token::check::Presented;
use crate::token::{Error, actors};

/// A session's token.
pub(super) fn read<'t>(presented: &Presented<'t>) -> Result<Reading<'t>, Error> {
    let claims = presented.claims;
    let mut reading = Reading::usual(presented, &["client_id", "azp"])?;
    reading.permissions = claims.identifiers("permissions")?;
    if presented.issuer.claims.roles.is_none() {
        let name = if claims.has("roles") { "roles" } else { "role" };
        reading.roles = claims.one_or_many(name).map(as_they_are);
    }
    if actors::profiled(claims)? != Some(Kind::Agent) {
        // The administrator who impersonates the user is a person, too.
        reading.actors.iter_mut().for_each(|actor| actor.kind = Kind::User);
        return Ok(reading);
    }
    let agent = Actor { kind: Kind::Agent, issuer: presented.issuer.name.clone(), id: reading.id.to_owned() };
    if let Some(user) = claims.object("act", actors::ACT)? {
        // The other way round than RFC 8693 section 4.1 has it.
        reading.id = user.required_identifier("sub")?;
        reading.actors = vec![agent];
    } else {
        (reading.kind, reading.subject) = (Some(Kind::Agent), Subject::Client);
    }
    Ok(reading)
}

/// A token of Connect.
pub(super) fn read_connect<'t>(presented: &Presented<'t>) -> Result<Reading<'t>, Error> {
    let mut reading = Reading::usual(presented, &["client_id", "azp"])?;
    // What other tokens have their session in, these have the user's consent in.
    reading.consent = reading.session_id.take();
    Ok(reading)
}
