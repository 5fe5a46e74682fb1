"""Clients of httpx whose requests are made in Rust. Loaded where somebody asks for one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from ._use import SecretAnswer, SecretUse

__all__ = ["transport"]


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body as it comes. Whoever stops reading ends the connection."""

    def __init__(self, answer: SecretAnswer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_bytes()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._answer.aiter_bytes()

    def close(self) -> None:
        self._answer.end()

    async def aclose(self) -> None:
        self._answer.end()


class _Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Hands each hop to Rust. The request stays as the caller wrote it: no exception, hook or retry of httpx sees the secret."""

    def __init__(self, use: SecretUse) -> None:
        self._use = use

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return _response(self._use.fetch(**_asked(request, request.read())))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return _response(await self._use.fetch_async(**_asked(request, await request.aread())))


def transport(use: SecretUse) -> _Transport:
    """A transport, waiting and awaiting, that sends each request with the secret."""
    return _Transport(use)


def _asked(request: httpx.Request, content: bytes) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": str(request.url.copy_with(fragment=None)),
        "headers": request.headers.multi_items(),
        "content": content,
        "timeout_seconds": _seconds(request.extensions.get("timeout", {}).get("read")),
    }


def _seconds(read: float | None) -> int | None:
    """How long the server may be silent, as httpx says it; whole seconds, an hour at most."""
    return None if read is None else max(1, min(3600, math.ceil(read)))


def _response(answer: SecretAnswer) -> httpx.Response:
    headers = [(line.name, line.value) for line in answer.headers]
    return httpx.Response(answer.status, headers=headers, stream=_Body(answer))
