"""Reads the records of a SQLite file the way an auditor's program does: without AIOS."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

SQL = "SELECT tenant, frame FROM audit_record JOIN audit_chain USING (chain) ORDER BY chain, seq"


def bodies(database: Path) -> list[dict[str, Any]]:
    """What every record of every tenant's chains says."""
    store = sqlite3.connect(database, timeout=5)
    try:
        return [json.loads(frame[76:-32]) for tenant, frame in store.execute(SQL) if tenant]
    finally:
        store.close()


def outcomes(database: Path) -> list[str]:
    """How calls ended, in the trail's order."""
    return [body["outcome"]["status"] for body in bodies(database) if body["type"] == "outcome"]
