"""A value that is put, used and shown leaves no trace in what Python prints: exceptions, tracebacks, logs, panics and files."""

from __future__ import annotations

import base64
import json
import pickle
import signal
import subprocess
import sys
from typing import Any

import pytest
from scene import PARTS, Server
from world import START, World

import aios
from aios.testing import engine

KEY = "-".join(PARTS)
POLICY = """
@id("admins") permit (principal in Aios::Role::"admin", action in [Aios::Action::"secret_admin", Aios::Action::"reveal"], resource);
@id("uses") permit (principal in Aios::Role::"analyst", action == Aios::Action::"use", resource is Aios::Secret);
"""
OWNER: Any = {"kind": "user", "issuer": "corp", "id": "ada"}
AT = "secret://acme/default/key"


def configured(world: World, **changes: Any) -> dict[str, Any]:
    (world.folder / "policies/vault.cedar").write_text(POLICY)
    return {
        **world.configuration("sqlite:aios.db"),
        "development": {"plaintext_loopback": True},
        "vault": {"reveal": True},
        **changes,
    }


def test_a_value_is_shown_as_bytes_that_nothing_prints(world: World) -> None:
    from test_keeping import snippet

    with engine(configured(world), world.folder, now=START) as gate:
        vault = gate.authenticate(world.ada(roles=["Admin"])).vault
        vault.put(reference=AT, value=KEY, owner=OWNER)
        shown = vault.reveal(reference=AT)
        assert (shown.value, shown.reference, len(shown.fingerprint)) == (KEY.encode(), AT + "@1", 16)
        assert snippet("reveal.py")["read_out"](vault, AT) == (AT + "@1", KEY.encode())
        below = vault._vault.reveal({"reference": AT})
        for text in (repr(shown), str(shown), f"{shown!r:>1}", repr(below)):
            assert "CANARY" not in text and base64.b64encode(KEY.encode()).decode() not in text, text
        with pytest.raises(TypeError):
            pickle.dumps(shown)
        with pytest.raises(TypeError):
            aios.Revealed()  # type: ignore[call-arg]
    with engine(configured(world, vault={}), world.folder, now=START) as gate:
        with pytest.raises(aios.Denied, match="reveal = true") as caught:
            gate.vault.reveal(credential=world.ada(roles=["Admin"]), reference=AT)
    assert caught.value.code == "vault.reveal_off"


def test_a_limit_says_when_to_come_back(world: World) -> None:
    with engine(configured(world), world.folder, now=START) as gate:
        vault = gate.authenticate(world.ada(roles=["Admin"])).vault
        vault.put(reference=AT, value=KEY, owner=OWNER, limits={"uses": 1, "per_seconds": 50}, stage="current")
        vault.reveal(reference=AT)
        with pytest.raises(aios.Denied, match=r"limit\.rate") as caught:
            vault.reveal(reference=AT)
    assert (caught.value.code, caught.value.status, caught.value.retry_at) == ("limit.rate", 429, START + 51)


def test_nothing_that_python_prints_or_keeps_has_the_value(world: World) -> None:
    server, gone = Server(), Server()
    gone.shutdown()
    gone.server_close()
    asked = {"configuration": configured(world), "base": str(world.folder), "now": START, "parts": PARTS}
    asked |= {"admin": world.ada(roles=["Admin"]), "ada": world.ada(), "url": server.url, "gone": gone.url}
    asked |= {"hosts": [server.host, gone.host]}
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-c", SCRIPT],
        input=json.dumps(asked),
        env={"PYTHONPATH": ":".join(sys.path), "RUST_BACKTRACE": "full", "PATH": "/usr/bin:/bin"},
        text=True,
        capture_output=True,
        timeout=120,
    )
    server.shutdown()
    server.server_close()
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    both = ran.stdout + ran.stderr
    # What makes it worth looking: every kind of error, with its traceback, logs, and a panic with its backtrace.
    for word in ("policy.input", "vault.not_admitted", "vault.upstream", "vault.conflict", "internal: ", "Traceback", "panicked at", "DEBUG:"):
        assert word in both, word
    hidden = base64.b64encode(KEY.encode()).decode()
    for form in (KEY, KEY.encode().hex(), hidden[:40], "CANARY"):
        assert form not in both, both[max(0, both.find(form) - 400) : both.find(form)]
        for path in world.folder.rglob("*"):
            assert not path.is_file() or form.encode() not in path.read_bytes(), path


SCRIPT = """
import asyncio, json, logging, os, signal, sys, traceback
logging.basicConfig(level=1, stream=sys.stderr)
import aios
from aios import _aios
from aios.testing import Clock, engine

asked = json.load(sys.stdin)

def tell(work, *arguments, locals=True):
    try:
        print(repr(work(*arguments)))
    except Exception as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=locals)
        print("".join(told.format()), repr(error), str(error), getattr(error, "_view", None))

class Held:
    def __init__(self, value):
        self.value = value
    def __repr__(self):
        return "Held()"

key = Held("-".join(asked.pop("parts")))
owner = {"kind": "user", "issuer": "corp", "id": "ada"}
http = {"hosts": asked["hosts"], "header": "authorization", "template": "Bearer {}"}
gate = engine(asked["configuration"], asked["base"], clock=Clock(asked["now"]))
vault = gate.authenticate(asked["admin"]).vault
at = "secret://acme/default/key"

# Whoever puts a value has it in their frames, so those are told without their variables.
def put(reference, **more):
    return vault.put(reference=reference, value=key.value + more.pop("end", ""), owner=owner, http=http, **more)

for reference, more in ((at, {}), (at, {}), ("secret://acme/no", {}), (at + "@1", {"end": "\\n"}), (at, {"limits": {"uses": 1}}), (at, {"metadata": {"a": 5}})):
    tell(lambda: put(reference, **more), locals=False)

permit = gate.authorize(credential=asked["ada"], action="read", resource={"type": "Aios::Data", "id": "r", "tenant": "acme"})
credential = permit.credential("key")
client = credential.httpx_client()
for url in (asked["url"] + "/v1/a", asked["url"] + "/v1/echo", asked["gone"] + "/v1/a", "https://evil.example.com/", "no url"):
    tell(credential.fetch, "POST", url)
    tell(client.post, url)

async def awaited():
    async with credential.httpx_async_client() as other:
        return await other.post(asked["gone"] + "/v1/a")

tell(lambda: asyncio.run(awaited()))
shown = vault.reveal(reference=at)
print(repr(shown), [repr(thing) for thing in (gate, vault, permit, credential, client)])
tell(lambda: vault.reveal(reference=at + "@9"))
for work in (lambda: vault.reveal(reference=at), lambda: credential.fetch("POST", asked["url"] + "/v1/a")):
    _aios.KIT.panic_next({})
    tell(work)
_aios.KIT.panic_next({})
tell(lambda: put(at + "@1"), locals=False)
permit.complete("ok")
gate.flush()
# Nothing is closed, so that the folder is looked at as a process leaves it that was killed.
sys.stdout.flush()
sys.stderr.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""
