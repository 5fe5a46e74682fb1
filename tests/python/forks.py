"""A process that forks while threads and an event loop make calls; run by test_processes.py with a job as its argument.

Children use what they inherited, waiting and awaiting, and leave by `_exit`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import traceback
from typing import Any

from world import opened

import aios
from aios import _loop

CALLS = 3
gate, question = opened(sys.argv[1])
enough = threading.Event()
made: list[int] = []


def call() -> None:
    with gate.authorize(**question):
        pass


async def call_async() -> None:
    async with await gate.authorize_async(**question):
        pass


def load() -> None:
    count = 0
    while not enough.is_set():
        call()
        count += 1
    made.append(count)


async def load_async() -> None:
    async def calls() -> int:
        count = 0
        while not enough.is_set():
            await call_async()
            count += 1
        return count

    made.extend(await asyncio.gather(*(calls() for _ in range(5))))


async def in_child_async() -> None:
    await asyncio.gather(*(call_async() for _ in range(CALLS)))
    await gate.flush_async()


def entered(permit: aios.Permit) -> None:
    with permit:
        raise AssertionError("the body ran in a child")


async def entered_async(permit: aios.Permit) -> None:
    async with permit:
        raise AssertionError("the body ran in a child")


def in_child(inherited: aios.Permit) -> None:
    # The parent's loops, pipes and awaited calls are nothing to a child, which must not even drop them.
    assert not _loop._notifiers and all(one.inherited for one in _loop._inherited)
    try:
        inherited.complete("ok")
    except aios.Denied as denied:
        assert denied.code == "audit.permit_ended", denied
    else:
        raise AssertionError("an inherited permit is good in a child")
    for enter in (entered, lambda permit: asyncio.run(entered_async(permit))):
        try:
            enter(inherited)
        except aios.Denied as denied:
            assert denied.code == "audit.permit_ended", denied
    for _ in range(CALLS):
        call()
    asyncio.run(in_child_async())


def fork(work: Any, *arguments: Any) -> int:
    child = os.fork()
    if child == 0:
        try:
            work(*arguments)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def main() -> None:
    inherited = gate.authorize(**question)
    threads = [threading.Thread(target=load) for _ in range(3)]
    threads.append(threading.Thread(target=lambda: asyncio.run(load_async())))
    for thread in threads:
        thread.start()
    children = 0
    try:
        for _ in range(12):
            together = [fork(in_child, inherited) for _ in range(2)]
            children += len(together)
            ended = [os.waitpid(child, 0)[1] for child in together]
            assert ended == [0, 0], f"children ended with {ended}"
    finally:
        enough.set()
    for thread in threads:
        thread.join()
    inherited.complete("ok")
    gate.close()
    print(sum(made) + 1 + children * CALLS * 2, flush=True)


main()
