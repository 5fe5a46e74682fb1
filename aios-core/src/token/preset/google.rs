//! Google ID tokens: people, with the Workspace domain as tenant, and service accounts.

use super::{Reading, Subject};
use crate::model::Kind;
use crate::token::Error;
use crate::token::check::Presented;

const SERVICE_ACCOUNTS: &str = ".gserviceaccount.com";

pub(super) fn read<'t>(presented: &Presented<'t>) -> Result<Reading<'t>, Error> {
    let claims = presented.claims;
    let mut reading = Reading::usual(presented, &["azp"])?;
    let is_service_account = reading.subject == Subject::Client
        && claims.identifier("email")?.is_some_and(|email| email.ends_with(SERVICE_ACCOUNTS));
    if is_service_account {
        reading.kind = Some(Kind::Service);
    } else {
        reading.subject = Subject::User;
    }
    Ok(reading)
}
