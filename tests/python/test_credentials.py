"""Credentials in the hands of real clients: the key reaches the allowed host alone, and never this process's Python heap."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest

import aios
from aios.testing import engine
from world import START, World

# Put by another process, so that this one never held it.
PARTS = ("sk-live", "CANARY", "of-nobody-0123456789")
POLICY = """
@id("admins") permit (principal in Aios::Role::"admin", action == Aios::Action::"secret_admin", resource);
@id("uses") permit (principal in Aios::Role::"analyst", action == Aios::Action::"use", resource is Aios::Secret);
"""
PUT = """
import json, sys
from aios.testing import Clock, engine
asked = json.load(sys.stdin)
with engine(asked["configuration"], asked["base"], clock=Clock(asked["now"])) as gate:
    for order in asked["orders"]:
        order["value"] = "-".join(asked["parts"])
        gate.vault.put(credential=asked["token"], **order)
"""


def chunk(text: str) -> dict[str, Any]:
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}],
    }


class Handler(BaseHTTPRequestHandler):
    """Answers as OpenAI and Anthropic do; echoes and redirects where the path says so. Notes whether the key came, not the key."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        key = self.headers.get("authorization", "").removeprefix("Bearer ") or self.headers.get("x-api-key", "")
        # Joined and forgotten here: what stays is whether it was the key.
        self.server.seen.append((self.path, key == "-".join(PARTS), json.loads(body or b"{}")))
        if self.path.startswith("/v1/redirect"):
            return self.reply(307, b"", location=self.server.elsewhere + "/v1/stolen")
        if self.path.startswith("/v1/echo"):
            coded = base64.b64encode(key.encode()).decode()
            return self.reply(401, json.dumps({"error": {"message": f"bad key {key} {coded} {key.encode().hex()}"}}).encode())
        if b'"stream":true' in body.replace(b" ", b""):
            return self.stream(key)
        if self.path == "/v1/messages":
            answer: dict[str, Any] = {"id": "m1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn"}
            answer |= {"content": [{"type": "text", "text": "hello"}], "usage": {"input_tokens": 1, "output_tokens": 1}}
            return self.reply(200, json.dumps(answer).encode())
        message = {"role": "assistant", "content": "hello"}
        answer = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m"}
        answer["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
        self.reply(200, json.dumps(answer).encode())

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, key: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        # The key comes back, cut where it hurts.
        for text in ("one ", "two ", key):
            event = b"data: " + json.dumps(chunk(text)).encode() + b"\n\n"
            for part in (event[: len(event) - 20], event[len(event) - 20 :]):
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                self.wfile.flush()
        done = b"data: [DONE]\n\n"
        self.wfile.write(f"{len(done):x}\r\n".encode() + done + b"\r\n0\r\n\r\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, elsewhere: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, bool, Any]] = []
        self.elsewhere = elsewhere
        self.host = f"127.0.0.1:{self.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Scene:
    """A world, a server that the key is for, and one that it is not for."""

    def __init__(self) -> None:
        self.world = World()
        (self.world.folder / "policies/use.cedar").write_text(POLICY)
        self.other = Server()
        self.server = Server(self.other.url)
        self.configuration = self.world.configuration("sqlite:aios.db") | {"development": {"plaintext_loopback": True}}
        http = {"hosts": [self.server.host], "header": "authorization", "template": "Bearer {}"}
        owner = {"kind": "user", "issuer": "corp", "id": "ada"}
        orders = [
            {"reference": "secret://acme/default/openai", "owner": owner, "http": http},
            {"reference": "secret://acme/default/anthropic", "owner": owner, "http": http | {"header": "x-api-key", "template": "{}"}},
        ]
        asked = {"configuration": self.configuration, "base": str(self.world.folder), "now": START, "orders": orders}
        asked |= {"parts": PARTS, "token": self.world.ada(roles=["Admin"])}
        subprocess.run([sys.executable, "-c", PUT], input=json.dumps(asked), text=True, check=True)
        self.gate = engine(self.configuration, str(self.world.folder), clock=self.world_clock())

    @staticmethod
    def world_clock() -> Any:
        from aios.testing import Clock

        return Clock(START)

    def permit(self) -> aios.Permit:
        return self.gate.authorize(
            credential=self.world.ada(), action="read", resource={"type": "Aios::Data", "id": "r", "tenant": "acme"}
        )

    def close(self) -> None:
        self.gate.close()
        for server in (self.server, self.other):
            server.shutdown()
            server.server_close()


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()


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
