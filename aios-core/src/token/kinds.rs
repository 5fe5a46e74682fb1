//! Other kinds of tokens, which issuers sign with the same keys (RFC 8725 section 3.12): where `typ` does not tell them
//! apart, their claims do.

use super::check::Presented;
use super::{Error, Preset};

/// What another kind is called in a refusal, by a claim that only it has.
fn of(claim: &str) -> Option<&'static str> {
    Some(match claim {
        "at_hash" | "c_hash" | "nonce" | "s_hash" => ID_TOKEN,
        "events" => "a logout token or a security event",
        "htm" | "htu" => "a proof of possession",
        "token_introspection" => "an answer of introspection",
        _ => return None,
    })
}

const ID_TOKEN: &str = "an ID token";
const EXPECTED: &str = "an access token";

/// Refuses what bears the marks of another kind, unless the token itself says that it is an access token.
pub(super) fn is_for_access(presented: &Presented<'_>) -> Result<(), Error> {
    let (claims, preset) = (presented.claims, presented.issuer.preset);
    let says_so = presented.header.typ.as_deref().is_some_and(|typ| !typ.eq_ignore_ascii_case("jwt"));
    // Keycloak says it in the payload.
    if says_so || preset == Preset::Keycloak {
        return Ok(());
    }
    // An assertion by which a client proves itself names its sender twice (RFC 7523 section 3).
    let is_assertion = claims.text("sub").is_ok_and(|sub| sub.is_some() && Ok(sub) == claims.text("iss"));
    let other = claims.names().find_map(of).or(is_assertion.then_some("a client's assertion"));
    match other {
        // Google's access tokens are opaque: its ID tokens are what is asked for.
        Some(ID_TOKEN) if preset == Preset::Google => Ok(()),
        Some(actual) => Err(Error::WrongType { expected: EXPECTED.to_owned(), actual: actual.to_owned() }),
        None => Ok(()),
    }
}

/// Refuses a token that names no client, where the provider's access tokens always do and its ID tokens never.
pub(super) fn names_a_client(presented: &Presented<'_>, names: &[&str]) -> Result<(), Error> {
    if names.iter().any(|name| presented.claims.has(name)) {
        return Ok(());
    }
    let actual = format!("a token without {}", names.join(" and "));
    Err(Error::WrongType { expected: EXPECTED.to_owned(), actual })
}
