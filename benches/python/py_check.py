"""Batches of `check` and of `echo`, which takes the same keyword arguments and does nothing with them, for `benches/python.rs`.

`py_check.py MODULE`: the first line of standard input is the job, each further one the name of a batch, whose processor time is
printed in seconds.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "aios-py/python"))


def load(module: str) -> None:
    """Makes the module that was just built the package's own."""
    spec = importlib.util.spec_from_file_location("aios._aios", module)
    sys.modules["aios._aios"] = made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)


def main() -> None:
    load(sys.argv[1])
    import aios
    from aios._aios import KIT
    from aios._request import question

    job = json.loads(sys.stdin.readline())
    asked = json.loads((ROOT / "benches/inputs/request.json").read_text())
    action, resource, arguments = asked["action"], asked["resource"], asked["input"]
    gate = aios.Aios.open(job["configuration"], job["base"])
    ada = gate.authenticate(job["token"])
    decision = ada.check(action=action, resource=resource, input=arguments)
    assert decision and len(decision.policies) == 3, decision
    check, rounds = ada.check, range(job["rounds"])

    def echo(*, action, resource, input=None, context=None, trace=None, call=None):  # noqa: A002
        """The same conversion in and out, from keyword arguments to an answer's class, and nothing between."""
        return KIT.echo(question(None, action, resource, input, context, trace, call))

    def checks() -> None:
        for _ in rounds:
            check(action=action, resource=resource, input=arguments)

    def echoes() -> None:
        for _ in rounds:
            echo(action=action, resource=resource, input=arguments)

    batches = {"check": checks, "echo": echoes}
    for line in sys.stdin:
        batch = batches[line.strip()]
        before = time.thread_time_ns()
        batch()
        print((time.thread_time_ns() - before) / 1e9, flush=True)


main()
