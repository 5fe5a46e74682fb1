"""The engine: the gate that every call of an agent passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from . import _aios
from ._audit import Audit
from ._closing import Closing
from ._entities import Entities
from ._handles import Permit, Principal
from ._layer import Layer
from ._loop import awaited
from ._request import opening, question, revoking, revoking_before
from ._roots import Roots
from ._vault import Vault
from .errors import Refused

if TYPE_CHECKING:
    import os

    from ._answers import Decision, DoctorReport, Explanation, Hydrated, KeySnapshot, Outbound, PolicyReport, Restored
    from ._types import Credential, Resource, Selector

__all__ = ["Aios"]

_Self = TypeVar("_Self", bound="Aios")


class Aios(Closing):
    """An engine. Threads, event loops and forked children may share it; each process writes audit chains of its own.

    As a context manager, plain or async, it is closed at the end of its block.
    """

    __slots__ = ("__weakref__",)

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("an engine is opened by Aios.open(..)")

    @classmethod
    def _of(cls: type[_Self], engine: _aios.Engine) -> _Self:
        made: _Self = object.__new__(cls)
        made._engine = engine
        return made

    @classmethod
    def open(
        cls: type[_Self],
        configuration: str | os.PathLike[str] | dict[str, Any],
        base: str | os.PathLike[str] | None = None,
    ) -> _Self:
        """Opens an engine from a file, or from the same tree as a dict.

        `base` is the folder where a dict's relative paths start; left out, it is the process's. A file's paths start where
        the file is.
        """
        return cls._of(_aios.HOST.open(opening(configuration, base)))

    @classmethod
    async def open_async(
        cls: type[_Self],
        configuration: str | os.PathLike[str] | dict[str, Any],
        base: str | os.PathLike[str] | None = None,
    ) -> _Self:
        """As `open`, awaited."""
        return cls._of(await awaited(lambda tasks: _aios.HOST.open_async(opening(configuration, base), tasks)))

    @property
    def audit(self) -> Audit:
        """The audit trail."""
        return Audit._of(self._engine.audit({}))

    def doctor(self, *, unused_days: int = 90) -> DoctorReport:
        """Looks at every tenant's keys, secrets and trail, for the host. Read `symptoms`: each says what to do about it."""
        return self._engine.doctor({"unused_days": unused_days})

    async def doctor_async(self, *, unused_days: int = 90) -> DoctorReport:
        """As `doctor`, awaited. It must be: without `await` there is no report, and what is there instead is always true."""
        return await awaited(lambda tasks: self._engine.doctor_async({"unused_days": unused_days}, tasks))

    @property
    def roots(self) -> Roots:
        """The root keys, for the host that holds them."""
        return Roots._of(self._engine)

    @property
    def vault(self) -> Vault:
        """The secrets of its tenants, for those who administer them."""
        return Vault._of(self._engine.vault({}))

    @property
    def entities(self) -> Entities:
        """The entities that its tenants keep in the store, for those who administer them."""
        return Entities._of(self._engine.entities({}))

    @property
    def layer(self) -> Layer:
        """The policies that its tenants keep in the store, for those who administer them."""
        return Layer._of(self._engine.layer({}))

    def authenticate(self, credential: Credential) -> Principal:
        """Turns a credential into a verified caller."""
        return Principal._of(self._engine.authenticate({"credential": credential}), self._engine)

    async def authenticate_async(self, credential: Credential) -> Principal:
        """As `authenticate`, awaited."""
        handle = await awaited(lambda tasks: self._engine.authenticate_async({"credential": credential}, tasks))
        return Principal._of(handle, self._engine)

    def authorize(
        self,
        *,
        credential: Credential | None = None,
        principal: Principal | None = None,
        action: str,
        resource: Resource,
        input: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
        call: str | None = None,
    ) -> Permit:
        """Decides, and records the decision before anyone can act on it. Whoever asks is a credential or a principal.

        Raises `Denied` where the call may not be made, and `Failed` where it cannot be decided or recorded.
        """
        asked = question(credential, action, resource, input, context, trace, call)
        return Permit._of(self._asker(principal).authorize(asked))

    async def authorize_async(
        self,
        *,
        credential: Credential | None = None,
        principal: Principal | None = None,
        action: str,
        resource: Resource,
        input: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
        call: str | None = None,
    ) -> Permit:
        """As `authorize`, awaited. Cancelled, what was recorded already is recorded as abandoned."""
        asked = question(credential, action, resource, input, context, trace, call)
        return Permit._of(await awaited(lambda tasks: self._asker(principal).authorize_async(asked, tasks)))

    def check(
        self,
        *,
        credential: Credential | None = None,
        principal: Principal | None = None,
        action: str,
        resource: Resource,
        input: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
        call: str | None = None,
    ) -> Decision:
        """The same decision as data, which is true where the call may be made; nothing is recorded.

        Denials are answers here; `Failed` is raised where it cannot be decided.
        """
        asked = question(credential, action, resource, input, context, trace, call)
        return self._asker(principal).check(asked)

    async def check_async(
        self,
        *,
        credential: Credential | None = None,
        principal: Principal | None = None,
        action: str,
        resource: Resource,
        input: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
        call: str | None = None,
    ) -> Decision:
        """As `check`, awaited. It must be: without `await` there is no decision, and what is there instead is always true."""
        asked = question(credential, action, resource, input, context, trace, call)
        return await awaited(lambda tasks: self._asker(principal).check_async(asked, tasks))

    def check_now(
        self,
        *,
        credential: Credential | None = None,
        principal: Principal | None = None,
        action: str,
        resource: Resource,
        input: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
        call: str | None = None,
    ) -> Decision:
        """As `check`, from what is at hand: where it would have to wait, it raises `Failed` with `would_wait`."""
        asked = question(credential, action, resource, input, context, trace, call)
        return self._asker(principal).check_now(asked)

    def revoke(
        self, *, credential: Credential | None = None, principal: Principal | None = None, selector: Selector
    ) -> None:
        """Refuses from now on whom the selector names in the tenant of who asks. Policy must permit it; it is recorded first."""
        self._asker(principal).revoke(revoking(credential, selector))

    async def revoke_async(
        self, *, credential: Credential | None = None, principal: Principal | None = None, selector: Selector
    ) -> None:
        """As `revoke`, awaited."""
        asked = revoking(credential, selector)
        await awaited(lambda tasks: self._asker(principal).revoke_async(asked, tasks))

    def revoke_before(
        self,
        *,
        credential: Credential | None = None,
        principal: Principal | None = None,
        selector: Selector,
        before: int,
    ) -> None:
        """As `revoke`, but only tokens issued before a time, in seconds since 1970, or that do not say when."""
        self._asker(principal).revoke_before(revoking_before(credential, selector, before))

    async def revoke_before_async(
        self,
        *,
        credential: Credential | None = None,
        principal: Principal | None = None,
        selector: Selector,
        before: int,
    ) -> None:
        """As `revoke_before`, awaited."""
        asked = revoking_before(credential, selector, before)
        await awaited(lambda tasks: self._asker(principal).revoke_before_async(asked, tasks))

    def reinstate(
        self, *, credential: Credential | None = None, principal: Principal | None = None, selector: Selector
    ) -> None:
        """Takes back what `revoke` or `revoke_before` said of the same selector."""
        self._asker(principal).reinstate(revoking(credential, selector))

    async def reinstate_async(
        self, *, credential: Credential | None = None, principal: Principal | None = None, selector: Selector
    ) -> None:
        """As `reinstate`, awaited."""
        asked = revoking(credential, selector)
        await awaited(lambda tasks: self._asker(principal).reinstate_async(asked, tasks))

    def explain_token(self, credential: Credential) -> Explanation:
        """Why a token would be refused: every step of verification with the keys at hand, and what would have to change.

        For the host, not for whoever sent the token. Nothing is fetched or recorded, and the answer proves nothing.
        """
        return self._engine.explain_token({"credential": credential})

    def policies(self) -> PolicyReport:
        """What was loaded as policy, and what of it will cost more than it need."""
        return self._engine.policies({})

    def hydrate(self) -> Hydrated:
        """Fetches every issuer's keys that are not at hand, so that no first caller waits; says of each what came."""
        return self._engine.hydrate({})

    async def hydrate_async(self) -> Hydrated:
        """As `hydrate`, awaited."""
        return await awaited(lambda tasks: self._engine.hydrate_async({}, tasks))

    def snapshot_keys(self) -> KeySnapshot:
        """The fetched keys at hand, for a process that starts where issuers cannot be asked.

        Whoever can change the text decides whose tokens are accepted where it is restored: store it like the configuration.
        """
        return self._engine.snapshot_keys({})

    def restore_keys(self, snapshot: str) -> Restored:
        """Begins with the keys of a snapshot, where none are at hand; says how many issuers' were taken."""
        return self._engine.restore_keys({"snapshot": snapshot})

    def egress(self) -> Outbound:
        """Everybody whom this engine can ask over the network. Nothing else is ever asked."""
        return self._engine.egress({})

    def __reduce__(self) -> NoReturn:
        raise TypeError("Aios belongs to this process")

    def _asker(self, principal: Principal | None) -> _aios.Engine | _aios.Principal:
        if principal is None:
            return self._engine
        # Its class itself: what only looks like a principal would decide for itself.
        if type(principal) is not Principal:
            raise Refused.by_code("policy.input", "principal", "what authenticate() gave, not its view")
        # Otherwise the engine that verified it would decide.
        if principal._engine is not self._engine:
            raise Refused.by_code("token.foreign_principal")
        return principal._handle
