"""The package's own words: context managers, exceptions, properties, truth, copies."""

from __future__ import annotations

import asyncio
import copy
import pickle
from typing import Any

import pytest
from world import READ, REPORT, START, World

import aios
from aios.testing import Clock, TestAios, TestIdp, engine


def refusal(call: Any, *arguments: Any, **named: Any) -> aios.Refused:
    with pytest.raises(aios.Refused) as caught:
        call(*arguments, **named)
    return caught.value


def dangling(gate: aios.Aios) -> int:
    gate.flush()
    report = gate.audit.verify()
    assert report, report
    return len(report.dangling)


def test_leaving_a_permits_block_records_ok(world: World) -> None:
    with world.open() as gate:
        with gate.authorize(credential=world.ada(), **READ) as permit:
            assert (permit.action, permit.resource.id, permit.principal.subject) == ("read", "report-7", "ada")
        assert refusal(permit.complete, "ok").code == "audit.completed"
        assert dangling(gate) == 0


def test_leaving_a_permits_block_by_an_exception_records_failed(world: World) -> None:
    from bodies import outcomes

    with world.open("sqlite:aios.db") as gate:
        for raised in (ValueError("theirs"), KeyboardInterrupt(), asyncio.CancelledError()):
            with pytest.raises(type(raised)), gate.authorize(credential=world.ada(), **READ):
                raise raised
        with gate.authorize(credential=world.ada(), **READ):
            pass
        with pytest.raises(ValueError), gate.authorize(credential=world.ada(), **READ) as permit:
            permit.complete("ok", {"rows": 3})
            raise ValueError("after it was complete")
        del gate.authorize(credential=world.ada(), **READ)._handle
    assert outcomes(world.folder / "aios.db") == ["failed", "failed", "failed", "ok", "ok", "abandoned"]


def test_an_outcome_that_cannot_be_recorded_does_not_hide_what_went_wrong(world: World) -> None:
    gate = world.open()
    with pytest.raises(ValueError) as caught, gate.authorize(credential=world.ada(), **READ):
        gate.close()
        raise ValueError("theirs")
    assert any("engine.closed" in note for note in getattr(caught.value, "__notes__", ["engine.closed"]))


def test_an_engines_block_closes_it_and_bears_that_it_was_closed(world: World) -> None:
    with world.open() as gate:
        gate.close()
    assert refusal(gate.flush).code == "engine.closed"
    with pytest.raises(ValueError), world.open() as other:
        raise ValueError
    assert refusal(other.flush).code == "engine.closed"

    async def awaited() -> aios.Aios:
        async with world.open() as third:
            await third.flush_async()
        return third

    assert refusal(asyncio.run(awaited()).flush).code == "engine.closed"


def test_a_decision_is_true_where_the_call_may_be_made(world: World, gate: TestAios) -> None:
    yes = gate.check(credential=world.ada(), **READ)
    no = gate.check(credential=world.ada(), action="write", resource=REPORT)
    assert (bool(yes), bool(no)) == (True, False)
    assert (yes.allowed, yes.code, yes.policies, yes.errors, yes.obligations) == (True, None, ("analysts-read",), (), ())
    assert (no.code, len(no.digest)) == ("policy.denied", 64)
    assert yes == pickle.loads(pickle.dumps(yes)) == copy.deepcopy(yes) != no
    assert "allowed=True" in repr(yes) and yes.to_dict()["allowed"] is True
    with pytest.raises(AttributeError):
        yes.allowed = False  # type: ignore[misc]


def test_a_report_is_true_where_nothing_is_wrong(world: World) -> None:
    import sqlite3

    with world.open("sqlite:aios.db") as gate:
        gate.authorize(credential=world.ada(), **READ).complete("ok")
        gate.flush()
        assert gate.audit.verify() and gate.audit.verify("acme") and gate.audit.verify(tenant="acme").records == 3
        with sqlite3.connect(world.folder / "aios.db") as store:
            assert store.execute("DELETE FROM audit_head").rowcount > 0
        store.close()
        report = gate.audit.verify()
        assert not report
        assert report.violation is not None and report.violation.fault == "missing_head"


def test_refusals_are_exceptions_by_whose_affair_they_are(world: World, gate: TestAios) -> None:
    expired = refusal(gate.authenticate, world.ada(exp=START - 60))
    denied = refusal(gate.authorize, credential=world.ada(), action="write", resource=REPORT)
    closed = world.open()
    closed.close()
    failed = refusal(closed.flush)
    assert (type(expired), expired.code, expired.status, expired.retry) == (
        aios.AuthenticationError,
        "token.expired",
        401,
        "refresh",
    )
    assert (type(denied), denied.code, denied.status) == (aios.Denied, "policy.denied", 403)
    assert (type(failed), failed.code, failed.status) == (aios.Failed, "engine.closed", 503)
    assert not isinstance(failed, aios.Denied)


def test_exceptions_say_everything_and_can_be_pickled(world: World, gate: TestAios) -> None:
    refused = refusal(gate.authenticate, world.ada(aud="api://other"))
    again = pickle.loads(pickle.dumps(refused))
    members = ("code", "status", "retry", "at", "expected", "actual", "hint", "policies", "errors")
    assert [getattr(again, name) for name in members] == [getattr(refused, name) for name in members]
    assert (type(again), str(again), repr(again)) == (type(refused), str(refused), repr(refused))
    assert (refused.code, refused.at, refused.actual) == ("token.wrong_audience", "aud", "api://other")
    assert repr(refused).startswith("AuthenticationError(token.wrong_audience: ")
    assert refused.hint in str(refused)


def test_every_code_has_its_row(gate: TestAios) -> None:
    from typing import get_args

    assert list(aios.CODES) == list(get_args(aios.Code)) == aios._aios.CODES
    for code, row in aios.CODES.items():
        made = aios.Refused.by_code(code)
        assert (made.code, made.status) == (code, row.status)
        assert isinstance(made, aios.Denied) == (row.status in (401, 403, 429))


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


def test_a_principal_tells_what_was_verified(world: World, gate: TestAios) -> None:
    ada = gate.authenticate({"bearer": world.ada(scp="a b")})
    assert (ada.issuer, ada.tenant_id, ada.subject, ada.kind) == ("corp", "acme", "ada", "user")
    assert (set(ada.roles), ada.scopes, ada.expires_at) == ({"analyst", "auditor"}, ("a", "b"), START + 600)
    assert repr(ada) == "Principal(issuer='corp', tenant_id='acme', subject='ada')"
    with pytest.raises(AttributeError, match="colour"):
        ada.colour  # type: ignore[attr-defined]


def test_proofs_and_engines_cannot_be_made_copied_or_pickled(world: World, gate: TestAios) -> None:
    ada = gate.authenticate(world.ada())
    permit = gate.authorize(principal=ada, **READ)
    kept = [ada, permit, gate, gate.audit, world.idp]
    native = [ada._handle, permit._handle, gate._engine, gate.audit._audit, world.idp._idp, aios._aios.HOST]
    for proof in [*kept, *native]:
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="belongs to this process"):
                copied(proof)  # type: ignore[operator]
    for proof in native:
        with pytest.raises(TypeError):
            type(proof)()
        with pytest.raises(TypeError):
            type("Forged", (type(proof),), {})
    with pytest.raises(TypeError, match="Aios.open"):
        aios.Aios({})  # type: ignore[arg-type]
    permit.complete("ok")


def test_an_engine_opens_from_a_file_or_a_dict(world: World) -> None:
    import json

    with aios.Aios.open(world.configuration(), base=world.folder) as gate:
        assert gate.audit.verify().forward_secure is False
    path = world.folder / "aios.toml"
    assert refusal(aios.Aios.open, path).code == "config.invalid"
    assert refusal(aios.Aios.open, world.configuration(colour="red"), world.folder).code == "config.invalid"
    assert refusal(aios.root_keys.create, world.folder / "root.keys").code == "config.invalid"
    assert json.loads(json.dumps(world.configuration())) == world.configuration()


def test_a_clock_moves_as_the_test_says(world: World) -> None:
    clock = Clock(START)
    with engine(world.configuration(), world.folder, clock=clock) as gate:
        token = world.ada()
        assert gate.authenticate(token).subject == "ada"
        gate.clock.advance(601 + 60)
        assert clock.now() == START + 661
        assert refusal(gate.authenticate, token).code == "token.expired"
        gate.clock.set(START)
        assert gate.authenticate(token).subject == "ada"


def test_an_identity_provider_serves_signs_and_rotates(world: World) -> None:
    idp = TestIdp()
    with idp.serve() as served:
        assert served.iss == idp.iss and served.iss.startswith("http://127.0.0.1:")
        world.idp = idp
        with engine(world.served(), world.folder, now=START) as gate:
            assert refusal(gate.check_now, credential=world.ada(), **READ).code == "would_wait"
            assert gate.check(credential=world.ada(), **READ)
            assert gate.check_now(credential=world.ada(), **READ)
            assert served.requests == 2
            old = idp.jwks()
            idp.rotate()
            assert idp.jwks() != old
            assert gate.check(credential=world.ada(), **READ), "keys are fetched anew"
        assert refusal(idp.sign, {}, algorithm="ROT13").code == "policy.input"
        header = idp.sign({"sub": "x"}, {"typ": None, "kid": "other"}, "RS256").split(".")[0]
        import base64

        assert base64.urlsafe_b64decode(header + "==") == b'{"alg":"RS256","kid":"other"}'
