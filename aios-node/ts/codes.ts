// Generated from the operations table by tests/contract/typescript.rs: UPDATE=1 make test

import type { Retry } from "./types.js";

/** Why something was refused: the same string in every language and in the audit record. */
export type Code =
  | "token.missing"
  | "token.malformed"
  | "token.too_large"
  | "token.encrypted_unsupported"
  | "token.duplicate_key"
  | "token.claim_type"
  | "token.claim_missing"
  | "token.alg_not_allowed"
  | "token.crit_unsupported"
  | "token.kid_missing"
  | "token.unknown_key"
  | "token.bad_signature"
  | "token.unknown_issuer"
  | "token.wrong_audience"
  | "token.wrong_type"
  | "token.tenant_missing"
  | "token.tenant_ambiguous"
  | "token.tenant_not_allowed"
  | "token.expired"
  | "token.not_yet_valid"
  | "token.lifetime_too_long"
  | "token.pop_required"
  | "token.pop_invalid"
  | "token.pop_replayed"
  | "token.pop_nonce"
  | "token.actor_chain_too_long"
  | "token.client_not_allowed"
  | "token.insufficient_scope"
  | "token.revoked"
  | "token.inactive"
  | "token.foreign_principal"
  | "token.keys_unavailable"
  | "token.introspection_unavailable"
  | "tenant.missing"
  | "tenant.mismatch"
  | "policy.denied"
  | "policy.error"
  | "policy.unknown_action"
  | "policy.groups_incomplete"
  | "policy.input"
  | "policy.entity_conflict"
  | "policy.too_many_entities"
  | "policy.conflict"
  | "policy.not_found"
  | "policy.unfit"
  | "policy.call_reused"
  | "audit.unavailable"
  | "audit.busy"
  | "audit.completed"
  | "audit.permit_ended"
  | "entities.conflict"
  | "entities.not_found"
  | "entities.unfit"
  | "entities.damaged"
  | "entities.rolled_back"
  | "store.corrupt"
  | "store.newer"
  | "store.unavailable"
  | "store.wrong_mode"
  | "key.in_use"
  | "key.unusable"
  | "config.invalid"
  | "vault.undecryptable"
  | "vault.rolled_back"
  | "vault.conflict"
  | "vault.not_found"
  | "vault.not_admitted"
  | "vault.upstream"
  | "vault.ended"
  | "vault.offboarded"
  | "vault.overdue"
  | "vault.reveal_agent"
  | "vault.reveal_off"
  | "limit.rate"
  | "limit.used_up"
  | "limit.waiting"
  | "engine.closed"
  | "would_wait"
  | "internal";

/** What the table says of a code. */
export interface CodeFacts {
  /** The HTTP status a web front end should answer with. */
  readonly status: number;
  /** When trying again can help. */
  readonly retry: Retry;
  /** What happened. */
  readonly sentence: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The anchor of its entry in docs/codes.md. */
  readonly anchor: string;
}

/** Every code there is. */
export const CODES: Readonly<Record<Code, CodeFacts>> = Object.freeze({
  "token.missing": {
    status: 401,
    retry: "no",
    sentence: "no token was given",
    remedy: "send an access token",
    anchor: "token-missing",
  },
  "token.malformed": {
    status: 401,
    retry: "no",
    sentence: "the token is not a well-formed signed token",
    remedy: "send the access token as the issuer made it",
    anchor: "token-malformed",
  },
  "token.too_large": {
    status: 401,
    retry: "no",
    sentence: "the token or a part of it exceeds a limit",
    remedy: "raise [input] limits or make the issuer send fewer claims",
    anchor: "token-too-large",
  },
  "token.encrypted_unsupported": {
    status: 401,
    retry: "no",
    sentence: "the token is encrypted",
    remedy: "configure the issuer to send signed, unencrypted access tokens",
    anchor: "token-encrypted-unsupported",
  },
  "token.duplicate_key": {
    status: 401,
    retry: "no",
    sentence: "the token names a member twice",
    remedy: "no honest issuer does this; find out where the token comes from",
    anchor: "token-duplicate-key",
  },
  "token.claim_type": {
    status: 401,
    retry: "no",
    sentence: "a claim has the wrong type or range",
    remedy: "correct the issuer's claim mapping",
    anchor: "token-claim-type",
  },
  "token.claim_missing": {
    status: 401,
    retry: "no",
    sentence: "a required claim is absent",
    remedy: "make the issuer send it, or take it out of `required`",
    anchor: "token-claim-missing",
  },
  "token.alg_not_allowed": {
    status: 401,
    retry: "no",
    sentence: "the token's algorithm is not allowed for this issuer or key",
    remedy: "add it to the issuer's `algorithms` if you trust it",
    anchor: "token-alg-not-allowed",
  },
  "token.crit_unsupported": {
    status: 401,
    retry: "no",
    sentence: "the token demands an extension that is not supported",
    remedy: "configure the issuer not to use critical headers",
    anchor: "token-crit-unsupported",
  },
  "token.kid_missing": {
    status: 401,
    retry: "no",
    sentence: "the token names no key",
    remedy: "make the issuer send a `kid`",
    anchor: "token-kid-missing",
  },
  "token.unknown_key": {
    status: 401,
    retry: "no",
    sentence: "the issuer publishes no such key",
    remedy: "check that the token comes from this issuer and its key set is current",
    anchor: "token-unknown-key",
  },
  "token.bad_signature": {
    status: 401,
    retry: "no",
    sentence: "the signature does not fit",
    remedy: "no honest issuer does this; find out where the token comes from",
    anchor: "token-bad-signature",
  },
  "token.unknown_issuer": {
    status: 401,
    retry: "no",
    sentence: "no configured issuer has this `iss`",
    remedy: "add an [[issuer]] with exactly this `iss`",
    anchor: "token-unknown-issuer",
  },
  "token.wrong_audience": {
    status: 401,
    retry: "no",
    sentence: "the token is for another audience",
    remedy: "request a token for this audience, or add it to `audience`",
    anchor: "token-wrong-audience",
  },
  "token.wrong_type": {
    status: 401,
    retry: "no",
    sentence: "the token is of another kind",
    remedy: "send an access token; ID tokens and logout tokens are not accepted",
    anchor: "token-wrong-type",
  },
  "token.tenant_missing": {
    status: 401,
    retry: "no",
    sentence: "the token names no tenant",
    remedy: "make the issuer send the tenant claim",
    anchor: "token-tenant-missing",
  },
  "token.tenant_ambiguous": {
    status: 401,
    retry: "no",
    sentence: "the token names several tenants",
    remedy: "make the issuer send the one tenant that the token is for",
    anchor: "token-tenant-ambiguous",
  },
  "token.tenant_not_allowed": {
    status: 401,
    retry: "no",
    sentence: "the issuer may not speak for this tenant",
    remedy: "add the tenant to the issuer's `tenants` if it may",
    anchor: "token-tenant-not-allowed",
  },
  "token.expired": {
    status: 401,
    retry: "refresh",
    sentence: "the token has expired",
    remedy: "get a fresh token",
    anchor: "token-expired",
  },
  "token.not_yet_valid": {
    status: 401,
    retry: "refresh",
    sentence: "the token is not valid yet",
    remedy: "check both clocks",
    anchor: "token-not-yet-valid",
  },
  "token.lifetime_too_long": {
    status: 401,
    retry: "no",
    sentence: "the token lives longer than allowed",
    remedy: "shorten lifetimes at the issuer or raise `max_lifetime_seconds`",
    anchor: "token-lifetime-too-long",
  },
  "token.pop_required": {
    status: 401,
    retry: "no",
    sentence: "the token is bound to a key whose proof was not given",
    remedy: "send the proof, or request a bearer token",
    anchor: "token-pop-required",
  },
  "token.pop_invalid": {
    status: 401,
    retry: "no",
    sentence: "the proof that came with the token does not hold",
    remedy: "make a proof for this request and this token with the key that the token is bound to",
    anchor: "token-pop-invalid",
  },
  "token.pop_replayed": {
    status: 401,
    retry: "no",
    sentence: "the proof was used before",
    remedy: "make a proof for each request",
    anchor: "token-pop-replayed",
  },
  "token.pop_nonce": {
    status: 401,
    retry: "later",
    sentence: "the proof lacks a nonce of this server that still holds",
    remedy: "send the nonce as DPoP-Nonce, and let the client make its proof with it",
    anchor: "token-pop-nonce",
  },
  "token.actor_chain_too_long": {
    status: 403,
    retry: "no",
    sentence: "too many actors stand behind one another",
    remedy: "shorten the delegation or raise [input] max_actor_depth",
    anchor: "token-actor-chain-too-long",
  },
  "token.client_not_allowed": {
    status: 403,
    retry: "no",
    sentence: "the client is not registered, and this issuer's clients have to be",
    remedy: "add a [[client]] if you trust it",
    anchor: "token-client-not-allowed",
  },
  "token.insufficient_scope": {
    status: 403,
    retry: "no",
    sentence: "the token's scopes do not cover the action",
    remedy: "request a scope that covers it",
    anchor: "token-insufficient-scope",
  },
  "token.revoked": {
    status: 401,
    retry: "refresh",
    sentence: "the token, its session, or somebody it speaks for is revoked",
    remedy: "sign in anew; where that is refused, too, ask the tenant's administrator",
    anchor: "token-revoked",
  },
  "token.inactive": {
    status: 401,
    retry: "refresh",
    sentence: "the issuer says that the token is not active",
    remedy: "get a fresh token",
    anchor: "token-inactive",
  },
  "token.foreign_principal": {
    status: 401,
    retry: "no",
    sentence: "the principal was verified by another engine",
    remedy: "authenticate with the engine that decides",
    anchor: "token-foreign-principal",
  },
  "token.keys_unavailable": {
    status: 503,
    retry: "later",
    sentence: "the issuer's keys cannot be had at present",
    remedy: "check that the issuer's key server answers",
    anchor: "token-keys-unavailable",
  },
  "token.introspection_unavailable": {
    status: 503,
    retry: "later",
    sentence: "the issuer cannot be asked about its token at present",
    remedy: "check that the issuer's introspection endpoint answers, and answers this client",
    anchor: "token-introspection-unavailable",
  },
  "tenant.missing": {
    status: 403,
    retry: "no",
    sentence: "the principal or the resource names no tenant",
    remedy: "name the resource's tenant, or declare its type shared",
    anchor: "tenant-missing",
  },
  "tenant.mismatch": {
    status: 403,
    retry: "no",
    sentence: "the request reaches outside the principal's tenant",
    remedy: "no tenant can act on another's resources",
    anchor: "tenant-mismatch",
  },
  "policy.denied": {
    status: 403,
    retry: "no",
    sentence: "no policy permits this, or one forbids it",
    remedy: "see `policies` of the decision",
    anchor: "policy-denied",
  },
  "policy.error": {
    status: 403,
    retry: "no",
    sentence: "a policy failed while it was evaluated, which refuses",
    remedy: "correct the policy that `errors` names",
    anchor: "policy-error",
  },
  "policy.unknown_action": {
    status: 403,
    retry: "no",
    sentence: "the schema knows no such action",
    remedy: "declare the action in the schema",
    anchor: "policy-unknown-action",
  },
  "policy.groups_incomplete": {
    status: 403,
    retry: "no",
    sentence: "policies of the action look at groups, and the token does not hold all of the caller's",
    remedy: "make the issuer send all groups, or roles in their place",
    anchor: "policy-groups-incomplete",
  },
  "policy.input": {
    status: 403,
    retry: "no",
    sentence: "the request does not fit the schema or a limit",
    remedy: "see `expected`",
    anchor: "policy-input",
  },
  "policy.entity_conflict": {
    status: 403,
    retry: "no",
    sentence: "the request says of an entity something else than the files",
    remedy: "leave it out, or correct the entity's file",
    anchor: "policy-entity-conflict",
  },
  "policy.too_many_entities": {
    status: 403,
    retry: "no",
    sentence: "the request reaches too many entities",
    remedy: "flatten the hierarchy",
    anchor: "policy-too-many-entities",
  },
  "policy.conflict": {
    status: 403,
    retry: "no",
    sentence: "the tenant's policies in the store are not at the revision that was expected",
    remedy: "list them again, and decide anew",
    anchor: "policy-conflict",
  },
  "policy.not_found": {
    status: 403,
    retry: "no",
    sentence: "the tenant keeps no policy of that name in the store",
    remedy: "list them",
    anchor: "policy-not-found",
  },
  "policy.unfit": {
    status: 403,
    retry: "no",
    sentence: "a policy that a tenant keeps in the store, or wants to, does not fit the schema, what is delegated, or its files",
    remedy: "correct or remove the policies that `errors` names",
    anchor: "policy-unfit",
  },
  "policy.call_reused": {
    status: 403,
    retry: "no",
    sentence: "the call id stands for another call whose permit is open",
    remedy: "use a fresh id for each call",
    anchor: "policy-call-reused",
  },
  "audit.unavailable": {
    status: 503,
    retry: "later",
    sentence: "the audit record could not be made durable in time",
    remedy: "check the store: disk, locks, permissions",
    anchor: "audit-unavailable",
  },
  "audit.busy": {
    status: 503,
    retry: "later",
    sentence: "too many records of this tenant are waiting",
    remedy: "slow down",
    anchor: "audit-busy",
  },
  "audit.completed": {
    status: 403,
    retry: "no",
    sentence: "the permit was already completed",
    remedy: "complete each permit once",
    anchor: "audit-completed",
  },
  "audit.permit_ended": {
    status: 403,
    retry: "no",
    sentence: "the permit has ended",
    remedy: "authorize the call anew, in the process that makes it",
    anchor: "audit-permit-ended",
  },
  "entities.conflict": {
    status: 403,
    retry: "no",
    sentence: "the entity is not at the version that was expected",
    remedy: "read it again, and decide anew",
    anchor: "entities-conflict",
  },
  "entities.not_found": {
    status: 403,
    retry: "no",
    sentence: "no such entity is kept",
    remedy: "check its type and id",
    anchor: "entities-not-found",
  },
  "entities.unfit": {
    status: 503,
    retry: "no",
    sentence: "an entity that is kept in the store does not fit the schema, or what it stands in",
    remedy: "put it so that it fits, or delete it",
    anchor: "entities-unfit",
  },
  "entities.damaged": {
    status: 503,
    retry: "no",
    sentence: "what the store holds of a tenant's entities and policies is not what was written there",
    remedy: "find out who writes to the store, and restore it from a backup",
    anchor: "entities-damaged",
  },
  "entities.rolled_back": {
    status: 503,
    retry: "no",
    sentence: "an older state of a tenant's entities and policies was put in the place of a newer one",
    remedy: "find out who writes to the store; where a backup was restored on purpose, restart",
    anchor: "entities-rolled-back",
  },
  "store.corrupt": {
    status: 503,
    retry: "no",
    sentence: "the store's content is damaged",
    remedy: "restore the store from a backup and verify it",
    anchor: "store-corrupt",
  },
  "store.newer": {
    status: 503,
    retry: "no",
    sentence: "the store was written by a newer version",
    remedy: "run the newer version",
    anchor: "store-newer",
  },
  "store.unavailable": {
    status: 503,
    retry: "later",
    sentence: "the store cannot be used at present",
    remedy: "check the store: disk, locks, permissions",
    anchor: "store-unavailable",
  },
  "store.wrong_mode": {
    status: 503,
    retry: "no",
    sentence: "a test engine and a production engine cannot share a store",
    remedy: "use separate stores",
    anchor: "store-wrong-mode",
  },
  "key.in_use": {
    status: 403,
    retry: "no",
    sentence: "the root key wraps what is new, or still wraps something",
    remedy: "rotate, and rewrap until it wraps nothing",
    anchor: "key-in-use",
  },
  "key.unusable": {
    status: 503,
    retry: "no",
    sentence: "a wrapped key cannot be opened with the root keys at hand",
    remedy: "give the root key file that wrapped it",
    anchor: "key-unusable",
  },
  "config.invalid": {
    status: 500,
    retry: "no",
    sentence: "the configuration is not valid",
    remedy: "correct each line of the message",
    anchor: "config-invalid",
  },
  "vault.undecryptable": {
    status: 503,
    retry: "no",
    sentence: "a secret, or what is kept about it, cannot be decrypted",
    remedy: "give the root key file that its tenant's master was wrapped with, or restore the store from a backup",
    anchor: "vault-undecryptable",
  },
  "vault.rolled_back": {
    status: 503,
    retry: "no",
    sentence: "an older state of a secret was put in the place of a newer one",
    remedy: "find out who writes to the store, and restore it from a newer backup",
    anchor: "vault-rolled-back",
  },
  "vault.conflict": {
    status: 403,
    retry: "no",
    sentence: "the secret is not at the version that the reference names",
    remedy: "read it again, and decide anew",
    anchor: "vault-conflict",
  },
  "vault.not_found": {
    status: 403,
    retry: "no",
    sentence: "there is no such secret or version",
    remedy: "check the reference",
    anchor: "vault-not-found",
  },
  "vault.not_admitted": {
    status: 403,
    retry: "no",
    sentence: "the secret may not be sent there",
    remedy: "send it where the terms say that were fixed when it was put, or have its keeper put it on other terms",
    anchor: "vault-not-admitted",
  },
  "vault.upstream": {
    status: 503,
    retry: "later",
    sentence: "the server that the secret is for does not answer, or not so that its answer can be handed on",
    remedy: "check that the server answers in time, and unpacked where it is asked to",
    anchor: "vault-upstream",
  },
  "vault.ended": {
    status: 403,
    retry: "no",
    sentence: "the secret or its version is deleted, out of use, expired or not yet valid",
    remedy: "use another version, or rotate the secret",
    anchor: "vault-ended",
  },
  "vault.offboarded": {
    status: 403,
    retry: "no",
    sentence: "the tenant's secrets were destroyed for good, and none is taken any more",
    remedy: "nothing opens them again; a tenant that comes back needs another id",
    anchor: "vault-offboarded",
  },
  "vault.overdue": {
    status: 403,
    retry: "no",
    sentence: "the secret's value is older than its schedule allows",
    remedy: "rotate the secret, or have its keeper change its schedule",
    anchor: "vault-overdue",
  },
  "vault.reveal_agent": {
    status: 403,
    retry: "no",
    sentence: "no agent is shown a secret's value, and nobody through whom one acts",
    remedy: "let it use the secret by a permit's credential",
    anchor: "vault-reveal-agent",
  },
  "vault.reveal_off": {
    status: 403,
    retry: "no",
    sentence: "showing values of secrets is switched off",
    remedy: "use the secret by reference; where people must see values, the operator sets reveal = true in [vault]",
    anchor: "vault-reveal-off",
  },
  "limit.rate": {
    status: 429,
    retry: "later",
    sentence: "the secret was used as often as its terms allow for now",
    remedy: "come back at `retry_at`, or have its keeper put it on other terms",
    anchor: "limit-rate",
  },
  "limit.used_up": {
    status: 429,
    retry: "no",
    sentence: "this version of the secret was used as often as its terms ever allow",
    remedy: "rotate the secret",
    anchor: "limit-used-up",
  },
  "limit.waiting": {
    status: 503,
    retry: "later",
    sentence: "too many calls are waiting",
    remedy: "slow down, or wait for the slow port",
    anchor: "limit-waiting",
  },
  "engine.closed": {
    status: 503,
    retry: "no",
    sentence: "the engine is closed",
    remedy: "open an engine",
    anchor: "engine-closed",
  },
  "would_wait": {
    status: 503,
    retry: "later",
    sentence: "the answer is not at hand and the caller may not wait",
    remedy: "use the waiting or the awaiting form",
    anchor: "would-wait",
  },
  "internal": {
    status: 500,
    retry: "no",
    sentence: "a bug in AIOS was caught; the call was refused",
    remedy: "report it with the time of the call",
    anchor: "internal",
  },
});
