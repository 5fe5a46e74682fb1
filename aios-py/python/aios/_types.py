"""Requests and answers as the native layer takes and gives them. Made from the operations table (`UPDATE=1 make test`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union

if TYPE_CHECKING:
    from .codes import Code

Status = Literal["failed", "ok"]
"""Whether a call succeeded."""

Credential = Union[str, "NamedCredential"]
"""What proves who is asking: an access token, bare, or with what shows that it is its sender's."""

SelectorKind = Literal["agent", "client", "session", "subject", "tenant", "token"]
"""What a revocation names."""

Kind = Literal["agent", "app", "service", "user"]
"""What a caller is. A service is a workload of our own trust domain, an app any other client."""

OnOverdue = Literal["deny", "warn"]
"""What happens to uses of a value that is too old."""

Stage = Literal["pending", "current", "previous", "retired", "destroyed"]
"""A version's stage."""

Verdict = Literal["accepted", "refused", "unknown"]
"""How a verification would end."""

StepOutcome = Literal["failed", "passed", "skipped", "unknown"]
"""How a step ended."""

Retry = Literal["no", "refresh", "later"]
"""When trying again can help."""

Purpose = Literal["credential", "discovery", "introspection", "keys", "proxy"]
"""What somebody is asked for."""

Binding = Literal["dpop", "mtls", "none"]
"""How a token is bound to its sender, who showed it when the token was verified."""

Level = Literal["none", "head"]
"""How far a verification reached."""

Fault = Literal["beyond_head", "closing", "counter", "disclosure", "frame", "head", "head_tag", "mac", "missing_head", "missing_chain", "link", "opening", "scope", "sequence", "unannounced", "version"]
"""What is wrong with the first bad record or head."""

MasterPurpose = Literal["audit", "entities", "vault"]
"""What a master is for."""

Age = Literal["fresh", "due", "overdue"]
"""How old a value is, beside its schedule."""


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


class _NamedCredentialNeeds(TypedDict):
    bearer: str
    """An access token as it stands after `Authorization: Bearer`, or after `Authorization: DPoP` beside `dpop`."""


class NamedCredential(_NamedCredentialNeeds, total=False):
    """An access token by name, and what came with it."""

    dpop: str | None
    """What the one header `DPoP` says (RFC 9449), where the token stands after `Authorization: DPoP`. It is used up by the call."""
    certificate: str | None
    """The client's certificate, which TLS has verified: its DER in base64 (RFC 8705)."""
    request: HttpRequest | None
    """The request that brought it. Needed beside `dpop`."""


class HttpRequest(TypedDict):
    """An HTTP request as far as proofs name it."""

    method: str
    """Its method, as it was sent."""
    url: str
    """Its path, which is at the configured `public_url`, or its whole URL. Query and fragment do not count."""


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


class Rewrapping(TypedDict, total=False):
    """How much to wrap anew."""

    most: int | None
    """So many masters at most: 1 or more, 1000 unless told. Pause between calls as you like."""
    dry_run: bool | None
    """Whether to change nothing and only say what there is to do."""


class RootKeyId(TypedDict):
    """One root key of the key file."""

    kid: str
    """Its id."""


class Snapshot(TypedDict):
    """Keys that another process fetched."""

    snapshot: str
    """The text of `snapshot_keys`."""


class Trail(TypedDict, total=False):
    """Whose trail to verify."""

    tenant: str | None
    """A tenant; left out: everybody's, and the system's."""


class _PolicyTextsNeeds(TypedDict):
    policies: str
    """Policies in Cedar's own syntax."""


class PolicyTexts(_PolicyTextsNeeds, total=False):
    """Policies, perhaps with a schema and static entities, as text."""

    schema: str | None
    """A schema, in Cedar's own syntax or as JSON, against which everything is validated strictly."""
    entities: str | None
    """Entities: the text of an array in Cedar's JSON."""


class _RawQuestionNeeds(TypedDict):
    principal: EntityRef
    """Who acts."""
    action: EntityRef
    """What is done."""
    resource: EntityRef
    """What it is done to."""


class RawQuestion(_RawQuestionNeeds, total=False):
    """A question to a policy set. Whoever asks vouches for all of it."""

    context: dict[str, Any]
    """Further facts."""


class ChangeEntities(TypedDict, total=False):
    """Changes that are made together: all of them or none, at most 1000."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    put: list[EntityToPut]
    """Entities to be kept. A refusal counts these first."""
    delete: list[EntityToDelete]
    """Entities to be taken out."""


class _EntityToPutNeeds(TypedDict):
    entity: Entity
    """The entity."""


class EntityToPut(_EntityToPutNeeds, total=False):
    """One of several entities to be kept."""

    expect: int | None
    """Only where the one before is at this version, 0 where there is none."""


class _EntityNeeds(TypedDict):
    type: str
    """Entity type with its namespace, for example `Aios::Group`."""
    id: str
    """Its id; a caller's is the issuer's name, a slash, and the subject."""


class Entity(_EntityNeeds, total=False):
    """An entity to be kept. Values are spelled as in entity files."""

    attrs: dict[str, Any]
    """Its attributes, but for the tenant, and what tokens say of callers."""
    parents: list[EntityRef]
    """What it stands in."""
    tags: dict[str, Any]
    """Its tags."""


class _EntityToDeleteNeeds(TypedDict):
    entity: EntityRef
    """Which."""


class EntityToDelete(_EntityToDeleteNeeds, total=False):
    """One of several entities to be taken out."""

    expect: int | None
    """Only where it is at this version."""


class _DeleteEntityNeeds(TypedDict):
    entity: EntityRef
    """Which."""


class DeleteEntity(_DeleteEntityNeeds, total=False):
    """An entity to be taken out."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    expect: int | None
    """Only where it is at this version."""


class _GetEntityNeeds(TypedDict):
    entity: EntityRef
    """Which."""


class GetEntity(_GetEntityNeeds, total=False):
    """Which entity to show."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""


class ListEntities(TypedDict, total=False):
    """Which page of the entities to show."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    after: str | None
    """The `next` of the page before; left out: the first page."""


class _PutEntityNeeds(TypedDict):
    entity: Entity
    """The entity."""


class PutEntity(_PutEntityNeeds, total=False):
    """An entity to be kept in the tenant of who asks."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    expect: int | None
    """Only where the one before is at this version, 0 where there is none."""


class ChangePolicies(TypedDict, total=False):
    """Changes that are made together: all of them or none."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    put: list[KeptPolicy]
    """Policies that take the place of those of their names."""
    remove: list[str]
    """The names of those that are taken out."""
    expect: int | None
    """Only where the tenant's policies are at this revision, 0 where there never were any."""


class KeptPolicy(TypedDict):
    """A policy that a tenant keeps."""

    name: str
    """Letters, digits, `.`, `_` and `-`. Decisions call it `tenants/<tenant>:<name>`."""
    text: str
    """One policy in Cedar's own syntax."""


class ListPolicies(TypedDict, total=False):
    """Who asks for the policies."""

    credential: Credential | None
    """Who asks for them. Left out where a principal asks."""


class _PutPolicyNeeds(TypedDict):
    name: str
    """Its name."""
    text: str
    """One policy in Cedar's own syntax."""


class PutPolicy(_PutPolicyNeeds, total=False):
    """A policy to be kept in the tenant of who asks."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    expect: int | None
    """Only where the tenant's policies are at this revision, 0 where there never were any."""


class _RemovePolicyNeeds(TypedDict):
    name: str
    """Its name."""


class RemovePolicy(_RemovePolicyNeeds, total=False):
    """A policy to be taken out."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    expect: int | None
    """Only where the tenant's policies are at this revision."""


class ListSecrets(TypedDict, total=False):
    """Which secrets to list."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    namespace: str | None
    """Of this namespace; left out: of the whole tenant."""


class CredentialName(TypedDict):
    """What a permit's holder calls a secret."""

    name: str
    """`namespace/name`, a name of the namespace `default`, or a reference; with `@version` behind it or not."""


class _NamedSecretNeeds(TypedDict):
    reference: str
    """Which: `secret://tenant/namespace/name`, with `@version` behind it or not."""


class NamedSecret(_NamedSecretNeeds, total=False):
    """A secret, or one of its versions."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""


class _PutSecretNeeds(TypedDict):
    reference: str
    """Where: `secret://tenant/namespace/name` for a new one, with the version that it is at for another version."""
    value: str
    """Its value, at most 64 KiB."""
    owner: SecretOwner
    """Whose it is."""


class PutSecret(_PutSecretNeeds, total=False):
    """A secret to be put."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    http: HttpUse | None
    """Where it may be sent by HTTP; left out: nowhere."""
    limits: UseLimits | None
    """How often it may be used; left out: as often as anybody likes."""
    metadata: dict[str, str]
    """What its administrators say about it; no secret."""
    schedule: SecretSchedule | None
    """When its values are to be replaced; left out: as it was, and never for a new secret."""
    stage: Stage | None
    """What the new version becomes, `pending` or `current`; left out: `current`."""
    not_before: int | None
    """From when on it may be used, seconds since 1970."""
    expires_at: int | None
    """Until when it may be used, seconds since 1970."""


class SecretOwner(TypedDict):
    """Whose a secret is."""

    kind: Kind
    """What the owner is."""
    issuer: str
    """The issuer that vouches for them."""
    id: str
    """Their id there."""


class _HttpUseNeeds(TypedDict):
    hosts: list[str]
    """Hosts, exactly: `api.example.com`, or with a port that is not 443."""
    header: str
    """The header that carries it, in lower case."""
    template: str
    """The header's value, with one `{}` where the secret goes."""


class HttpUse(_HttpUseNeeds, total=False):
    """Where a secret may be sent by HTTP, and how. Fixed when it is put."""

    methods: list[str]
    """Methods in upper case; left out: every method."""
    paths: list[str]
    """What a path must begin with, up to a `/`; left out: every path."""


class UseLimits(TypedDict, total=False):
    """How often a secret may be used, by all processes together. Fixed when it is put."""

    uses: int | None
    """So many uses in any `per_seconds`, 1 to 1000000."""
    per_seconds: int | None
    """The span that `uses` are counted in, 1 to 31622400 seconds."""
    total: int | None
    """So many uses of each version, ever."""


class SecretSchedule(TypedDict, total=False):
    """When a secret's values are to be replaced."""

    rotate_every: int | None
    """Seconds after which a value is due: 60 to ten years."""
    max_age: int | None
    """Seconds after which a value is overdue: 60 to ten years. One of the two is needed."""
    on_overdue: OnOverdue | None
    """What happens to uses of an overdue value: `deny`, or `warn` unless told."""


class ReferenceText(TypedDict):
    """A reference as text."""

    reference: str
    """`secret://tenant/namespace/name@version`."""


class _RotateSecretNeeds(TypedDict):
    reference: str
    """The secret, with the version that it is at."""
    value: str
    """The new value, at most 64 KiB."""


class RotateSecret(_RotateSecretNeeds, total=False):
    """A new value for a secret, on the same terms."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    stage: Stage | None
    """What the new version becomes, `pending` or `current`; left out: `current`."""
    not_before: int | None
    """From when on it may be used, seconds since 1970."""
    expires_at: int | None
    """Until when it may be used, seconds since 1970."""


class _SecretFetchNeeds(TypedDict):
    method: str
    """The method in upper case."""
    url: str
    """`https://host[:port]/path[?query]`, spelled as it is sent."""


class SecretFetch(_SecretFetchNeeds, total=False):
    """A request that is to carry a secret."""

    headers: list[HeaderLine]
    """What stands where credentials go, and what is the connection's own, is left out."""
    body: str | None
    """The body as text; left out: none."""
    body_base64: str | None
    """The body as base64, in place of text."""
    timeout_seconds: int | None
    """How long the server may be silent, 1 to 3600; left out: 600."""


class HeaderLine(TypedDict):
    """A header."""

    name: str
    """Its name; in lower case in answers."""
    value: str
    """Its value."""


class _SecretUploadNeeds(TypedDict):
    method: str
    """The method in upper case."""
    url: str
    """`https://host[:port]/path[?query]`, spelled as it is sent."""


class SecretUpload(_SecretUploadNeeds, total=False):
    """A request that is to carry a secret, and whose body will come in parts."""

    headers: list[HeaderLine]
    """What stands where credentials go, and what is the connection's own, is left out."""
    length: int | None
    """How many bytes the body will have, where that is known; at most 1 GiB."""
    timeout_seconds: int | None
    """How long server and caller may be silent, 1 to 3600; left out: 600."""


class BodyPart(TypedDict):
    """The next part of a request's body."""

    base64: str
    """Bytes as base64, 1 MiB at most."""


class RewrapSecrets(TypedDict, total=False):
    """How many secrets to move under their tenant's new master: the tenant's of who asks."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    most: int | None
    """So many at most: 1 or more, 1000 unless told. Pause between calls as you like."""


class _OffboardTenantNeeds(TypedDict):
    tenant: str
    """The tenant."""


class OffboardTenant(_OffboardTenantNeeds, total=False):
    """Whose secrets to destroy."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""


class DueSecrets(TypedDict, total=False):
    """Whose due secrets to list: the tenant's of who asks."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""


class Examination(TypedDict, total=False):
    """What to look for."""

    unused_days: int | None
    """After how many days without a use a secret is told; 90 unless told."""


class _ScheduleSecretNeeds(TypedDict):
    reference: str
    """Which: `secret://tenant/namespace/name`."""


class ScheduleSecret(_ScheduleSecretNeeds, total=False):
    """A secret, and when its values are to be replaced."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    schedule: SecretSchedule | None
    """When; left out: never."""


class VerifySecrets(TypedDict, total=False):
    """Whose secrets to verify: the tenant's of who asks."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""


class PayloadBytes(TypedDict):
    """More of a payload."""

    base64: str
    """Bytes as base64."""


class _PayloadOrderNeeds(TypedDict):
    resource: Resource
    """The thing whose content it is."""


class PayloadOrder(_PayloadOrderNeeds, total=False):
    """What is asked for a payload."""

    credential: Credential | None
    """Who asks for it. Left out where a principal asks."""
    context: dict[str, Any]
    """Further facts for policies."""
    trace: str | None
    """A W3C `traceparent`."""


class _ClaimsNeeds(TypedDict):
    claims: dict[str, Any]
    """Its claims. `iss` is the provider's unless they name one; a null removes one."""


class Claims(_ClaimsNeeds, total=False):
    """What a token is to say."""

    header: dict[str, Any]
    """Members of the header beside or instead of `alg`, `kid` and `typ`; a null removes one."""
    algorithm: str | None
    """The signature's algorithm; left out: `ES256`. `opaque` gives a token that says nothing, and begins with the header's `prefix`:
the provider says what it stands for where it is served, until its keys are replaced."""


class Issuer(TypedDict):
    """An issuer's name."""

    iss: str
    """What its tokens' `iss` says."""


class Moment(TypedDict):
    """A moment."""

    seconds: int
    """Seconds since 1970."""


class SealedEnvelope(TypedDict):
    """An envelope of a test vector, and all that opens it."""

    envelope: str
    """The envelope, in hexadecimal."""
    keys: dict[str, str]
    """Keys by their ids, 32 bytes each, in hexadecimal; all of the provider `local`."""
    tenant: str
    """Whose secret."""
    namespace: str
    """Which part of the tenant's secrets."""
    name: str
    """Its name there."""
    version: int
    """Its version."""
    terms: str
    """The terms of use as they are stored."""


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
    entities_version: int
    """The version of the entities and policies that the caller's tenant keeps in the store, by which was decided; 0 where it keeps none."""


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


class Explanation(TypedDict):
    """How verification of a token would end now, and what would have to change. It proves nothing."""

    verdict: Verdict
    """How it would end."""
    code: Code | None
    """What it would be refused with: the first mistake in verification's order."""
    verified: bool
    """Whether the signature held. If not, `token` and `mapped` are what anybody could have written."""
    steps: list[ExplainedStep]
    """Every step, in order."""
    token: TokenSays | None
    """What the token says of itself, cut and escaped."""
    mapped: MappedView | None
    """What it would stand for."""


class ExplainedStep(TypedDict):
    """A step of verification, and how it ended."""

    step: str
    """Its stable name."""
    about: str
    """What the token needs for it."""
    outcome: StepOutcome
    """How it ended."""
    refusal: RefusalView | None
    """What is wrong and what to do, where it failed."""
    lacking: str | None
    """What is lacking, where it could not be taken."""


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
    nonce: str | None
    """The nonce with which a proof has to be made: send it as `DPoP-Nonce`."""
    challenge: str | None
    """What to send as `WWW-Authenticate`, where the refusal is about what a token is bound to."""
    retry_at: int | None
    """From when on trying again can help, seconds since 1970, where that is known."""
    policies: list[str]
    """Ids of the policies that decided."""
    errors: list[PolicyFault]
    """Policies that failed."""


class TokenSays(TypedDict):
    """What a token says of itself."""

    alg: str | None
    """The header's `alg`."""
    kid: str | None
    """The header's `kid`."""
    typ: str | None
    """The header's `typ`."""
    iss: str | None
    """The issuer."""
    aud: list[str]
    """The audiences."""
    payload_typ: str | None
    """The payload's own `typ`, as Keycloak has it."""
    iat: int | None
    """When it was issued, seconds since 1970."""
    nbf: int | None
    """When it begins, seconds since 1970."""
    exp: int | None
    """When it ends, seconds since 1970."""
    claims: list[str]
    """The names of all claims, not their values."""


class MappedView(TypedDict):
    """What a token would stand for, as far as the settings make it: not whom."""

    issuer: str
    """The issuer's configured name."""
    tenant_claim: str | None
    """The claim from which the tenant comes, where the settings name one."""
    tenant_id: str | None
    """The tenant."""
    kind: Kind
    """What the subject is."""
    roles: list[str]
    """AIOS roles."""


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
    binding: Binding
    """How the token is bound to its sender, who showed it."""


class ActorView(TypedDict):
    """Somebody acting for the subject."""

    kind: Kind
    """What the actor is."""
    issuer: str
    """The issuer that vouched for it."""
    id: str
    """Its id at that issuer."""


class PolicyReport(TypedDict):
    """What was loaded."""

    policies: int
    """How many policies of the platform."""
    entities: int
    """How many entities of files, in all tenants together."""
    unscoped: list[Unscoped]
    """Of each action, sorted, how many of the platform's policies every request for it evaluates."""
    tenants: list[TenantPolicies]
    """Of each tenant with policies of its own, sorted, how many there are."""
    cross_tenant: list[Granted]
    """The grants across tenants, in the configuration's order."""
    warnings: list[str]
    """What will cost more than it need, what will come to nothing, and policies that name one user."""


class Unscoped(TypedDict):
    """The policies of an action that name neither a principal nor a resource, nor a group of them."""

    action: str
    """The action's full name."""
    policies: int
    """How many there are."""


class TenantPolicies(TypedDict):
    """The policies that a tenant has of its own."""

    tenant: str
    """Whose they are."""
    policies: int
    """How many there are."""


class Granted(TypedDict):
    """A grant across tenants."""

    name: str
    """What both tenants' records call it."""
    from_tenant: str
    """The principals' tenant."""
    to_tenant: str
    """The things' tenant."""
    principals: int
    """How many principals it names."""
    resource_types: list[str]
    """Entity types of the things."""
    actions: list[str]
    """What may be asked, by full names, sorted."""
    expires_at: int
    """From when on it lifts nothing, seconds since 1970."""


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


class AnswerHead(TypedDict):
    """What an answer begins with."""

    status: int
    """The status, three digits."""
    headers: list[HeaderLine]
    """The headers, without the secret and without those of the connection. Bytes that are no UTF-8 are replaced."""
    reference: str
    """The version of the secret that went along."""
    rejected: bool
    """Whether the server rejects the credential (401 and 403)."""


class AnswerPart(TypedDict):
    """A part of an answer's body."""

    base64: str | None
    """Bytes as base64, without the secret; none at the body's end."""


class PartTaken(TypedDict):
    """Whether there should be more."""

    wanted: bool
    """Not where the answer has begun, or none will come: `answer` says which."""


class SecretUseView(TypedDict):
    """Which secret may be used."""

    reference: str
    """Its reference; without version: whichever is current when it is used."""


class PayloadPart(TypedDict):
    """What is ready of a payload."""

    base64: str
    """Bytes as base64; there may be none yet."""


class PolicySetView(TypedDict):
    """What a policy set holds."""

    generation: int
    """1 at first, one more with each reload that took effect."""
    digest: str
    """Digest of the texts, lower-case hex of SHA-256."""
    policies: int
    """How many policies there are."""
    entities: int
    """How many static entities there are."""


class RawDecision(TypedDict):
    """What a policy set says of a question. Nobody was verified and nothing recorded: it is no leave to make a call."""

    allowed: bool
    """Whether the policies permit it."""
    code: Code | None
    """Why not."""
    policies: list[str]
    """Ids of the policies that decided, sorted."""
    errors: list[PolicyFault]
    """Policies that failed; any one of them is a no."""
    at: str | None
    """The place in the question that does not fit."""
    expected: str | None
    """What belongs there."""
    generation: int
    """The generation of the policies that decided."""
    digest: str
    """The digest of the policies that decided."""


class RootKey(TypedDict):
    """A root key that was made."""

    kid: str
    """Its id."""


class RootKeyReport(TypedDict):
    """Which root key wraps how much."""

    current: str
    """The root key that wraps what is new."""
    wraps: dict[str, int]
    """How many masters each root key wraps, by its id. What wraps none is not listed."""
    rewrapped: int
    """Rows that this call wrapped anew. A tenant's row holds all its masters for secrets."""
    left: int
    """Masters under another root key than the current one."""
    unusable: list[UnusableMaster]
    """Masters that could not be wrapped anew, each with the reason."""


class UnusableMaster(TypedDict):
    """A master that does not open."""

    tenant: str | None
    """Whose it is; none: the system's."""
    purpose: MasterPurpose
    """What it is for."""
    kid: str
    """The root key that it says it is under; empty where it cannot be read."""
    code: Code
    """`key.unusable`, `vault.undecryptable`, `vault.rolled_back` or `store.corrupt`."""


class EntityList(TypedDict):
    """Some of a tenant's entities, those that were written last at the end."""

    entities: list[KeptEntity]
    """At most 512. A page may be short, or empty, and not be the last."""
    next: str | None
    """What to ask with for the next page; none where this is the last."""
    version: int
    """The version of the tenant's entities."""


class KeptEntity(TypedDict):
    """An entity as it is kept."""

    type: str
    """Entity type with its namespace."""
    id: str
    """Its id."""
    attrs: dict[str, Any]
    """Its attributes, as they were put."""
    parents: list[EntityRef]
    """What it stands in."""
    tags: dict[str, Any]
    """Its tags."""
    version: int
    """The version that its last write gave."""


class WrittenEntities(TypedDict):
    """What a write came to."""

    version: int
    """The version that the tenant's entities have now, and that what was put is at."""


class PolicyList(TypedDict):
    """The policies that a tenant keeps."""

    policies: list[KeptPolicy]
    """All of them, by name."""
    revision: int
    """Their revision: 0 where there never were any."""


class WrittenPolicies(TypedDict):
    """What a write came to."""

    revision: int
    """The revision that the tenant's policies have now."""


class ReferenceParts(TypedDict):
    """A reference, parted."""

    tenant: str
    """Whose it is."""
    namespace: str
    """Which part of the tenant's secrets."""
    name: str
    """Its name there."""
    version: int | None
    """Which version; none: whichever is current when it is used."""


class SecretList(TypedDict):
    """Secrets, without their values."""

    secrets: list[SecretView]
    """By namespace and name."""


class SecretView(TypedDict):
    """A secret, without its value."""

    reference: str
    """Which one."""
    deleted: bool
    """Whether it is deleted, and can be restored."""
    metadata: dict[str, str]
    """What its administrators say about it."""
    schedule: SecretSchedule | None
    """When its values are to be replaced; none: never."""
    age: Age | None
    """How old its current value is; none without a schedule."""
    due_at: int | None
    """When its current value is due, seconds since 1970."""
    overdue_at: int | None
    """From when on its current value is overdue, seconds since 1970."""
    versions: list[SecretVersion]
    """Its versions, rising."""


class SecretVersion(TypedDict):
    """A version, without its value."""

    version: int
    """Its number."""
    stage: Stage
    """Where it stands."""
    owner: SecretOwner
    """Whose it is."""
    created_at: int
    """When it was put, seconds since 1970."""
    not_before: int | None
    """From when on it may be used, seconds since 1970."""
    expires_at: int | None
    """Until when it may be used, seconds since 1970."""
    fingerprint: str
    """8 bytes of a keyed hash of the value, in hexadecimal."""


class SecretReport(TypedDict):
    """What verification of a tenant's secrets found."""

    ok: bool
    """Whether everything is as it was written."""
    secrets: int
    """Secrets that were looked at."""
    versions: int
    """Versions whose value was decrypted."""
    faults: list[SecretFault]
    """What is wrong."""


class SecretFault(TypedDict):
    """Something that is not as it was written."""

    reference: str | None
    """Which secret or version; none: the tenant's own row, or its audit trail."""
    code: Code
    """`vault.undecryptable`, `vault.rolled_back`, `key.unusable` where the root key is missing, or `store.corrupt` for a trail
that does not verify."""


class WrittenSecret(TypedDict):
    """What was done to a secret."""

    reference: str
    """What it was done to; a new version's own reference."""
    stage: Stage | None
    """The version's stage now; none where it was done to the whole secret."""
    fingerprint: str | None
    """8 bytes of a keyed hash of the value, in hexadecimal."""


class RevealedSecret(TypedDict):
    """The value of a secret, where the operator lets it be shown."""

    reference: str
    """The version that it is of."""
    fingerprint: str
    """8 bytes of a keyed hash of the value, in hexadecimal."""
    value_base64: str
    """The value, as base64. Whoever reads it answers for what becomes of it."""


class MovedSecrets(TypedDict):
    """How far the secrets of a tenant are under its new master."""

    master: str | None
    """The id of the current master; none where the tenant never had a secret."""
    moved: int
    """Secrets that this call moved."""
    left: int
    """Secrets that are still to be moved."""
    finished: bool
    """Whether no secret is under another master, and none can be any more."""
    faults: list[SecretFault]
    """Secrets that cannot be moved."""


class OffboardedTenant(TypedDict):
    """A tenant whose secrets are gone."""

    tenant: str
    """Which one."""
    had_secrets: bool
    """Whether there were any to destroy."""


class SecretsDue(TypedDict):
    """Which secrets are due, and when the next one is."""

    secrets: list[SecretDue]
    """What was due first comes first."""
    next: int | None
    """When the next one is due that is not yet, seconds since 1970."""


class SecretDue(TypedDict):
    """A secret whose value is to be replaced."""

    reference: str
    """Its current version."""
    age: Age
    """How old that is."""
    due_at: int
    """Since when it is due, seconds since 1970."""
    overdue_at: int | None
    """From when on it is overdue, seconds since 1970; none: never."""
    begun: bool
    """Whether somebody has begun to replace it."""


class DoctorReport(TypedDict):
    """What the doctor found."""

    ok: bool
    """Whether nothing is wrong."""
    tenants: int
    """Tenants that were looked at."""
    secrets: int
    """Secrets that were looked at."""
    symptoms: list[SymptomView]
    """What somebody should look after."""


class SymptomView(TypedDict):
    """Something that somebody should look after."""

    code: Code
    """What it is, for example `vault.overdue`; where calls are refused for it, the code of the refusal."""
    tenant: str | None
    """Whose; none: the system's, or everybody's."""
    reference: str | None
    """Which secret or version; none: something of the tenant's as a whole."""
    root_key: str | None
    """Which root key, where it is about one."""
    remedy: str
    """What to do about it."""


class CoreDumps(TypedDict):
    """Whether the operating system writes this process's memory to disk when it crashes."""

    off: bool
    """Whether it does not."""
    why: str | None
    """Why it may, where it may."""


class Keys(TypedDict):
    """A JSON Web Key Set (RFC 7517 §5)."""

    keys: Any
    """Its keys."""


class OpenedEnvelope(TypedDict):
    """What an envelope of a test vector holds."""

    value: str
    """The value."""


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
