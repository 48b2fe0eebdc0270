"""Whether anybody runs what schedules ask for: fetches that are due, and that nobody queued or took up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from causeway.model.alert import Alert, fetch_left_alone, fetch_not_queued
from causeway.model.time import now_utc
from causeway.pipelines.schedules import FetchQueue, Schedule


@dataclass(slots=True)
class FetchWatch:
    """Tells of scheduled fetches that nobody took up for ``after_s``, and of ``schedules`` that nobody queued.

    It says nothing before it has watched for so long itself: what was left over from downtime is taken up then.
    """

    queue: FetchQueue
    schedules: Sequence[Schedule]
    after_s: float
    now: Callable[[], datetime] = now_utc
    clock: Callable[[], float] = time.monotonic
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def alerts(self) -> list[Alert]:
        """What admins should know now. The same may come again each time; its quiet time keeps it from being repeated.

        Raises:
            Unavailable: the database does not answer.
        """
        if self.clock() - self._began < self.after_s:
            return []
        return [*left_alone(self.queue, self.after_s), *self._not_queued()]

    def _not_queued(self) -> Iterator[Alert]:
        due_by = self.now() - timedelta(seconds=self.after_s)
        for schedule in self.schedules:
            session = schedule.due_session(due_by)
            if session is None or self.queue.has_run(schedule.name, session):
                continue
            if self.queue.has_symbols(schedule.spec(), schedule.symbols):  # without any, whoever queues says that
                yield fetch_not_queued(f"{schedule.name} {session}")


def left_alone(queue: FetchQueue, after_s: float) -> list[Alert]:
    """Of fetches that are queued, or whose wait or runner is over, and that no runner took up for ``after_s``."""
    return [
        fetch_left_alone(f"{one['schedule']} {one['session']}", one["minutes"], busy=one["busy"])
        for one in queue.left_alone(after_s)
    ]
