"""Payloads: bytes of any length under the tenant's key, sealed and opened part by part."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from ._handle import _Handle
from ._loop import awaited

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

    from . import _aios
    from ._types import PayloadBytes

__all__ = ["Payload"]

# What crosses at once: as base64 it is far below what a request may be.
_PART = 1 << 20


class Payload(_Handle):
    """A payload that is being sealed or opened. Opened bytes may be a beginning until its end has been seen."""

    __slots__ = ("_busy", "_handle")

    _busy: bool

    _handle: _aios.Payload

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("a payload is what Vault.encrypt(..) or Vault.decrypt(..) gives")

    @staticmethod
    def _of(handle: _aios.Payload) -> Payload:
        made: Payload = object.__new__(Payload)
        made._handle = handle
        made._busy = False
        return made

    def update(self, data: bytes) -> bytes:
        """Works on more bytes, and gives those that are ready: of opened ones, what was sealed as far as it goes."""
        with self._turn():
            return b"".join(base64.b64decode(self._handle.update(part).base64) for part in _parts(data))

    async def update_async(self, data: bytes) -> bytes:
        """As `update`, awaited. One part after the other; cancelled, nothing more comes of the rest."""
        with self._turn():
            return b"".join([await self._part_async(part) for part in _parts(data)])

    @contextmanager
    def _turn(self) -> Iterator[None]:
        # Data crosses in parts: those of two callers would come to stand between one another.
        if self._busy:
            raise RuntimeError("a payload takes one part after the other")
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    async def _part_async(self, part: PayloadBytes) -> bytes:
        return base64.b64decode((await awaited(lambda tasks: self._handle.update_async(part, tasks))).base64)

    def finish(self) -> bytes:
        """Ends it, and gives what is left. Raises where an opened one is not whole: then nothing of it may be believed."""
        return base64.b64decode(self._handle.finish({}).base64)

    async def finish_async(self) -> bytes:
        """As `finish`, awaited."""
        return base64.b64decode((await awaited(lambda tasks: self._handle.finish_async({}, tasks))).base64)

    def whole(self, data: bytes) -> bytes:
        """The whole of it, from the whole."""
        return self.update(data) + self.finish()

    async def whole_async(self, data: bytes) -> bytes:
        """As `whole`, awaited."""
        return await self.update_async(data) + await self.finish_async()

    def through(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """The whole of it, part by part. Raises at the end where an opened one is not whole."""
        for part in parts:
            yield self.update(part)
        yield self.finish()

    async def through_async(self, parts: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """As `through`, awaited."""
        async for part in parts:
            yield await self.update_async(part)
        yield await self.finish_async()

    def __repr__(self) -> str:
        return "Payload()"


def _parts(data: bytes) -> Iterator[PayloadBytes]:
    view = memoryview(data).cast("B")
    for start in range(0, len(view), _PART):
        yield {"base64": base64.b64encode(view[start : start + _PART]).decode()}
