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
