"""From a schedule's time to a container that fetches: calendar first, at most one fetch for a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from causeway.errors import CausewayError, NotFound
from causeway.model.alert import Alert, ingestion_failed
from causeway.model.time import now_utc
from causeway.pipelines.fetch_watch import left_alone
from causeway.pipelines.schedules import FetchQueue, Schedule
from causeway.ports.jobs import JobRunner


class Planner:
    """Can be run again after a failure anywhere: a fetch is queued once, and started as long as nobody has it."""

    def __init__(
        self,
        queue: FetchQueue,
        runner: JobRunner,
        schedules: Sequence[Schedule],
        *,
        now: Callable[[], datetime] = now_utc,
        tell: Callable[[Alert], object] = lambda _: None,
        unclaimed_s: float = 600.0,
    ) -> None:
        self._unclaimed_s = unclaimed_s
        self._tell = tell
        self._queue = queue
        self._runner = runner
        self._schedules = {one.name: one for one in schedules}
        self._now = now

    def run(self, event: dict[str, Any]) -> dict[str, Any]:
        """``event`` names the schedule, or asks to take up fetches that rested (``{"resume": true}``).

        What comes back says what was done, and why nothing was.

        Raises:
            NotFound: there is no such schedule, or nothing that it could fetch.
            Unavailable: database or Batch do not answer; EventBridge sends the event again.
        """
        if event.get("resume"):
            return {"resumed": self._resume()}
        schedule = self._schedules.get(str(event.get("schedule")))
        if schedule is None:
            known = ", ".join(self._schedules)
            raise NotFound(f'expected {{"schedule": one of {known}}}; found {event.get("schedule")!r}')
        session = schedule.due_session(self._now())
        if session is None:
            return {"schedule": schedule.name, "started": False, "reason": "no session within two weeks"}
        answer = {"schedule": schedule.name, "session": session.isoformat()}
        try:
            return answer | self._start(schedule, session)
        except CausewayError as error:
            self._tell(ingestion_failed(f"schedule {schedule.name}", error.message, critical=True))
            raise

    def _start(self, schedule: Schedule, session: date) -> dict[str, Any]:
        fetch = self._queue.submit_scheduled(schedule.name, session, schedule.spec(), schedule.symbols)
        found = {"fetch": str(fetch["id"])}
        if fetch["state"] != "queued":
            return found | {"started": False, "reason": f"the fetch of this session is {fetch['state']}"}
        self._runner.submit(fetch["id"])
        return found | {"started": True}

    def _resume(self) -> list[str]:
        """Start a container for each fetch whose wait is over; starting one twice does no harm. Tell of fetches that
        no container has taken up."""
        for alert in left_alone(self._queue, self._unclaimed_s):
            self._tell(alert)
        due = self._queue.waits_over()
        for fetch_id in due:
            self._runner.submit(fetch_id)
        return [str(fetch_id) for fetch_id in due]
