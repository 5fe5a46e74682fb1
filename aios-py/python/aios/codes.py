"""The table of codes: every refusal carries one. Made from the operations table (`UPDATE=1 make test`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from ._types import Retry

Code = Literal[
    "token.missing",
    "token.malformed",
    "token.too_large",
    "token.encrypted_unsupported",
    "token.duplicate_key",
    "token.claim_type",
    "token.claim_missing",
    "token.alg_not_allowed",
    "token.crit_unsupported",
    "token.kid_missing",
    "token.unknown_key",
    "token.bad_signature",
    "token.unknown_issuer",
    "token.wrong_audience",
    "token.wrong_type",
    "token.tenant_missing",
    "token.tenant_ambiguous",
    "token.tenant_not_allowed",
    "token.expired",
    "token.not_yet_valid",
    "token.lifetime_too_long",
    "token.pop_required",
    "token.actor_chain_too_long",
    "token.client_not_allowed",
    "token.insufficient_scope",
    "token.revoked",
    "token.inactive",
    "token.foreign_principal",
    "token.keys_unavailable",
    "token.introspection_unavailable",
    "tenant.missing",
    "tenant.mismatch",
    "policy.denied",
    "policy.error",
    "policy.unknown_action",
    "policy.input",
    "policy.too_many_entities",
    "policy.call_reused",
    "audit.unavailable",
    "audit.busy",
    "audit.completed",
    "audit.permit_ended",
    "store.corrupt",
    "store.newer",
    "store.unavailable",
    "store.wrong_mode",
    "key.unusable",
    "config.invalid",
    "limit.waiting",
    "engine.closed",
    "would_wait",
    "internal",
]


class Row(NamedTuple):
    """What a code means."""

    status: int
    retry: Retry
    sentence: str
    remedy: str
    anchor: str


CODES: dict[Code, Row] = {
    "token.missing": Row(401, "no", "no token was given", "send an access token", "token-missing"),
    "token.malformed": Row(401, "no", "the token is not a well-formed signed token", "send the access token as the issuer made it", "token-malformed"),
    "token.too_large": Row(401, "no", "the token or a part of it exceeds a limit", "raise [input] limits or make the issuer send fewer claims", "token-too-large"),
    "token.encrypted_unsupported": Row(401, "no", "the token is encrypted", "configure the issuer to send signed, unencrypted access tokens", "token-encrypted-unsupported"),
    "token.duplicate_key": Row(401, "no", "the token names a member twice", "no honest issuer does this; find out where the token comes from", "token-duplicate-key"),
    "token.claim_type": Row(401, "no", "a claim has the wrong type or range", "correct the issuer's claim mapping", "token-claim-type"),
    "token.claim_missing": Row(401, "no", "a required claim is absent", "make the issuer send it, or take it out of `required`", "token-claim-missing"),
    "token.alg_not_allowed": Row(401, "no", "the token's algorithm is not allowed for this issuer or key", "add it to the issuer's `algorithms` if you trust it", "token-alg-not-allowed"),
    "token.crit_unsupported": Row(401, "no", "the token demands an extension that is not supported", "configure the issuer not to use critical headers", "token-crit-unsupported"),
    "token.kid_missing": Row(401, "no", "the token names no key", "make the issuer send a `kid`", "token-kid-missing"),
    "token.unknown_key": Row(401, "no", "the issuer publishes no such key", "check that the token comes from this issuer and its key set is current", "token-unknown-key"),
    "token.bad_signature": Row(401, "no", "the signature does not fit", "no honest issuer does this; find out where the token comes from", "token-bad-signature"),
    "token.unknown_issuer": Row(401, "no", "no configured issuer has this `iss`", "add an [[issuer]] with exactly this `iss`", "token-unknown-issuer"),
    "token.wrong_audience": Row(401, "no", "the token is for another audience", "request a token for this audience, or add it to `audience`", "token-wrong-audience"),
    "token.wrong_type": Row(401, "no", "the token is of another kind", "send an access token; ID tokens and logout tokens are not accepted", "token-wrong-type"),
    "token.tenant_missing": Row(401, "no", "the token names no tenant", "make the issuer send the tenant claim", "token-tenant-missing"),
    "token.tenant_ambiguous": Row(401, "no", "the token names several tenants", "make the issuer send the one tenant that the token is for", "token-tenant-ambiguous"),
    "token.tenant_not_allowed": Row(401, "no", "the issuer may not speak for this tenant", "add the tenant to the issuer's `tenants` if it may", "token-tenant-not-allowed"),
    "token.expired": Row(401, "refresh", "the token has expired", "get a fresh token", "token-expired"),
    "token.not_yet_valid": Row(401, "refresh", "the token is not valid yet", "check both clocks", "token-not-yet-valid"),
    "token.lifetime_too_long": Row(401, "no", "the token lives longer than allowed", "shorten lifetimes at the issuer or raise `max_lifetime_seconds`", "token-lifetime-too-long"),
    "token.pop_required": Row(401, "no", "the token is bound to a key whose proof was not given", "send the proof, or request a bearer token", "token-pop-required"),
    "token.actor_chain_too_long": Row(403, "no", "too many actors stand behind one another", "shorten the delegation or raise [input] max_actor_depth", "token-actor-chain-too-long"),
    "token.client_not_allowed": Row(403, "no", "the client is not registered, and this issuer's clients have to be", "add a [[client]] if you trust it", "token-client-not-allowed"),
    "token.insufficient_scope": Row(403, "no", "the token's scopes do not cover the action", "request a scope that covers it", "token-insufficient-scope"),
    "token.revoked": Row(401, "refresh", "the token, its session, or somebody it speaks for is revoked", "sign in anew; where that is refused, too, ask the tenant's administrator", "token-revoked"),
    "token.inactive": Row(401, "refresh", "the issuer says that the token is not active", "get a fresh token", "token-inactive"),
    "token.foreign_principal": Row(401, "no", "the principal was verified by another engine", "authenticate with the engine that decides", "token-foreign-principal"),
    "token.keys_unavailable": Row(503, "later", "the issuer's keys cannot be had at present", "check that the issuer's key server answers", "token-keys-unavailable"),
    "token.introspection_unavailable": Row(503, "later", "the issuer cannot be asked about its token at present", "check that the issuer's introspection endpoint answers, and answers this client", "token-introspection-unavailable"),
    "tenant.missing": Row(403, "no", "the principal or the resource names no tenant", "name the resource's tenant, or declare its type shared", "tenant-missing"),
    "tenant.mismatch": Row(403, "no", "the request reaches outside the principal's tenant", "no tenant can act on another's resources", "tenant-mismatch"),
    "policy.denied": Row(403, "no", "no policy permits this, or one forbids it", "see `policies` of the decision", "policy-denied"),
    "policy.error": Row(403, "no", "a policy failed while it was evaluated, which refuses", "correct the policy that `errors` names", "policy-error"),
    "policy.unknown_action": Row(403, "no", "the schema knows no such action", "declare the action in the schema", "policy-unknown-action"),
    "policy.input": Row(403, "no", "the request does not fit the schema or a limit", "see `expected`", "policy-input"),
    "policy.too_many_entities": Row(403, "no", "the request reaches too many entities", "flatten the hierarchy", "policy-too-many-entities"),
    "policy.call_reused": Row(403, "no", "the call id stands for another call whose permit is open", "use a fresh id for each call", "policy-call-reused"),
    "audit.unavailable": Row(503, "later", "the audit record could not be made durable in time", "check the store: disk, locks, permissions", "audit-unavailable"),
    "audit.busy": Row(503, "later", "too many records of this tenant are waiting", "slow down", "audit-busy"),
    "audit.completed": Row(403, "no", "the permit was already completed", "complete each permit once", "audit-completed"),
    "audit.permit_ended": Row(403, "no", "the permit has ended", "authorize the call anew, in the process that makes it", "audit-permit-ended"),
    "store.corrupt": Row(503, "no", "the store's content is damaged", "restore the store from a backup and verify it", "store-corrupt"),
    "store.newer": Row(503, "no", "the store was written by a newer version", "run the newer version", "store-newer"),
    "store.unavailable": Row(503, "later", "the store cannot be used at present", "check the store: disk, locks, permissions", "store-unavailable"),
    "store.wrong_mode": Row(503, "no", "a test engine and a production engine cannot share a store", "use separate stores", "store-wrong-mode"),
    "key.unusable": Row(503, "no", "a wrapped key cannot be opened with the root keys at hand", "give the root key file that wrapped it", "key-unusable"),
    "config.invalid": Row(500, "no", "the configuration is not valid", "correct each line of the message", "config-invalid"),
    "limit.waiting": Row(503, "later", "too many calls are waiting", "slow down, or wait for the slow port", "limit-waiting"),
    "engine.closed": Row(503, "no", "the engine is closed", "open an engine", "engine-closed"),
    "would_wait": Row(503, "later", "the answer is not at hand and the caller may not wait", "use the waiting or the awaiting form", "would-wait"),
    "internal": Row(500, "no", "a bug in AIOS was caught; the call was refused", "report it with the time of the call", "internal"),
}
