"""The package's own words: context managers, exceptions, properties, truth, copies."""

from __future__ import annotations

import asyncio
import copy
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest
from bodies import behead, outcomes
from world import READ, REPORT, START, World, refusal

import aios
from aios.testing import Clock, TestAios, TestIdp, engine


class WithoutNotes(ValueError):
    """An exception as before Python 3.11."""

    add_note = None


def noted(block: Callable[[Exception], None]) -> str:
    """What else went wrong in a block that an exception leaves: noted on it, or warned of where Python knows no notes."""
    old, new = WithoutNotes("theirs"), ValueError("theirs")
    with pytest.warns(RuntimeWarning) as warned, pytest.raises(WithoutNotes) as kept:
        block(old)
    assert kept.value is old
    (text,) = [str(warning.message) for warning in warned if warning.category is RuntimeWarning]
    if sys.version_info >= (3, 11):
        with pytest.raises(ValueError) as caught:
            block(new)
        assert caught.value is new and new.__notes__ == [text]
    return text


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


def test_an_outcome_or_a_close_that_fails_does_not_hide_what_went_wrong(world: World) -> None:
    def closed_meanwhile(raised: Exception) -> None:
        gate = world.open()
        with gate.authorize(credential=world.ada(), **READ):
            gate.close()
            raise raised

    def not_closed(raised: Exception) -> None:
        with world.open():
            aios._aios.KIT.panic_next({})
            raise raised

    assert noted(closed_meanwhile).startswith("the call's outcome was not recorded: engine.closed")
    assert noted(not_closed).startswith("the engine was not closed: internal")


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
    ada = gate.authenticate(world.ada())
    for answer in (yes, ada):
        whole = repr(answer.to_dict())
        for member in answer.to_dict().values():
            if isinstance(member, list):
                member.append("changed")
        assert repr(answer.to_dict()) == whole, "what callers do to a dict is their own affair"
    assert "changed" not in ada.roles
    with pytest.raises(AttributeError):
        yes.allowed = False  # type: ignore[misc]


def test_a_report_is_true_where_nothing_is_wrong(world: World) -> None:
    with world.open("sqlite:aios.db") as gate:
        gate.authorize(credential=world.ada(), **READ).complete("ok")
        gate.flush()
        assert gate.audit.verify() and gate.audit.verify("acme") and gate.audit.verify(tenant="acme").records == 3
        assert behead(world.folder / "aios.db") > 0
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
    members = ("code", "status", "retry", "at", "expected", "actual", "hint", "nonce", "challenge", "retry_at", "policies", "errors")
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


def test_a_principal_tells_what_was_verified(world: World, gate: TestAios) -> None:
    ada = gate.authenticate({"bearer": world.ada(scp="a b")})
    assert (ada.issuer, ada.tenant_id, ada.subject, ada.kind) == ("corp", "acme", "ada", "user")
    assert (set(ada.roles), ada.scopes, ada.expires_at) == ({"analyst", "auditor"}, ("a", "b"), START + 600)
    assert repr(ada) == "Principal(issuer='corp', tenant_id='acme', subject='ada')"
    with pytest.raises(AttributeError, match="colour"):
        ada.colour  # type: ignore[attr-defined]


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
    assert idp.iss == "https://idp.example.com/", "as in every language"
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
