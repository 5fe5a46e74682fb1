"""Objects from strangers: each is refused with its place and what was expected, never with what came, and runs no code."""

from __future__ import annotations

import collections
import decimal
import enum
import threading
from typing import Any

import pytest
from world import READ, REPORT, World

import aios
from aios import _aios
from aios.testing import TestAios

SECRET = "secret-1"


class Trap(dict[str, Any]):
    """Everything a dict can be asked raises."""

    def __getitem__(self, name: str) -> Any:
        raise AssertionError("the caller's code ran")

    __iter__ = keys = values = items = get = __len__ = __contains__ = __getitem__  # type: ignore[assignment]


class Sly:
    """Pretends to be whatever is asked for."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError("the caller's code ran")

    __index__ = __float__ = __str__ = __iter__ = __len__ = __bool__ = __getattr__  # type: ignore[assignment]


def deep(levels: int, leaf: Any = 1) -> Any:
    for _ in range(levels):
        leaf = [leaf] if levels % 2 else {"x": leaf}
    return leaf


def cyclic_dict() -> Any:
    made: dict[str, Any] = {}
    made["x"] = made
    return made


def cyclic_list() -> Any:
    made: list[Any] = []
    made.extend([made] * 50)
    return made


def wide() -> Any:
    """A few objects that stand for 2 to the power of 60."""
    made: Any = 1
    for _ in range(60):
        made = [made, made]
    return made


JSON = "None or a bool, int, float, str, list, tuple or dict"
CASES = [
    (float("nan"), "input.x", "a finite number"),
    (float("inf"), "input.x", "a finite number"),
    (2**64, "input.x", "an integer of 64 bits"),
    (-(2**63) - 1, "input.x", "an integer of 64 bits"),
    (10**5000, "input.x", "an integer of 64 bits"),
    ({"y": {SECRET}}, "input.x.y", JSON),
    ([0, SECRET.encode()], "input.x[1]", JSON),
    (bytearray(9), "input.x", JSON),
    (object(), "input.x", JSON),
    (Sly(), "input.x", JSON),
    (decimal.Decimal(1), "input.x", JSON),
    (1j, "input.x", JSON),
    (range(3), "input.x", JSON),
    (collections.deque([1]), "input.x", JSON),
    ("\ud800" + SECRET, "input.x", "text without lone surrogates"),
    ({"\udfff": 1}, "input.x.?", "text without lone surrogates"),
    ({1: SECRET}, "input.x.?", "text for every key"),
    ({None: 1}, "input.x.?", "text for every key"),
    ({b"a": 1}, "input.x.?", "text for every key"),
    (cyclic_dict(), None, "at most 128 levels"),
    (cyclic_list(), None, "at most 128 levels"),
    (deep(10_000), None, "at most 128 levels"),
    (deep(9_999), None, "at most 128 levels"),
    (wide(), ".", "at most 4 MiB of values"),
    ("x" * (5 << 20), ".", "at most 4 MiB of values"),
    ([0] * (5 << 20), None, "at most 4 MiB of values"),
    ({"k" * (5 << 20): 1}, None, "at most 4 MiB of values"),
]


def refused(gate: TestAios, request: Any) -> aios.Refused:
    with pytest.raises(aios.Denied) as caught:
        gate._engine.check(request)
    return caught.value


@pytest.mark.parametrize("case", range(len(CASES)))
def test_what_json_does_not_know_is_refused(world: World, gate: TestAios, case: int) -> None:
    value, at, expected = CASES[case]
    told = refused(gate, {"credential": world.ada(), **READ, "input": {"x": value}})
    assert (told.code, told.expected) == ("policy.input", expected)
    assert at is None or told.at == at
    assert told.at is not None and len(told.at) <= 256
    assert SECRET not in repr(told) + repr(vars(told))


def test_what_json_knows_passes_also_as_subclasses(world: World, gate: TestAios) -> None:
    class Word(str, enum.Enum):
        READ = "read"

    class Number(enum.IntEnum):
        ONE = 1

    fine = [None, True, 0, -(2**63), 2**64 - 1, 1.5, "ü\0", [], (1, [2]), {}, Word.READ, Number.ONE, deep(20)]
    asked = {**READ, "action": Word.READ, "input": {"x": fine}, "context": collections.OrderedDict(a=1)}
    decision = gate._engine.check({"credential": world.ada(), **asked})
    # Policy has no floats, which is its own affair.
    assert decision.code in (None, "policy.input")
    asked["input"] = {"x": [item for item in fine if not isinstance(item, (float, type(None)))]}
    trap = Trap()
    dict.update(trap, asked, credential=world.ada())
    assert gate._engine.check(trap).code in (None, "policy.input")


def test_what_is_no_request_is_refused(gate: TestAios) -> None:
    for request in (None, 1, "x", [], b"", object(), Sly(), {"action": SECRET}, [("action", SECRET)]):
        for operation in ("check", "authorize", "authenticate"):
            with pytest.raises(aios.Denied) as caught:
                getattr(gate._engine, operation)(request)
            assert caught.value.code == "policy.input"
            assert SECRET not in str(caught.value)


def test_unknown_and_missing_members_are_named(world: World, gate: TestAios) -> None:
    resource = {**REPORT, "colour": SECRET}
    told = refused(gate, {"credential": world.ada(), "action": "read", "resource": resource})
    assert (told.at, told.expected) == ("resource.colour", "a request of the documented shape")
    for request in ([None, "read", REPORT], {"credential": world.ada(), "action": "read", "resource": ["Aios::Data", "r"]}):
        assert refused(gate, request).expected == "a request of the documented shape"
    assert refused(gate, {"credential": [world.ada()], **READ}).code == "policy.input"
    told = refused(gate, {"credential": {"token": world.ada()}, **READ})
    assert told.at == "credential" and world.ada()[:20] not in str(told)
    told = refused(gate, {"credential": {"bearer": world.ada(), SECRET: 1}, **READ})
    assert told.code == "policy.input"


def test_depth_costs_no_stack_on_a_thread_that_has_little(world: World, gate: TestAios) -> None:
    told: list[Any] = []
    asked = {"credential": world.ada(), **READ, "input": {"x": cyclic_dict()}}
    threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: told.append(refused(gate, asked).expected))
        thread.start()
    finally:
        threading.stack_size(0)
    thread.join(30)
    assert told == ["at most 128 levels"]


def test_answers_survive_what_callers_do_to_them(world: World, gate: TestAios) -> None:
    decision = gate.check(credential=world.ada(), **READ)
    decision.to_dict()["allowed"] = False
    assert decision
    jwks = world.idp.jwks()
    jwks["keys"].clear()
    assert world.idp.jwks()["keys"]
    assert _aios.KIT.echo({**READ, "action": "ü😀"}).digest == "ü😀"
