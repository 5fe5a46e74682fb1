"""Policies that tenants keep in the store, as whoever administers them sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from . import _aios
from ._loop import awaited
from ._vault import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._answers import PolicyList, WrittenPolicies
    from ._types import Credential, KeptPolicy

__all__ = ["Layer"]


class Layer:
    """The policies that an engine's tenants keep. Of a principal's no operation takes a credential."""

    __slots__ = ("_layer",)

    _layer: _aios.Layer

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("it is Aios.layer or Principal.layer")

    @staticmethod
    def _of(layer: _aios.Layer) -> Layer:
        made: Layer = object.__new__(Layer)
        made._layer = layer
        return made

    def put(
        self, name: str, text: str, *, credential: Credential | None = None, expect: int | None = None
    ) -> WrittenPolicies:
        """Keeps a policy, in the place of the one of its name.

        With `expect`, only where the tenant's policies are at that revision, 0 where there never were any.
        """
        return self._layer.put(said(credential, None, name=name, text=text, expect=expect))

    async def put_async(
        self, name: str, text: str, *, credential: Credential | None = None, expect: int | None = None
    ) -> WrittenPolicies:
        """As `put`, awaited."""
        asked = said(credential, None, name=name, text=text, expect=expect)
        return await awaited(lambda tasks: self._layer.put_async(asked, tasks))

    def remove(
        self, name: str, *, credential: Credential | None = None, expect: int | None = None
    ) -> WrittenPolicies:
        """Takes a policy out."""
        return self._layer.remove(said(credential, None, name=name, expect=expect))

    async def remove_async(
        self, name: str, *, credential: Credential | None = None, expect: int | None = None
    ) -> WrittenPolicies:
        """As `remove`, awaited."""
        asked = said(credential, None, name=name, expect=expect)
        return await awaited(lambda tasks: self._layer.remove_async(asked, tasks))

    def change(
        self,
        *,
        credential: Credential | None = None,
        put: Sequence[KeptPolicy] = (),
        remove: Sequence[str] = (),
        expect: int | None = None,
    ) -> WrittenPolicies:
        """Makes several changes, all of them or none. No decision sees half of them."""
        return self._layer.change(said(credential, None, put=list(put), remove=list(remove), expect=expect))

    async def change_async(
        self,
        *,
        credential: Credential | None = None,
        put: Sequence[KeptPolicy] = (),
        remove: Sequence[str] = (),
        expect: int | None = None,
    ) -> WrittenPolicies:
        """As `change`, awaited."""
        asked = said(credential, None, put=list(put), remove=list(remove), expect=expect)
        return await awaited(lambda tasks: self._layer.change_async(asked, tasks))

    def list(self, *, credential: Credential | None = None) -> PolicyList:
        """All policies that are kept, as they stand now."""
        return self._layer.list(said(credential, None))

    async def list_async(self, *, credential: Credential | None = None) -> PolicyList:
        """As `list`, awaited."""
        return await awaited(lambda tasks: self._layer.list_async(said(credential, None), tasks))

    def __reduce__(self) -> NoReturn:
        raise TypeError("Layer belongs to this process")
