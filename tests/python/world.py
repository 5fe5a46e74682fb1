"""A small world for tests: an issuer with inline keys, a folder of policies, engines with a clock that tests move."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aios
from aios.testing import TestAios, TestIdp, engine

START = 1_800_000_000
REPORT: Any = {"type": "Aios::Data", "id": "report-7", "tenant": "acme"}
READ: dict[str, Any] = {"action": "read", "resource": REPORT}

POLICIES = """
@id("analysts-read") permit (principal in Aios::Role::"analyst", action == Aios::Action::"read", resource is Aios::Data);
@id("admins-revoke") permit (principal in Aios::Role::"admin", action == Aios::Action::"revoke", resource is Aios::Revocation);
@id("auditors-export") permit (principal in Aios::Role::"auditor", action == Aios::Action::"export", resource is Aios::Audit);
"""


class World:
    """Everything a test needs; in a folder that goes with it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        (self.folder / "policies").mkdir()
        (self.folder / "policies/all.cedar").write_text(POLICIES)
        aios.root_keys.create(self.folder / "root.keys")
        self.idp = TestIdp("https://idp.example.com/")

    def configuration(self, store: str = "memory:", **issuer: Any) -> dict[str, Any]:
        made = {
            "name": "corp",
            "preset": "generic",
            "iss": self.idp.iss,
            "jwks": self.idp.jwks(),
            "algorithms": ["ES256"],
            "typ": ["at+jwt"],
            "claims": {"tenant": "tid", "roles": "roles", "scopes": "scp"},
            "tenants": {"acme": "t-acme", "globex": "t-globex"},
            "roles": {"admin": "Admin", "analyst": "Analyst", "auditor": "Auditor"},
            **issuer,
        }
        return {
            "deployment": "test",
            "audience": ["api://aios"],
            "issuer": [{name: value for name, value in made.items() if value is not None}],
            "policy": {"dir": "policies"},
            "store": {"url": store},
            "keys": {"file": "root.keys"},
            "audit": {"deadline_seconds": 20},
        }

    def served(self) -> dict[str, Any]:
        """A configuration that fetches the keys of an issuer on loopback, `self.idp.iss`."""
        made = self.configuration(jwks=None, discovery=True, allow_private=True)
        made["development"] = {"plaintext_loopback": True}
        return made

    def ada(self, now: int = START, **changes: Any) -> str:
        """A token of Ada, analyst and auditor of acme."""
        claims = {
            "sub": "ada",
            "aud": "api://aios",
            "tid": "t-acme",
            "roles": ["Analyst", "Auditor"],
            "iat": now,
            "exp": now + 600,
        }
        return self.idp.sign({**claims, **changes})

    def open(self, store: str = "memory:") -> TestAios:
        """An engine of this world, at its beginning."""
        return engine(self.configuration(store), self.folder, now=START)

    def job(self, store: str = "sqlite:aios.db") -> Path:
        """A file by which another process opens a production engine, with a token that is good now."""
        path = self.folder / "job.json"
        job = {"configuration": self.configuration(store), "token": self.ada(int(time.time()))}
        path.write_text(json.dumps(job))
        return path


def opened(job: str | Path) -> tuple[aios.Aios, dict[str, Any]]:
    """What `World.job` wrote: an engine, and a question that it permits."""
    path = Path(job)
    read = json.loads(path.read_text())
    return aios.Aios.open(read["configuration"], path.parent), {"credential": read["token"], **READ}


def asked(world: World) -> dict[str, Any]:
    """Ada's question, which is permitted."""
    return {"credential": world.ada(), **READ}


def refusal(call: Any, *arguments: Any, **named: Any) -> aios.Refused:
    """What a call is refused with."""
    try:
        call(*arguments, **named)
    except aios.Refused as refused:
        return refused
    raise AssertionError("the call is not refused")


def settled(gate: aios.Aios) -> aios.Report:
    """Flushes until no call is open. What is abandoned while a commit ends is queued behind it, so one flush may miss it."""
    deadline = time.monotonic() + 10
    while True:
        gate.flush()
        report = gate.audit.verify()
        if not report.dangling or time.monotonic() > deadline:
            return report


LOCK = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
store.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
store.execute("ROLLBACK")
"""


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """Nobody can write meanwhile. Another process locks it, as SQLite's locks are a process's."""
    holder = subprocess.Popen(
        [sys.executable, "-c", LOCK, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None and holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == b"locked\n"
        yield
        holder.stdin.close()
    assert holder.returncode == 0
