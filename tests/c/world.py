"""What test programs get as arguments: openings and requests, made by the kit from the first file of rules."""

import contextlib
import http.server
import json
import pathlib
import socket
import threading

import vectors

SECRETS = """
@id("keeps") permit (principal in Aios::Role::"analyst", action == Aios::Action::"secret_admin", resource);
@id("uses") permit (principal in Aios::Role::"analyst", action == Aios::Action::"use", resource is Aios::Secret);
"""
REPORT = {"action": "read", "resource": {"type": "Aios::Data", "id": "r", "tenant": "acme"}}


@contextlib.contextmanager
def world(command=None):
    """A stage with `opening(store)`, `silent()`, `request` and `presented`, all JSON text."""
    file = vectors.load(vectors.FOLDER / "first.json")
    with contextlib.ExitStack() as held, vectors.Stage(file, command) as stage, socket.create_server(("127.0.0.1", 0)) as deaf:
        token = stage.found["$token"]["ada"]
        (pathlib.Path(stage.folder.name) / "policies" / "secrets.cedar").write_text(SECRETS)
        host = held.enter_context(upstream())
        http_use = {"hosts": [host], "header": "x-api-key", "template": "{}"}
        owner = {"kind": "user", "issuer": "corp", "id": "ada"}
        kept = {"reference": "secret://acme/default/key", "value": "0123456789", "owner": owner, "http": http_use}
        stage.put = json.dumps({"credential": token, **kept})
        stage.fetch = json.dumps({"method": "GET", "url": f"http://{host}/"})
        stage.payload = json.dumps({"credential": token, "resource": REPORT["resource"]})
        stage.request = json.dumps({"credential": token, **REPORT})
        # Connections to it are made by the kernel; nobody takes them.
        iss = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        claims = {**file["tokens"]["ada"]["claims"], "iss": iss}
        waits = stage.program.call("idp-corp", "sign", {"claims": claims})["token"]
        stage.presented, stage.waits = json.dumps({"credential": token}), json.dumps({"credential": waits})
        issuer = {name: value for name, value in file["configuration"]["issuer"][0].items() if name != "jwks"}
        issuer |= {"iss": iss, "discovery": True, "allow_private": True}
        stage.silent = opening(stage, {"issuer": [issuer], "development": {"plaintext_loopback": True}})
        development = {"plaintext_loopback": True}
        stage.opening = lambda store: opening(stage, {"store": {"url": store}, "development": development})
        yield stage


class Says(http.server.BaseHTTPRequestHandler):
    """Whatever it is asked, it says `ok`."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def upstream():
    """Who is asked with a secret."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Says) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def handles(stage, store):
    """Keeps a handle of every kind under the kind's name, but for the identity provider, whose keys are slow to make."""
    call = stage.program.call
    call("kit", "clock", {"seconds": stage.file["now"]}, "clock")
    call("clock", "engine", json.loads(stage.opening(store)), "engine")
    call("host", "load_policies", {"policies": ""}, "policy_set")
    call("engine", "audit", {}, "audit")
    call("engine", "vault", {}, "vault")
    call("engine", "entities", {}, "entities")
    call("engine", "layer", {}, "layer")
    call("engine", "authenticate", json.loads(stage.presented), "principal")
    call("engine", "authorize", json.loads(stage.request), "permit")
    # A store may have one from before.
    name = f"key{stage.program.suffix}"
    call("vault", "put", {**json.loads(stage.put), "reference": f"secret://acme/default/{name}"})
    call("vault", "decrypt", json.loads(stage.payload), "payload")
    call("permit", "credential", {"name": name}, "secret_use")
    call("secret_use", "upload", json.loads(stage.fetch), "secret_sending")
    call("secret_use", "fetch", json.loads(stage.fetch), "secret_answer")
    call("idp-corp", "serve", {}, "served")


def opening(stage, changes):
    configuration = vectors.merged(stage.filled(stage.file["configuration"]), changes)
    return json.dumps({"configuration": configuration, "base": stage.folder.name})
