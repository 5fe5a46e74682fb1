"""Proofs: who may ask, what cannot be forged, and which permits are good no longer."""

from __future__ import annotations

import asyncio
import copy
import pickle
from typing import Any

import pytest
from bodies import outcomes
from world import READ, START, World, asked, refusal

import aios
from aios.testing import TestAios

SELECTOR: Any = {"kind": "subject", "issuer": "corp", "subject_kind": "user", "id": "ada"}
PROOFS: dict[Any, str] = {
    aios.Aios: r"Aios\.open",
    aios.Audit: r"Aios\.audit",
    aios.Permit: r"authorize\(",
    aios.Principal: r"authenticate\(",
    aios.Vault: r"Aios\.vault",
    aios.Entities: r"Aios\.entities",
}
"""Each class of proof, and where its message says that one comes from."""


def test_proofs_and_engines_cannot_be_made_copied_or_pickled(world: World, gate: TestAios) -> None:
    ada = gate.authenticate(world.ada())
    permit = gate.authorize(principal=ada, **READ)
    kept = [ada, permit, gate, gate.audit, gate.vault, gate.entities, world.idp]
    native = [ada._handle, permit._handle, gate._engine, gate.audit._audit, gate.vault._vault, world.idp._idp, aios._aios.HOST]
    native.append(gate.entities._entities)
    for proof in [*kept, *native]:
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="belongs to this process"):
                copied(proof)  # type: ignore[operator]
    for proof in native:
        with pytest.raises(TypeError):
            type(proof)()
        with pytest.raises(TypeError):
            type("Forged", (type(proof),), {})
    for kind, whence in PROOFS.items():
        for given in (None, {}, gate._engine, ada._handle, permit._handle, gate.audit._audit):
            with pytest.raises(TypeError, match=whence):
                kind(given)
        with pytest.raises(TypeError):
            kind()
    with world.open() as other, pytest.raises(TypeError):
        aios.Principal(ada._handle, other._engine)  # type: ignore[call-arg, arg-type]
    permit.complete("ok")


def test_nobody_asks_or_two_do(world: World, gate: TestAios) -> None:
    ada = gate.authenticate(world.ada())
    for ask in (gate.authorize, gate.check, gate.check_now):
        assert refusal(ask, **READ).code == "token.missing"
        both = refusal(ask, credential=world.ada(), principal=ada, **READ)
        assert (both.code, both.at) == ("policy.input", "credential")


def test_a_principal_is_asked_for_by_the_engine_that_verified_it(world: World, gate: TestAios) -> None:
    ada = gate.authenticate(world.ada())
    assert gate.check(principal=ada, **READ) == ada.check(**READ) == gate.check_now(principal=ada, **READ)
    with world.open() as other:
        for ask in (other.authorize, other.check, other.check_now):
            assert refusal(ask, principal=ada, **READ).code == "token.foreign_principal"
        for change in (other.revoke, other.reinstate):
            assert refusal(change, principal=ada, selector=SELECTOR).code == "token.foreign_principal"
        assert refusal(other.revoke_before, principal=ada, selector=SELECTOR, before=START).code == "token.foreign_principal"


def test_what_only_looks_like_a_principal_is_refused_and_runs_no_code(world: World, gate: TestAios) -> None:
    ada = gate.authenticate(world.ada())

    class Yes:
        _engine = gate._engine

        @property
        def _handle(self) -> Any:
            raise AssertionError("the caller's code ran")

    class Heir(aios.Principal):
        __slots__ = ()

    heir = object.__new__(Heir)
    heir._engine, heir._handle = ada._engine, ada._handle
    permit = gate.authorize(principal=ada, **READ)
    for forged in (Yes(), heir, ada.to_dict(), ada._handle, permit.principal, permit, gate, "ada", False, 0):
        for ask in (gate.authorize, gate.check, gate.check_now):
            refused = refusal(ask, principal=forged, **READ)
            assert (refused.code, refused.at, refused.status) == ("policy.input", "principal", 403)
            assert refused.expected == "what authenticate() gave, not its view" and refused.expected in str(refused)
        assert refusal(gate.revoke, principal=forged, selector=SELECTOR).at == "principal"
        assert refusal(lambda: asyncio.run(gate.check_async(principal=forged, **READ))).at == "principal"
    permit.complete("ok")


def test_a_permit_that_is_good_no_longer_opens_no_block(world: World) -> None:
    def twice(gate: TestAios) -> aios.Permit:
        with gate.authorize(**asked(world)) as permit:
            pass
        return permit

    def completed(gate: TestAios) -> aios.Permit:
        permit = gate.authorize(**asked(world))
        permit.complete("failed")
        return permit

    def expired(gate: TestAios) -> aios.Permit:
        permit = gate.authorize(**asked(world))
        gate.clock.set(permit.expires_at)
        return permit

    def closed(gate: TestAios) -> aios.Permit:
        permit = gate.authorize(**asked(world))
        gate.close()
        return permit

    def revoked(gate: TestAios) -> aios.Permit:
        permit = gate.authorize(**asked(world))
        gate.revoke(credential=world.ada(sub="root", roles=["Admin"]), selector=SELECTOR)
        return permit

    for end in (twice, completed, expired, closed, revoked):
        with world.open() as gate:
            permit = end(gate)
            code = "token.revoked" if end is revoked else "audit.permit_ended"
            assert refusal(enter, permit).code == refusal(lambda: asyncio.run(enter_async(permit))).code == code


def enter(permit: aios.Permit) -> None:
    with permit:
        raise AssertionError("the body ran")


async def enter_async(permit: aios.Permit) -> None:
    async with permit:
        raise AssertionError("the body ran")


def test_a_permit_is_one_call_and_its_block_is_entered_once(world: World) -> None:
    async def entered_again(permit: aios.Permit) -> None:
        async with permit:
            await enter_async(permit)

    with world.open("sqlite:aios.db") as gate:
        with gate.authorize(**asked(world)) as permit:
            refused = refusal(enter, permit)
            assert (refused.code, refused.at) == ("audit.completed", "permit"), refused
        awaited = gate.authorize(**asked(world))
        refused = refusal(lambda: asyncio.run(entered_again(awaited)))
        assert (refused.code, refused.at) == ("audit.completed", "permit"), refused
        gate.flush()
        # The block around it is the call. Where the refusal leaves that block as well, the call failed.
        assert outcomes(world.folder / "aios.db") == ["ok", "failed"]


def test_a_permit_whose_block_is_refused_is_recorded_as_abandoned(world: World) -> None:
    with world.open("sqlite:aios.db") as gate:
        permit = gate.authorize(**asked(world))
        gate.clock.set(permit.expires_at)
        assert refusal(enter, permit).code == "audit.permit_ended"
        del permit
    assert outcomes(world.folder / "aios.db") == ["abandoned"]


def test_whoever_may_revoke_does_so_by_a_credential_or_as_a_principal(world: World, gate: TestAios) -> None:
    token = world.ada(sub="root", roles=["Admin"])
    root = gate.authenticate(token)

    async def awaited() -> None:
        await gate.revoke_async(principal=root, selector=SELECTOR)
        assert not gate.check(**asked(world))
        await gate.reinstate_async(credential=token, selector=SELECTOR)
        await root.revoke_before_async(selector=SELECTOR, before=START + 1)
        assert not gate.check(**asked(world))
        await root.reinstate_async(selector=SELECTOR)
        await gate.revoke_before_async(principal=root, selector=SELECTOR, before=START)
        await root.revoke_async(selector={"kind": "session", "issuer": "corp", "id": "s-1"})

    asyncio.run(awaited())
    assert gate.check(**asked(world))
    for undo, revoke in [
        (gate.reinstate, lambda: gate.revoke(credential=token, selector=SELECTOR)),
        (root.reinstate, lambda: root.revoke(selector=SELECTOR)),
        (root.reinstate, lambda: gate.revoke_before(principal=root, selector=SELECTOR, before=START + 1)),
        (root.reinstate, lambda: root.revoke_before(selector=SELECTOR, before=START + 1)),
    ]:
        revoke()
        assert gate.check(**asked(world)).code == "token.revoked"
        undo(selector=SELECTOR, **({"principal": root} if undo == gate.reinstate else {}))
        assert gate.check(**asked(world))
    assert refusal(gate.revoke, credential=world.ada(), selector=SELECTOR).code == "policy.denied"
    assert refusal(gate.revoke, selector=SELECTOR).code == "token.missing"
    assert refusal(gate.revoke, credential=token, principal=root, selector=SELECTOR).at == "credential"
