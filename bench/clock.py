"""Wall and CPU seconds of this process and of the child processes that it waited for."""

from __future__ import annotations

import resource
import time
from typing import Protocol


class Clock(Protocol):
    """Two readings in seconds; only differences mean anything."""

    def wall(self) -> float: ...

    def cpu(self) -> float: ...


class SystemClock:
    """The machine's clocks. CPU seconds count every thread, user and system time."""

    def wall(self) -> float:
        return time.perf_counter()

    def cpu(self) -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime


class OneThreadClock:
    """CPU seconds of the calling thread alone.

    For a peer whose work runs on one thread: Java's compiler and garbage collector work on others, for several times
    the work's own seconds while the machine is busy, and are left out in the peer's favour.
    """

    def wall(self) -> float:
        return time.perf_counter()

    def cpu(self) -> float:
        return time.thread_time()
