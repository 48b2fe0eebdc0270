"""Asks, on one machine, for what schedules ask for on AWS: at most one fetch for a schedule and a session.

A session that passed while nothing ran is asked for when it runs again; the fetch then covers all that is missing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from causeway.errors import CausewayError
from causeway.model.alert import Alert, ingestion_failed
from causeway.model.time import now_utc
from causeway.pipelines.fetch_watch import FetchWatch
from causeway.pipelines.schedules import FetchQueue, Schedule

_log = logging.getLogger(__name__)
_LOOK_S = 20.0


class Scheduler:
    """Looks at the clock every few seconds. ``schedules`` are those that shall run."""

    def __init__(
        self,
        queue: FetchQueue,
        schedules: Sequence[Schedule],
        *,
        now: Callable[[], datetime] = now_utc,
        tell: Callable[[Alert], object] = lambda _: None,
        unclaimed_s: float = 600.0,
    ) -> None:
        self._queue = queue
        self._watch = FetchWatch(queue, (), unclaimed_s, now)
        self._tell = tell
        self._schedules = schedules
        self._now = now
        self._said: dict[str, str] = {}

    def run_forever(self, stop: threading.Event) -> None:
        """Until ``stop`` is set."""
        while not stop.is_set():
            self.look()
            stop.wait(_LOOK_S)

    def look(self) -> None:
        """Queue what is due; what cannot be queued is said once and tried again at the next look. What was queued and
        is not taken up for ``unclaimed_s`` is told."""
        for schedule in self._schedules:
            try:
                self._queue_due(schedule)
            except CausewayError as error:
                self._say(schedule.name, error.message)
                self._raise(ingestion_failed(f"schedule {schedule.name}", error.message, critical=True))

        try:
            for alert in self._watch.alerts():
                self._raise(alert)
        except CausewayError as error:
            _log.warning("whether fetches wait for a runner is not known: %s", error.message)

    def _queue_due(self, schedule: Schedule) -> None:
        session = schedule.due_session(self._now())
        if session is None or self._queue.has_run(schedule.name, session):
            return
        fetch = self._queue.submit_scheduled(schedule.name, session, schedule.spec(), schedule.symbols)
        self._say(schedule.name, f"fetch {fetch['id']} of {session}")

    def _raise(self, alert: Alert) -> None:
        try:
            self._tell(alert)
        except CausewayError as error:
            _log.warning("the alert %r is not stored: %s", alert.text, error.message)

    def _say(self, name: str, text: str) -> None:
        if self._said.get(name) != text:
            self._said[name] = text
            _log.info("schedule %s: %s", name, text)
