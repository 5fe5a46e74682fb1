//! `OpenIddict`: `role` is a text or a list, and the token's row at its server is `oi_tkn_id`.

use super::Reading;
use super::reading::as_they_are;
use crate::token::Error;
use crate::token::check::Presented;

pub(super) fn read<'t>(presented: &Presented<'t>) -> Result<Reading<'t>, Error> {
    let claims = presented.claims;
    let mut reading = Reading::usual(presented, &["client_id", "oi_prst"])?;
    reading.token_id = claims.identifier("oi_tkn_id")?.or(reading.token_id);
    if presented.issuer.claims.roles.is_none() {
        let name = if claims.has("roles") { "roles" } else { "role" };
        reading.roles = claims.one_or_many(name).map(as_they_are);
    }
    Ok(reading)
}
