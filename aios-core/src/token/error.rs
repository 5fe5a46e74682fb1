//! Why a token, a set of keys or a held principal is not accepted.

use crate::model::{Code, Refusal, Timestamp};

/// Why verification refuses. Text in it can be shown to the caller: it is cut and escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The issuer's: more actors stand behind one another than `max_actor_depth`.
    #[error("the actor chain is too long")]
    ActorChainTooLong {
        /// The most there may be.
        limit: usize,
    },
    /// Another error, with what to do about it at this provider.
    #[error("{error}")]
    Advised {
        /// What is wrong.
        error: Box<Self>,
        /// What to do.
        hint: String,
    },
    /// The caller's or the configuration's: an algorithm that issuer or key does not use.
    #[error("the algorithm is not allowed")]
    AlgNotAllowed {
        /// What the header says.
        actual: String,
    },
    /// The caller's: the signature does not fit.
    #[error("the signature does not fit")]
    BadSignature,
    /// The issuer's: a required claim is absent.
    #[error("a required claim is absent")]
    ClaimMissing {
        /// The claim's path.
        claim: String,
    },
    /// The issuer's: a claim is of the wrong type or out of range.
    #[error("a claim has the wrong type or range")]
    ClaimType {
        /// The claim's path.
        claim: String,
    },
    /// The configuration's: the client is not registered, and this issuer's clients have to be.
    #[error("the client is not registered")]
    ClientNotAllowed,
    /// The issuer's: an extension that must be understood and is not.
    #[error("the token demands an unsupported extension")]
    CritUnsupported,
    /// The caller's: a member stands twice.
    #[error("a member stands twice")]
    DuplicateKey,
    /// The issuer's: the token is encrypted.
    #[error("the token is encrypted")]
    EncryptedUnsupported,
    /// The caller's: the token is over.
    #[error("the token has expired")]
    Expired {
        /// When it ended.
        at: Timestamp,
    },
    /// The host's: the principal belongs to another engine.
    #[error("the principal belongs to another engine")]
    ForeignPrincipal,
    /// The caller's: its issuer says that the token is over, was withdrawn, or never was.
    #[error("the token is not active")]
    Inactive,
    /// The caller's: no scope at hand covers the action.
    #[error("the scopes do not cover the action")]
    InsufficientScope {
        /// Scopes that would, separated by spaces.
        covering: String,
    },
    /// The issuer's: its key document cannot be used at all.
    #[error("the key set is unusable: {reason}")]
    KeySetUnusable {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The issuer's: the header names no key.
    #[error("the token names no key")]
    KidMissing,
    /// The issuer's: the token lives longer than `max_lifetime_seconds`.
    #[error("the token lives too long")]
    LifetimeTooLong {
        /// The longest it may.
        limit_seconds: i64,
    },
    /// The caller's: no well-formed signed token.
    #[error("the token is malformed")]
    Malformed,
    /// A clock's: issued or valid only later.
    #[error("the token is not valid yet")]
    NotYetValid {
        /// From when it is.
        at: Timestamp,
    },
    /// The caller's, or the host's: what came with a token does not show that it is its sender's.
    #[error("the proof of possession does not hold")]
    PopInvalid {
        /// What of it.
        at: &'static str,
        /// What it should be.
        expected: String,
        /// What it is; a type, an algorithm or a time.
        actual: Option<String>,
    },
    /// The caller's: the proof lacks a nonce that holds.
    #[error("the proof of possession lacks a nonce that holds")]
    PopNonce {
        /// One that does.
        nonce: String,
    },
    /// The caller's: a token bound to its sender came without what shows who that is.
    #[error("proof of possession is required")]
    PopRequired {
        /// What is lacking, or `cnf` where the token is bound in a way that is not known.
        at: &'static str,
    },
    /// The caller's: the token names several tenants.
    #[error("the token names several tenants")]
    TenantAmbiguous {
        /// The claim's name.
        claim: String,
    },
    /// The issuer's: the required tenant claim is absent.
    #[error("the token names no tenant")]
    TenantMissing {
        /// The claim's name.
        claim: String,
    },
    /// The issuer's or the configuration's: not a tenant this issuer and client speak for.
    #[error("the issuer may not speak for this tenant")]
    TenantNotAllowed,
    /// The issuer's: a limit is exceeded.
    #[error("the token is too large")]
    TooLarge {
        /// Which limit.
        limit: &'static str,
    },
    /// The configuration's or the caller's: no issuer has this `iss`.
    #[error("the issuer is unknown")]
    UnknownIssuer {
        /// What `iss` says.
        actual: String,
    },
    /// The caller's: the issuer publishes no such key.
    #[error("the key is unknown")]
    UnknownKey {
        /// The key's id.
        kid: String,
    },
    /// The caller's: a token for somebody else.
    #[error("the audience is wrong")]
    WrongAudience {
        /// Audiences of this engine.
        expected: String,
        /// What `aud` says.
        actual: String,
    },
    /// The caller's: another kind of token.
    #[error("the type is wrong")]
    WrongType {
        /// Types the issuer's access tokens have.
        expected: String,
        /// What `typ` says.
        actual: String,
    },
}

/// Text from a token, cut and escaped so that it can stand in a message.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 128;
    text.chars().take(LONGEST).flat_map(char::escape_debug).collect()
}

impl Error {
    pub(super) fn pop_invalid(at: &'static str, expected: impl Into<String>) -> Self {
        Self::PopInvalid { at, expected: expected.into(), actual: None }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::ActorChainTooLong { .. } => Code::TokenActorChainTooLong,
            Self::Advised { error, .. } => error.code(),
            Self::AlgNotAllowed { .. } => Code::TokenAlgNotAllowed,
            Self::BadSignature => Code::TokenBadSignature,
            Self::ClaimMissing { .. } => Code::TokenClaimMissing,
            Self::ClaimType { .. } => Code::TokenClaimType,
            Self::ClientNotAllowed => Code::TokenClientNotAllowed,
            Self::CritUnsupported => Code::TokenCritUnsupported,
            Self::DuplicateKey => Code::TokenDuplicateKey,
            Self::EncryptedUnsupported => Code::TokenEncryptedUnsupported,
            Self::Expired { .. } => Code::TokenExpired,
            Self::ForeignPrincipal => Code::TokenForeignPrincipal,
            Self::Inactive => Code::TokenInactive,
            Self::InsufficientScope { .. } => Code::TokenInsufficientScope,
            Self::KeySetUnusable { .. } => Code::TokenKeysUnavailable,
            Self::KidMissing => Code::TokenKidMissing,
            Self::LifetimeTooLong { .. } => Code::TokenLifetimeTooLong,
            Self::Malformed => Code::TokenMalformed,
            Self::NotYetValid { .. } => Code::TokenNotYetValid,
            Self::PopInvalid { .. } => Code::TokenPopInvalid,
            Self::PopNonce { .. } => Code::TokenPopNonce,
            Self::PopRequired { .. } => Code::TokenPopRequired,
            Self::TenantAmbiguous { .. } => Code::TokenTenantAmbiguous,
            Self::TenantMissing { .. } => Code::TokenTenantMissing,
            Self::TenantNotAllowed => Code::TokenTenantNotAllowed,
            Self::TooLarge { .. } => Code::TokenTooLarge,
            Self::UnknownIssuer { .. } => Code::TokenUnknownIssuer,
            Self::UnknownKey { .. } => Code::TokenUnknownKey,
            Self::WrongAudience { .. } => Code::TokenWrongAudience,
            Self::WrongType { .. } => Code::TokenWrongType,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let refusal = Self::new(error.code());
        match error {
            Error::ActorChainTooLong { limit } => {
                refusal.at("act").expected(format!("at most {limit} actors"))
            }
            Error::Advised { error, hint } => Self::from(*error).hint(hint),
            Error::AlgNotAllowed { actual } => refusal.at("alg").actual(actual),
            Error::ClaimMissing { claim }
            | Error::ClaimType { claim }
            | Error::TenantAmbiguous { claim }
            | Error::TenantMissing { claim } => refusal.at(claim),
            Error::Expired { at } => refusal.at("exp").actual(at.to_string()),
            Error::InsufficientScope { covering } => refusal.expected(covering),
            Error::KeySetUnusable { reason } => refusal.hint(reason),
            Error::LifetimeTooLong { limit_seconds } => {
                refusal.expected(format!("at most {limit_seconds} seconds"))
            }
            Error::NotYetValid { at } => refusal.actual(at.to_string()),
            Error::PopInvalid { at, expected, actual } => {
                let refusal = refusal.at(at).expected(expected);
                actual.into_iter().fold(refusal, Self::actual)
            }
            Error::PopNonce { nonce } => refusal.at("dpop.nonce").nonce(nonce),
            Error::PopRequired { at: "cnf" } => refusal
                .at("cnf")
                .expected("jkt or x5t#S256")
                .hint("the token is bound in a way that is not supported"),
            Error::PopRequired { at } => refusal.at(at),
            Error::TooLarge { limit } => refusal.at(limit),
            Error::UnknownIssuer { actual } => refusal.at("iss").actual(actual),
            Error::UnknownKey { kid } => refusal.at("kid").actual(kid),
            Error::WrongAudience { expected, actual } => refusal.at("aud").expected(expected).actual(actual),
            Error::WrongType { expected, actual } => refusal.at("typ").expected(expected).actual(actual),
            Error::BadSignature
            | Error::ClientNotAllowed
            | Error::CritUnsupported
            | Error::DuplicateKey
            | Error::EncryptedUnsupported
            | Error::ForeignPrincipal
            | Error::Inactive
            | Error::KidMissing
            | Error::Malformed
            | Error::TenantNotAllowed => refusal,
        }
    }
}
