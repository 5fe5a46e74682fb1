//! Whether a token is its sender's, where it is bound to them: by a key that signs each request (RFC 9449), by the
//! certificate of their connection (RFC 8705), or by both.

mod certificate;
mod confirmation;
mod dpop;
mod nonce;
mod target;

use super::Error;
use crate::crypto::Digest;
use crate::model::principal::{Binding, Facts};
use crate::model::{Credential, Principal, Realm, Timestamp};
pub(super) use confirmation::Confirmation;
pub use nonce::Nonces;
pub use target::PublicUrl;

/// A verified token, of which it is still to be seen whether it is its sender's.
#[derive(Debug, Clone)]
pub struct Unproven {
    principal: Principal,
    confirmation: Confirmation,
}

/// A caller whose token is theirs.
#[derive(Debug, Clone)]
pub struct Proven {
    /// The caller.
    pub principal: Principal,
    /// What must be spent before anything is permitted on this proof.
    pub spend: Option<Spend>,
}

/// A proof's id, which may be used once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spend {
    /// A hash of it and of the key whose proof it is.
    pub id: Digest,
    /// From when on the proof is too old anyway.
    pub until: Timestamp,
}

/// What holds for proofs: `public_url` and `[dpop]`.
#[derive(Debug, Clone)]
pub struct ProofRules {
    /// Where this deployment is reached. None: proofs cannot be verified.
    pub public_url: Option<PublicUrl>,
    /// How old a proof may be.
    pub past_seconds: i64,
    /// How far ahead its sender's clock may be.
    pub future_seconds: i64,
}

impl Unproven {
    pub(super) fn new(principal: Principal, confirmation: Confirmation) -> Self {
        Self { principal, confirmation }
    }

    /// What was verified about the token.
    #[must_use]
    pub fn view(&self) -> &Facts {
        self.principal.view()
    }

    /// As [`super::still_valid`].
    ///
    /// # Errors
    /// As [`super::still_valid`].
    pub fn still_valid(&self, realm: Realm, now: Timestamp) -> Result<(), Error> {
        super::still_valid(&self.principal, realm, now)
    }

    /// The caller, where all that the token is bound to came with it; `nonces` are demanded where they are given.
    ///
    /// Pure: that a proof is used once is for whoever spends [`Proven::spend`].
    ///
    /// # Errors
    /// [`Error::PopRequired`], [`Error::PopInvalid`], [`Error::PopNonce`].
    pub fn proven(
        self,
        credential: &Credential,
        rules: &ProofRules,
        nonces: Option<&Nonces<'_>>,
        now: Timestamp,
    ) -> Result<Proven, Error> {
        let spend = self.confirmation.shown_by(credential, (rules, nonces), now)?;
        Ok(Proven { principal: self.principal, spend })
    }
}

impl Confirmation {
    /// What is used up by it, where all that the token is bound to came with it.
    pub(super) fn shown_by(
        &self,
        credential: &Credential,
        (rules, nonces): (&ProofRules, Option<&Nonces<'_>>),
        now: Timestamp,
    ) -> Result<Option<Spend>, Error> {
        let (proof, certificate) = match credential {
            Credential::Bearer(_) => (None, None),
            Credential::Bound(bound) => (bound.proof.as_deref(), bound.certificate.as_deref()),
        };
        if let Some(expected) = &self.certificate {
            let certificate = certificate.ok_or(Error::PopRequired { at: "certificate" })?;
            certificate::is(certificate, expected)?;
        }
        match (&self.key, proof) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Error::pop_invalid("cnf.jkt", "a token that is bound to the proof's key")),
            // A header that is there and says nothing is as good as none.
            (Some(_), None | Some("")) => Err(Error::PopRequired { at: "dpop" }),
            (Some(key), Some(proof)) => {
                let request = dpop::Request::of(credential, rules)?;
                dpop::verify(proof, &request, (key, rules), nonces, now).map(Some)
            }
        }
    }

    /// How a principal says it. Of both, the proof, which is for one request.
    pub(super) fn binding(&self) -> Binding {
        match (&self.key, &self.certificate) {
            (Some(_), _) => Binding::Dpop,
            (None, Some(_)) => Binding::Mtls,
            (None, None) => Binding::None,
        }
    }
}

/// A proof alone, for proofs that are published without a token of ours.
#[cfg(test)]
pub(super) fn verify_proof(
    proof: &str,
    credential: &Credential,
    (key, rules): (&Digest, &ProofRules),
    now: Timestamp,
) -> Result<(), Error> {
    let request = dpop::Request::of(credential, rules)?;
    dpop::verify(proof, &request, (key, rules), None, now).map(drop)
}
