"""Awaited calls: what is at hand does not wait, each loop has its own notifier, loops do not leak."""

from __future__ import annotations

import asyncio
import os
import threading
import time

import pytest
from bodies import outcomes
from world import READ, World, asked

import aios
from aios import _loop
from aios.testing import TestAios


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
