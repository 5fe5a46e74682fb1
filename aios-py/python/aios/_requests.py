"""Sessions of requests whose requests are made in Rust. Loaded where somebody asks for one."""

from __future__ import annotations

import importlib
import io
from http.client import responses
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

from ._httpx import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._use import SecretAnswer, SecretUse

__all__ = ["adapter", "session"]


def session(use: SecretUse) -> Any:
    """A session whose every way out is this one, and that asks neither `.netrc` nor the environment."""
    made = importlib.import_module("requests").Session()
    made.trust_env = False
    for scheme in ("https://", "http://"):
        made.mount(scheme, adapter(use))
    return made


def adapter(use: SecretUse) -> Any:
    """An adapter that sends each request with the secret."""
    return _adapters(importlib.import_module("requests"))(use)


class _Body(io.RawIOBase):
    """A body as urllib3 gives it: in parts, as they come. Whoever stops reading ends the connection."""

    def __init__(self, answer: SecretAnswer, reason: str) -> None:
        self.status, self.reason = answer.status, reason
        self._answer, self._parts, self._left = answer, answer.iter_bytes(), memoryview(b"")

    def stream(self, amt: int | None = 65_536, decode_content: object = None) -> Iterator[bytes]:
        """Parts of at most so many bytes. Nothing is packed, so that nothing is unpacked."""
        while part := self._next(amt):
            yield part

    def read(self, amt: int | None = None, decode_content: object = None) -> bytes:
        if amt is None or amt < 0:
            return b"".join(self.stream(None))
        found = bytearray()
        while part := self._next(amt - len(found)):
            found += part
        return bytes(found)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._next(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._answer.end()
        super().close()

    def _next(self, most: int | None) -> bytes:
        """What there is next, at most so much; nothing at the body's end."""
        if not self._left and most != 0:
            self._left = memoryview(next(self._parts, b""))
        part, self._left = self._left[:most], self._left[len(self._left) if most is None else most :]
        return bytes(part)


def _adapters(requests: Any) -> Any:
    """The class of adapters of the library."""

    class SecretAdapter(requests.adapters.BaseAdapter):  # type: ignore[misc]
        """Hands each hop to Rust. The request stays as the caller wrote it: no exception, hook or retry sees the secret."""

        def __init__(self, use: SecretUse) -> None:
            super().__init__()
            self._use = use

        def send(
            self,
            request: Any,
            stream: bool = False,
            timeout: Any = None,
            verify: Any = True,
            cert: Any = None,
            proxies: Any = None,
        ) -> Any:
            if not verify:
                raise ValueError("a request with a secret goes to servers whose certificate is verified: verify must not be off")
            if cert is not None:
                raise ValueError("a request with a secret shows no certificate of the client's: cert must be None")
            if requests.utils.select_proxy(request.url, proxies):
                raise ValueError(
                    "a request with a secret goes through the proxy of AIOS's configuration alone: "
                    "leave out proxies, and set trust_env = False where they are the environment's"
                )
            return self._response(request, self._use.fetch(**_asked(request, timeout)))

        def close(self) -> None:
            """Nothing is held between requests."""

        def _response(self, request: Any, answer: SecretAnswer) -> Any:
            made = requests.Response()
            made.status_code, made.reason = answer.status, responses.get(answer.status, "")
            made.raw = _Body(answer, made.reason)
            for line in answer.headers:
                # As http.client reads them; requests takes redirects for that.
                value, known = line.value.encode().decode("latin-1"), made.headers.get(line.name)
                made.headers[line.name] = value if known is None else f"{known}, {value}"
            made.encoding = requests.utils.get_encoding_from_headers(made.headers)
            made.url, made.request, made.connection = request.url, request, self
            return made

    return SecretAdapter


def _asked(request: Any, timeout: Any) -> dict[str, Any]:
    pairs = ((_text(name), _text(value)) for name, value in request.headers.items())
    return {
        "method": request.method,
        "url": urldefrag(request.url).url,
        "headers": list(pairs),
        "content": request.body,
        "timeout_seconds": seconds(_read_timeout(timeout)),
    }


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _read_timeout(timeout: Any) -> float | None:
    """How long the server may be silent: of one number, of two, or of urllib3's."""
    if isinstance(timeout, tuple):
        _, timeout = timeout
    read: float | None = getattr(timeout, "read_timeout", timeout)
    return read
