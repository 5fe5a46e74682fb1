"""The records of a SQLite file as an auditor's program reads them: without AIOS, and in a process of its own.

In the tests' process a second SQLite library would give up the locks of an open engine, as a process's locks on a file go
when it closes any descriptor of that file.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

SQL = "SELECT tenant, frame FROM audit_record JOIN audit_chain USING (chain) ORDER BY chain, seq"


def bodies(database: Path) -> list[dict[str, Any]]:
    """What every record of every tenant's chains says."""
    read: list[dict[str, Any]] = json.loads(_elsewhere(database, "bodies"))
    return read


def outcomes(database: Path) -> list[str]:
    """How calls ended, in the trail's order."""
    return [body["outcome"]["status"] for body in bodies(database) if body["type"] == "outcome"]


def behead(database: Path) -> int:
    """Takes away every chain's head, as a thief would; how many there were."""
    return int(_elsewhere(database, "behead"))


def _elsewhere(database: Path, what: str) -> str:
    command = [sys.executable, __file__, str(database), what]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _main(database: str, what: str) -> None:
    store = sqlite3.connect(database, timeout=5)
    if what == "bodies":
        print(json.dumps([json.loads(frame[76:-32]) for tenant, frame in store.execute(SQL) if tenant]))
    else:
        with store:
            print(store.execute("DELETE FROM audit_head").rowcount)
    store.close()


if __name__ == "__main__":
    _main(*sys.argv[1:])
