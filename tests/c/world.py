"""What test programs get as arguments: openings and requests, made by the kit from the first file of rules."""

import contextlib
import json
import socket

import vectors

REPORT = {"action": "read", "resource": {"type": "Aios::Data", "id": "r", "tenant": "acme"}}


@contextlib.contextmanager
def world(command=None):
    """A stage with `opening(store)`, `silent()`, `request` and `presented`, all JSON text."""
    file = vectors.load(vectors.FOLDER / "first.json")
    with vectors.Stage(file, command) as stage, socket.create_server(("127.0.0.1", 0)) as deaf:
        token = stage.found["$token"]["ada"]
        stage.request = json.dumps({"credential": token, **REPORT})
        # Connections to it are made by the kernel; nobody takes them.
        iss = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        claims = {**file["tokens"]["ada"]["claims"], "iss": iss}
        waits = stage.program.call("idp-corp", "sign", {"claims": claims})["token"]
        stage.presented, stage.waits = json.dumps({"credential": token}), json.dumps({"credential": waits})
        issuer = {name: value for name, value in file["configuration"]["issuer"][0].items() if name != "jwks"}
        issuer |= {"iss": iss, "discovery": True, "allow_private": True}
        stage.silent = opening(stage, {"issuer": [issuer], "development": {"plaintext_loopback": True}})
        stage.opening = lambda store: opening(stage, {"store": {"url": store}})
        yield stage


def handles(stage, store):
    """Keeps a handle of every kind under the kind's name, but for the identity provider, whose keys are slow to make."""
    call = stage.program.call
    call("kit", "clock", {"seconds": stage.file["now"]}, "clock")
    call("clock", "engine", json.loads(stage.opening(store)), "engine")
    call("host", "load_policies", {"policies": ""}, "policy_set")
    call("engine", "audit", {}, "audit")
    call("engine", "vault", {}, "vault")
    call("engine", "authenticate", json.loads(stage.presented), "principal")
    call("engine", "authorize", json.loads(stage.request), "permit")
    call("idp-corp", "serve", {}, "served")


def opening(stage, changes):
    configuration = vectors.merged(stage.filled(stage.file["configuration"]), changes)
    return json.dumps({"configuration": configuration, "base": stage.folder.name})
