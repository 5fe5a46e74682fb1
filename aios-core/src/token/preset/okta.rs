//! Okta's custom authorization servers: `uid` is who asks, `cid` the client, the org's host the tenant.

use super::{Reading, Subject};
use crate::token::Error;
use crate::token::check::Presented;

pub(super) fn read<'t>(presented: &Presented<'t>) -> Result<Reading<'t>, Error> {
    let claims = presented.claims;
    let mut reading = Reading::usual(presented, &["cid"])?;
    match claims.identifier("uid")? {
        // `sub` is a login, which can be given to another.
        Some(uid) => (reading.id, reading.subject) = (uid, Subject::User),
        None if reading.subject == Subject::Client => {}
        None => return Err(claims.missing("uid")),
    }
    if presented.issuer.claims.tenant.is_none() {
        reading.tenant = claims.text("iss").map(|iss| host(iss.unwrap_or_default()));
    }
    Ok(reading)
}

fn host(iss: &str) -> Option<&str> {
    iss.split_once("://")?.1.split('/').next()
}
