//! Issuers of RFC 9068 access tokens, and most others.

use super::{Reading, Subject};
use crate::token::Error;
use crate::token::check::Presented;

pub(super) fn read<'t>(presented: &Presented<'t>) -> Result<Reading<'t>, Error> {
    let claims = presented.claims;
    let mut reading = Reading::usual(presented, &["azp", "client_id", "appid"])?;
    let has_no_user = matches!(claims.text("gty")?, Some("client-credentials" | "client_credentials"))
        || claims.text("idtyp")? == Some("app");
    if has_no_user {
        reading.subject = Subject::Client;
    }
    Ok(reading)
}
