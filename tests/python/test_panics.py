"""A panic in any operation of either table is the failure `internal`; the process lives on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from world import READ, START, World

import aios
from aios import _aios
from aios._loop import awaited
from aios.testing import engine

TOKEN = "no token"
REVOKING = {"selector": {"kind": "tenant"}}
SECRET = {"reference": "secret://acme/prod/a"}
THING = {"type": "Aios::Data", "id": "report-7"}
REQUESTS: dict[str, dict[str, Any]] = {
    "Host.open": {"path": "nowhere"},
    "Host.create_root_keys": {"path": "nowhere/keys"},
    "Engine.authenticate": {"credential": TOKEN},
    "Engine.authorize": {"credential": TOKEN, **READ},
    "Engine.check": {"credential": TOKEN, **READ},
    "Engine.check_now": {"credential": TOKEN, **READ},
    "Engine.explain_token": {"credential": TOKEN},
    "Engine.reinstate": REVOKING,
    "Engine.retire_root_key": {"kid": "k-1"},
    "Engine.restore_keys": {"snapshot": "no snapshot"},
    "Engine.revoke": REVOKING,
    "Engine.revoke_before": {**REVOKING, "before": START},
    "Principal.authorize": READ,
    "Principal.check": READ,
    "Principal.check_now": READ,
    "Principal.reinstate": REVOKING,
    "Principal.revoke": REVOKING,
    "Principal.revoke_before": {**REVOKING, "before": START},
    "Host.load_policies": {"policies": ""},
    "PolicySet.decide": {name: {"type": "A", "id": "a"} for name in ("principal", "action", "resource")},
    "PolicySet.reload": {"policies": ""},
    "Host.part_reference": {"reference": "secret://acme/prod/a"},
    "Vault.put": {**SECRET, "value": "x", "owner": {"kind": "user", "issuer": "corp", "id": "ada"}},
    "Vault.rotate": {**SECRET, "value": "x"},
    **{f"Vault.{name}": SECRET for name in ("promote", "revoke", "delete", "restore", "destroy")},
    "Vault.schedule": SECRET,
    "Vault.offboard": {"tenant": "acme"},
    "Permit.complete": {"status": "ok"},
    "Permit.credential": {"name": "key"},
    "Vault.encrypt": {"credential": TOKEN, "resource": READ["resource"]},
    "Vault.decrypt": {"credential": TOKEN, "resource": READ["resource"]},
    "Payload.update": {"base64": ""},
    "SecretUse.fetch": {"method": "GET", "url": "http://127.0.0.1:1/"},
    "SecretUse.upload": {"method": "GET", "url": "http://127.0.0.1:1/"},
    "SecretSending.part": {"base64": ""},
    "Vault.client": SECRET,
    "Vault.reveal": SECRET,
    "Entities.put": {"entity": THING},
    "Entities.delete": {"entity": THING},
    "Entities.change": {},
    "Entities.get": {"entity": THING},
    "Layer.put": {"name": "a", "text": ""},
    "Layer.remove": {"name": "a"},
    "Layer.change": {},
    "Kit.clock": {"seconds": START},
    "Kit.echo": READ,
    "Kit.idp": {"iss": "https://idp.example/"},
    "Clock.engine": {"path": "nowhere"},
    "Clock.set": {"seconds": START},
    "Kit.open_envelope": {
        **{name: "" for name in ("envelope", "tenant", "namespace", "name", "terms")}, "keys": {}, "version": 1
    },
    "Idp.sign": {"claims": {}},
}
"""Requests of operations that take something; the others take nothing."""

ALL = [*_aios.OPERATIONS, *_aios.TESTING_OPERATIONS]


SECRETS = """
@id("keeps") permit (principal in Aios::Role::"analyst", action == Aios::Action::"secret_admin", resource);
@id("uses") permit (principal in Aios::Role::"analyst", action == Aios::Action::"use", resource is Aios::Secret);
"""


class Says(BaseHTTPRequestHandler):
    """Whatever it is asked, it says nothing."""

    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Says) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def receivers(world: World, upstream: str) -> dict[str, Any]:
    (world.folder / "policies/secrets.cedar").write_text(SECRETS)
    configuration = {**world.configuration(), "development": {"plaintext_loopback": True}}
    gate = engine(configuration, world.folder, now=START)
    ada = gate.authenticate(world.ada())
    permit = gate.authorize(principal=ada, **READ)
    made = [_aios.HOST, _aios.KIT, gate._engine, gate.audit._audit, gate.vault._vault, ada._handle, permit._handle]
    made += [gate.entities._entities, gate.layer._layer]
    http = {"hosts": [upstream], "header": "x-api-key", "template": "{}"}
    owner = {"kind": "user", "issuer": "corp", "id": "ada"}
    put = {"credential": world.ada(), "reference": "secret://acme/default/key", "value": "0123456789"}
    gate.vault._vault.put({**put, "owner": owner, "http": http})
    use = permit._handle.credential({"name": "key"})
    made += [use, use.upload({"method": "GET", "url": f"http://{upstream}/"}), use.fetch({"method": "GET", "url": f"http://{upstream}/"})]
    made.append(gate.vault._vault.decrypt({"credential": world.ada(), "resource": READ["resource"]}))
    # Its tokens name another issuer from here on.
    made += [gate.clock._clock, world.idp._idp, world.idp._idp.serve({})]
    made.append(_aios.HOST.load_policies({"policies": ""}))
    return {type(receiver).__name__: receiver for receiver in made}


def provoked(call: Any) -> None:
    _aios.KIT.panic_next({})
    with pytest.raises(aios.Failed) as caught:
        call()
    assert (caught.value.code, caught.value.status) == ("internal", 500)


@pytest.mark.parametrize("operation", ALL)
def test_a_panic_is_the_failure_internal(world: World, upstream: str, operation: str) -> None:
    receiver, _, name = operation.partition(".")
    everything = receivers(world, upstream)
    assert set(everything) >= {operation.partition(".")[0] for operation in ALL}
    request = REQUESTS.get(operation, {})
    provoked(lambda: getattr(everything[receiver], name)(request))
    twin = getattr(everything[receiver], f"{name}_async", None)
    if twin is not None:
        provoked(lambda: asyncio.run(awaited(lambda tasks: twin(request, tasks))))
    if name == "panic_next":
        return
    # What was interrupted can be called again.
    try:
        getattr(everything[receiver], name)(request)
    except aios.Refused as refused:
        assert refused.code != "internal"


def test_what_waits_has_an_awaiting_twin() -> None:
    twins = {operation for operation in ALL if hasattr(getattr(_aios, operation.split(".")[0]), operation.split(".")[1] + "_async")}
    assert {"Host.open", "Engine.authorize", "Engine.close", "Audit.verify", "Principal.check", "Idp.serve"} <= twins
    assert not {"Engine.check_now", "Permit.complete", "Permit.view", "Kit.echo"} & twins


def test_a_panic_on_a_thread_that_waits_is_internal_too(world: World) -> None:
    async def main() -> None:
        gate = world.open()
        audit = gate.audit
        _aios.KIT.panic_next({})
        with pytest.raises(aios.Failed, match="internal"):
            await audit.verify_async()
        assert await audit.verify_async()

    asyncio.run(main())
