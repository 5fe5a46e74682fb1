"""Credentials in the hands of real clients: the key reaches the allowed host alone, and never this process's Python heap."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest

import aios
from scene import Scene
from world import START

MESSAGES: Any = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize("library", [None, httpx2], ids=["httpx", "httpx2"])
def test_openai_works_with_a_key_that_is_none_also_streaming(scene: Scene, library: Any) -> None:
    with scene.permit() as permit:
        http = permit.credential("openai").httpx_client(library)
        client = openai.OpenAI(api_key="unused", base_url=scene.server.url + "/v1", http_client=http, max_retries=0)
        answer = client.chat.completions.create(model="m", messages=MESSAGES)
        assert answer.choices[0].message.content == "hello"
        stream = client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
        texts = [part.choices[0].delta.content for part in stream]
        assert texts[:2] == ["one ", "two "] and set(texts[2] or "") == {"*"}
    assert [(path, known) for path, known, _ in scene.server.seen] == [("/v1/chat/completions", True)] * 2
    assert scene.server.seen[0][2]["messages"] == MESSAGES


def test_openai_awaited(scene: Scene) -> None:
    async def run() -> list[str | None]:
        async with scene.permit() as permit:
            credential = await permit.credential_async("openai")
            http = credential.httpx_async_client()
            client = openai.AsyncOpenAI(api_key="unused", base_url=scene.server.url + "/v1", http_client=http, max_retries=0)
            stream = await client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
            return [part.choices[0].delta.content async for part in stream]

    assert asyncio.run(run())[:2] == ["one ", "two "]
    assert scene.server.seen[0][1]


def test_anthropic_works_with_a_key_that_is_none(scene: Scene) -> None:
    with scene.permit() as permit:
        http = permit.credential("anthropic").httpx_client(httpx2)
        client = anthropic.Anthropic(api_key="unused", base_url=scene.server.url, http_client=http, max_retries=0)
        answer = client.messages.create(model="m", max_tokens=9, messages=MESSAGES)
        assert getattr(answer.content[0], "text", None) == "hello"
    assert scene.server.seen[0][:2] == ("/v1/messages", True)


def test_a_redirect_that_a_client_follows_takes_no_key_elsewhere(scene: Scene) -> None:
    with scene.permit() as permit:
        with permit.credential("openai").httpx_client(follow_redirects=True) as client:
            with pytest.raises(aios.Denied) as caught:
                client.post(scene.server.url + "/v1/redirect", json={}, headers={"authorization": "Bearer mine"})
    assert caught.value.code == "vault.not_admitted"
    assert scene.other.seen == []


def test_an_echo_is_masked_and_said_to_be_a_rejection(scene: Scene) -> None:
    with scene.permit() as permit:
        answer = permit.credential("openai").fetch("POST", scene.server.url + "/v1/echo", json={"a": "ä"})
        assert answer.status == 401 and answer.rejected
        assert b"CANARY" not in answer.read() and scene.server.seen[0][2] == {"a": "ä"}
        client = openai.OpenAI(
            api_key="unused",
            base_url=scene.server.url + "/v1/echo",
            http_client=permit.credential("openai").httpx_client(),
            max_retries=0,
        )
        with pytest.raises(openai.AuthenticationError) as caught:
            client.chat.completions.create(model="m", messages=MESSAGES)
    assert "bad key ***" in str(caught.value) and "CANARY" not in repr(caught.value)


def test_content_and_headers_take_every_form(scene: Scene) -> None:
    with scene.permit() as permit:
        credential = permit.credential("openai")
        url = scene.server.url + "/v1/a"
        for headers in ({"x-a": "1"}, [("x-a", "1")], [{"name": "x-a", "value": "1"}], None):
            for content in (b"{}", "{}", None):
                assert credential.fetch("POST", url, headers=headers, content=content).status == 200
        with pytest.raises(TypeError):
            credential.fetch("POST", url, content=b"", json={})
        with pytest.raises(aios.Denied):
            credential.fetch("POST", "http://localhost/v1/a")


def test_what_was_not_permitted_or_is_over_gives_no_credential(scene: Scene) -> None:
    permit = scene.permit()
    credential = permit.credential("openai")
    permit.complete("ok")
    with pytest.raises(aios.Denied) as caught:
        credential.fetch("POST", scene.server.url + "/v1/a")
    assert caught.value.code == "audit.permit_ended"
    assert scene.server.seen == []
    with pytest.raises(TypeError):
        aios.SecretUse()  # type: ignore[call-arg]


def test_the_key_stands_in_no_file_and_in_no_object_of_python(scene: Scene) -> None:
    script = Path(scene.world.folder, "client.py")
    script.write_text(CLIENT)
    token = scene.world.ada()
    asked = {"configuration": scene.configuration, "base": str(scene.world.folder), "now": START, "url": scene.server.url}
    ran = subprocess.run(
        [sys.executable, str(script)],
        input=json.dumps(asked | {"token": token}),
        text=True,
        capture_output=True,
        check=True,
    )
    assert ran.stdout.strip() == "0", ran.stdout + ran.stderr
    assert [known for path, known, _ in scene.server.seen if path == "/v1/chat"] == [True] * 3
    gc.collect()
    for path in scene.world.folder.iterdir():
        if path.is_file():
            assert b"live-CANARY" not in path.read_bytes(), path


# Counts where the middle of the key stands in the objects that Python's collector knows, and what they refer to.
CLIENT = """
import gc, json, sys
from aios.testing import Clock, engine
asked = json.load(sys.stdin)
found = 0
with engine(asked["configuration"], asked["base"], clock=Clock(asked["now"])) as gate:
    resource = {"type": "Aios::Data", "id": "r", "tenant": "acme"}
    with gate.authorize(credential=asked["token"], action="read", resource=resource) as permit:
        credential = permit.credential("openai")
        client = credential.httpx_client()
        answers = [client.post(asked["url"] + "/v1/chat", json={"stream": number == 1}) for number in range(3)]
        needle = "".join(reversed("YRANAC-evil"))
        for holder in gc.get_objects():
            for thing in gc.get_referents(holder):
                if isinstance(thing, (bytes, bytearray)):
                    found += needle.encode() in thing
                elif isinstance(thing, str) and thing is not needle:
                    found += needle in thing
print(found)
"""
