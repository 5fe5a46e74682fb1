"""Proofs: a verified caller and a leave to make one call. They belong to this process and cannot be made, copied or pickled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn

from ._answers import PermitView, PrincipalView
from ._entities import Entities
from ._handle import _Handle
from ._layer import Layer
from ._loop import awaited
from ._request import question, revoking, revoking_before
from ._use import SecretUse
from ._vault import Vault
from .errors import Refused, note

if TYPE_CHECKING:
    from types import TracebackType

    from . import _aios
    from ._answers import Decision
    from ._types import Resource, Selector

__all__ = ["Permit", "Principal"]


class Principal(_Handle, PrincipalView):
    """A verified caller, and the engine that verified it."""

    __slots__ = ("_engine", "_handle")

    _engine: _aios.Engine
    _handle: _aios.Principal

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("a principal is what authenticate(..) gives")

    @staticmethod
    def _of(handle: _aios.Principal, engine: _aios.Engine) -> Principal:
        made: Principal = object.__new__(Principal)
        made._handle = handle
        made._engine = engine
        return made

    @property
    def vault(self) -> Vault:
        """The secrets of its tenant, for those who administer them, asked by this principal."""
        return Vault._of(self._handle.vault({}))

    @property
    def entities(self) -> Entities:
        """The entities that its tenant keeps, for those who administer them, asked by this principal."""
        return Entities._of(self._handle.entities({}))

    @property
    def layer(self) -> Layer:
        """The policies that its tenant keeps, for those who administer them, asked by this principal."""
        return Layer._of(self._handle.layer({}))

    def authorize(
        self,
        *,
        action: str,
        resource: Resource,
        input: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
        call: str | None = None,
    ) -> Permit:
        """As the engine's, asked by this principal."""
        return Permit._of(self._handle.authorize(question(None, action, resource, input, context, trace, call)))

    async def authorize_async(
        self,
        *,
        action: str,
        resource: Resource,
        input: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
        call: str | None = None,
    ) -> Permit:
        """As `authorize`, awaited."""
        asked = question(None, action, resource, input, context, trace, call)
        return Permit._of(await awaited(lambda tasks: self._handle.authorize_async(asked, tasks)))

    def check(
        self,
        *,
        action: str,
        resource: Resource,
        input: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
        call: str | None = None,
    ) -> Decision:
        """As the engine's, asked by this principal."""
        return self._handle.check(question(None, action, resource, input, context, trace, call))

    async def check_async(
        self,
        *,
        action: str,
        resource: Resource,
        input: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
        call: str | None = None,
    ) -> Decision:
        """As `check`, awaited. It must be: without `await` there is no decision, and what is there instead is always true."""
        asked = question(None, action, resource, input, context, trace, call)
        return await awaited(lambda tasks: self._handle.check_async(asked, tasks))

    def check_now(
        self,
        *,
        action: str,
        resource: Resource,
        input: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
        call: str | None = None,
    ) -> Decision:
        """As the engine's, asked by this principal."""
        return self._handle.check_now(question(None, action, resource, input, context, trace, call))

    def revoke(self, *, selector: Selector) -> None:
        """Refuses from now on whom the selector names in the tenant of who asks. Policy must permit it; it is recorded first."""
        self._handle.revoke(revoking(None, selector))

    async def revoke_async(self, *, selector: Selector) -> None:
        """As `revoke`, awaited."""
        asked = revoking(None, selector)
        await awaited(lambda tasks: self._handle.revoke_async(asked, tasks))

    def revoke_before(self, *, selector: Selector, before: int) -> None:
        """As `revoke`, but only tokens issued before a time, in seconds since 1970, or that do not say when."""
        self._handle.revoke_before(revoking_before(None, selector, before))

    async def revoke_before_async(self, *, selector: Selector, before: int) -> None:
        """As `revoke_before`, awaited."""
        asked = revoking_before(None, selector, before)
        await awaited(lambda tasks: self._handle.revoke_before_async(asked, tasks))

    def reinstate(self, *, selector: Selector) -> None:
        """Takes back what `revoke` or `revoke_before` said of the same selector."""
        self._handle.reinstate(revoking(None, selector))

    async def reinstate_async(self, *, selector: Selector) -> None:
        """As `reinstate`, awaited."""
        asked = revoking(None, selector)
        await awaited(lambda tasks: self._handle.reinstate_async(asked, tasks))

    def __repr__(self) -> str:
        return f"Principal(issuer={self.issuer!r}, tenant_id={self.tenant_id!r}, subject={self.subject!r})"


class Permit(_Handle, PermitView):
    """Leave to make one call, as a context manager or with `complete`.

    Its block is entered only where the call may still be made, as `still_open` says. Leaving it records how the call ended:
    `ok`, or `failed` where an exception leaves it. A permit that is dropped without either is recorded as abandoned.
    """

    __slots__ = ("_completed", "_entered", "_handle")

    _completed: bool
    _entered: bool
    _handle: _aios.Permit

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("a permit is what authorize(..) gives")

    @staticmethod
    def _of(handle: _aios.Permit) -> Permit:
        made: Permit = object.__new__(Permit)
        made._handle = handle
        made._completed = made._entered = False
        return made

    def still_open(self) -> None:
        """Raises `Denied` where the permit may be used no longer.

        `audit.permit_ended`: it or its token ended, it was completed, its engine is closed, or this is a forked child.
        `token.revoked`: its caller is.
        """
        self._handle.still_open({})

    def complete(self, status: Literal["ok", "failed"], data: dict[str, Any] | None = None) -> None:
        """Records how the call ended; `data` is stored as it is, 16 KiB at most: no secrets. Does not wait.

        Raises `Denied` with the code `audit.completed` the second time.
        """
        self._handle.complete({"status": status} if data is None else {"status": status, "data": data})
        self._completed = True

    def credential(self, name: str) -> SecretUse:
        """The credential of that name, for what this permit allows: policy decides `use` on the secret.

        `name` is `namespace/name`, a name of the namespace `default`, or a reference.
        """
        return SecretUse._of(self._handle.credential({"name": name}))

    async def credential_async(self, name: str) -> SecretUse:
        """As `credential`, awaited."""
        return SecretUse._of(await awaited(lambda tasks: self._handle.credential_async({"name": name}, tasks)))

    def __enter__(self) -> Permit:
        self.still_open()
        if self._entered:
            # One permit, one call: the block around this one is that call.
            raise Refused.by_code("audit.completed", at="permit", expected="a permit whose block was not entered before")
        self._entered = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._completed:
            return
        if kind is None:
            self.complete("ok")
            return
        try:
            self.complete("failed")
        except Refused as refused:
            # What went wrong in the block matters more; the trail shows that the call has no outcome.
            note(raised, f"the call's outcome was not recorded: {refused}")

    async def __aenter__(self) -> Permit:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, raised, traceback)

    def __repr__(self) -> str:
        return f"Permit(id={self.id!r}, action={self.action!r}, expires_at={self.expires_at!r})"
