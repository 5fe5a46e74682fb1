//! Auth0: permissions beside scopes, clients by `gty` or the end of `sub`, agents by `sub_profile` where the API asks for it.

use super::{Reading, Subject};
use crate::model::Kind;
use crate::token::check::Presented;
use crate::token::{Error, actors};

pub(super) fn read<'t>(presented: &Presented<'t>) -> Result<Reading<'t>, Error> {
    let claims = presented.claims;
    let mut reading = Reading::usual(presented, &["azp", "client_id"])?;
    reading.permissions = claims.identifiers("permissions")?;
    reading.kind = actors::profiled(claims)?;
    let is_autonomous = reading.kind == Some(Kind::Agent) && reading.actors.is_empty();
    if claims.text("gty")? == Some("client-credentials") || reading.id.ends_with("@clients") || is_autonomous
    {
        reading.subject = Subject::Client;
    }
    Ok(reading)
}
