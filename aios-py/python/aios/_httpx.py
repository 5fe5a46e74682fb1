"""Clients of httpx, or of its successor httpx2, whose requests are made in Rust. Loaded where somebody asks for one."""

from __future__ import annotations

import importlib
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import ModuleType

    from ._use import SecretAnswer, SecretUse

__all__ = ["library", "seconds", "transport"]


def library(given: ModuleType | None) -> Any:
    """The library whose client is wanted: httpx unless told."""
    return importlib.import_module("httpx") if given is None else given


def transport(use: SecretUse, given: ModuleType | None) -> Any:
    """A transport, waiting and awaiting, that sends each request with the secret."""
    return _transports(library(given))(use)


def _transports(httpx: Any) -> Any:
    """The class of transports of a library; httpx and httpx2 differ in name only."""

    class Body(httpx.SyncByteStream, httpx.AsyncByteStream):  # type: ignore[misc]
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

    class SecretTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):  # type: ignore[misc]
        """Hands each hop to Rust. The request stays as the caller wrote it: no exception, hook or retry sees the secret."""

        def __init__(self, use: SecretUse) -> None:
            self._use = use

        def handle_request(self, request: Any) -> Any:
            return response(self._use.fetch(**_asked(request, content(request))))

        async def handle_async_request(self, request: Any) -> Any:
            return response(await self._use.fetch_async(**_asked(request, content(request))))

    def content(request: Any) -> Any:
        """The body: at hand, or as it comes."""
        return b"".join(request.stream) if isinstance(request.stream, httpx.ByteStream) else request.stream

    def response(answer: SecretAnswer) -> Any:
        headers = [(line.name, line.value) for line in answer.headers]
        return httpx.Response(answer.status, headers=headers, stream=Body(answer))

    return SecretTransport


def _asked(request: Any, content: Any) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": str(request.url.copy_with(fragment=None)),
        "headers": request.headers.multi_items(),
        "content": content,
        "timeout_seconds": seconds(request.extensions.get("timeout", {}).get("read")),
    }


def seconds(read: float | None) -> int | None:
    """How long the server may be silent, as clients say it; whole seconds, an hour at most."""
    return None if read is None else max(1, min(3600, math.ceil(read)))
