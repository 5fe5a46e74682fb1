"""A world with secrets, a server on loopback that the key is for, and one that it is not for."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from world import START, World

import aios
from aios.testing import Clock, engine

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

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        if self.server.early:
            self.reply(413, b'{"too": "large"}')
            # A connection that is closed before all was read is reset, and the answer with it.
            while self.rfile.read(65_536):
                pass
            return
        body = self.chunks() if "chunked" in self.headers.get("transfer-encoding", "") else self.rfile.read(int(self.headers.get("content-length", 0)))
        if body is None:
            # It broke off.
            return self.server.broken.set()
        key = self.headers.get("authorization", "").removeprefix("Bearer ") or self.headers.get("x-api-key", "")
        # Joined and forgotten here: what stays is whether it was the key.
        if scripted := self.server.routes.get(self.path):
            self.server.seen.append((self.path, key == "-".join(PARTS), body))
            return scripted(self)
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

    def chunks(self) -> bytes | None:
        """A body in parts; none where it breaks off."""
        read = bytearray()
        while length := int(self.rfile.readline() or b"-1", 16):
            if length < 0:
                return None
            self.server.arrived.set()
            read += self.rfile.read(length)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(read)

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(body)), "connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, key: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
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
        self.early = False
        self.arrived, self.broken = threading.Event(), threading.Event()
        self.routes: dict[str, Callable[[Handler], None]] = {}
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
        self.gate = engine(self.configuration, str(self.world.folder), clock=Clock(START))

    def permit(self) -> aios.Permit:
        return self.gate.authorize(
            credential=self.world.ada(), action="read", resource={"type": "Aios::Data", "id": "r", "tenant": "acme"}
        )

    def close(self) -> None:
        self.gate.close()
        for server in (self.server, self.other):
            server.shutdown()
            server.server_close()
