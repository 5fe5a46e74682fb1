"""Batches of `check` and of `echo`, which does nothing with the same request, for `benches/python.rs`.

`py_check.py MODULE`: the first line of standard input is the job, each further one the name of a batch, whose processor time is
printed in seconds.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

# Of each kind in turn.
ROUNDS = 50
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

    job = json.loads(sys.stdin.readline())
    asked = json.loads((ROOT / "benches/inputs/request.json").read_text())
    action, resource, arguments = asked["action"], asked["resource"], asked["input"]
    gate = aios.Aios.open(job["configuration"], job["base"])
    ada = gate.authenticate(job["token"])
    decision = ada.check(action=action, resource=resource, input=arguments)
    assert decision and len(decision.policies) == 3, decision
    check, echo = ada.check, KIT.echo

    def checks() -> None:
        for _ in range(ROUNDS):
            check(action=action, resource=resource, input=arguments)

    def checks_and_echoes() -> None:
        for _ in range(ROUNDS):
            check(action=action, resource=resource, input=arguments)
            echo(asked)

    def seconds(what: str) -> float:
        if what == "check":
            return sum(processor(checks) for _ in range(job["rounds"] // ROUNDS))
        # A call's conversions find caches as the call left them. So do these: they come after a call each, whose time is
        # taken off again.
        pairs = [(processor(checks_and_echoes), processor(checks)) for _ in range(job["rounds"] // ROUNDS)]
        return sum(both - bare for both, bare in pairs)

    for line in sys.stdin:
        print(seconds(line.strip()), flush=True)


def processor(batch: Callable[[], None]) -> float:
    """Processor time of this thread, in seconds."""
    before = time.thread_time_ns()
    batch()
    return (time.thread_time_ns() - before) / 1e9


main()
