//! The header: which algorithm, which key, which kind of token.

use super::error::shown;
use super::json::{self, Json, Members};
use super::{Error, Limits};
use crate::crypto::signature::Algorithm;

/// What verification reads of a header. Embedded keys and addresses of keys are never looked at.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    pub(super) typ: Option<String>,
}

impl Header {
    pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        let members = json::read_object(bytes, json::TOKEN)?;
        let algorithm = algorithm(&members)?;
        refuse_extensions(&members)?;
        let kid = kid(&members)?;
        let typ = text(&members, "typ")?;
        // After `kid`: one that is too long is malformed however long the header is. `max_token_bytes` held before.
        if bytes.len() > limits.max_header_bytes {
            return Err(Error::TooLarge { limit: "max_header_bytes" });
        }
        Ok(Self { algorithm, kid: kid.map(str::to_owned), typ: typ.map(str::to_owned) })
    }
}

fn algorithm(members: &Members<'_>) -> Result<Algorithm, Error> {
    let name = text(members, "alg")?.ok_or(Error::Malformed)?;
    Algorithm::from_name(name).ok_or_else(|| Error::AlgNotAllowed { actual: shown(name) })
}

fn refuse_extensions(members: &Members<'_>) -> Result<(), Error> {
    match members.find("crit") {
        None => {}
        Some(Json::List(names)) if names.iter().all(|name| matches!(name, Json::Text(_))) => {
            return Err(Error::CritUnsupported);
        }
        Some(_) => return Err(Error::Malformed),
    }
    if members.find("b64").is_some() {
        return Err(Error::CritUnsupported);
    }
    // Compression belongs to encrypted tokens (RFC 7516 section 4.1.3).
    if members.find("zip").is_some() { Err(Error::Malformed) } else { Ok(()) }
}

fn kid<'m>(members: &'m Members<'_>) -> Result<Option<&'m str>, Error> {
    match text(members, "kid")? {
        None | Some("") => Ok(None),
        Some(kid) if is_kid(kid) => Ok(Some(kid)),
        Some(_) => Err(Error::Malformed),
    }
}

/// Whether text can name a key: 1 to 256 printable ASCII characters.
pub(super) fn is_kid(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn text<'m>(members: &'m Members<'_>, name: &str) -> Result<Option<&'m str>, Error> {
    match members.find(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(_) => Err(Error::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { max_token_bytes: 16384, max_header_bytes: 512, max_actor_depth: 8 };

    fn refusal(header: &str) -> Error {
        Header::read(header.as_bytes(), &LIMITS).unwrap_err()
    }

    #[test]
    fn headers_that_lie_or_demand_are_refused() {
        for header in [
            "{}",
            r#"{"alg":1}"#,
            r#"{"alg":"RS256","kid":1}"#,
            r#"{"alg":"RS256","typ":[]}"#,
            r#"{"alg":"RS256","kid":"é"}"#,
            r#"{"alg":"RS256","kid":"a\u0000"}"#,
            r#"{"alg":"RS256","zip":"DEF"}"#,
            r#"{"alg":"RS256","crit":[1]}"#,
            &format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "x".repeat(257)),
        ] {
            assert_eq!(refusal(header), Error::Malformed, "{header}");
        }
        for header in [r#"{"alg":"RS256","crit":["exp"]}"#, r#"{"alg":"RS256","b64":true}"#] {
            assert_eq!(refusal(header), Error::CritUnsupported, "{header}");
        }
        let large = format!(r#"{{"alg":"RS256","x":"{}"}}"#, "x".repeat(512));
        assert_eq!(refusal(&large), Error::TooLarge { limit: "max_header_bytes" });
    }
}
