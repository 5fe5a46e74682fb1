"""Bodies that come in parts: of files, of what gives bytes, waiting and awaiting."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterable, Iterable
from typing import TYPE_CHECKING, Any

from ._loop import awaited

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from . import _aios

__all__ = ["Content", "is_whole", "length", "upload", "upload_async"]

Content = bytes | bytearray | memoryview | str | Iterable[bytes] | AsyncIterable[bytes]

# What crosses at once: as base64 it is far below what a request may be.
_PART = 1 << 20


def is_whole(content: Any) -> bool:
    """Whether a body crosses as a whole: what is at hand and short."""
    return content is None or (isinstance(content, (bytes, bytearray, memoryview, str)) and len(content) <= _PART)


def length(content: Any, lines: list[dict[str, str]]) -> int | None:
    """How long a body will be: what is at hand says it, else whoever asks does by `content-length`."""
    if isinstance(content, (bytes, bytearray, memoryview, str)):
        return len(_bytes(content))
    said = [line["value"] for line in lines if line["name"].lower() == "content-length"]
    return int(said[0]) if said and said[0].isascii() and said[0].isdigit() else None


def upload(use: _aios.SecretUse, asked: Any, content: Any) -> _aios.SecretAnswer:
    """Sends a request part by part. A body that fails breaks it off."""
    sending = use.upload(asked)
    try:
        for part in _parts(content):
            if not sending.part({"base64": part}).wanted:
                break
        return sending.answer({})
    except BaseException:
        sending.end({})
        raise


async def upload_async(use: _aios.SecretUse, asked: Any, content: Any) -> _aios.SecretAnswer:
    """As `upload`, awaited."""
    sending = await awaited(lambda tasks: use.upload_async(asked, tasks))
    try:
        async for part in _awaited_parts(content):
            if not await _taken(sending, part):
                break
        return await awaited(lambda tasks: sending.answer_async({}, tasks))
    except BaseException:
        sending.end({})
        raise


async def _taken(sending: _aios.SecretSending, part: str) -> bool:
    return (await awaited(lambda tasks: sending.part_async({"base64": part}, tasks))).wanted


def _parts(content: Any) -> Iterator[str]:
    for data in _given(content):
        yield from _cut(data)


async def _awaited_parts(content: Any) -> AsyncIterator[str]:
    if not isinstance(content, AsyncIterable):
        for part in _parts(content):
            yield part
        return
    async for data in content:
        for part in _cut(data):
            yield part


def _given(content: Any) -> Iterator[Any]:
    if isinstance(content, (bytes, bytearray, memoryview, str)):
        yield content
    elif hasattr(content, "read"):
        while data := content.read(_PART):
            yield data
    else:
        yield from content


def _cut(data: Any) -> Iterator[str]:
    view = _bytes(data)
    for start in range(0, len(view), _PART):
        yield base64.b64encode(view[start : start + _PART]).decode()


def _bytes(data: Any) -> memoryview:
    return memoryview(data.encode() if isinstance(data, str) else data).cast("B")
