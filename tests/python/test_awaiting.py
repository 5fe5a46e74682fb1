"""Awaited calls: the loop never waits, cancelling leaves no open end, loops do not leak."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import random
import select
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from bodies import bodies, outcomes
from world import READ, World, locked

import aios
from aios import _loop
from aios.testing import TestAios


@contextlib.asynccontextmanager
async def lags() -> AsyncIterator[list[float]]:
    """How late the loop wakes a task that sleeps, each time it does, in seconds."""
    seen: list[float] = []
    due = time.perf_counter()

    async def tick() -> None:
        nonlocal due
        while True:
            due = time.perf_counter() + 0.002
            await asyncio.sleep(0.002)
            seen.append(time.perf_counter() - due)

    ticking = asyncio.create_task(tick())
    try:
        yield seen
    finally:
        ticking.cancel()
        # What never let it wake counts too.
        seen.append(time.perf_counter() - due)


def settled(gate: aios.Aios) -> aios.Report:
    """Flushes until no call is open. What is abandoned while a commit ends is queued behind it, so one flush may miss it."""
    deadline = time.monotonic() + 10
    while True:
        gate.flush()
        report = gate.audit.verify()
        if not report.dangling or time.monotonic() > deadline:
            return report


def asked(world: World) -> dict[str, Any]:
    return {"credential": world.ada(), **READ}


def test_what_is_at_hand_does_not_touch_the_loop(world: World, gate: TestAios) -> None:
    async def main() -> None:
        call = gate.check_async(**asked(world))
        with pytest.raises(StopIteration) as done:
            call.send(None)
        assert done.value.value.allowed
        with pytest.raises(aios.Denied):
            gate.authenticate_async("no token").send(None)
        assert _loop._notifiers[asyncio.get_running_loop()].waiting is None

    asyncio.run(main())


def test_two_hundred_callers_do_not_block_the_loop_while_the_store_is_locked(world: World) -> None:
    async def main() -> None:
        with world.open("sqlite:aios.db") as gate:
            (await gate.authorize_async(**asked(world))).complete("ok")
            await gate.flush_async()
            async with lags() as idle:
                await asyncio.sleep(0.5)
            with locked(world.folder / "aios.db"):
                async with lags() as busy:
                    calls = [asyncio.create_task(gate.authorize_async(**asked(world))) for _ in range(200)]
                    await asyncio.sleep(1)
                    assert not any(call.done() for call in calls)
            # All 200 begin in one turn of the loop, so the first lag is their decisions; the rest is as if idle.
            assert len(busy) > 100 and max(busy) < 0.5, (len(busy), max(busy))
            assert sorted(busy)[-3] < max(sorted(idle)[-3] * 5, 0.05), (sorted(busy)[-5:], sorted(idle)[-5:])
            for permit in await asyncio.gather(*calls):
                permit.complete("ok")
            await gate.flush_async()
            report = await gate.audit.verify_async("acme")
            assert report and not report.dangling
        assert outcomes(world.folder / "aios.db") == ["ok"] * 201

    asyncio.run(main())


def test_the_loop_turns_while_callers_write(world: World) -> None:
    """The same calls, awaited and not: awaited, the loop is late by a call's decision at most now and then."""

    async def late(gate: aios.Aios, call: Callable[[], Awaitable[aios.Permit]]) -> list[float]:
        async def calls() -> None:
            for _ in range(10):
                (await call()).complete("ok")

        async with lags() as seen:
            await asyncio.sleep(0)
            await asyncio.gather(*(calls() for _ in range(200)))
        return sorted(seen)

    async def main() -> None:
        with world.open("sqlite:aios.db") as gate:
            question = asked(world)

            async def blocking() -> aios.Permit:
                return gate.authorize(**question)

            blocked = await late(gate, blocking)
            turned = await late(gate, lambda: gate.authorize_async(**question))
            print(f"lag: awaited {turned[-1]:.4f} at most of {len(turned)}, blocking {blocked[-1]:.4f} of {len(blocked)}")
            assert turned[-1] < blocked[-1] / 3, (turned[-5:], blocked[-5:])

    asyncio.run(main())


def test_a_cancelled_call_is_recorded_as_abandoned(world: World) -> None:
    async def main() -> None:
        with world.open("sqlite:aios.db") as gate:
            (await gate.authorize_async(**asked(world))).complete("ok")
            await gate.flush_async()
            with locked(world.folder / "aios.db"):
                call = asyncio.create_task(gate.authorize_async(**asked(world)))
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(call, 0.2)
                waiting = _loop._notifiers[asyncio.get_running_loop()].waiting
                assert waiting is not None and not waiting()
            report = settled(gate)
            assert report and not report.dangling, report
        intents = [body for body in bodies(world.folder / "aios.db") if body["type"] == "intent"]
        assert outcomes(world.folder / "aios.db") == ["ok", "abandoned"][: len(intents)]

    asyncio.run(main())


def test_whenever_a_call_is_cancelled_nothing_is_left_open(world: World) -> None:
    chance = random.Random(7)

    async def main() -> int:
        with world.open("sqlite:aios.db") as gate:
            granted = 0

            async def one(patience: float) -> None:
                nonlocal granted
                permit = await asyncio.wait_for(gate.authorize_async(**asked(world)), patience)
                permit.complete("ok")
                granted += 1

            for _ in range(20):
                calls = [one(chance.random() * 0.01) for _ in range(20)]
                await asyncio.gather(*calls, return_exceptions=True)
            gc.collect()
            report = settled(gate)
            assert report and not report.dangling, report
            return granted

    granted = asyncio.run(main())
    ended = outcomes(world.folder / "aios.db")
    assert ended.count("ok") == granted and 0 < granted < 400, (granted, len(ended))
    assert set(ended) == {"ok", "abandoned"}


def test_a_permit_of_a_cancelled_call_ends_though_its_exception_is_kept(world: World) -> None:
    async def answered_and_cancelled(gate: aios.Aios) -> BaseException:
        loop = asyncio.get_running_loop()
        call = loop.create_task(gate.authorize_async(**asked(world)))
        await asyncio.sleep(0)
        notifier = _loop._notifiers[loop]
        waiting = notifier.waiting and notifier.waiting()
        assert waiting, "the call waits"
        # The loop's part by hand, so that the answer is there and the call cannot take it before it is cancelled.
        loop.remove_reader(notifier.tasks.fileno())
        while waiting:
            assert select.select([notifier.tasks], [], [], 10)[0], "the call is answered"
            _loop._turn(notifier.tasks, waiting)
        notifier.waiting = None
        call.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await call
        return cancelled.value

    async def main() -> None:
        with world.open("sqlite:aios.db") as gate:
            kept = [await answered_and_cancelled(gate) for _ in range(20)]
            report = settled(gate)
            assert report and not report.dangling and kept, report

    asyncio.run(main())
    assert outcomes(world.folder / "aios.db") == ["abandoned"] * 20


def test_each_loop_has_a_notifier_of_its_own(world: World) -> None:
    with world.open("sqlite:aios.db") as gate:

        async def calls(count: int) -> int:
            for _ in range(count):
                async with await gate.authorize_async(**asked(world)):
                    pass
            return count

        done: list[int] = []
        threads = [threading.Thread(target=lambda: done.append(asyncio.run(calls(50)))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert done == [50] * 4
        gate.flush()
        assert gate.audit.verify("acme").records == 401


def test_loops_that_are_gone_leave_no_pipe_behind(world: World) -> None:
    def pipes() -> int:
        links = (f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd"))
        return sum(os.readlink(link).startswith("pipe:") for link in links if os.path.islink(link))

    with world.open() as gate:

        async def once() -> None:
            assert await gate.audit.verify_async()

        asyncio.run(once())
        before = pipes()
        for _ in range(40):
            asyncio.run(once())
        assert pipes() <= before + 2
        kept = [asyncio.new_event_loop() for _ in range(20)]
        for loop in kept:
            loop.run_until_complete(once())
            loop.close()
        asyncio.run(once())
        assert pipes() <= before + 2, "loops that are closed, and still held by somebody"
    assert len(_loop._notifiers) <= 2


def test_a_loop_that_is_closed_amid_a_call_drops_it(world: World) -> None:
    gate = world.open("sqlite:aios.db")
    gate.authorize(**asked(world)).complete("ok")
    gate.flush()
    with locked(world.folder / "aios.db"):
        loop = asyncio.new_event_loop()
        call = loop.create_task(gate.authorize_async(**asked(world)))
        loop.run_until_complete(asyncio.sleep(0.05))
        loop.close()
        call._log_destroy_pending = False  # type: ignore[attr-defined]
        del call, loop
        gc.collect()
    report = settled(gate)
    assert report and not report.dangling
    gate.close()
    assert set(outcomes(world.folder / "aios.db")) <= {"ok", "abandoned"}


def test_everything_that_waits_can_be_awaited(world: World) -> None:
    async def main() -> None:
        await aios.root_keys.create_async(world.folder / "other.keys")
        configuration = {**world.configuration("sqlite:live.db"), "keys": {"file": "other.keys"}}
        async with await aios.Aios.open_async(configuration, world.folder) as gate:
            token = world.ada(int(time.time()))
            ada = await gate.authenticate_async(token)
            assert await gate.check_async(principal=ada, **READ) and await ada.check_async(**READ)
            async with await ada.authorize_async(**READ) as permit:
                assert permit.principal.subject == "ada"
            with pytest.raises(ValueError):
                async with await gate.authorize_async(credential=token, **READ):
                    raise ValueError
            await gate.flush_async()
            assert (await gate.audit.verify_async("acme")).records == 5
        with pytest.raises(aios.Failed, match="engine.closed"):
            await gate.flush_async()

    asyncio.run(main())
    assert outcomes(world.folder / "live.db") == ["ok", "failed"]
