"""Secrets that are used and never seen: requests are made in Rust, and the header that carries the secret exists only there."""

from __future__ import annotations

import base64
import json as _json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from ._answers import AnswerHead, SecretUseView
from ._handle import _Handle
from ._loop import awaited
from ._sending import Content, is_whole, length, upload, upload_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from types import ModuleType

    from . import _aios

__all__ = ["SecretAnswer", "SecretUse"]


class SecretUse(_Handle, SecretUseView):
    """A secret that requests may carry, each of which is decided anew. Nothing leads from it to the value."""

    __slots__ = ("_handle",)

    _handle: _aios.SecretUse

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("a secret's use is what Permit.credential(..) or Vault.client(..) gives")

    @staticmethod
    def _of(handle: _aios.SecretUse) -> SecretUse:
        made: SecretUse = object.__new__(SecretUse)
        made._handle = handle
        return made

    def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | Iterable[Any] | None = None,
        content: Content | None = None,
        json: Any = None,
        timeout_seconds: int | None = None,
    ) -> SecretAnswer:
        """Sends a request with the secret, where policy and the secret's terms permit it, and gives the answer as it begins.

        What stands where credentials go is left out of the headers. A redirect is an answer, never followed. Content that comes
        in parts, of a file or a generator, is sent as it comes; where it fails, the request breaks off.
        """
        asked, content = _request(method, url, headers, content, json, timeout_seconds)
        if is_whole(content):
            return SecretAnswer._of(self._handle.fetch(_with(asked, content)))
        return SecretAnswer._of(upload(self._handle, asked | {"length": length(content, asked["headers"])}, content))

    async def fetch_async(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | Iterable[Any] | None = None,
        content: Content | None = None,
        json: Any = None,
        timeout_seconds: int | None = None,
    ) -> SecretAnswer:
        """As `fetch`, awaited."""
        asked, content = _request(method, url, headers, content, json, timeout_seconds)
        if is_whole(content):
            return SecretAnswer._of(await awaited(lambda tasks: self._handle.fetch_async(_with(asked, content), tasks)))
        asked |= {"length": length(content, asked["headers"])}
        return SecretAnswer._of(await upload_async(self._handle, asked, content))

    def httpx_transport(self, httpx: ModuleType | None = None) -> Any:
        """A transport for clients of httpx, waiting and awaiting, that sends each request with the secret.

        `httpx` is the library whose client it is for: httpx unless told, or httpx2, which newer SDKs ask for.
        """
        from ._httpx import transport

        return transport(self, httpx)

    def httpx_client(self, httpx: ModuleType | None = None, **options: Any) -> Any:
        """A client of httpx whose requests carry the secret, for example for `openai.OpenAI(http_client=..)`."""
        from ._httpx import library

        return library(httpx).Client(transport=self.httpx_transport(httpx), **options)

    def httpx_async_client(self, httpx: ModuleType | None = None, **options: Any) -> Any:
        """As `httpx_client`, awaiting."""
        from ._httpx import library

        return library(httpx).AsyncClient(transport=self.httpx_transport(httpx), **options)

    def requests_adapter(self) -> Any:
        """An adapter of requests, to be mounted on a session of the caller's, that sends each request with the secret."""
        from ._requests import adapter

        return adapter(self)

    def requests_session(self) -> Any:
        """A session of requests whose requests carry the secret. It takes nothing from `.netrc` or the environment."""
        from ._requests import session

        return session(self)

    def __repr__(self) -> str:
        return f"SecretUse({self.reference!r})"


class SecretAnswer(_Handle, AnswerHead):
    """An answer to a request that carried a secret; its body comes part by part, without the secret in it."""

    __slots__ = ("_handle",)

    _handle: _aios.SecretAnswer

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("an answer is what SecretUse.fetch(..) gives")

    @staticmethod
    def _of(handle: _aios.SecretAnswer) -> SecretAnswer:
        made: SecretAnswer = object.__new__(SecretAnswer)
        made._handle = handle
        made._view = handle.head({})._view
        return made

    def iter_bytes(self) -> Iterator[bytes]:
        """The body, part by part, as it comes."""
        while (part := self._handle.next({}).base64) is not None:
            yield base64.b64decode(part)

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        """As `iter_bytes`, awaited."""
        while (part := (await awaited(lambda tasks: self._handle.next_async({}, tasks))).base64) is not None:
            yield base64.b64decode(part)

    def read(self) -> bytes:
        """The rest of the body."""
        return b"".join(self.iter_bytes())

    async def read_async(self) -> bytes:
        """As `read`, awaited."""
        return b"".join([part async for part in self.aiter_bytes()])

    def end(self) -> None:
        """Ends the connection, where nobody waits for the next part."""
        self._handle.end({})

    def __repr__(self) -> str:
        return f"SecretAnswer({self.status})"


def _request(
    method: str,
    url: str,
    headers: Mapping[str, str] | Iterable[Any] | None,
    content: Content | None,
    json: Any,
    timeout_seconds: int | None,
) -> tuple[Any, Content | None]:
    """A request without its body, and that."""
    if content is not None and json is not None:
        raise TypeError("fetch takes either content or json")
    lines = _lines(headers)
    if json is not None:
        content = _json.dumps(json, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        if all(line["name"].lower() != "content-type" for line in lines):
            lines.append({"name": "content-type", "value": "application/json"})
    asked: dict[str, Any] = {"method": method, "url": url, "headers": lines}
    if timeout_seconds is not None:
        asked["timeout_seconds"] = timeout_seconds
    return asked, content


def _with(asked: dict[str, Any], content: Any) -> Any:
    if isinstance(content, str):
        return asked | {"body": content}
    return asked | {"body_base64": base64.b64encode(content).decode()} if content else asked


def _lines(headers: Mapping[str, str] | Iterable[Any] | None) -> list[dict[str, str]]:
    """Names and values: of a mapping, of pairs, or of objects as answers have them."""
    if headers is None:
        return []
    pairs: Iterable[Any] = headers.items() if isinstance(headers, Mapping) else headers
    made = []
    for pair in pairs:
        name, value = (pair["name"], pair["value"]) if isinstance(pair, dict) else pair
        made.append({"name": name, "value": value})
    return made
