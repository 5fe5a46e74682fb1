"""Awaited calls and asyncio: one notifier for each event loop.

An operation is polled once where it is called. What is not done then goes on elsewhere, and a byte in a pipe tells the
loop when it can go on.
"""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary, ref

from ._aios import Pending, Tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from .errors import Refused

_Answer = TypeVar("_Answer")


class _Waiting(dict[int, "asyncio.Future[Any]"]):
    """Futures by the number of their task. They hold their loop, so only their loop and who awaits them may hold them."""

    __slots__ = ("__weakref__",)


class _Notifier:
    """What one event loop waits for. It must not hold its loop."""

    __slots__ = ("inherited", "tasks", "waiting")

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.waiting: ref[_Waiting] | None = None
        self.inherited = False

    async def wait(self, number: int) -> Any:
        loop = asyncio.get_running_loop()
        waiting = self.listening(loop)
        future = waiting[number] = loop.create_future()
        try:
            return await future
        finally:
            # Cancelled, or its loop is gone; nothing where it is done.
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
        future = waiting.pop(number, None)
        # An answer that nobody waits for is dropped, which records a permit as abandoned.
        if future is not None and not future.done():
            _settle(future, answer, refused)


def _settle(future: asyncio.Future[Any], answer: Any, refused: Refused | None) -> None:
    if refused is None:
        future.set_result(answer)
    else:
        future.set_exception(refused)


_notifiers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Notifier] = WeakKeyDictionary()
_lock = threading.Lock()
_inherited: list[_Notifier] = []


async def awaited(start: Callable[[Tasks], _Answer | Pending]) -> _Answer:
    """Starts an operation on the running loop's tasks and awaits its answer without blocking the loop."""
    loop = asyncio.get_running_loop()
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
