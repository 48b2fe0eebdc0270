"""A request that is given up the moment nobody wants its answer, whatever library waits for it.

Requests run in threads that are used again, because libraries keep a connection for each thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from causeway.errors import Unavailable
from causeway.ports.feed import FetchControl

T = TypeVar("T")
_LOOK_S = 0.05
_IDLE_S = 30.0


@dataclass(slots=True)
class _Asked:
    work: Callable[[], Any]
    done: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.answer = self.work()
        except BaseException as error:  # the caller raises it
            self.error = error


class _Worker:
    """A thread that ends after half a minute without work."""

    def __init__(self) -> None:
        self.inbox: SimpleQueue[_Asked] = SimpleQueue()
        threading.Thread(target=self._run, name="provider request", daemon=True).start()

    def _run(self) -> None:
        while (asked := self._next()) is not None:
            asked.run()
            _idle.append(self)
            asked.done.set()

    def _next(self) -> _Asked | None:
        while True:
            try:
                return self.inbox.get(timeout=_IDLE_S)
            except Empty:
                try:
                    _idle.remove(self)
                except ValueError:  # somebody has just taken this worker
                    continue
                return None


_idle: deque[_Worker] = deque()


def promptly(work: Callable[[], T], control: FetchControl, longest_s: float) -> T:
    """What ``work`` returns, or its error; after a cancel it is left to its own time-out.

    Raises:
        FetchCancelled: within a twentieth of a second of the caller's wish.
        Unavailable: there is no whole answer after ``longest_s``.
    """
    asked = _Asked(work)
    _free_worker().inbox.put(asked)
    until = time.monotonic() + longest_s
    while not asked.done.wait(_LOOK_S):
        control.check()
        if time.monotonic() > until:
            raise Unavailable(f"no whole answer came within {longest_s:g} s")
    if asked.error is not None:
        raise asked.error
    answer: T = asked.answer
    return answer


def _free_worker() -> _Worker:
    try:
        return _idle.pop()
    except IndexError:
        return _Worker()
