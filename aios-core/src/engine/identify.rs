//! Who is asking? A token becomes a principal, here or from the cache; a principal is checked again.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::Engine;
use super::live::Live;
use crate::crypto::{Digest, sha256};
use crate::model::{Code, Credential, Principal, Refusal, Timestamp, Wait, Who};
use crate::token::{self, KeySet, KeySourceError, Needs, Stop};

/// Verified tokens by their full SHA-256. A hit saves parsing and the signature, nothing else.
pub(super) struct Verified(Cache<Digest, Arc<Hit>>);

#[derive(Debug)]
struct Hit {
    principal: Principal,
    /// The key set that verified it: a token outlives no change of its issuer's keys.
    keys: Arc<KeySet>,
}

impl Verified {
    pub(super) fn new(most: usize) -> Self {
        Self(Cache::new(most))
    }

    fn find(&self, token: &Digest, live: &Live) -> Option<Principal> {
        let hit = self.0.get(token)?;
        let known = live.keys.known(&hit.principal.view().issuer)?;
        Arc::ptr_eq(&known, &hit.keys).then(|| hit.principal.clone())
    }

    fn remember(&self, token: Digest, principal: &Principal, live: &Live) {
        if let Some(keys) = live.keys.known(&principal.view().issuer) {
            self.0.insert(token, Arc::new(Hit { principal: principal.clone(), keys }));
        }
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Verified({})", self.0.len())
    }
}

impl Engine {
    /// Verifies a credential, or checks again that a principal still stands. Refusals of strangers are counted.
    pub(super) fn identify(
        &self,
        live: &Live,
        who: &Who,
        now: Timestamp,
        wait: Wait,
    ) -> Result<Principal, Refusal> {
        let (source, found) = match who {
            Who::Credential(Credential::Bearer(token)) => {
                ("bearer", self.verify_token(live, token, now, wait))
            }
            Who::Principal(principal) => ("principal", self.still_stands(principal, now)),
        };
        found.inspect_err(|refusal| {
            if refusal.code() != Code::WouldWait {
                live.strangers.count(source, refusal.code(), &live.journal, &live.scribe);
            }
        })
    }

    fn still_stands(&self, principal: &Principal, now: Timestamp) -> Result<Principal, Refusal> {
        token::still_valid(principal, self.settings.issuers.realm, now)?;
        Ok(principal.clone())
    }

    fn verify_token(
        &self,
        live: &Live,
        token: &str,
        now: Timestamp,
        wait: Wait,
    ) -> Result<Principal, Refusal> {
        let issuers = &self.settings.issuers;
        // What is over the limit is refused by its length below, not hashed first.
        let digest = (token.len() <= issuers.limits.max_token_bytes).then(|| sha256(&[token.as_bytes()]));
        if let Some(principal) = digest.as_ref().and_then(|digest| live.verified.find(digest, live)) {
            return self.still_stands(&principal, now);
        }
        let known = |issuer: &_| live.keys.known(issuer);
        let principal = match token::verify(token, issuers, &known, now) {
            Ok(principal) => principal,
            Err(Stop::Refused(error)) => return Err(error.into()),
            Err(Stop::Needs(needs)) => self.verify_with(live, token, now, (needs, wait))?,
        };
        if let Some(digest) = digest {
            live.verified.remember(digest, &principal, live);
        }
        Ok(principal)
    }

    /// Fetches the keys that verification asked for, and verifies once more.
    fn verify_with(
        &self,
        live: &Live,
        token: &str,
        now: Timestamp,
        (Needs::Keys { issuer, kid }, wait): (Needs, Wait),
    ) -> Result<Principal, Refusal> {
        let keys = live.keys.fetch(&issuer, &kid, wait).map_err(|error| match error {
            KeySourceError::Unavailable => Refusal::new(Code::TokenKeysUnavailable),
            KeySourceError::WouldWait => Refusal::new(Code::WouldWait),
        })?;
        let fetched =
            |asked: &_| if *asked == issuer { Some(Arc::clone(&keys)) } else { live.keys.known(asked) };
        token::verify(token, &self.settings.issuers, &fetched, now).map_err(|stop| match stop {
            Stop::Refused(error) => error.into(),
            Stop::Needs(needs) => needs.into_refusal().into(),
        })
    }
}
