//! Who is asking? A token becomes a principal, here or from the cache; a principal is checked again.

use std::cell::RefCell;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::Engine;
use super::live::Live;
use super::proofs::Identified;
use crate::crypto::{Digest, sha256};
use crate::model::{Code, Credential, Facts, IssuerName, Principal, Refusal, Request, Wait, Who};
use crate::token::{self, KeySet, KeySourceError, Needs, Proven, Question, Stop, Unproven};

/// Verified tokens by their full SHA-256, bounded in bytes. A hit saves parsing and the signature, nothing else: whether a
/// token is its sender's is seen at each use.
pub(super) struct Verified(Cache<Digest, Arc<Hit>, Bytes>);

/// What an entry costs: nearly all of it is text.
#[derive(Clone)]
struct Bytes;

impl Weighter<Digest, Arc<Hit>> for Bytes {
    fn weight(&self, _: &Digest, hit: &Arc<Hit>) -> u64 {
        hit.bytes
    }
}

/// What an entry costs besides its texts, and a text besides its bytes.
const ENTRY: usize = 1024;
const TEXT: usize = 48;

#[derive(Debug)]
struct Hit {
    token: Unproven,
    /// The key set that verified it: a token outlives no change of its issuer's keys.
    keys: Arc<KeySet>,
    bytes: u64,
}

impl Verified {
    /// `most` bytes, and about as many entries as fit.
    pub(super) fn new(most: usize) -> Self {
        Self(Cache::with_weighter(most / ENTRY, u64::try_from(most).unwrap_or(u64::MAX), Bytes))
    }

    fn find(&self, digest: &Digest, live: &Live) -> Option<Unproven> {
        let hit = self.0.get(digest)?;
        let known = live.keys.known(&hit.token.view().issuer)?;
        Arc::ptr_eq(&known, &hit.keys).then(|| hit.token.clone())
    }

    fn remember(&self, digest: Digest, token: &Unproven, keys: Arc<KeySet>) {
        let bytes = size(token.view());
        self.0.insert(digest, Arc::new(Hit { token: token.clone(), keys, bytes }));
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Verified({})", self.0.len())
    }
}

impl Engine {
    /// Who asks, verified or checked again, and not revoked. Refusals of strangers are counted.
    pub(super) fn identify(&self, live: &Live, request: &Request, wait: Wait) -> Result<Identified, Refusal> {
        let found = super::authorize::bound(request).and_then(|()| {
            let Proven { principal, spend } = match &request.who {
                Who::Credential(credential) => self.verify(live, credential, wait)?,
                Who::Principal(principal) => Proven { principal: self.still_stands(principal)?, spend: None },
            };
            let standing = live.revocations.standing(principal.view(), Some(&request.action), wait)?;
            Ok(Identified { principal, standing, spend })
        });
        found.inspect_err(|refusal| count(live, &request.who, refusal))
    }

    /// Verifies a credential on its own.
    pub(super) fn authenticate(
        &self,
        live: &Live,
        credential: &Credential,
        wait: Wait,
    ) -> Result<Principal, Refusal> {
        let found = self.verify(live, credential, wait).and_then(|Proven { principal, spend }| {
            live.revocations.standing(principal.view(), None, wait)?;
            live.spend(spend.as_ref(), wait)?;
            Ok(principal)
        });
        found.inspect_err(|refusal| count(live, &Who::Credential(credential.clone()), refusal))
    }

    fn still_stands(&self, principal: &Principal) -> Result<Principal, Refusal> {
        token::still_valid(principal, self.settings.issuers.realm, self.clock().now())?;
        Ok(principal.clone())
    }

    /// The token first: whoever has none that holds costs no look at a proof.
    fn verify(&self, live: &Live, credential: &Credential, wait: Wait) -> Result<Proven, Refusal> {
        let token = self.verify_token(live, credential.token(), wait)?;
        self.proven(live, token, credential)
    }

    fn verify_token(&self, live: &Live, token: &str, wait: Wait) -> Result<Unproven, Refusal> {
        let issuers = &self.settings.issuers;
        // What is over the limit is refused by its length below, not hashed first.
        let digest = (token.len() <= issuers.limits.max_token_bytes).then(|| sha256(&[token.as_bytes()]));
        if let Some(known) = digest.as_ref().and_then(|digest| live.verified.find(digest, live)) {
            known.still_valid(issuers.realm, self.clock().now())?;
            return Ok(known);
        }
        let (verified, keys) = self.verify_anew(live, token, wait)?;
        if let (Some(digest), Some(keys)) = (digest, keys) {
            live.verified.remember(digest, &verified, keys);
        }
        Ok(verified)
    }

    /// Verifies, fetching the keys that verification asks for; gives the set that verified as well.
    fn verify_anew(
        &self,
        live: &Live,
        token: &str,
        wait: Wait,
    ) -> Result<(Unproven, Option<Arc<KeySet>>), Refusal> {
        let used = RefCell::new(None);
        let known = |issuer: &_| {
            let keys = live.keys.known(issuer);
            used.borrow_mut().clone_from(&keys);
            keys
        };
        let verify = |keys: &dyn Fn(&IssuerName) -> Option<Arc<KeySet>>| {
            token::verify(token, &self.settings.issuers, keys, self.clock().now())
        };
        let (issuer, kid) = match verify(&known) {
            Ok(verified) => return Ok((verified, used.take())),
            Err(Stop::Refused(error)) => return Err(error.into()),
            Err(Stop::Needs(Needs::Introspection { issuer })) => {
                return Ok((self.introspect(live, token, &issuer, wait)?, None));
            }
            Err(Stop::Needs(Needs::Keys { issuer, kid })) => (issuer, kid),
        };
        let keys = live.keys.fetch(&issuer, &kid, wait).map_err(|error| match error {
            KeySourceError::Unavailable => Refusal::new(Code::TokenKeysUnavailable),
            KeySourceError::WouldWait => Refusal::new(Code::WouldWait),
        })?;
        let fetched = |asked: &IssuerName| (*asked == issuer).then(|| Arc::clone(&keys));
        match verify(&fetched) {
            Ok(verified) => Ok((verified, Some(keys))),
            Err(Stop::Refused(error)) => Err(error.into()),
            Err(Stop::Needs(needs)) => Err(needs.into_refusal().into()),
        }
    }
}

impl Engine {
    /// What the issuer says of its opaque token, checked anew at each use.
    fn introspect(
        &self,
        live: &Live,
        token: &str,
        issuer: &IssuerName,
        wait: Wait,
    ) -> Result<Unproven, Refusal> {
        let (digest, now) = (sha256(&[token.as_bytes()]), self.clock().now());
        let answer = live.introspection.ask(Question { issuer, token, digest: &digest, now }, wait)?;
        Ok(token::introspected(&answer, issuer, &self.settings.issuers, self.clock().now())?)
    }
}

/// What remembering a token costs, roughly and never too little.
fn size(facts: &Facts) -> u64 {
    let lists = [&facts.roles, &facts.scopes, &facts.permissions, &facts.groups, &facts.amr];
    let actors = facts.actors.iter().map(|actor| &actor.id);
    let texts: usize = lists.into_iter().flatten().chain(actors).map(|text| text.len() + TEXT).sum();
    let single = [&facts.client_id, &facts.session_id, &facts.token_id, &facts.acr];
    let singles: usize = single.into_iter().flatten().map(String::len).sum();
    // A consent repeats the scopes.
    let attributes = if facts.attributes.is_empty() { 0 } else { texts };
    u64::try_from(ENTRY + texts + singles + facts.subject.len() + attributes).unwrap_or(u64::MAX)
}

/// Counts a refusal of somebody who was not verified.
fn count(live: &Live, who: &Who, refusal: &Refusal) {
    let source = match who {
        Who::Credential(Credential::Bearer(_)) => "bearer",
        Who::Credential(Credential::Bound(_)) => "bound",
        Who::Principal(_) => "principal",
    };
    if refusal.code() != Code::WouldWait {
        live.strangers.count(source, refusal.code(), &live.journal, &live.scribe);
    }
}
