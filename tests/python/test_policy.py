"""The raw engine in Python: pairs for uids, arrays for entities, reloads beside readers, forked children."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

import aios
from aios.policy import Decision, Policies

ROOT = Path(__file__).parents[2]
PERMIT = '@id("{}") permit (principal, action, resource in Folder::"plans");'
PLANS = [{"uid": {"type": "Doc", "id": "7"}, "attrs": {}, "parents": [{"type": "Folder", "id": "plans"}]}]


def ask(policies: Policies) -> Decision:
    return policies.decide(("User", "ada"), ("Action", "read"), ("Doc", "7"))


def test_the_program_in_the_guide_runs() -> None:
    _, rest = (ROOT / "docs/policy.md").read_text().split("\n```python raw/decide.py\n")
    exec(rest.split("\n```", 1)[0], {})


def test_a_decision_is_true_where_the_policies_permit() -> None:
    policies = Policies(PERMIT.format("a"), entities=PLANS)
    assert ask(policies) and ask(policies).policies == ("a",)
    refused = policies.decide(("User", "ada"), ("Action", "read"), ("Doc", "8"))
    assert not refused and (refused.code, refused.errors) == ("policy.denied", ())
    assert repr(policies) == "Policies(generation=1, policies=1, entities=1)"


def test_a_decision_is_no_leave_to_make_a_call() -> None:
    decision = ask(Policies(PERMIT.format("a"), entities=PLANS))
    assert not isinstance(decision, (aios.Decision, aios.Permit)) and not hasattr(decision, "complete")
    assert not hasattr(aios, "Policies"), "beside the gate nobody finds it by chance"


@pytest.mark.parametrize("uid", [("User",), ("User", "ada", "x"), ("User", 7)])
def test_what_is_no_pair_of_texts_is_refused(uid: object) -> None:
    policies = Policies(PERMIT.format("a"), entities=PLANS)
    with pytest.raises((ValueError, aios.Denied)):
        policies.decide(uid, ("Action", "read"), ("Doc", "7"))  # type: ignore[arg-type]


def test_what_cannot_be_loaded_raises_with_every_mistake() -> None:
    with pytest.raises(aios.Failed, match="config.invalid") as caught:
        Policies("permit (", "entity", "{}")
    assert all(part in str(caught.value.hint) for part in ("policies:", "schema.cedarschema:", "entities:"))
    with pytest.raises(aios.Failed, match="config.invalid"):
        asyncio.run(Policies.load_async("permit ("))


def test_threads_that_decide_see_one_side_of_each_reload() -> None:
    names = ("even", "odd")
    policies = Policies(PERMIT.format("odd"), entities=PLANS)
    over = threading.Event()
    wrong: list[Decision] = []

    def read() -> None:
        last = 1
        while not over.is_set():
            decision = ask(policies)
            if decision.policies != (names[decision.generation % 2],) or decision.generation < last:
                wrong.append(decision)
            last = decision.generation

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for generation in range(2, 102):
        assert policies.reload(PERMIT.format(names[generation % 2]), None, PLANS).generation == generation
        with pytest.raises(aios.Failed):
            policies.reload("permit (")
    over.set()
    for reader in readers:
        reader.join()
    assert not wrong


def test_a_forked_child_decides_and_reloads_for_itself() -> None:
    policies = Policies(PERMIT.format("a"), entities=PLANS)
    assert ask(policies)
    child = os.fork()
    if child == 0:
        fine = bool(ask(policies)) and policies.reload(PERMIT.format("b"), None, PLANS).generation == 2
        os._exit(0 if fine and ask(policies).policies == ("b",) else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert ask(policies).policies == ("a",)
