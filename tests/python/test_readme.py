"""README's program in Python is the example, and prints what README says."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import aios
from aios.testing import TestIdp

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def block(language: str, page: str = README) -> str:
    (text,) = [rest.split("\n```", 1)[0] for rest in page.split(f"\n```{language}\n")[1:]]
    return text + "\n"


def installed(tmp_path: Path) -> str:
    """What README configures, and a token for it."""
    idp = TestIdp("https://idp.example.com/")
    (tmp_path / "policies").mkdir()
    (tmp_path / "aios.toml").write_text(block("toml"))
    (tmp_path / "policies" / "analysts.cedar").write_text(block("cedar"))
    (tmp_path / "keys.json").write_text(json.dumps(idp.jwks()))
    now = int(time.time())
    claims = {"sub": "ada", "aud": "api://aios", "tid": "t-acme", "roles": ["Analyst"], "iat": now, "exp": now + 600}
    return idp.sign(claims)


def test_the_program_is_the_example_and_prints_what_readme_says(tmp_path: Path) -> None:
    source = ROOT / "examples" / "readme.py"
    program = source.read_text()
    assert program[program.index("import ") :] == block("python")
    assert len(block("python").splitlines()) <= 15
    token = installed(tmp_path)
    ran = subprocess.run(
        [sys.executable, source, token], cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == (block("text"), "", 0)


def test_the_packages_page_shows_a_program_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = installed(tmp_path)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {"token": token}
    exec(block("python", (ROOT / "aios-py" / "README.md").read_text()), found)
    assert (found["permit"].principal.tenant_id, found["permit"].action) == ("acme", "read")
    # The block was the call, and it has ended.
    with pytest.raises(aios.Denied, match="audit.permit_ended"):
        found["permit"].still_open()
