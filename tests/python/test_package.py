"""The package as it is installed: quick to import, without dependencies, built by pip on a machine that has nothing yet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from world import World

import aios
import aios.policy

ROOT = Path(__file__).parents[2]

PROGRAM = """
import asyncio, pathlib, sys, tempfile
import aios
from aios.testing import TestIdp, engine

folder = pathlib.Path(tempfile.mkdtemp())
(folder / "policies").mkdir()
(folder / "policies/all.cedar").write_text('permit (principal, action == Aios::Action::"read", resource is Aios::Data);')
aios.root_keys.create(folder / "root.keys")
idp = TestIdp()
issuer = {"name": "corp", "iss": idp.iss, "jwks": idp.jwks(), "algorithms": ["ES256"], "tenants": {"acme": "t"}}
configuration = {
    "deployment": "fresh", "audience": ["api://x"], "issuer": [issuer], "policy": {"dir": "policies"},
    "store": {"url": "sqlite:aios.db"}, "keys": {"file": "root.keys"},
}
token = idp.sign({"sub": "ada", "aud": "api://x", "tid": "t", "iat": 1800000000, "exp": 1800000600})
asked = {"credential": token, "action": "read", "resource": {"type": "Aios::Data", "id": "r", "tenant": "acme"}}

async def main():
    async with engine(configuration, folder, now=1800000000) as gate:
        async with await gate.authorize_async(**asked) as permit:
            print(permit.principal.subject, permit.action)
        await gate.flush_async()
        print(bool(await gate.audit.verify_async()), pathlib.Path(aios.__file__).is_relative_to(sys.prefix))

asyncio.run(main())
"""


def test_importing_costs_less_than_asyncio_which_it_does_not_import(tmp_path: Path) -> None:
    # A server imports asyncio anyway: what it pays for AIOS beside that is the measure, on any machine. The processor's time
    # and the least of several, as other processes have the machine too; compiled once, as an installed package is.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def least(module: str) -> float:
        program = f"""
import sys, time
began = time.process_time()
import {module}
print(time.process_time() - began, *sys.modules)
"""
        command: list[object] = [sys.executable, "-c", program]
        told = [run(command, environment, 60) for _ in range(7)]
        assert module == "asyncio" or not {"asyncio", "aios._types", "aios._httpx", "aios.testing"} & set(told[0].split())
        return min(float(line.split()[0]) for line in told)

    ours, asyncio = least("aios"), least("asyncio")
    print(f"import: {ours * 1000:.1f} ms, {ours / asyncio:.2f} of asyncio's")
    assert ours < asyncio


def test_nothing_but_the_standard_library_is_imported() -> None:
    program = "import sys; before = set(sys.modules); import aios, aios.testing; print(*set(sys.modules) - before)"
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    foreign = {name.partition(".")[0] for name in told.split()} - set(sys.stdlib_module_names) - {"aios"}
    assert not foreign


def test_testing_exports_whatever_it_defines() -> None:
    from aios import testing

    defined = {name for name, value in vars(testing).items() if getattr(value, "__module__", None) == testing.__name__}
    assert set(testing.__all__) == {name for name in defined if not name.startswith("_")}


def test_the_version_is_the_workspaces() -> None:
    manifest = (ROOT / "Cargo.toml").read_text()
    assert f'version = "{aios.__version__}"' in manifest


@pytest.mark.skipif("AIOS_NO_NETWORK" in os.environ, reason="pip fetches the build tool")
def test_pip_installs_it_on_a_fresh_machine(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    # Built where the tests were built, so that nothing is built twice.
    environment.setdefault("CARGO_TARGET_DIR", str(ROOT / "target"))
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir"]
    run([*pip, "install", "./aios-py"], environment, 900)
    (package,) = tmp_path.glob("venv/lib/python*/site-packages/aios")
    names = {path.name for path in package.iterdir()}
    assert {"py.typed", "_aios.pyi", "_aios.abi3.so", "testing.py"} <= names
    assert sum(name.endswith(".so") for name in names) == 1
    print(f"native module: {(package / '_aios.abi3.so').stat().st_size / 1e6:.1f} MB")
    told = run([python, "-c", PROGRAM], {**environment, "HOME": str(tmp_path)}, 60)
    assert told.split() == ["ada", "read", "True", "True"]


def run(command: list[object], environment: dict[str, str], seconds: int) -> str:
    words = [str(word) for word in command]
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=seconds, cwd=ROOT)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    return ended.stdout


CONTRACT = json.loads((ROOT / "tests/contract/contract.json").read_text())


def test_operations_and_codes_are_those_of_every_language() -> None:
    def names(rows: str) -> list[str]:
        return [f"{row['receiver']}.{row['name']}" for row in CONTRACT[rows]]

    assert names("operations") == aios._aios.OPERATIONS
    assert names("testing") == aios._aios.TESTING_OPERATIONS
    for row in CONTRACT["operations"] + CONTRACT["testing"]:
        twin = hasattr(getattr(aios._aios, row["receiver"]), f"{row['name']}_async")
        assert twin == row["waits"], row
    assert [row["code"] for row in CONTRACT["codes"]] == list(aios.CODES)
    for row in CONTRACT["codes"]:
        known = aios.CODES[row["code"]]._asdict()
        assert known == {name: row[name] for name in known}
        assert isinstance(aios.Refused.by_code(row["code"]), aios.Denied) == row["denial"]


def test_every_operation_is_in_the_package(world: World) -> None:
    gate = world.open()
    ada = gate.authenticate(world.ada())
    found = {"Engine": gate, "Audit": gate.audit, "Vault": gate.vault, "Principal": ada, "Permit": aios.Permit}
    found["Entities"] = gate.entities
    found["Layer"] = gate.layer
    found["PolicySet"] = aios.policy.Policies("")
    of_roots = {"rotate_root_key": "rotate", "rewrap_masters": "rewrap", "retire_root_key": "retire"}
    for row in CONTRACT["operations"]:
        receiver, name = found.get(row["receiver"]), row["name"]
        if name in of_roots:
            receiver, name = gate.roots, of_roots[name]
        if receiver is not None and name != "view":
            assert hasattr(receiver, name) and hasattr(receiver, f"{name}_async") == row["waits"], row
