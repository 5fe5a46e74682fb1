//! Who is asking? A token becomes a principal, here or from the cache; a principal is checked again.

use std::cell::RefCell;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::Engine;
use super::live::Live;
use super::revocations::Standing;
use crate::crypto::{Digest, sha256};
use crate::model::{Code, Credential, IssuerName, Principal, Refusal, Request, Wait, Who};
use crate::token::{self, KeySet, KeySourceError, Needs, Question, Stop};

/// Verified tokens by their full SHA-256, bounded in bytes. A hit saves parsing and the signature, nothing else.
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
    principal: Principal,
    /// The key set that verified it: a token outlives no change of its issuer's keys.
    keys: Arc<KeySet>,
    bytes: u64,
}

impl Verified {
    /// `most` bytes, and about as many entries as fit.
    pub(super) fn new(most: usize) -> Self {
        Self(Cache::with_weighter(most / ENTRY, u64::try_from(most).unwrap_or(u64::MAX), Bytes))
    }

    fn find(&self, token: &Digest, live: &Live) -> Option<Principal> {
        let hit = self.0.get(token)?;
        let known = live.keys.known(&hit.principal.view().issuer)?;
        Arc::ptr_eq(&known, &hit.keys).then(|| hit.principal.clone())
    }

    fn remember(&self, token: Digest, principal: &Principal, keys: Arc<KeySet>) {
        let bytes = size(principal);
        self.0.insert(token, Arc::new(Hit { principal: principal.clone(), keys, bytes }));
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Verified({})", self.0.len())
    }
}

impl Engine {
    /// Who asks, verified or checked again, and not revoked. Refusals of strangers are counted.
    pub(super) fn identify(
        &self,
        live: &Live,
        request: &Request,
        wait: Wait,
    ) -> Result<(Principal, Standing), Refusal> {
        let found = super::authorize::bound(request).and_then(|()| {
            let principal = match &request.who {
                Who::Credential(Credential::Bearer(token)) => self.verify_token(live, token, wait),
                Who::Principal(principal) => self.still_stands(principal),
            }?;
            let standing = live.revocations.standing(principal.view(), Some(&request.action), wait)?;
            Ok((principal, standing))
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
        let Credential::Bearer(token) = credential;
        let found = self.verify_token(live, token, wait).and_then(|principal| {
            live.revocations.standing(principal.view(), None, wait)?;
            Ok(principal)
        });
        found.inspect_err(|refusal| count(live, &Who::Credential(credential.clone()), refusal))
    }

    fn still_stands(&self, principal: &Principal) -> Result<Principal, Refusal> {
        token::still_valid(principal, self.settings.issuers.realm, self.clock().now())?;
        Ok(principal.clone())
    }

    fn verify_token(&self, live: &Live, token: &str, wait: Wait) -> Result<Principal, Refusal> {
        let issuers = &self.settings.issuers;
        // What is over the limit is refused by its length below, not hashed first.
        let digest = (token.len() <= issuers.limits.max_token_bytes).then(|| sha256(&[token.as_bytes()]));
        if let Some(principal) = digest.as_ref().and_then(|digest| live.verified.find(digest, live)) {
            return self.still_stands(&principal);
        }
        let (principal, keys) = self.verify_anew(live, token, wait)?;
        if let (Some(digest), Some(keys)) = (digest, keys) {
            live.verified.remember(digest, &principal, keys);
        }
        Ok(principal)
    }

    /// Verifies, fetching the keys that verification asks for; gives the set that verified as well.
    fn verify_anew(
        &self,
        live: &Live,
        token: &str,
        wait: Wait,
    ) -> Result<(Principal, Option<Arc<KeySet>>), Refusal> {
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
            Ok(principal) => return Ok((principal, used.take())),
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
            Ok(principal) => Ok((principal, Some(keys))),
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
    ) -> Result<Principal, Refusal> {
        let (digest, now) = (sha256(&[token.as_bytes()]), self.clock().now());
        let answer = live.introspection.ask(Question { issuer, token, digest: &digest, now }, wait)?;
        Ok(token::introspected(&answer, issuer, &self.settings.issuers, self.clock().now())?)
    }
}

/// What remembering a principal costs, roughly and never too little.
fn size(principal: &Principal) -> u64 {
    let facts = principal.view();
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
        Who::Principal(_) => "principal",
    };
    if refusal.code() != Code::WouldWait {
        live.strangers.count(source, refusal.code(), &live.journal, &live.scribe);
    }
}
