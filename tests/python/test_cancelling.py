"""Whenever a call is cancelled, or its loop is gone, nothing is left open."""

from __future__ import annotations

import asyncio
import gc
import select

import pytest
from bodies import bodies, outcomes
from world import World, asked, locked, settled

import aios
from aios import _loop


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
    async def main() -> int:
        with world.open("sqlite:aios.db") as gate:
            granted = 0

            async def one() -> None:
                nonlocal granted
                permit = await gate.authorize_async(**asked(world))
                permit.complete("ok")
                granted += 1

            for turns in range(20):
                patient, impatient = [one() for _ in range(10)], [asyncio.create_task(one()) for _ in range(10)]
                together = asyncio.gather(*patient)
                # Moments are turns of the loop, not time: in the first turn none of them can be answered.
                for _ in range(turns + 1):
                    await asyncio.sleep(0)
                for call in impatient:
                    call.cancel()
                await together
                left = await asyncio.gather(*impatient, return_exceptions=True)
                assert turns or all(isinstance(end, asyncio.CancelledError) for end in left), left
            gc.collect()
            report = settled(gate)
            assert report and not report.dangling, report
            return granted

    granted = asyncio.run(main())
    ended = outcomes(world.folder / "aios.db")
    assert ended.count("ok") == granted and 200 <= granted < 400, (granted, len(ended))
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
