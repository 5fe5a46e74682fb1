"""Answers: data that does not change. Made from the operations table (`UPDATE=1 make test`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _types
from ._answer import Answer

if TYPE_CHECKING:
    from ._types import Fault, Kind, Level, Obligation, Purpose
    from .codes import Code


class EntityRef(Answer[_types.EntityRef]):
    """The type and id of an entity, for example `Aios::Data` and `report-7`."""

    __slots__ = ()

    @property
    def type(self) -> str:
        """The entity type with its namespace."""
        return self._view["type"]

    @property
    def id(self) -> str:
        """The id, any text."""
        return self._view["id"]


class Decision(Answer[_types.Decision]):
    """The answer of `check`."""

    __slots__ = ()

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

    def __bool__(self) -> bool:
        return self._view["allowed"]


class PolicyFault(Answer[_types.PolicyFault]):
    """A policy that failed while it was evaluated."""

    __slots__ = ()

    @property
    def policy(self) -> str:
        """The policy's id."""
        return self._view["policy"]

    @property
    def message(self) -> str:
        """What went wrong, in Cedar's words."""
        return self._view["message"]


class Hydrated(Answer[_types.Hydrated]):
    """What keys of the configured issuers are at hand."""

    __slots__ = ()

    @property
    def issuers(self) -> tuple[IssuerKeys, ...]:
        """Of each issuer, in the configuration's order."""
        return tuple(IssuerKeys(item) for item in self._view["issuers"])


class IssuerKeys(Answer[_types.IssuerKeys]):
    """What keys of an issuer are at hand."""

    __slots__ = ()

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


class DroppedKey(Answer[_types.DroppedKey]):
    """A key that cannot be used."""

    __slots__ = ()

    @property
    def kid(self) -> str | None:
        """Its id, where it has one that can be shown."""
        return self._view["kid"]

    @property
    def reason(self) -> str:
        """Why it cannot be used."""
        return self._view["reason"]


class KeySnapshot(Answer[_types.KeySnapshot]):
    """Fetched keys, for another process to begin with."""

    __slots__ = ()

    @property
    def snapshot(self) -> str:
        """What `restore_keys` takes."""
        return self._view["snapshot"]


class Outbound(Answer[_types.Outbound]):
    """Everybody who can be asked over the network."""

    __slots__ = ()

    @property
    def destinations(self) -> tuple[Egress, ...]:
        """By name, purpose and host."""
        return tuple(Egress(item) for item in self._view["destinations"])


class Egress(Answer[_types.Egress]):
    """Somebody whom this process may ask."""

    __slots__ = ()

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


class Restored(Answer[_types.Restored]):
    """What a snapshot gave."""

    __slots__ = ()

    @property
    def issuers(self) -> int:
        """How many issuers' keys were taken."""
        return self._view["issuers"]


class PermitView(Answer[_types.PermitView]):
    """What a permit allows."""

    __slots__ = ()

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


class PrincipalView(Answer[_types.PrincipalView]):
    """What was verified about a caller."""

    __slots__ = ()

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


class ActorView(Answer[_types.ActorView]):
    """Somebody acting for the subject."""

    __slots__ = ()

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


class Report(Answer[_types.Report]):
    """What a verification found. Positions and counts only, no bodies."""

    __slots__ = ()

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


class Place(Answer[_types.Place]):
    """A record's place."""

    __slots__ = ()

    @property
    def chain(self) -> str:
        """The chain's incarnation, 32 hexadecimal digits."""
        return self._view["chain"]

    @property
    def seq(self) -> int:
        """The record's sequence number."""
        return self._view["seq"]


class Finding(Answer[_types.Finding]):
    """Something wrong, and where."""

    __slots__ = ()

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
