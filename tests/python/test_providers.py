"""An identity provider that lives in the same Python process is no deadlock: whoever waits for it holds neither GIL nor loop."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
import time
from typing import Any

from world import READ, START, World, refusal

from aios.testing import TestIdp, engine


class _Provider(http.server.BaseHTTPRequestHandler):
    """A provider in Python: each answer takes the GIL."""

    idp: TestIdp

    def do_GET(self) -> None:
        body = _answer(self.idp, self.path)
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def _answer(idp: TestIdp, path: str) -> bytes:
    metadata = {"issuer": idp.iss, "jwks_uri": f"{idp.iss}/jwks"}
    return json.dumps(idp.jwks() if path == "/jwks" else metadata).encode()


def test_a_provider_on_a_thread_of_the_same_process_is_no_deadlock(world: World) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    world.idp = _Provider.idp = TestIdp(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with engine(world.served(), world.folder, now=START) as gate:
            began = time.monotonic()
            assert gate.authenticate(world.ada()).subject == "ada"
            assert gate.authorize(credential=world.ada(), **READ).action == "read"
            assert time.monotonic() - began < 10
    finally:
        server.shutdown()
        server.server_close()


def test_an_engine_that_cannot_ask_begins_with_the_keys_of_another(world: World) -> None:
    idp = world.idp = TestIdp()
    with idp.serve():
        with engine(world.served(), world.folder, now=START) as gate:
            (found,) = gate.hydrate().issuers
            assert (found.issuer, found.ok, found.keys) == ("corp", True, 1)
            assert "es384-1" in [dropped.kid for dropped in found.dropped]
            assert asyncio.run(gate.hydrate_async()) == gate.hydrate()
            kept = gate.snapshot_keys().snapshot
        with engine(world.served(), world.folder, now=START) as other:
            assert other.restore_keys(kept).issuers == 1
            assert other.check_now(credential=world.ada(), **READ)
            assert refusal(other.restore_keys, "no snapshot").code == "policy.input"


def test_an_explanation_asks_no_issuer_not_even_ahead_of_a_sets_end(world: World) -> None:
    idp = world.idp = TestIdp()
    with idp.serve() as served, engine(world.served(), world.folder, now=START) as gate:
        token = world.ada()
        unknown = gate.explain_token(token)
        assert (unknown.verdict, unknown.verified, served.requests) == ("unknown", False, 0)
        gate.hydrate()
        kept, asked = json.loads(gate.snapshot_keys().snapshot), served.requests
        kept["sets"][0]["age_seconds"] = 7200
        with engine(world.served(), world.folder, now=START) as other:
            other.restore_keys(json.dumps(kept))
            # A set that old is fetched anew by whoever uses it.
            assert other.explain_token(token).verdict == "accepted"
            time.sleep(0.2)
            assert served.requests == asked


def test_a_provider_in_the_same_event_loop_is_no_deadlock(world: World) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        body = _answer(world.idp, path)
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        world.idp = TestIdp(f"http://127.0.0.1:{port}")
        async with engine(world.served(), world.folder, now=START) as gate, server:
            ada = await asyncio.wait_for(gate.authenticate_async(world.ada()), 10)
            assert await ada.check_async(**READ)
            together = [gate.authorize_async(credential=world.ada(), **READ) for _ in range(50)]
            assert len(await asyncio.wait_for(asyncio.gather(*together), 10)) == 50

    asyncio.run(main())
