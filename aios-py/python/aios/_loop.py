"""Awaited calls and asyncio: one notifier for each event loop.

An operation is polled once where it is called. What is not done then goes on elsewhere, and a byte in a pipe tells the
loop when it can go on.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary, ref

from ._aios import Pending, Tasks

if TYPE_CHECKING:
    # Programs without it need not load it; whoever awaits has loaded it.
    import asyncio
    from collections.abc import Callable

    from .errors import Refused

_Answer = TypeVar("_Answer")


class _Place:
    """Where an answer is put for who awaits it.

    It is not the future's result: a permit of a cancelled call must end with the call, and whoever keeps the exception keeps
    the future.
    """

    __slots__ = ("answer", "future", "refused")

    def __init__(self, future: asyncio.Future[None]) -> None:
        self.future = future
        self.answer: Any = None
        self.refused: Refused | None = None

    def take(self) -> Any:
        answer, refused = self.answer, self.refused
        self.answer = self.refused = None
        if refused is not None:
            raise refused
        return answer


class _Waiting(dict[int, _Place]):
    """Places by the number of their task. They hold their loop, so only their loop and who awaits them may hold them."""

    __slots__ = ("__weakref__",)


class _Notifier:
    """What one event loop waits for. It must not hold its loop."""

    __slots__ = ("inherited", "tasks", "waiting")

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.waiting: ref[_Waiting] | None = None
        self.inherited = False

    async def wait(self, number: int) -> Any:
        from asyncio import get_running_loop

        loop = get_running_loop()
        waiting = self.listening(loop)
        place = waiting[number] = _Place(loop.create_future())
        try:
            await place.future
            return place.take()
        finally:
            # Cancelled, or its loop is gone; nothing where it is done.
            place.answer = None
            waiting.pop(number, None)
            # A forked child leaves its parent's work alone: its locks may be held for ever.
            if not self.inherited:
                self.tasks.drop(number)

    def listening(self, loop: asyncio.AbstractEventLoop) -> _Waiting:
        waiting = None if self.waiting is None else self.waiting()
        if waiting is None:
            waiting = _Waiting()
            self.waiting = ref(waiting)
            loop.add_reader(self.tasks.fileno(), _turn, self.tasks, waiting)
        return waiting


def _turn(tasks: Tasks, waiting: _Waiting) -> None:
    for number, answer, refused in tasks.turn():
        place = waiting.pop(number, None)
        # An answer that nobody waits for is dropped, which records a permit as abandoned.
        if place is not None and not place.future.done():
            place.answer, place.refused = answer, refused
            place.future.set_result(None)


_notifiers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Notifier] = WeakKeyDictionary()
_lock = threading.Lock()
_inherited: list[_Notifier] = []


async def awaited(start: Callable[[Tasks], _Answer | Pending]) -> _Answer:
    """Starts an operation on the running loop's tasks and awaits its answer without blocking the loop."""
    from asyncio import get_running_loop

    loop = get_running_loop()
    notifier = _notifiers.get(loop) or _made(loop)
    started = start(notifier.tasks)
    if isinstance(started, Pending):
        answer: _Answer = await notifier.wait(started.number)
        return answer
    return started


def _made(loop: asyncio.AbstractEventLoop) -> _Notifier:
    with _lock:
        # Closed loops may live on for a while; their pipes need not.
        for other in [other for other in _notifiers.keys() if other.is_closed()]:
            del _notifiers[other]
        return _notifiers.setdefault(loop, _Notifier())


def _leave_to_the_parent() -> None:
    """In a forked child: pipes and work are the parent's, so nothing of them is used, closed or dropped."""
    global _lock, _notifiers
    _lock = threading.Lock()
    _inherited.extend(_notifiers.values())
    for notifier in _inherited:
        notifier.inherited = True
    _notifiers = WeakKeyDictionary()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_the_parent)
