"""The rules of `tests/vectors` that every language keeps, through the native layer and through the package, waiting and awaiting.

The package is called wherever its keyword arguments take the request; what no caller of it can write goes to the layer below.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import aios
from aios import _aios
from aios._answer import Answer
from aios._loop import awaited
from aios.policy import Policies
from aios.testing import Clock, TestIdp, engine, engine_async

FOLDER = Path(__file__).parents[1] / "vectors"
FILES = sorted(FOLDER.glob("*.json"))
Call = Callable[[Any, str, dict[str, Any]], Awaitable[Any]]


async def native_waiting(receiver: Any, name: str, request: dict[str, Any]) -> Any:
    return getattr(receiver, name)(request)


async def native_awaiting(receiver: Any, name: str, request: dict[str, Any]) -> Any:
    twin = getattr(receiver, f"{name}_async", None)
    if twin is None:
        return getattr(receiver, name)(request)
    return await awaited(lambda tasks: twin(request, tasks))


async def package_waiting(receiver: Any, name: str, request: dict[str, Any]) -> Any:
    return await through_package(receiver, name, request, "")


async def package_awaiting(receiver: Any, name: str, request: dict[str, Any]) -> Any:
    return await through_package(receiver, name, request, "_async")


async def through_package(receiver: Any, name: str, request: dict[str, Any], twin: str) -> Any:
    if name == "view" and not request:
        return receiver.view() if isinstance(receiver, Policies) else receiver.to_dict()
    if name in ("audit", "vault", "entities", "layer") and not request:
        return getattr(receiver, name)
    if receiver is _aios.HOST and name == "part_reference":
        return aios.part_reference(**request)
    if name == "load_policies" or isinstance(receiver, Policies):
        return await policy_words(receiver, name, request, twin)
    if receiver in (_aios.HOST, _aios.KIT):
        return await native_waiting(receiver, name, request)
    if isinstance(receiver, Clock):
        form = engine_async if twin else engine
        answer = form(request["configuration"], request["base"], clock=receiver)
        return await answer if twin else answer
    if name == "upload" or isinstance(receiver, (_aios.SecretSending, _aios.SecretAnswer)):
        # The package says it by what `content` of a request is: see test_uploads.py.
        below = native_awaiting if twin else native_waiting
        return await below(getattr(receiver, "_handle", receiver), name, request)
    if name in ROOTS:
        receiver, name = receiver.roots, ROOTS[name]
    method = getattr(receiver, name + twin, None) or getattr(receiver, name)
    try:
        inspect.signature(method).bind(**request)
    except TypeError:
        below = native_awaiting if twin else native_waiting
        return await below(below_of(receiver), name, request)
    answer = method(**request)
    answer = await answer if inspect.isawaitable(answer) else answer
    return {"kid": answer} if isinstance(answer, str) else answer


async def policy_words(receiver: Any, name: str, request: dict[str, Any], twin: str) -> Any:
    """The raw engine takes positions and pairs."""
    if name == "decide":
        if set(request) - {"principal", "action", "resource", "context"}:
            return receiver._set.decide(request)
        uids = [(uid["type"], uid["id"]) for uid in (request["principal"], request["action"], request["resource"])]
        return receiver.decide(*uids, request.get("context"))
    texts = (request["policies"], request.get("schema"), request.get("entities"))
    if name == "load_policies":
        return await Policies.load_async(*texts) if twin else Policies(*texts)
    return await receiver.reload_async(*texts) if twin else receiver.reload(*texts)


def below_of(receiver: Any) -> Any:
    known: dict[type[Any], str] = {
        aios.Aios: "_engine", aios.Audit: "_audit", aios.Entities: "_entities", aios.Layer: "_layer", aios.Roots: "_engine", aios.Vault: "_vault"
    }
    names = [name for kind, name in known.items() if isinstance(receiver, kind)]
    return getattr(receiver, names[0] if names else "_handle")


ROOTS = {"rotate_root_key": "rotate", "rewrap_masters": "rewrap", "retire_root_key": "retire"}
"""Operations of the engine that Python's package has elsewhere."""

FORMS: dict[str, Call] = {
    form.__name__: form for form in (native_waiting, native_awaiting, package_waiting, package_awaiting)
}


class Stage:
    """What the rules of a file share: a folder, key sets and tokens."""

    def __init__(self, file: dict[str, Any], folder: Path, call: Call) -> None:
        self.file, self.folder, self.call = file, folder, call
        aios.root_keys.create(folder / "root.keys")
        for name, content in file.get("files", {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        idps = {name: TestIdp(iss) for name, iss in file["issuers"].items()}
        self.known = {
            "$keys": {name: idp.jwks() for name, idp in idps.items()},
            "$token": {name: sign(idps[token["issuer"]], token) for name, token in file.get("tokens", {}).items()},
        }
        asked = "$introspection" in json.dumps(file["configuration"])
        self.served = {name: idp.serve() for name, idp in idps.items() if asked}
        self.known["$introspection"] = {name: f"{served.iss}/introspect" for name, served in self.served.items()}

    def filled(self, value: Any) -> Any:
        """A value with tokens and key sets in place of their names."""
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (word := next(iter(value))) in self.known:
            return self.known[word][value[word]]
        return {name: self.filled(member) for name, member in value.items()}

    async def run(self, rule: dict[str, Any]) -> None:
        assert set(rule) <= {"rule", "changes", "opening", "steps"}, rule
        configuration = self.filled(merged(self.file["configuration"], rule.get("changes", {})))
        clock = Clock(self.file["now"])
        by = clock if self.call in (package_waiting, package_awaiting) else clock._clock
        opening = self.call(by, "engine", {"configuration": configuration, "base": str(self.folder)})
        if "opening" in rule:
            return await refused(opening, rule["opening"]["refusal"])
        named = {"engine": await opening, "host": _aios.HOST, "kit": _aios.KIT}
        for step in rule["steps"]:
            if "at" in step:
                clock.set(step["at"])
            else:
                await self.step(step, named)

    async def step(self, step: dict[str, Any], named: dict[str, Any]) -> None:
        assert set(step) <= {"on", "do", "with", "as", "answer", "refusal"}, step
        given = self.call(named[step["on"]], step["do"], self.filled(step["with"]))
        if "refusal" in step:
            return await refused(given, step["refusal"])
        answer = await given
        if "as" in step:
            named[step["as"]] = answer
        if "answer" in step:
            plain = answer.to_dict() if isinstance(answer, Answer) else answer
            plain = shown(answer) if isinstance(answer, aios.Revealed) else plain
            fits(step["answer"], {} if plain is None else plain, step["do"])


def shown(answer: aios.Revealed) -> dict[str, Any]:
    value = base64.b64encode(answer.value).decode()
    return {"reference": answer.reference, "fingerprint": answer.fingerprint, "value_base64": value}


def sign(idp: TestIdp, token: dict[str, Any]) -> str:
    return idp.sign(token["claims"], token.get("header"), token.get("algorithm") or "ES256")


async def refused(given: Awaitable[Any], expected: dict[str, Any]) -> None:
    with pytest.raises(aios.Refused) as caught:
        await given
    fits(expected, caught.value._view, "refusal")


def merged(base: Any, changes: Any) -> Any:
    """RFC 7396."""
    if not isinstance(changes, dict):
        return changes
    made = dict(base) if isinstance(base, dict) else {}
    for name, change in changes.items():
        if change is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), change)
    return made


def fits(expected: Any, given: Any, at: str) -> None:
    """An answer is what is expected, or more: objects may have further members."""
    if isinstance(expected, dict) and list(expected) == ["$contains"] and isinstance(given, str):
        assert expected["$contains"] in given, at
    elif isinstance(expected, dict):
        assert isinstance(given, dict), at
        for name, member in expected.items():
            assert name in given, f"{at}.{name}"
            fits(member, given[name], f"{at}.{name}")
    elif isinstance(expected, list):
        assert isinstance(given, list) and len(given) == len(expected), f"{at}: {given}"
        for index, item in enumerate(expected):
            fits(item, given[index], f"{at}[{index}]")
    else:
        assert type(given) is type(expected) and given == expected, f"{at} is {given!r}, not {expected!r}"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rules(path: Path, form: str) -> None:
    file = json.loads(path.read_text())
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(file, Path(folder), FORMS[form])
        for rule in file["rules"]:
            try:
                asyncio.run(stage.run(rule))
            except (AssertionError, aios.Refused, KeyError, pytest.fail.Exception) as failure:
                wrong.append(f"{rule['rule']}: {failure}")
    assert file["rules"] and not wrong, "\n".join(wrong)


def test_there_are_rules() -> None:
    assert FILES, "no file of rules was found"


def test_a_rule_that_does_not_hold_fails() -> None:
    held = [{"a": [1, {"b": "x"}]}, {"a": {"$contains": "ell"}}, {}]
    given = [{"a": [1, {"b": "x", "c": 2}], "d": 0}, {"a": "hello"}, {"x": 1}]
    for expected, got in zip(held, given, strict=True):
        fits(expected, got, "")
    for expected, got in [({"a": 1}, {"a": True}), ({"a": [1]}, {"a": [1, 2]}), ({"a": 1}, {}), ("x", "y"), (None, 0)]:
        with pytest.raises(AssertionError):
            fits(expected, got, "")
    with pytest.raises(pytest.fail.Exception):
        asyncio.run(refused(native_waiting(_aios.KIT, "panic_next", {}), {"code": "internal"}))
    with pytest.raises(aios.Failed):
        _aios.KIT.echo({"action": "read", "resource": {"type": "A", "id": "x"}})
