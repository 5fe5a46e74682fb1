"""A process that ends while calls are under way; run by test_processes.py: `exits.py JOB HOW`."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

from world import opened

import aios

gate, question = opened(sys.argv[1])


def forever() -> None:
    while True:
        with gate.authorize(**question):
            pass


async def many() -> None:
    async def calls() -> None:
        while True:
            async with await gate.authorize_async(**question):
                pass

    tasks = [asyncio.create_task(calls()) for _ in range(20)]
    await asyncio.sleep(0.05)
    if sys.argv[2] == "loop":
        # Nobody cancels them: the loop just stops.
        os.environ["LEFT"] = str(len(tasks))
        asyncio.get_running_loop().stop()
        await asyncio.sleep(60)


def main(how: str) -> None:
    if how == "threads":
        for _ in range(4):
            threading.Thread(target=forever, daemon=True).start()
        with gate.authorize(**question):
            pass
    elif how == "tasks":
        asyncio.run(many())
    elif how == "loop":
        loop = asyncio.new_event_loop()
        loop.create_task(many())
        loop.run_forever()
    elif how == "verify":
        asyncio.new_event_loop().create_task(gate.audit.verify_async())
    elif how == "exit":
        permit = gate.authorize(**question)
        sys.exit(0 if permit.id else 1)
    print("out", flush=True)


main(sys.argv[2])
