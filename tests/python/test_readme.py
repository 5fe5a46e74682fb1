"""README's program in Python is the example, and prints what README says."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from aios.testing import TestIdp

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def block(language: str) -> str:
    (text,) = [rest.split("\n```", 1)[0] for rest in README.split(f"\n```{language}\n")[1:]]
    return text + "\n"


def test_the_program_is_the_example_and_prints_what_readme_says(tmp_path: Path) -> None:
    source = ROOT / "examples" / "readme.py"
    program = source.read_text()
    assert program[program.index("import ") :] == block("python")
    assert len(block("python").splitlines()) <= 15
    idp = TestIdp("https://idp.example.com/")
    (tmp_path / "policies").mkdir()
    (tmp_path / "aios.toml").write_text(block("toml"))
    (tmp_path / "policies" / "analysts.cedar").write_text(block("cedar"))
    (tmp_path / "keys.json").write_text(json.dumps(idp.jwks()))
    now = int(time.time())
    claims = {"sub": "ada", "aud": "api://aios", "tid": "t-acme", "roles": ["Analyst"], "iat": now, "exp": now + 600}
    ran = subprocess.run(
        [sys.executable, source, idp.sign(claims)], cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == (block("text"), "", 0)
