//! Is the token its sender's? Proofs are looked at on each use, also behind the cache, and spent when all else is settled.

use super::Engine;
use super::live::Live;
use super::standing::Standing;
use crate::crypto::{self, MacKey};
use crate::model::{Code, Credential, Principal, Refusal, Timestamp, Wait};
use crate::revocation::SingleUse;
use crate::token::{Nonces, Proven, Spend, Unproven};

/// Who asks, and what it takes.
#[derive(Debug)]
pub(super) struct Identified {
    pub(super) principal: Principal,
    pub(super) standing: Standing,
    /// What is used up by what they ask. INVARIANT: nothing is permitted before [`Live::spend`].
    pub(super) spend: Option<Spend>,
}

/// Which nonces proofs must have.
#[derive(Debug)]
pub(super) struct NonceKey(MacKey);

impl NonceKey {
    /// A random one: another process, or this one after a restart, takes none of its nonces.
    pub(super) fn make() -> Result<Self, Refusal> {
        let bytes =
            zeroize::Zeroizing::new(crypto::random::<32>().map_err(|_| Refusal::new(Code::Internal))?);
        let key = MacKey::from_slice(bytes.as_slice()).map_err(|_| Refusal::new(Code::Internal))?;
        Ok(Self(key))
    }
}

impl Engine {
    /// The caller, where all that their token is bound to came with it.
    pub(super) fn proven(&self, live: &Live, token: Unproven, with: &Credential) -> Result<Proven, Refusal> {
        let now = self.clock().now();
        let nonces = live.nonces_at(now);
        Ok(token.proven(with, &self.settings.proofs, nonces.as_ref(), now)?)
    }
}

impl Live {
    /// Uses up a proof. The last thing before something is permitted: what is refused or would wait costs no proof.
    pub(super) fn spend(&self, proof: Option<&Spend>, wait: Wait) -> Result<(), Refusal> {
        let Some(Spend { id, until }) = proof.copied() else { return Ok(()) };
        self.revocations.spend(&SingleUse { id, until }, wait)
    }

    /// The same where nothing durable follows, which would ask again whether the caller is revoked: the store may have waited.
    pub(super) fn spend_for(
        &self,
        caller: &Principal,
        proof: Option<&Spend>,
        wait: Wait,
    ) -> Result<(), Refusal> {
        self.spend(proof, wait)?;
        match proof {
            Some(_) => self.revocations.standing(caller.view(), None, wait).map(drop),
            None => Ok(()),
        }
    }

    /// The nonces that proofs must have now; none where they need none.
    pub(super) fn nonces_at(&self, now: Timestamp) -> Option<Nonces<'_>> {
        self.nonces.as_ref().map(|key| Nonces::at(&key.0, now))
    }
}
