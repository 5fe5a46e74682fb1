"""Requests whose bodies come in parts, of Python's own clients: sent as they come, broken off where they fail."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest

import aios
from bodies import bodies
from scene import Handler, Scene

MANY = 5 << 20
LONG = 30


class Broken(Exception):
    """What a caller's own body raises."""


@pytest.fixture
def credential(scene: Scene) -> Iterator[aios.SecretUse]:
    scene.server.routes["/v1/files"] = lambda handler: handler.reply(200, b"taken")
    with scene.permit() as permit:
        yield permit.credential("openai")


def parts(scene: Scene) -> Iterator[bytes]:
    """The second part is made only once the first has arrived: nobody collects them."""
    yield b"one "
    assert scene.server.arrived.wait(LONG)
    yield b"two"


async def awaited_parts(scene: Scene) -> AsyncIterator[bytes]:
    for part in parts(scene):
        yield part


def test_a_generator_is_sent_as_it_comes_by_every_client(scene: Scene, credential: aios.SecretUse) -> None:
    url = scene.server.url + "/v1/files"
    assert credential.fetch("POST", url, content=parts(scene)).read() == b"taken"
    for library in (httpx, httpx2):
        scene.server.arrived.clear()
        with credential.httpx_client(library) as client:
            assert client.post(url, content=parts(scene)).content == b"taken"
    scene.server.arrived.clear()
    with credential.requests_session() as session:
        assert session.post(url, data=parts(scene)).content == b"taken"
    assert scene.server.seen == [("/v1/files", True, b"one two")] * 4


def test_the_pages_example_runs(scene: Scene, credential: aios.SecretUse, tmp_path: Path) -> None:
    _, rest = (Path(__file__).parents[2] / "docs/vault.md").read_text().split("\n```python clients/upload.py\n")
    defined: dict[str, Any] = {}
    exec(rest.split("\n```\n")[0], defined)
    (tmp_path / "file").write_bytes(b"of a file")
    assert defined["send"](credential, scene.server.url + "/v1/files", tmp_path / "file") == 200
    assert scene.server.seen == [("/v1/files", True, b"of a file")]


def test_an_awaited_one_too(scene: Scene, credential: aios.SecretUse) -> None:
    url = scene.server.url + "/v1/files"

    async def run() -> list[bytes]:
        answers = [await (await credential.fetch_async("POST", url, content=awaited_parts(scene))).read_async()]
        scene.server.arrived.clear()
        answers.append(await (await credential.fetch_async("POST", url, content=parts(scene))).read_async())
        scene.server.arrived.clear()
        async with credential.httpx_async_client() as client:
            answers.append((await client.post(url, content=awaited_parts(scene))).content)
        return answers

    assert asyncio.run(run()) == [b"taken"] * 3
    assert scene.server.seen == [("/v1/files", True, b"one two")] * 3


def test_files_and_what_is_long_say_their_length(scene: Scene, credential: aios.SecretUse, tmp_path: Path) -> None:
    lengths: list[str | None] = []

    def noting(handler: Handler) -> None:
        lengths.append(handler.headers.get("content-length"))
        handler.reply(200, b"taken")

    scene.server.routes["/v1/files"] = noting
    url, content = scene.server.url + "/v1/files", bytes(range(256)) * (MANY // 256)
    (tmp_path / "file").write_bytes(content)
    assert credential.fetch("POST", url, content=content).status == 200
    assert credential.fetch("POST", url, content=memoryview(content)).status == 200
    assert credential.fetch("POST", url, content=io.BytesIO(content)).status == 200
    assert credential.fetch("POST", url, content="ä" * (MANY // 2)).status == 200
    with (tmp_path / "file").open("rb") as file, credential.requests_session() as session:
        assert session.post(url, data=file).status_code == 200
        file.seek(0)
        with credential.httpx_client() as client:
            assert client.post(url, files={"file": file}).status_code == 200
    assert lengths[:5] == [str(MANY), str(MANY), None, str(MANY), str(MANY)] and int(lengths[5] or 0) > MANY
    bodies = [body for _, _, body in scene.server.seen]
    assert bodies[:3] == [content] * 3 and bodies[3].decode() == "ä" * (MANY // 2)
    assert bodies[4] == content and content in bodies[5]


def test_a_body_that_fails_breaks_the_request_off_and_is_raised(scene: Scene, credential: aios.SecretUse) -> None:
    def failing() -> Iterator[bytes]:
        yield b"half"
        assert scene.server.arrived.wait(LONG)
        raise Broken

    async def failing_async() -> AsyncIterator[bytes]:
        for part in failing():
            yield part

    async def run() -> None:
        with pytest.raises(Broken):
            await credential.fetch_async("POST", url, content=failing_async())

    url = scene.server.url + "/v1/files"
    for ask in (
        lambda: credential.fetch("POST", url, content=failing()),
        lambda: credential.httpx_client().post(url, content=failing()),
        lambda: credential.requests_session().post(url, data=failing()),
    ):
        with pytest.raises(Broken):
            ask()
        assert scene.server.broken.wait(LONG)
        scene.server.arrived.clear()
        scene.server.broken.clear()
    asyncio.run(run())
    assert scene.server.broken.wait(LONG)
    assert scene.server.seen == []
    scene.gate.flush()
    said = [body["outcome"] for body in bodies(scene.world.folder / "aios.db") if body["type"] == "outcome"]
    assert [outcome["data"].get("body") for outcome in said if outcome["status"] == "failed"] == ["broken_off"] * 4
    assert scene.gate.audit.verify(tenant="acme").ok


def test_a_cancelled_upload_ends_the_connection(scene: Scene, credential: aios.SecretUse) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.Event().wait()

    async def run() -> None:
        task = asyncio.create_task(credential.fetch_async("POST", scene.server.url + "/v1/files", content=endless()))
        assert await asyncio.to_thread(scene.server.arrived.wait, LONG)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert scene.server.broken.wait(LONG)


def test_what_is_not_permitted_asks_for_no_part(scene: Scene, credential: aios.SecretUse) -> None:
    def never() -> Iterator[bytes]:
        pytest.fail("a part was asked for")
        yield b""

    with pytest.raises(aios.Denied, match="vault.not_admitted"):
        credential.fetch("POST", scene.other.url + "/v1/files", content=never())
    with pytest.raises(aios.Denied) as caught:
        credential.fetch("POST", scene.server.url + "/v1/files", headers={"Content-Length": "3"}, content=iter([b"four"]))
    assert caught.value.code == "policy.input"
    with pytest.raises(TypeError):
        credential.fetch("POST", scene.server.url + "/v1/files", content=iter([1]))  # type: ignore[arg-type]
    assert scene.other.seen == scene.server.seen == []


def test_an_answer_before_the_end_stops_the_generator(scene: Scene, credential: aios.SecretUse) -> None:
    asked = 0

    def endless() -> Iterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"x" * 65_536

    scene.server.early = True
    answer = credential.fetch("POST", scene.server.url + "/v1/files", content=endless())
    assert (answer.status, json.loads(answer.read())) == (413, {"too": "large"})
    assert asked
