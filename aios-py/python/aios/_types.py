"""Requests and answers as the native layer takes and gives them. Made from the operations table (`UPDATE=1 make test`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union

if TYPE_CHECKING:
    from .codes import Code

Status = Literal["failed", "ok"]
"""Whether a call succeeded."""

Credential = Union[str, "NamedCredential"]
"""What proves who is asking: an access token, bare or named."""

SelectorKind = Literal["agent", "client", "session", "subject", "tenant", "token"]
"""What a revocation names."""

Kind = Literal["agent", "app", "service", "user"]
"""What a caller is. A service is a workload of our own trust domain, an app any other client."""

Purpose = Literal["discovery", "introspection", "keys", "proxy"]
"""What somebody is asked for."""

Retry = Literal["no", "refresh", "later"]
"""When trying again can help."""

Level = Literal["none", "head"]
"""How far a verification reached."""

Fault = Literal["beyond_head", "closing", "counter", "disclosure", "frame", "head", "head_tag", "mac", "missing_head", "missing_chain", "link", "opening", "scope", "sequence", "unannounced", "version"]
"""What is wrong with the first bad record or head."""


class KeyFile(TypedDict):
    """Where a root key file is to be."""

    path: str
    """Its path."""


class Nothing(TypedDict):
    """No arguments."""


class Opening(TypedDict, total=False):
    """What to open an engine from: a file, or the same tree as a value."""

    path: str | None
    """Path of the configuration file."""
    configuration: dict[str, Any] | None
    """The configuration itself."""
    base: str | None
    """The folder where the configuration's relative paths start; left out: the process's."""


class _OutcomeNeeds(TypedDict):
    status: Status
    """Whether the call succeeded."""


class Outcome(_OutcomeNeeds, total=False):
    """How a call ended."""

    data: dict[str, Any]
    """Facts for the record, 16 KiB at most. Stored as they are: no secrets."""


class Presented(TypedDict):
    """Who is asking, on its own."""

    credential: Credential
    """What proves it."""


class NamedCredential(TypedDict):
    """A credential by the name of its kind."""

    bearer: str
    """An access token as it stands after `Authorization: Bearer`."""


class _RequestNeeds(TypedDict):
    action: str
    """The action's name."""
    resource: Resource
    """The thing acted upon."""


class Request(_RequestNeeds, total=False):
    """A question to the gate."""

    credential: Credential | None
    """Who is asking. Left out where a principal asks."""
    input: dict[str, Any]
    """The call's arguments."""
    context: dict[str, Any]
    """Further facts for policies."""
    trace: str | None
    """A W3C `traceparent`."""
    call: str | None
    """The caller's id of this call."""


class _ResourceNeeds(TypedDict):
    type: str
    """Entity type with its namespace, for example `Aios::Data`."""
    id: str
    """Id, any text."""


class Resource(_ResourceNeeds, total=False):
    """The thing acted upon."""

    tenant: str | None
    """The tenant it belongs to."""
    attrs: dict[str, Any]
    """Attributes, for things that the entity store does not know."""
    parents: list[EntityRef]
    """Entities it belongs to."""


class EntityRef(TypedDict):
    """The type and id of an entity, for example `Aios::Data` and `report-7`."""

    type: str
    """The entity type with its namespace."""
    id: str
    """The id, any text."""


class _RevokingNeeds(TypedDict):
    selector: Selector
    """Whom it means."""


class Revoking(_RevokingNeeds, total=False):
    """Whom to revoke, or to reinstate."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""


class _SelectorNeeds(TypedDict):
    kind: SelectorKind
    """What kind of thing it names."""


class Selector(_SelectorNeeds, total=False):
    """Whom a revocation means, within one tenant."""

    issuer: str | None
    """The issuer that vouches for it. Left out for a tenant."""
    id: str | None
    """Its id there. Left out for a tenant."""
    subject_kind: Kind | None
    """What a subject is; for subjects only."""


class _RevokingBeforeNeeds(TypedDict):
    selector: Selector
    """Whom it means."""
    before: int
    """Tokens issued before this, seconds since 1970."""


class RevokingBefore(_RevokingBeforeNeeds, total=False):
    """Whose tokens of before a time to revoke."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""


class Snapshot(TypedDict):
    """Keys that another process fetched."""

    snapshot: str
    """The text of `snapshot_keys`."""


class Trail(TypedDict, total=False):
    """Whose trail to verify."""

    tenant: str | None
    """A tenant; left out: everybody's, and the system's."""


class _ClaimsNeeds(TypedDict):
    claims: dict[str, Any]
    """Its claims. `iss` is the provider's unless they name one; a null removes one."""


class Claims(_ClaimsNeeds, total=False):
    """What a token is to say."""

    header: dict[str, Any]
    """Members of the header beside or instead of `alg`, `kid` and `typ`; a null removes one."""
    algorithm: str | None
    """The signature's algorithm; left out: `ES256`."""


class Issuer(TypedDict):
    """An issuer's name."""

    iss: str
    """What its tokens' `iss` says."""


class Moment(TypedDict):
    """A moment."""

    seconds: int
    """Seconds since 1970."""


class Decision(TypedDict):
    """The answer of `check`."""

    allowed: bool
    """Whether the call may be made."""
    code: Code | None
    """Why not."""
    policies: list[str]
    """Ids of the policies that decided."""
    errors: list[PolicyFault]
    """Policies that failed; any one of them refuses."""
    obligations: list[Obligation]
    """What else policy asks of the call. Nothing yet: policies that ask for more are refused when they are loaded."""
    digest: str
    """Digest of the configuration and policies that decided."""


class PolicyFault(TypedDict):
    """A policy that failed while it was evaluated."""

    policy: str
    """The policy's id."""
    message: str
    """What went wrong, in Cedar's words."""


class Obligation(TypedDict):
    """Something that policy asks of a call. There is no kind of it yet."""


class Done(TypedDict):
    """Done, with nothing more to say."""


class Hydrated(TypedDict):
    """What keys of the configured issuers are at hand."""

    issuers: list[IssuerKeys]
    """Of each issuer, in the configuration's order."""


class IssuerKeys(TypedDict):
    """What keys of an issuer are at hand."""

    issuer: str
    """The issuer's configured name."""
    ok: bool
    """Whether its keys could be had."""
    keys: int
    """How many can be used."""
    dropped: list[DroppedKey]
    """Keys that cannot be used, and why."""


class DroppedKey(TypedDict):
    """A key that cannot be used."""

    kid: str | None
    """Its id, where it has one that can be shown."""
    reason: str
    """Why it cannot be used."""


class KeySnapshot(TypedDict):
    """Fetched keys, for another process to begin with."""

    snapshot: str
    """What `restore_keys` takes."""


class Outbound(TypedDict):
    """Everybody who can be asked over the network."""

    destinations: list[Egress]
    """By name, purpose and host."""


class Egress(TypedDict):
    """Somebody whom this process may ask."""

    name: str
    """The name it has in the configuration: an issuer's, or `proxy`."""
    purpose: Purpose
    """What it is asked for."""
    host: str
    """Its host, a name or an address."""
    port: int
    """Its port."""
    proxied: bool
    """Whether it is asked through the proxy."""
    plaintext: bool
    """Whether it is asked without TLS."""
    private: bool
    """Whether it may be at a private address."""
    leads_to: Purpose | None
    """Answers of it may name another host for this purpose; once one did, that is listed, too."""


class Restored(TypedDict):
    """What a snapshot gave."""

    issuers: int
    """How many issuers' keys were taken."""


class PermitView(TypedDict):
    """What a permit allows."""

    id: str
    """The permit's id, a `UUIDv7`; also the id of its intent record."""
    action: str
    """The action."""
    resource: EntityRef
    """The resource."""
    principal: PrincipalView
    """The verified caller."""
    expires_at: int
    """When the permit ends, seconds since 1970."""


class PrincipalView(TypedDict):
    """What was verified about a caller."""

    issuer: str
    """The issuer's configured name."""
    tenant_id: str | None
    """The tenant."""
    subject: str
    """The subject's id at its issuer."""
    kind: Kind
    """What the subject is."""
    client_id: str | None
    """The client that obtained the token."""
    roles: list[str]
    """AIOS roles."""
    scopes: list[str]
    """Scopes, ceilings for whatever the roles allow."""
    permissions: list[str]
    """Permissions the issuer states."""
    groups: list[str]
    """Group ids at the issuer."""
    groups_complete: bool
    """False where the issuer left groups out of the token."""
    session_id: str | None
    """The session at the issuer."""
    token_id: str | None
    """The token's own id."""
    actors: list[ActorView]
    """Who acts for the subject, the current actor first."""
    auth_time: int | None
    """When the user authenticated, seconds since 1970."""
    acr: str | None
    """Authentication context class."""
    amr: list[str]
    """Authentication methods."""
    expires_at: int
    """When the token ends, seconds since 1970."""


class ActorView(TypedDict):
    """Somebody acting for the subject."""

    kind: Kind
    """What the actor is."""
    issuer: str
    """The issuer that vouched for it."""
    id: str
    """Its id at that issuer."""


class RefusalView(TypedDict):
    """A refusal."""

    code: Code
    """The stable code."""
    message: str
    """One line that is safe to show."""
    status: int
    """The HTTP status a web front end should answer with."""
    retry: Retry
    """When trying again can help."""
    at: str | None
    """The place in the request or configuration."""
    expected: str | None
    """What was expected."""
    actual: str | None
    """What came instead."""
    hint: str
    """What to do."""
    policies: list[str]
    """Ids of the policies that decided."""
    errors: list[PolicyFault]
    """Policies that failed."""


class Report(TypedDict):
    """What a verification found. Positions and counts only, no bodies."""

    ok: bool
    """Nothing is wrong."""
    level: Level
    """How far it reached."""
    forward_secure: bool
    """Whether a past key cannot be had from this machine: true where the root key never leaves its service."""
    chains: int
    """Chains walked."""
    records: int
    """Records walked."""
    dangling: list[Place]
    """Intents without an outcome: calls under way, or cut short by a crash."""
    erased: int
    """Disclosures that were erased."""
    violation: Finding | None
    """The first thing that is wrong."""


class Place(TypedDict):
    """A record's place."""

    chain: str
    """The chain's incarnation, 32 hexadecimal digits."""
    seq: int
    """The record's sequence number."""


class Finding(TypedDict):
    """Something wrong, and where."""

    tenant: str
    """Whose chain; empty for the system chain."""
    chain: str
    """The chain's incarnation, 32 hexadecimal digits."""
    seq: int
    """The record's sequence number."""
    fault: Fault
    """What is wrong."""


class Keys(TypedDict):
    """A JSON Web Key Set (RFC 7517 §5)."""

    keys: Any
    """Its keys."""


class ServedView(TypedDict):
    """What a served identity provider did."""

    iss: str | None
    """Where it answers; none once it was stopped."""
    requests: int
    """How many requests it has taken."""


class Token(TypedDict):
    """A signed token."""

    token: str
    """Its text."""
