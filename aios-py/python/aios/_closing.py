"""How an engine ends: what it has recorded made durable, at the end of its block too."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ._loop import awaited
from .errors import Refused, note

if TYPE_CHECKING:
    from types import TracebackType

    from . import _aios

_Self = TypeVar("_Self", bound="Closing")


class Closing:
    """What holds an engine until it is closed."""

    __slots__ = ("_engine",)

    _engine: _aios.Engine

    def flush(self) -> None:
        """Waits until every outcome and refusal recorded so far is durable."""
        self._engine.flush({})

    async def flush_async(self) -> None:
        """As `flush`, awaited."""
        await awaited(lambda tasks: self._engine.flush_async({}, tasks))

    def close(self) -> None:
        """Flushes, ends the chains and closes the store."""
        self._engine.close({})

    async def close_async(self) -> None:
        """As `close`, awaited."""
        await awaited(lambda tasks: self._engine.close_async({}, tasks))

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.close()
        except Refused as refused:
            _ending(raised, refused)

    async def __aenter__(self: _Self) -> _Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self.close_async()
        except Refused as refused:
            _ending(raised, refused)


def _ending(raised: BaseException | None, refused: Refused) -> None:
    """What to do about a refused end of a block: what went wrong in the block matters more; it may have closed itself."""
    if raised is not None:
        note(raised, f"the engine was not closed: {refused}")
    elif refused.code != "engine.closed":
        raise refused
