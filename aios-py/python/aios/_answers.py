"""Answers: data that does not change. Made from the operations table (`UPDATE=1 make test`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._answer import Answer

if TYPE_CHECKING:
    from typing import Any

    from . import _types
    from ._types import Age, Binding, Fault, Kind, Level, MasterPurpose, Obligation, OnOverdue, Purpose
    from ._types import Retry, Stage, StepOutcome, Verdict
    from .codes import Code


class EntityRef(Answer):
    """The type and id of an entity, for example `Aios::Data` and `report-7`."""

    __slots__ = ()
    _view: _types.EntityRef

    @property
    def type(self) -> str:
        """The entity type with its namespace."""
        return self._view["type"]

    @property
    def id(self) -> str:
        """The id, any text."""
        return self._view["id"]


class KeptPolicy(Answer):
    """A policy that a tenant keeps."""

    __slots__ = ()
    _view: _types.KeptPolicy

    @property
    def name(self) -> str:
        """Letters, digits, `.`, `_` and `-`. Decisions call it `tenants/<tenant>:<name>`."""
        return self._view["name"]

    @property
    def text(self) -> str:
        """One policy in Cedar's own syntax."""
        return self._view["text"]


class SecretOwner(Answer):
    """Whose a secret is."""

    __slots__ = ()
    _view: _types.SecretOwner

    @property
    def kind(self) -> Kind:
        """What the owner is."""
        return self._view["kind"]

    @property
    def issuer(self) -> str:
        """The issuer that vouches for them."""
        return self._view["issuer"]

    @property
    def id(self) -> str:
        """Their id there."""
        return self._view["id"]


class SecretSchedule(Answer):
    """When a secret's values are to be replaced."""

    __slots__ = ()
    _view: _types.SecretSchedule

    @property
    def rotate_every(self) -> int | None:
        """Seconds after which a value is due: 60 to ten years."""
        return self._view["rotate_every"]

    @property
    def max_age(self) -> int | None:
        """Seconds after which a value is overdue: 60 to ten years. One of the two is needed."""
        return self._view["max_age"]

    @property
    def on_overdue(self) -> OnOverdue | None:
        """What happens to uses of an overdue value: `deny`, or `warn` unless told."""
        return self._view["on_overdue"]


class HeaderLine(Answer):
    """A header."""

    __slots__ = ()
    _view: _types.HeaderLine

    @property
    def name(self) -> str:
        """Its name; in lower case in answers."""
        return self._view["name"]

    @property
    def value(self) -> str:
        """Its value."""
        return self._view["value"]


class Decision(Answer):
    """The answer of `check`."""

    __slots__ = ()
    _view: _types.Decision

    @property
    def allowed(self) -> bool:
        """Whether the call may be made."""
        return self._view["allowed"]

    @property
    def code(self) -> Code | None:
        """Why not."""
        return self._view["code"]

    @property
    def policies(self) -> tuple[str, ...]:
        """Ids of the policies that decided."""
        return tuple(self._view["policies"])

    @property
    def errors(self) -> tuple[PolicyFault, ...]:
        """Policies that failed; any one of them refuses."""
        return tuple(PolicyFault(item) for item in self._view["errors"])

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """What else policy asks of the call. Nothing yet: policies that ask for more are refused when they are loaded."""
        return tuple(self._view["obligations"])

    @property
    def digest(self) -> str:
        """Digest of the configuration and policies that decided."""
        return self._view["digest"]

    @property
    def entities_version(self) -> int:
        """The version of the entities and policies that the caller's tenant keeps in the store, by which was decided; 0 where it keeps none."""
        return self._view["entities_version"]

    def __bool__(self) -> bool:
        return self._view["allowed"]


class PolicyFault(Answer):
    """A policy that failed while it was evaluated."""

    __slots__ = ()
    _view: _types.PolicyFault

    @property
    def policy(self) -> str:
        """The policy's id."""
        return self._view["policy"]

    @property
    def message(self) -> str:
        """What went wrong, in Cedar's words."""
        return self._view["message"]


class Explanation(Answer):
    """How verification of a token would end now, and what would have to change. It proves nothing."""

    __slots__ = ()
    _view: _types.Explanation

    @property
    def verdict(self) -> Verdict:
        """How it would end."""
        return self._view["verdict"]

    @property
    def code(self) -> Code | None:
        """What it would be refused with: the first mistake in verification's order."""
        return self._view["code"]

    @property
    def verified(self) -> bool:
        """Whether the signature held. If not, `token` and `mapped` are what anybody could have written."""
        return self._view["verified"]

    @property
    def steps(self) -> tuple[ExplainedStep, ...]:
        """Every step, in order."""
        return tuple(ExplainedStep(item) for item in self._view["steps"])

    @property
    def token(self) -> TokenSays | None:
        """What the token says of itself, cut and escaped."""
        return None if self._view["token"] is None else TokenSays(self._view["token"])

    @property
    def mapped(self) -> MappedView | None:
        """What it would stand for."""
        return None if self._view["mapped"] is None else MappedView(self._view["mapped"])


class ExplainedStep(Answer):
    """A step of verification, and how it ended."""

    __slots__ = ()
    _view: _types.ExplainedStep

    @property
    def step(self) -> str:
        """Its stable name."""
        return self._view["step"]

    @property
    def about(self) -> str:
        """What the token needs for it."""
        return self._view["about"]

    @property
    def outcome(self) -> StepOutcome:
        """How it ended."""
        return self._view["outcome"]

    @property
    def refusal(self) -> RefusalView | None:
        """What is wrong and what to do, where it failed."""
        return None if self._view["refusal"] is None else RefusalView(self._view["refusal"])

    @property
    def lacking(self) -> str | None:
        """What is lacking, where it could not be taken."""
        return self._view["lacking"]


class RefusalView(Answer):
    """A refusal."""

    __slots__ = ()
    _view: _types.RefusalView

    @property
    def code(self) -> Code:
        """The stable code."""
        return self._view["code"]

    @property
    def message(self) -> str:
        """One line that is safe to show."""
        return self._view["message"]

    @property
    def status(self) -> int:
        """The HTTP status a web front end should answer with."""
        return self._view["status"]

    @property
    def retry(self) -> Retry:
        """When trying again can help."""
        return self._view["retry"]

    @property
    def at(self) -> str | None:
        """The place in the request or configuration."""
        return self._view["at"]

    @property
    def expected(self) -> str | None:
        """What was expected."""
        return self._view["expected"]

    @property
    def actual(self) -> str | None:
        """What came instead."""
        return self._view["actual"]

    @property
    def hint(self) -> str:
        """What to do."""
        return self._view["hint"]

    @property
    def nonce(self) -> str | None:
        """The nonce with which a proof has to be made: send it as `DPoP-Nonce`."""
        return self._view["nonce"]

    @property
    def challenge(self) -> str | None:
        """What to send as `WWW-Authenticate`, where the refusal is about what a token is bound to."""
        return self._view["challenge"]

    @property
    def retry_at(self) -> int | None:
        """From when on trying again can help, seconds since 1970, where that is known."""
        return self._view["retry_at"]

    @property
    def policies(self) -> tuple[str, ...]:
        """Ids of the policies that decided."""
        return tuple(self._view["policies"])

    @property
    def errors(self) -> tuple[PolicyFault, ...]:
        """Policies that failed."""
        return tuple(PolicyFault(item) for item in self._view["errors"])


class TokenSays(Answer):
    """What a token says of itself."""

    __slots__ = ()
    _view: _types.TokenSays

    @property
    def alg(self) -> str | None:
        """The header's `alg`."""
        return self._view["alg"]

    @property
    def kid(self) -> str | None:
        """The header's `kid`."""
        return self._view["kid"]

    @property
    def typ(self) -> str | None:
        """The header's `typ`."""
        return self._view["typ"]

    @property
    def iss(self) -> str | None:
        """The issuer."""
        return self._view["iss"]

    @property
    def aud(self) -> tuple[str, ...]:
        """The audiences."""
        return tuple(self._view["aud"])

    @property
    def payload_typ(self) -> str | None:
        """The payload's own `typ`, as Keycloak has it."""
        return self._view["payload_typ"]

    @property
    def iat(self) -> int | None:
        """When it was issued, seconds since 1970."""
        return self._view["iat"]

    @property
    def nbf(self) -> int | None:
        """When it begins, seconds since 1970."""
        return self._view["nbf"]

    @property
    def exp(self) -> int | None:
        """When it ends, seconds since 1970."""
        return self._view["exp"]

    @property
    def claims(self) -> tuple[str, ...]:
        """The names of all claims, not their values."""
        return tuple(self._view["claims"])


class MappedView(Answer):
    """What a token would stand for, as far as the settings make it: not whom."""

    __slots__ = ()
    _view: _types.MappedView

    @property
    def issuer(self) -> str:
        """The issuer's configured name."""
        return self._view["issuer"]

    @property
    def tenant_claim(self) -> str | None:
        """The claim from which the tenant comes, where the settings name one."""
        return self._view["tenant_claim"]

    @property
    def tenant_id(self) -> str | None:
        """The tenant."""
        return self._view["tenant_id"]

    @property
    def kind(self) -> Kind:
        """What the subject is."""
        return self._view["kind"]

    @property
    def roles(self) -> tuple[str, ...]:
        """AIOS roles."""
        return tuple(self._view["roles"])


class Hydrated(Answer):
    """What keys of the configured issuers are at hand."""

    __slots__ = ()
    _view: _types.Hydrated

    @property
    def issuers(self) -> tuple[IssuerKeys, ...]:
        """Of each issuer, in the configuration's order."""
        return tuple(IssuerKeys(item) for item in self._view["issuers"])


class IssuerKeys(Answer):
    """What keys of an issuer are at hand."""

    __slots__ = ()
    _view: _types.IssuerKeys

    @property
    def issuer(self) -> str:
        """The issuer's configured name."""
        return self._view["issuer"]

    @property
    def ok(self) -> bool:
        """Whether its keys could be had."""
        return self._view["ok"]

    @property
    def keys(self) -> int:
        """How many can be used."""
        return self._view["keys"]

    @property
    def dropped(self) -> tuple[DroppedKey, ...]:
        """Keys that cannot be used, and why."""
        return tuple(DroppedKey(item) for item in self._view["dropped"])


class DroppedKey(Answer):
    """A key that cannot be used."""

    __slots__ = ()
    _view: _types.DroppedKey

    @property
    def kid(self) -> str | None:
        """Its id, where it has one that can be shown."""
        return self._view["kid"]

    @property
    def reason(self) -> str:
        """Why it cannot be used."""
        return self._view["reason"]


class KeySnapshot(Answer):
    """Fetched keys, for another process to begin with."""

    __slots__ = ()
    _view: _types.KeySnapshot

    @property
    def snapshot(self) -> str:
        """What `restore_keys` takes."""
        return self._view["snapshot"]


class Outbound(Answer):
    """Everybody who can be asked over the network."""

    __slots__ = ()
    _view: _types.Outbound

    @property
    def destinations(self) -> tuple[Egress, ...]:
        """By name, purpose and host."""
        return tuple(Egress(item) for item in self._view["destinations"])


class Egress(Answer):
    """Somebody whom this process may ask."""

    __slots__ = ()
    _view: _types.Egress

    @property
    def name(self) -> str:
        """The name it has in the configuration: an issuer's, or `proxy`."""
        return self._view["name"]

    @property
    def purpose(self) -> Purpose:
        """What it is asked for."""
        return self._view["purpose"]

    @property
    def host(self) -> str:
        """Its host, a name or an address."""
        return self._view["host"]

    @property
    def port(self) -> int:
        """Its port."""
        return self._view["port"]

    @property
    def proxied(self) -> bool:
        """Whether it is asked through the proxy."""
        return self._view["proxied"]

    @property
    def plaintext(self) -> bool:
        """Whether it is asked without TLS."""
        return self._view["plaintext"]

    @property
    def private(self) -> bool:
        """Whether it may be at a private address."""
        return self._view["private"]

    @property
    def leads_to(self) -> Purpose | None:
        """Answers of it may name another host for this purpose; once one did, that is listed, too."""
        return self._view["leads_to"]


class Restored(Answer):
    """What a snapshot gave."""

    __slots__ = ()
    _view: _types.Restored

    @property
    def issuers(self) -> int:
        """How many issuers' keys were taken."""
        return self._view["issuers"]


class PermitView(Answer):
    """What a permit allows."""

    __slots__ = ()
    _view: _types.PermitView

    @property
    def id(self) -> str:
        """The permit's id, a `UUIDv7`; also the id of its intent record."""
        return self._view["id"]

    @property
    def action(self) -> str:
        """The action."""
        return self._view["action"]

    @property
    def resource(self) -> EntityRef:
        """The resource."""
        return EntityRef(self._view["resource"])

    @property
    def principal(self) -> PrincipalView:
        """The verified caller."""
        return PrincipalView(self._view["principal"])

    @property
    def expires_at(self) -> int:
        """When the permit ends, seconds since 1970."""
        return self._view["expires_at"]


class PrincipalView(Answer):
    """What was verified about a caller."""

    __slots__ = ()
    _view: _types.PrincipalView

    @property
    def issuer(self) -> str:
        """The issuer's configured name."""
        return self._view["issuer"]

    @property
    def tenant_id(self) -> str | None:
        """The tenant."""
        return self._view["tenant_id"]

    @property
    def subject(self) -> str:
        """The subject's id at its issuer."""
        return self._view["subject"]

    @property
    def kind(self) -> Kind:
        """What the subject is."""
        return self._view["kind"]

    @property
    def client_id(self) -> str | None:
        """The client that obtained the token."""
        return self._view["client_id"]

    @property
    def roles(self) -> tuple[str, ...]:
        """AIOS roles."""
        return tuple(self._view["roles"])

    @property
    def scopes(self) -> tuple[str, ...]:
        """Scopes, ceilings for whatever the roles allow."""
        return tuple(self._view["scopes"])

    @property
    def permissions(self) -> tuple[str, ...]:
        """Permissions the issuer states."""
        return tuple(self._view["permissions"])

    @property
    def groups(self) -> tuple[str, ...]:
        """Group ids at the issuer."""
        return tuple(self._view["groups"])

    @property
    def groups_complete(self) -> bool:
        """False where the issuer left groups out of the token."""
        return self._view["groups_complete"]

    @property
    def session_id(self) -> str | None:
        """The session at the issuer."""
        return self._view["session_id"]

    @property
    def token_id(self) -> str | None:
        """The token's own id."""
        return self._view["token_id"]

    @property
    def actors(self) -> tuple[ActorView, ...]:
        """Who acts for the subject, the current actor first."""
        return tuple(ActorView(item) for item in self._view["actors"])

    @property
    def auth_time(self) -> int | None:
        """When the user authenticated, seconds since 1970."""
        return self._view["auth_time"]

    @property
    def acr(self) -> str | None:
        """Authentication context class."""
        return self._view["acr"]

    @property
    def amr(self) -> tuple[str, ...]:
        """Authentication methods."""
        return tuple(self._view["amr"])

    @property
    def expires_at(self) -> int:
        """When the token ends, seconds since 1970."""
        return self._view["expires_at"]

    @property
    def binding(self) -> Binding:
        """How the token is bound to its sender, who showed it."""
        return self._view["binding"]


class ActorView(Answer):
    """Somebody acting for the subject."""

    __slots__ = ()
    _view: _types.ActorView

    @property
    def kind(self) -> Kind:
        """What the actor is."""
        return self._view["kind"]

    @property
    def issuer(self) -> str:
        """The issuer that vouched for it."""
        return self._view["issuer"]

    @property
    def id(self) -> str:
        """Its id at that issuer."""
        return self._view["id"]


class PolicyReport(Answer):
    """What was loaded."""

    __slots__ = ()
    _view: _types.PolicyReport

    @property
    def policies(self) -> int:
        """How many policies of the platform."""
        return self._view["policies"]

    @property
    def entities(self) -> int:
        """How many entities of files, in all tenants together."""
        return self._view["entities"]

    @property
    def unscoped(self) -> tuple[Unscoped, ...]:
        """Of each action, sorted, how many of the platform's policies every request for it evaluates."""
        return tuple(Unscoped(item) for item in self._view["unscoped"])

    @property
    def tenants(self) -> tuple[TenantPolicies, ...]:
        """Of each tenant with policies of its own, sorted, how many there are."""
        return tuple(TenantPolicies(item) for item in self._view["tenants"])

    @property
    def cross_tenant(self) -> tuple[Granted, ...]:
        """The grants across tenants, in the configuration's order."""
        return tuple(Granted(item) for item in self._view["cross_tenant"])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What will cost more than it need, what will come to nothing, and policies that name one user."""
        return tuple(self._view["warnings"])


class Unscoped(Answer):
    """The policies of an action that name neither a principal nor a resource, nor a group of them."""

    __slots__ = ()
    _view: _types.Unscoped

    @property
    def action(self) -> str:
        """The action's full name."""
        return self._view["action"]

    @property
    def policies(self) -> int:
        """How many there are."""
        return self._view["policies"]


class TenantPolicies(Answer):
    """The policies that a tenant has of its own."""

    __slots__ = ()
    _view: _types.TenantPolicies

    @property
    def tenant(self) -> str:
        """Whose they are."""
        return self._view["tenant"]

    @property
    def policies(self) -> int:
        """How many there are."""
        return self._view["policies"]


class Granted(Answer):
    """A grant across tenants."""

    __slots__ = ()
    _view: _types.Granted

    @property
    def name(self) -> str:
        """What both tenants' records call it."""
        return self._view["name"]

    @property
    def from_tenant(self) -> str:
        """The principals' tenant."""
        return self._view["from_tenant"]

    @property
    def to_tenant(self) -> str:
        """The things' tenant."""
        return self._view["to_tenant"]

    @property
    def principals(self) -> int:
        """How many principals it names."""
        return self._view["principals"]

    @property
    def resource_types(self) -> tuple[str, ...]:
        """Entity types of the things."""
        return tuple(self._view["resource_types"])

    @property
    def actions(self) -> tuple[str, ...]:
        """What may be asked, by full names, sorted."""
        return tuple(self._view["actions"])

    @property
    def expires_at(self) -> int:
        """From when on it lifts nothing, seconds since 1970."""
        return self._view["expires_at"]


class Report(Answer):
    """What a verification found. Positions and counts only, no bodies."""

    __slots__ = ()
    _view: _types.Report

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return self._view["ok"]

    @property
    def level(self) -> Level:
        """How far it reached."""
        return self._view["level"]

    @property
    def forward_secure(self) -> bool:
        """Whether a past key cannot be had from this machine: true where the root key never leaves its service."""
        return self._view["forward_secure"]

    @property
    def chains(self) -> int:
        """Chains walked."""
        return self._view["chains"]

    @property
    def records(self) -> int:
        """Records walked."""
        return self._view["records"]

    @property
    def dangling(self) -> tuple[Place, ...]:
        """Intents without an outcome: calls under way, or cut short by a crash."""
        return tuple(Place(item) for item in self._view["dangling"])

    @property
    def erased(self) -> int:
        """Disclosures that were erased."""
        return self._view["erased"]

    @property
    def violation(self) -> Finding | None:
        """The first thing that is wrong."""
        return None if self._view["violation"] is None else Finding(self._view["violation"])

    def __bool__(self) -> bool:
        return self._view["ok"]


class Place(Answer):
    """A record's place."""

    __slots__ = ()
    _view: _types.Place

    @property
    def chain(self) -> str:
        """The chain's incarnation, 32 hexadecimal digits."""
        return self._view["chain"]

    @property
    def seq(self) -> int:
        """The record's sequence number."""
        return self._view["seq"]


class Finding(Answer):
    """Something wrong, and where."""

    __slots__ = ()
    _view: _types.Finding

    @property
    def tenant(self) -> str:
        """Whose chain; empty for the system chain."""
        return self._view["tenant"]

    @property
    def chain(self) -> str:
        """The chain's incarnation, 32 hexadecimal digits."""
        return self._view["chain"]

    @property
    def seq(self) -> int:
        """The record's sequence number."""
        return self._view["seq"]

    @property
    def fault(self) -> Fault:
        """What is wrong."""
        return self._view["fault"]


class AnswerHead(Answer):
    """What an answer begins with."""

    __slots__ = ()
    _view: _types.AnswerHead

    @property
    def status(self) -> int:
        """The status, three digits."""
        return self._view["status"]

    @property
    def headers(self) -> tuple[HeaderLine, ...]:
        """The headers, without the secret and without those of the connection. Bytes that are no UTF-8 are replaced."""
        return tuple(HeaderLine(item) for item in self._view["headers"])

    @property
    def reference(self) -> str:
        """The version of the secret that went along."""
        return self._view["reference"]

    @property
    def rejected(self) -> bool:
        """Whether the server rejects the credential (401 and 403)."""
        return self._view["rejected"]


class AnswerPart(Answer):
    """A part of an answer's body."""

    __slots__ = ()
    _view: _types.AnswerPart

    @property
    def base64(self) -> str | None:
        """Bytes as base64, without the secret; none at the body's end."""
        return self._view["base64"]


class PartTaken(Answer):
    """Whether there should be more."""

    __slots__ = ()
    _view: _types.PartTaken

    @property
    def wanted(self) -> bool:
        """Not where the answer has begun, or none will come: `answer` says which."""
        return self._view["wanted"]

    def __bool__(self) -> bool:
        return self._view["wanted"]


class SecretUseView(Answer):
    """Which secret may be used."""

    __slots__ = ()
    _view: _types.SecretUseView

    @property
    def reference(self) -> str:
        """Its reference; without version: whichever is current when it is used."""
        return self._view["reference"]


class PayloadPart(Answer):
    """What is ready of a payload."""

    __slots__ = ()
    _view: _types.PayloadPart

    @property
    def base64(self) -> str:
        """Bytes as base64; there may be none yet."""
        return self._view["base64"]


class PolicySetView(Answer):
    """What a policy set holds."""

    __slots__ = ()
    _view: _types.PolicySetView

    @property
    def generation(self) -> int:
        """1 at first, one more with each reload that took effect."""
        return self._view["generation"]

    @property
    def digest(self) -> str:
        """Digest of the texts, lower-case hex of SHA-256."""
        return self._view["digest"]

    @property
    def policies(self) -> int:
        """How many policies there are."""
        return self._view["policies"]

    @property
    def entities(self) -> int:
        """How many static entities there are."""
        return self._view["entities"]


class RawDecision(Answer):
    """What a policy set says of a question. Nobody was verified and nothing recorded: it is no leave to make a call."""

    __slots__ = ()
    _view: _types.RawDecision

    @property
    def allowed(self) -> bool:
        """Whether the policies permit it."""
        return self._view["allowed"]

    @property
    def code(self) -> Code | None:
        """Why not."""
        return self._view["code"]

    @property
    def policies(self) -> tuple[str, ...]:
        """Ids of the policies that decided, sorted."""
        return tuple(self._view["policies"])

    @property
    def errors(self) -> tuple[PolicyFault, ...]:
        """Policies that failed; any one of them is a no."""
        return tuple(PolicyFault(item) for item in self._view["errors"])

    @property
    def at(self) -> str | None:
        """The place in the question that does not fit."""
        return self._view["at"]

    @property
    def expected(self) -> str | None:
        """What belongs there."""
        return self._view["expected"]

    @property
    def generation(self) -> int:
        """The generation of the policies that decided."""
        return self._view["generation"]

    @property
    def digest(self) -> str:
        """The digest of the policies that decided."""
        return self._view["digest"]

    def __bool__(self) -> bool:
        return self._view["allowed"]


class RootKey(Answer):
    """A root key that was made."""

    __slots__ = ()
    _view: _types.RootKey

    @property
    def kid(self) -> str:
        """Its id."""
        return self._view["kid"]


class RootKeyReport(Answer):
    """Which root key wraps how much."""

    __slots__ = ()
    _view: _types.RootKeyReport

    @property
    def current(self) -> str:
        """The root key that wraps what is new."""
        return self._view["current"]

    @property
    def wraps(self) -> dict[str, int]:
        """How many masters each root key wraps, by its id. What wraps none is not listed."""
        return self._view["wraps"]

    @property
    def rewrapped(self) -> int:
        """Rows that this call wrapped anew. A tenant's row holds all its masters for secrets."""
        return self._view["rewrapped"]

    @property
    def left(self) -> int:
        """Masters under another root key than the current one."""
        return self._view["left"]

    @property
    def unusable(self) -> tuple[UnusableMaster, ...]:
        """Masters that could not be wrapped anew, each with the reason."""
        return tuple(UnusableMaster(item) for item in self._view["unusable"])


class UnusableMaster(Answer):
    """A master that does not open."""

    __slots__ = ()
    _view: _types.UnusableMaster

    @property
    def tenant(self) -> str | None:
        """Whose it is; none: the system's."""
        return self._view["tenant"]

    @property
    def purpose(self) -> MasterPurpose:
        """What it is for."""
        return self._view["purpose"]

    @property
    def kid(self) -> str:
        """The root key that it says it is under; empty where it cannot be read."""
        return self._view["kid"]

    @property
    def code(self) -> Code:
        """`key.unusable`, `vault.undecryptable`, `vault.rolled_back` or `store.corrupt`."""
        return self._view["code"]


class EntityList(Answer):
    """Some of a tenant's entities, those that were written last at the end."""

    __slots__ = ()
    _view: _types.EntityList

    @property
    def entities(self) -> tuple[KeptEntity, ...]:
        """At most 512. A page may be short, or empty, and not be the last."""
        return tuple(KeptEntity(item) for item in self._view["entities"])

    @property
    def next(self) -> str | None:
        """What to ask with for the next page; none where this is the last."""
        return self._view["next"]

    @property
    def version(self) -> int:
        """The version of the tenant's entities."""
        return self._view["version"]


class KeptEntity(Answer):
    """An entity as it is kept."""

    __slots__ = ()
    _view: _types.KeptEntity

    @property
    def type(self) -> str:
        """Entity type with its namespace."""
        return self._view["type"]

    @property
    def id(self) -> str:
        """Its id."""
        return self._view["id"]

    @property
    def attrs(self) -> dict[str, Any]:
        """Its attributes, as they were put."""
        return self._view["attrs"]

    @property
    def parents(self) -> tuple[EntityRef, ...]:
        """What it stands in."""
        return tuple(EntityRef(item) for item in self._view["parents"])

    @property
    def tags(self) -> dict[str, Any]:
        """Its tags."""
        return self._view["tags"]

    @property
    def version(self) -> int:
        """The version that its last write gave."""
        return self._view["version"]


class WrittenEntities(Answer):
    """What a write came to."""

    __slots__ = ()
    _view: _types.WrittenEntities

    @property
    def version(self) -> int:
        """The version that the tenant's entities have now, and that what was put is at."""
        return self._view["version"]


class PolicyList(Answer):
    """The policies that a tenant keeps."""

    __slots__ = ()
    _view: _types.PolicyList

    @property
    def policies(self) -> tuple[KeptPolicy, ...]:
        """All of them, by name."""
        return tuple(KeptPolicy(item) for item in self._view["policies"])

    @property
    def revision(self) -> int:
        """Their revision: 0 where there never were any."""
        return self._view["revision"]


class WrittenPolicies(Answer):
    """What a write came to."""

    __slots__ = ()
    _view: _types.WrittenPolicies

    @property
    def revision(self) -> int:
        """The revision that the tenant's policies have now."""
        return self._view["revision"]


class ReferenceParts(Answer):
    """A reference, parted."""

    __slots__ = ()
    _view: _types.ReferenceParts

    @property
    def tenant(self) -> str:
        """Whose it is."""
        return self._view["tenant"]

    @property
    def namespace(self) -> str:
        """Which part of the tenant's secrets."""
        return self._view["namespace"]

    @property
    def name(self) -> str:
        """Its name there."""
        return self._view["name"]

    @property
    def version(self) -> int | None:
        """Which version; none: whichever is current when it is used."""
        return self._view["version"]


class SecretList(Answer):
    """Secrets, without their values."""

    __slots__ = ()
    _view: _types.SecretList

    @property
    def secrets(self) -> tuple[SecretView, ...]:
        """By namespace and name."""
        return tuple(SecretView(item) for item in self._view["secrets"])


class SecretView(Answer):
    """A secret, without its value."""

    __slots__ = ()
    _view: _types.SecretView

    @property
    def reference(self) -> str:
        """Which one."""
        return self._view["reference"]

    @property
    def deleted(self) -> bool:
        """Whether it is deleted, and can be restored."""
        return self._view["deleted"]

    @property
    def metadata(self) -> dict[str, str]:
        """What its administrators say about it."""
        return self._view["metadata"]

    @property
    def schedule(self) -> SecretSchedule | None:
        """When its values are to be replaced; none: never."""
        return None if self._view["schedule"] is None else SecretSchedule(self._view["schedule"])

    @property
    def age(self) -> Age | None:
        """How old its current value is; none without a schedule."""
        return self._view["age"]

    @property
    def due_at(self) -> int | None:
        """When its current value is due, seconds since 1970."""
        return self._view["due_at"]

    @property
    def overdue_at(self) -> int | None:
        """From when on its current value is overdue, seconds since 1970."""
        return self._view["overdue_at"]

    @property
    def versions(self) -> tuple[SecretVersion, ...]:
        """Its versions, rising."""
        return tuple(SecretVersion(item) for item in self._view["versions"])


class SecretVersion(Answer):
    """A version, without its value."""

    __slots__ = ()
    _view: _types.SecretVersion

    @property
    def version(self) -> int:
        """Its number."""
        return self._view["version"]

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return self._view["stage"]

    @property
    def owner(self) -> SecretOwner:
        """Whose it is."""
        return SecretOwner(self._view["owner"])

    @property
    def created_at(self) -> int:
        """When it was put, seconds since 1970."""
        return self._view["created_at"]

    @property
    def not_before(self) -> int | None:
        """From when on it may be used, seconds since 1970."""
        return self._view["not_before"]

    @property
    def expires_at(self) -> int | None:
        """Until when it may be used, seconds since 1970."""
        return self._view["expires_at"]

    @property
    def fingerprint(self) -> str:
        """8 bytes of a keyed hash of the value, in hexadecimal."""
        return self._view["fingerprint"]


class SecretReport(Answer):
    """What verification of a tenant's secrets found."""

    __slots__ = ()
    _view: _types.SecretReport

    @property
    def ok(self) -> bool:
        """Whether everything is as it was written."""
        return self._view["ok"]

    @property
    def secrets(self) -> int:
        """Secrets that were looked at."""
        return self._view["secrets"]

    @property
    def versions(self) -> int:
        """Versions whose value was decrypted."""
        return self._view["versions"]

    @property
    def faults(self) -> tuple[SecretFault, ...]:
        """What is wrong."""
        return tuple(SecretFault(item) for item in self._view["faults"])

    def __bool__(self) -> bool:
        return self._view["ok"]


class SecretFault(Answer):
    """Something that is not as it was written."""

    __slots__ = ()
    _view: _types.SecretFault

    @property
    def reference(self) -> str | None:
        """Which secret or version; none: the tenant's own row, or its audit trail."""
        return self._view["reference"]

    @property
    def code(self) -> Code:
        """`vault.undecryptable`, `vault.rolled_back`, `key.unusable` where the root key is missing, or `store.corrupt` for a trail
that does not verify."""
        return self._view["code"]


class WrittenSecret(Answer):
    """What was done to a secret."""

    __slots__ = ()
    _view: _types.WrittenSecret

    @property
    def reference(self) -> str:
        """What it was done to; a new version's own reference."""
        return self._view["reference"]

    @property
    def stage(self) -> Stage | None:
        """The version's stage now; none where it was done to the whole secret."""
        return self._view["stage"]

    @property
    def fingerprint(self) -> str | None:
        """8 bytes of a keyed hash of the value, in hexadecimal."""
        return self._view["fingerprint"]


class RevealedSecret(Answer):
    """The value of a secret, where the operator lets it be shown."""

    __slots__ = ()
    _view: _types.RevealedSecret

    @property
    def reference(self) -> str:
        """The version that it is of."""
        return self._view["reference"]

    @property
    def fingerprint(self) -> str:
        """8 bytes of a keyed hash of the value, in hexadecimal."""
        return self._view["fingerprint"]

    @property
    def value_base64(self) -> str:
        """The value, as base64. Whoever reads it answers for what becomes of it."""
        return self._view["value_base64"]


class MovedSecrets(Answer):
    """How far the secrets of a tenant are under its new master."""

    __slots__ = ()
    _view: _types.MovedSecrets

    @property
    def master(self) -> str | None:
        """The id of the current master; none where the tenant never had a secret."""
        return self._view["master"]

    @property
    def moved(self) -> int:
        """Secrets that this call moved."""
        return self._view["moved"]

    @property
    def left(self) -> int:
        """Secrets that are still to be moved."""
        return self._view["left"]

    @property
    def finished(self) -> bool:
        """Whether no secret is under another master, and none can be any more."""
        return self._view["finished"]

    @property
    def faults(self) -> tuple[SecretFault, ...]:
        """Secrets that cannot be moved."""
        return tuple(SecretFault(item) for item in self._view["faults"])


class OffboardedTenant(Answer):
    """A tenant whose secrets are gone."""

    __slots__ = ()
    _view: _types.OffboardedTenant

    @property
    def tenant(self) -> str:
        """Which one."""
        return self._view["tenant"]

    @property
    def had_secrets(self) -> bool:
        """Whether there were any to destroy."""
        return self._view["had_secrets"]


class SecretsDue(Answer):
    """Which secrets are due, and when the next one is."""

    __slots__ = ()
    _view: _types.SecretsDue

    @property
    def secrets(self) -> tuple[SecretDue, ...]:
        """What was due first comes first."""
        return tuple(SecretDue(item) for item in self._view["secrets"])

    @property
    def next(self) -> int | None:
        """When the next one is due that is not yet, seconds since 1970."""
        return self._view["next"]


class SecretDue(Answer):
    """A secret whose value is to be replaced."""

    __slots__ = ()
    _view: _types.SecretDue

    @property
    def reference(self) -> str:
        """Its current version."""
        return self._view["reference"]

    @property
    def age(self) -> Age:
        """How old that is."""
        return self._view["age"]

    @property
    def due_at(self) -> int:
        """Since when it is due, seconds since 1970."""
        return self._view["due_at"]

    @property
    def overdue_at(self) -> int | None:
        """From when on it is overdue, seconds since 1970; none: never."""
        return self._view["overdue_at"]

    @property
    def begun(self) -> bool:
        """Whether somebody has begun to replace it."""
        return self._view["begun"]


class DoctorReport(Answer):
    """What the doctor found."""

    __slots__ = ()
    _view: _types.DoctorReport

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self._view["ok"]

    @property
    def tenants(self) -> int:
        """Tenants that were looked at."""
        return self._view["tenants"]

    @property
    def secrets(self) -> int:
        """Secrets that were looked at."""
        return self._view["secrets"]

    @property
    def symptoms(self) -> tuple[SymptomView, ...]:
        """What somebody should look after."""
        return tuple(SymptomView(item) for item in self._view["symptoms"])

    def __bool__(self) -> bool:
        return self._view["ok"]


class SymptomView(Answer):
    """Something that somebody should look after."""

    __slots__ = ()
    _view: _types.SymptomView

    @property
    def code(self) -> Code:
        """What it is, for example `vault.overdue`; where calls are refused for it, the code of the refusal."""
        return self._view["code"]

    @property
    def tenant(self) -> str | None:
        """Whose; none: the system's, or everybody's."""
        return self._view["tenant"]

    @property
    def reference(self) -> str | None:
        """Which secret or version; none: something of the tenant's as a whole."""
        return self._view["reference"]

    @property
    def root_key(self) -> str | None:
        """Which root key, where it is about one."""
        return self._view["root_key"]

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self._view["remedy"]


class CoreDumps(Answer):
    """Whether the operating system writes this process's memory to disk when it crashes."""

    __slots__ = ()
    _view: _types.CoreDumps

    @property
    def off(self) -> bool:
        """Whether it does not."""
        return self._view["off"]

    @property
    def why(self) -> str | None:
        """Why it may, where it may."""
        return self._view["why"]

    def __bool__(self) -> bool:
        return self._view["off"]
