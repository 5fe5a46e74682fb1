//! Opaque tokens: what the issuer that made one says of it (RFC 7662), held to the same rules as a token that speaks for itself.

use std::fmt::Debug;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::binding::Confirmation;
use super::check::Presented;
use super::claims::{self, Claims};
use super::error::shown;
use super::header::Header;
use super::json::Json;
use super::steps::Strict;
use super::{Error, Issuer, Issuers, Unproven, mapping};
use crate::crypto::Digest;
use crate::crypto::signature::Algorithm;
use crate::model::{Code, Facts, IssuerName, Refusal, Timestamp, Wait};

/// How an issuer's opaque tokens are told and read.
#[derive(Debug, Clone, Default)]
pub struct Introspects {
    /// What they begin with. None only where no other issuer is asked: a token goes to the issuer it is of, and to no other.
    pub prefix: Option<String>,
    /// Whether an answer that names no subject speaks of the client itself.
    pub unnamed_is_client: bool,
}

/// The issuer to ask about a token; none where it is no opaque token of anybody's.
pub(super) fn reader<'i>(token: &str, issuers: &'i Issuers) -> Option<&'i Issuer> {
    if token.len() > issuers.limits.max_token_bytes {
        return None;
    }
    let asked = issuers.issuers.iter().find(|issuer| {
        issuer.introspection.as_ref().is_some_and(|introspects| match &introspects.prefix {
            Some(prefix) => token.starts_with(prefix.as_str()),
            None => token.bytes().filter(|byte| *byte == b'.').count() < 2,
        })
    });
    // Last, as it looks at every byte and signed tokens come this way too.
    asked.filter(|_| is_opaque(token))
}

/// Whether a token says nothing by itself. What begins like a signed or encrypted one is somebody's, however broken it is, and
/// must not be carried to another; nor must a key of ours.
fn is_opaque(token: &str) -> bool {
    // RFC 6750 section 2.1.
    let is_clean = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    // Of random tokens one in 256 begins with a brace, and one in 262144 with what every signed token begins with.
    let begins_like_jose = || {
        if !token.contains('.') {
            return token.starts_with("eyJ");
        }
        let start: String = token
            .chars()
            .take_while(|part| part.is_ascii_alphanumeric() || "-_".contains(*part))
            .take(4)
            .collect();
        let start = URL_SAFE_NO_PAD.decode(start.get(..start.len() - start.len() % 4).unwrap_or_default());
        start.is_ok_and(|start| start.trim_ascii_start().first() == Some(&b'{'))
    };
    !token.is_empty() && token.bytes().all(is_clean) && !token.starts_with(OURS) && !begins_like_jose()
}

/// What keys that AIOS makes begin with.
const OURS: &str = "aios_";

/// What an issuer said of a token.
#[derive(Debug)]
pub struct Answer {
    document: Vec<u8>,
    is_active: bool,
    ends: Option<Timestamp>,
}

impl Answer {
    /// Reads an answer, strictly.
    ///
    /// # Errors
    /// It is not an object, a member stands twice, or it does not say by a truth value whether the token is active.
    pub fn read(document: Vec<u8>) -> Result<Self, Error> {
        let members = claims::read(&document)?;
        let is_active = match members.find("active") {
            Some(Json::Bool(is_active)) => *is_active,
            Some(_) => return Err(Error::ClaimType { claim: "active".into() }),
            None => return Err(Error::ClaimMissing { claim: "active".into() }),
        };
        let ends = Claims::of(&members).moment("exp").ok().flatten();
        Ok(Self { document, is_active, ends })
    }

    /// Whether the token is active.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.is_active
    }

    /// Whether the answer can still be true: a token that is over has to be asked about anew.
    #[must_use]
    pub fn can_hold(&self, now: Timestamp) -> bool {
        self.ends.is_none_or(|ends| now < ends)
    }

    /// Bytes of it.
    #[must_use]
    pub fn size(&self) -> usize {
        self.document.len()
    }
}

/// The principal of an opaque token, by what its issuer said of it.
///
/// # Errors
/// The token is not active, or what is said of it would not be accepted in a signed token either.
pub fn introspected(
    answer: &Answer,
    issuer: &IssuerName,
    issuers: &Issuers,
    now: Timestamp,
) -> Result<Unproven, Error> {
    let issuer = issuers.named(issuer).ok_or(Error::Inactive)?;
    let introspects = issuer.introspection.as_ref().ok_or(Error::Inactive)?;
    if !answer.is_active {
        return Err(Error::Inactive);
    }
    let mut members = claims::read(&answer.document)?;
    if introspects.unnamed_is_client && members.find("username").is_none() {
        members.stand_in("sub", "client_id");
    }
    let claims = Claims::of(&members);
    if let Some(iss) = claims.text("iss")?.filter(|iss| !issuer.iss.is(iss)) {
        return Err(Error::UnknownIssuer { actual: shown(iss) });
    }
    is_access_token(&claims)?;
    let presented = Presented { header: &NO_HEADER, claims: &claims, issuer, issuers };
    let mut trail = Strict::default();
    let expires_at = presented.is_vouched_for(now, &mut trail)?;
    let confirmation = Confirmation::of(&claims)?;
    let facts = mapping::facts(&presented, expires_at, &mut trail)?;
    let facts = Facts { binding: confirmation.binding(), ..facts };
    Ok(Unproven::new(mapping::principal(facts), confirmation))
}

/// An answer has no header, and [`Presented::is_vouched_for`] looks at none.
const NO_HEADER: Header = Header { algorithm: Algorithm::Ed25519, kid: None, typ: None };

/// Servers know refresh tokens as well, and tokens that are bound to a key.
fn is_access_token(claims: &Claims<'_>) -> Result<(), Error> {
    let kind = claims.text("token_type")?;
    let is_bound =
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case("dpop") || kind.eq_ignore_ascii_case("pop"));
    if is_bound && !claims.has("cnf") {
        return Err(Error::PopRequired { at: "cnf" });
    }
    let is_bearer = is_bound || kind.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer") || kind == ACCESS);
    let wrong = if is_bearer { claims.text("token_use")?.filter(|usage| *usage != ACCESS) } else { kind };
    match wrong {
        None => Ok(()),
        Some(actual) => Err(Error::WrongType { expected: "Bearer".into(), actual: shown(actual) }),
    }
}

const ACCESS: &str = "access_token";

/// A question about a token.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Whom to ask: the issuer that it is of.
    pub issuer: &'a IssuerName,
    /// The token.
    pub token: &'a str,
    /// Its SHA-256.
    pub digest: &'a Digest,
    /// The time.
    pub now: Timestamp,
}

impl Debug for Question<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Question({})", self.issuer)
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntrospectionError {
    /// The issuer cannot be asked, refuses to answer us, or answers what is no answer; trying again may help.
    #[error("the issuer cannot be asked about its token: {reason}")]
    Unavailable {
        /// What stands in the way.
        reason: String,
    },
    /// The answer needs waiting, and the caller may not wait.
    #[error("the answer would need waiting")]
    WouldWait,
}

impl From<IntrospectionError> for Refusal {
    fn from(error: IntrospectionError) -> Self {
        match error {
            IntrospectionError::Unavailable { reason } => {
                Self::new(Code::TokenIntrospectionUnavailable).hint(reason)
            }
            IntrospectionError::WouldWait => Code::WouldWait.into(),
        }
    }
}

/// Port: what issuers say of their opaque tokens.
///
/// Never called by this room: [`super::verify`] says what it lacks, and the engine asks.
pub trait Introspector: Send + Sync + Debug {
    /// What the issuer says, or said a moment ago. One question serves all who wait for the same answer; no token is carried to
    /// anybody but the issuer that the question names.
    ///
    /// # Errors
    /// See [`IntrospectionError`].
    fn ask(&self, question: Question<'_>, wait: Wait) -> Result<Arc<Answer>, IntrospectionError>;
}
