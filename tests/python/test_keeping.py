"""Keys and secrets that are rotated, as docs/vault.md shows it, and what the doctor says of them."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from world import START, World

import aios
from aios.testing import TestAios, TestIdp, engine

ROOT = Path(__file__).parents[2]
DAY = 86_400
POLICY = """
@id("admins") permit (principal in Aios::Role::"admin", action == Aios::Action::"secret_admin", resource);
"""
OWNER = {"kind": "service", "issuer": "corp", "id": "job"}


def snippet(name: str) -> dict[str, Any]:
    """What a block of docs/vault.md defines."""
    _, rest = (ROOT / "docs/vault.md").read_text().split(f"\n```python keeping/{name}\n")
    defined: dict[str, Any] = {}
    exec(rest.split("\n```\n")[0], defined)
    return defined


@pytest.fixture
def kept(world: World) -> World:
    (world.folder / "policies/vault.cedar").write_text(POLICY)
    return world


def opened(world: World, **changes: Any) -> TestAios:
    return engine({**world.configuration("sqlite:aios.db"), **changes}, world.folder, now=START)


def admin(world: World, now: int = START) -> str:
    return world.ada(now, roles=["Admin"])


def test_a_root_key_is_rotated_as_the_page_says_while_engines_run(kept: World) -> None:
    with opened(kept) as gate, opened(kept) as other:
        vault = gate.authenticate(admin(kept)).vault
        vault.put(reference="secret://acme/prod/a", value="sk-1", owner=OWNER)
        before = (kept.folder / "root.keys").read_text()
        paused: list[None] = []
        snippet("roots.py")["rotate_root"](gate, lambda: paused.append(None))
        after = (kept.folder / "root.keys").read_text()
        assert after != before and len(after.splitlines()) == 1 and not paused
        report = gate.roots.rewrap(dry_run=True)
        assert (report.left, list(report.wraps)) == (0, [report.current]) and after.startswith(report.current)
        assert other.authenticate(admin(kept)).vault.verify().ok
        with pytest.raises(aios.Denied, match="key.in_use"):
            gate.roots.retire(report.current)
        with pytest.raises(aios.Denied, match="policy.input"):
            gate.roots.rewrap(most=0)
    (kept.folder / "root.keys").write_text(before)
    with pytest.raises(aios.Failed, match="key.unusable"):
        opened(kept)


def test_a_tenant_gets_a_new_master_and_can_be_ended(kept: World) -> None:
    staff = TestIdp("https://staff.example.com/")
    mine = kept.configuration()["issuer"][0]
    theirs = {**mine, "name": "staff", "iss": staff.iss, "jwks": staff.jwks(), "tenants": {"ops": "t-ops"}}
    theirs["roles"] = {"platform_operator": "Operator"}
    policy = {"dir": "policies", "shared": ["Aios::Tenant"], "roles": ["platform_operator"]}
    with opened(kept, issuer=[mine, theirs], policy=policy) as gate:
        vault = gate.authenticate(admin(kept)).vault
        vault.put(reference="secret://acme/prod/a", value="sk-1", owner=OWNER)
        moved = vault.rewrap(most=10)
        assert (moved.moved, moved.left, moved.finished) == (1, 0, False)
        gate.clock.advance(300)
        assert vault.rewrap().finished
        claims = {"aud": "api://aios", "tid": "t-ops", "roles": ["Operator"], "iat": START, "exp": START + 600}
        operator = staff.sign({"sub": "op", **claims})
        with pytest.raises(aios.Denied, match="policy.denied"):
            vault.offboard(tenant="acme")
        assert gate.vault.offboard(credential=operator, tenant="acme").had_secrets
        with pytest.raises(aios.Denied, match="vault.offboarded"):
            vault.list()
        assert vault.verify().ok and gate.audit.verify("acme").ok


def test_what_is_due_is_rotated_as_the_page_says_a_month_later(kept: World) -> None:
    with opened(kept) as gate:
        schedule = {"rotate_every": 30 * DAY, "max_age": 45 * DAY, "on_overdue": "deny"}
        made = gate.vault.put(
            credential=admin(kept), reference="secret://acme/prod/a", value="sk-1", owner=OWNER, schedule=schedule
        )
        assert made.reference.endswith("@1")
        gate.clock.advance(30 * DAY)
        vault = gate.authenticate(admin(kept, START + 30 * DAY)).vault
        installed: list[str] = []
        rotate = snippet("due.py")["rotate_due"]
        rotate(vault, lambda named, version: f"{named}#{version}", installed.append, lambda value: True)
        assert installed == ["secret://acme/prod/a#2"]
        (listed,) = vault.list().secrets
        assert [version.stage for version in listed.versions] == ["previous", "current"]
        assert (listed.age, vault.due().secrets, vault.due().next) == ("fresh", (), START + 60 * DAY)
        vault.schedule(reference="secret://acme/prod/a", schedule=None)
        assert vault.list().secrets[0].schedule is None


def test_the_doctor_says_what_is_wrong_and_what_to_do(kept: World) -> None:
    async def examine(gate: TestAios) -> aios.DoctorReport:
        return await gate.doctor_async(unused_days=30)

    with opened(kept) as gate:
        vault = gate.authenticate(admin(kept)).vault
        vault.put(reference="secret://acme/prod/a", value="sk-1", owner=OWNER, schedule={"max_age": 60})
        assert asyncio.run(examine(gate)).ok
        gate.clock.advance(31 * DAY)
        found = asyncio.run(examine(gate))
        codes = {symptom.code: symptom for symptom in found.symptoms}
        assert set(codes) == {"vault.overdue", "vault.unused"} and not found.ok
        assert codes["vault.overdue"].reference == "secret://acme/prod/a@1"
        assert codes["vault.overdue"].remedy and codes["vault.overdue"].tenant == "acme"
    database = sqlite3.connect(kept.folder / "aios.db")
    database.execute("UPDATE row SET value = zeroblob(99) WHERE key = 'vault/secret/acme/prod/a'")
    database.commit()
    database.close()
    with opened(kept) as gate:
        assert [symptom.code for symptom in gate.doctor().symptoms] == ["vault.undecryptable"]


def test_r14_core_dumps_are_switched_off_and_it_is_said_whether_they_are() -> None:
    program = """
import ctypes, sys, aios
said = aios.forbid_core_dumps()
PR_GET_DUMPABLE = 3
is_dumpable = ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) if sys.platform == "linux" else 1
assert said.off == (is_dumpable == 0) and (said.why is None) == said.off, said
"""
    subprocess.run([sys.executable, "-c", program], check=True)
