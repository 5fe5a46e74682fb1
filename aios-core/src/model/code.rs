//! The one table of codes. Every refusal carries one; other languages' constants are generated from it.

/// When trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Retry {
    /// Not with the same request.
    No,
    /// With a fresh token.
    Refresh,
    /// Later, with the same request.
    Later,
}

macro_rules! codes {
    ($($name:ident $text:literal $status:literal $retry:ident $sentence:literal $remedy:literal;)*) => {
        /// A stable reason code: the same string in every language and in the audit record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $sentence] $name,)*
        }

        impl Code {
            /// Every code there is, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable string.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status a web front end should answer with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// Whether trying again can help.
            #[must_use]
            pub const fn retry(self) -> Retry {
                match self { $(Self::$name => Retry::$retry,)* }
            }

            /// What happened, in one sentence that is safe to show.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }
        }
    };
}

codes! {
    TokenMissing "token.missing" 401 No "no token was given" "send an access token";
    TokenMalformed "token.malformed" 401 No "the token is not a well-formed signed token" "send the access token as the issuer made it";
    TokenTooLarge "token.too_large" 401 No "the token or a part of it exceeds a limit" "raise [input] limits or make the issuer send fewer claims";
    TokenEncryptedUnsupported "token.encrypted_unsupported" 401 No "the token is encrypted" "configure the issuer to send signed, unencrypted access tokens";
    TokenDuplicateKey "token.duplicate_key" 401 No "the token names a member twice" "no honest issuer does this; find out where the token comes from";
    TokenClaimType "token.claim_type" 401 No "a claim has the wrong type or range" "correct the issuer's claim mapping";
    TokenClaimMissing "token.claim_missing" 401 No "a required claim is absent" "make the issuer send it, or take it out of `required`";
    TokenAlgNotAllowed "token.alg_not_allowed" 401 No "the token's algorithm is not allowed for this issuer or key" "add it to the issuer's `algorithms` if you trust it";
    TokenCritUnsupported "token.crit_unsupported" 401 No "the token demands an extension that is not supported" "configure the issuer not to use critical headers";
    TokenKidMissing "token.kid_missing" 401 No "the token names no key" "make the issuer send a `kid`";
    TokenUnknownKey "token.unknown_key" 401 No "the issuer publishes no such key" "check that the token comes from this issuer and its key set is current";
    TokenBadSignature "token.bad_signature" 401 No "the signature does not fit" "no honest issuer does this; find out where the token comes from";
    TokenUnknownIssuer "token.unknown_issuer" 401 No "no configured issuer has this `iss`" "add an [[issuer]] with exactly this `iss`";
    TokenWrongAudience "token.wrong_audience" 401 No "the token is for another audience" "request a token for this audience, or add it to `audience`";
    TokenWrongType "token.wrong_type" 401 No "the token is of another kind" "send an access token; ID tokens and logout tokens are not accepted";
    TokenTenantMissing "token.tenant_missing" 401 No "the token names no tenant" "make the issuer send the tenant claim";
    TokenTenantAmbiguous "token.tenant_ambiguous" 401 No "the token names several tenants" "make the issuer send the one tenant that the token is for";
    TokenTenantNotAllowed "token.tenant_not_allowed" 401 No "the issuer may not speak for this tenant" "add the tenant to the issuer's `tenants` if it may";
    TokenExpired "token.expired" 401 Refresh "the token has expired" "get a fresh token";
    TokenNotYetValid "token.not_yet_valid" 401 Refresh "the token is not valid yet" "check both clocks";
    TokenLifetimeTooLong "token.lifetime_too_long" 401 No "the token lives longer than allowed" "shorten lifetimes at the issuer or raise `max_lifetime_seconds`";
    TokenPopRequired "token.pop_required" 401 No "the token is bound to a key whose proof was not given" "send the proof, or request a bearer token";
    TokenPopInvalid "token.pop_invalid" 401 No "the proof that came with the token does not hold" "make a proof for this request and this token with the key that the token is bound to";
    TokenPopReplayed "token.pop_replayed" 401 No "the proof was used before" "make a proof for each request";
    TokenPopNonce "token.pop_nonce" 401 Later "the proof lacks a nonce of this server that still holds" "send the nonce as DPoP-Nonce, and let the client make its proof with it";
    TokenActorChainTooLong "token.actor_chain_too_long" 403 No "too many actors stand behind one another" "shorten the delegation or raise [input] max_actor_depth";
    TokenClientNotAllowed "token.client_not_allowed" 403 No "the client is not registered, and this issuer's clients have to be" "add a [[client]] if you trust it";
    TokenInsufficientScope "token.insufficient_scope" 403 No "the token's scopes do not cover the action" "request a scope that covers it";
    TokenRevoked "token.revoked" 401 Refresh "the token, its session, or somebody it speaks for is revoked" "sign in anew; where that is refused, too, ask the tenant's administrator";
    TokenInactive "token.inactive" 401 Refresh "the issuer says that the token is not active" "get a fresh token";
    TokenForeignPrincipal "token.foreign_principal" 401 No "the principal was verified by another engine" "authenticate with the engine that decides";
    TokenKeysUnavailable "token.keys_unavailable" 503 Later "the issuer's keys cannot be had at present" "check that the issuer's key server answers";
    TokenIntrospectionUnavailable "token.introspection_unavailable" 503 Later "the issuer cannot be asked about its token at present" "check that the issuer's introspection endpoint answers, and answers this client";
    TenantMissing "tenant.missing" 403 No "the principal or the resource names no tenant" "name the resource's tenant, or declare its type shared";
    TenantMismatch "tenant.mismatch" 403 No "the request reaches outside the principal's tenant" "no tenant can act on another's resources";
    PolicyDenied "policy.denied" 403 No "no policy permits this, or one forbids it" "see `policies` of the decision";
    PolicyError "policy.error" 403 No "a policy failed while it was evaluated, which refuses" "correct the policy that `errors` names";
    PolicyUnknownAction "policy.unknown_action" 403 No "the schema knows no such action" "declare the action in the schema";
    PolicyGroupsIncomplete "policy.groups_incomplete" 403 No "policies of the action look at groups, and the token does not hold all of the caller's" "make the issuer send all groups, or roles in their place";
    PolicyInput "policy.input" 403 No "the request does not fit the schema or a limit" "see `expected`";
    PolicyEntityConflict "policy.entity_conflict" 403 No "the request says of an entity something else than the files" "leave it out, or correct the entity's file";
    PolicyTooManyEntities "policy.too_many_entities" 403 No "the request reaches too many entities" "flatten the hierarchy";
    PolicyConflict "policy.conflict" 403 No "the tenant's policies in the store are not at the revision that was expected" "list them again, and decide anew";
    PolicyNotFound "policy.not_found" 403 No "the tenant keeps no policy of that name in the store" "list them";
    PolicyUnfit "policy.unfit" 403 No "a policy that a tenant keeps in the store, or wants to, does not fit the schema, what is delegated, or its files" "correct or remove the policies that `errors` names";
    PolicyCallReused "policy.call_reused" 403 No "the call id stands for another call whose permit is open" "use a fresh id for each call";
    AuditUnavailable "audit.unavailable" 503 Later "the audit record could not be made durable in time" "check the store: disk, locks, permissions";
    AuditBusy "audit.busy" 503 Later "too many records of this tenant are waiting" "slow down";
    AuditCompleted "audit.completed" 403 No "the permit was already completed" "complete each permit once";
    AuditPermitEnded "audit.permit_ended" 403 No "the permit has ended" "authorize the call anew, in the process that makes it";
    EntitiesConflict "entities.conflict" 403 No "the entity is not at the version that was expected" "read it again, and decide anew";
    EntitiesNotFound "entities.not_found" 403 No "no such entity is kept" "check its type and id";
    EntitiesUnfit "entities.unfit" 503 No "an entity that is kept in the store does not fit the schema, or what it stands in" "put it so that it fits, or delete it";
    EntitiesDamaged "entities.damaged" 503 No "what the store holds of a tenant's entities and policies is not what was written there" "find out who writes to the store, and restore it from a backup";
    EntitiesRolledBack "entities.rolled_back" 503 No "an older state of a tenant's entities and policies was put in the place of a newer one" "find out who writes to the store; where a backup was restored on purpose, restart";
    StoreCorrupt "store.corrupt" 503 No "the store's content is damaged" "restore the store from a backup and verify it";
    StoreNewer "store.newer" 503 No "the store was written by a newer version" "run the newer version";
    StoreUnavailable "store.unavailable" 503 Later "the store cannot be used at present" "check the store: disk, locks, permissions";
    StoreWrongMode "store.wrong_mode" 503 No "a test engine and a production engine cannot share a store" "use separate stores";
    KeyInUse "key.in_use" 403 No "the root key wraps what is new, or still wraps something" "rotate, and rewrap until it wraps nothing";
    KeyUnusable "key.unusable" 503 No "a wrapped key cannot be opened with the root keys at hand" "give the root key file that wrapped it";
    ConfigInvalid "config.invalid" 500 No "the configuration is not valid" "correct each line of the message";
    VaultUndecryptable "vault.undecryptable" 503 No "a secret, or what is kept about it, cannot be decrypted" "give the root key file that its tenant's master was wrapped with, or restore the store from a backup";
    VaultRolledBack "vault.rolled_back" 503 No "an older state of a secret was put in the place of a newer one" "find out who writes to the store, and restore it from a newer backup";
    VaultConflict "vault.conflict" 403 No "the secret is not at the version that the reference names" "read it again, and decide anew";
    VaultNotFound "vault.not_found" 403 No "there is no such secret or version" "check the reference";
    VaultNotAdmitted "vault.not_admitted" 403 No "the secret may not be sent there" "send it where the terms say that were fixed when it was put, or have its keeper put it on other terms";
    VaultUpstream "vault.upstream" 503 Later "the server that the secret is for does not answer, or not so that its answer can be handed on" "check that the server answers in time, and unpacked where it is asked to";
    VaultEnded "vault.ended" 403 No "the secret or its version is deleted, out of use, expired or not yet valid" "use another version, or rotate the secret";
    VaultOffboarded "vault.offboarded" 403 No "the tenant's secrets were destroyed for good, and none is taken any more" "nothing opens them again; a tenant that comes back needs another id";
    VaultOverdue "vault.overdue" 403 No "the secret's value is older than its schedule allows" "rotate the secret, or have its keeper change its schedule";
    VaultRevealAgent "vault.reveal_agent" 403 No "no agent is shown a secret's value, and nobody through whom one acts" "let it use the secret by a permit's credential";
    VaultRevealOff "vault.reveal_off" 403 No "showing values of secrets is switched off" "use the secret by reference; where people must see values, the operator sets reveal = true in [vault]";
    LimitRate "limit.rate" 429 Later "the secret was used as often as its terms allow for now" "come back at `retry_at`, or have its keeper put it on other terms";
    LimitUsedUp "limit.used_up" 429 No "this version of the secret was used as often as its terms ever allow" "rotate the secret";
    LimitWaiting "limit.waiting" 503 Later "too many calls are waiting" "slow down, or wait for the slow port";
    EngineClosed "engine.closed" 503 No "the engine is closed" "open an engine";
    WouldWait "would_wait" 503 Later "the answer is not at hand and the caller may not wait" "use the waiting or the awaiting form";
    Internal "internal" 500 No "a bug in AIOS was caught; the call was refused" "report it with the time of the call";
}

impl Code {
    /// A denial is the caller's affair (401, 403, 429), anything else a failure of ours.
    #[must_use]
    pub const fn is_denial(self) -> bool {
        matches!(self.status(), 401 | 403 | 429)
    }

    /// The anchor of its entry in `docs/codes.md`.
    #[must_use]
    pub fn anchor(self) -> String {
        self.as_str().replace(['.', '_'], "-")
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_their_status_fits_their_kind() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} stands twice");
            assert!(matches!(code.status(), 401 | 403 | 429 | 500 | 503), "{code}");
            assert!(!code.sentence().ends_with('.') && !code.remedy().is_empty(), "{code}");
        }
    }
}
