"""Rotation of root keys, for the host that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ._aios import HOST
from ._loop import awaited

if TYPE_CHECKING:
    from . import _aios
    from ._answers import CoreDumps, RootKeyReport

__all__ = ["Roots", "forbid_core_dumps"]


def forbid_core_dumps() -> CoreDumps:
    """Switches core dumps of this process off, for as long as it runs this program. Says whether they are: read `off`."""
    return HOST.forbid_core_dumps({})


class Roots:
    """The root keys of an engine: a new one, everything wrapped anew under it, and the old one taken away."""

    __slots__ = ("_engine",)

    _engine: _aios.Engine

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("the root keys are Aios.roots")

    @staticmethod
    def _of(engine: _aios.Engine) -> Roots:
        made: Roots = object.__new__(Roots)
        made._engine = engine
        return made

    def rotate(self) -> str:
        """Puts a new root key before all others of the key file, and gives its id. Then `rewrap` until nothing is left."""
        return self._engine.rotate_root_key({}).kid

    async def rotate_async(self) -> str:
        """As `rotate`, awaited."""
        return (await awaited(lambda tasks: self._engine.rotate_root_key_async({}, tasks))).kid

    def rewrap(self, *, most: int | None = None, dry_run: bool = False) -> RootKeyReport:
        """Wraps `most` masters anew that are under another root key than the current one; read `left`. Pause as you like."""
        return self._engine.rewrap_masters(asked(most, dry_run))

    async def rewrap_async(self, *, most: int | None = None, dry_run: bool = False) -> RootKeyReport:
        """As `rewrap`, awaited."""
        return await awaited(lambda tasks: self._engine.rewrap_masters_async(asked(most, dry_run), tasks))

    def retire(self, kid: str) -> RootKeyReport:
        """Takes a root key out of the key file that wraps nothing any more."""
        return self._engine.retire_root_key({"kid": kid})

    async def retire_async(self, kid: str) -> RootKeyReport:
        """As `retire`, awaited."""
        return await awaited(lambda tasks: self._engine.retire_root_key_async({"kid": kid}, tasks))

    def __reduce__(self) -> NoReturn:
        raise TypeError("Roots belongs to this process")


def asked(most: int | None, dry_run: bool) -> Any:
    return {"dry_run": dry_run} if most is None else {"dry_run": dry_run, "most": most}
