"""Schedules that nobody runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from causeway.model.fetch import FetchSpec
from causeway.pipelines.fetch_watch import FetchWatch
from causeway.pipelines.schedules import load_schedules

DAILY = load_schedules()[0]  # 18:30 in New York, after each session of XNYS
FRIDAY_1910 = datetime(2024, 7, 12, 23, 10, tzinfo=UTC)  # 2024-07-12 was a session


@dataclass
class Queue:
    """What was queued, and what nobody takes up."""

    queued: set[tuple[str, date]] = field(default_factory=set)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    stored: bool = True

    def has_symbols(self, spec: FetchSpec, symbols: Sequence[str]) -> bool:
        return bool(symbols) or self.stored

    def has_run(self, schedule: str, session: date) -> bool:
        return (schedule, session) in self.queued

    def submit_scheduled(self, schedule: str, session: date, spec: FetchSpec, symbols: Sequence[str]) -> dict[str, Any]:
        raise NotImplementedError

    def waits_over(self) -> list[UUID]:
        return []

    def left_alone(self, after_s: float) -> list[dict[str, Any]]:
        return self.waiting


def told(queue: Queue, *, now: datetime = FRIDAY_1910, watched_s: float = 601.0) -> list[tuple[str, str, str]]:
    clock = [0.0]
    watch = FetchWatch(queue, [DAILY], 600.0, now=lambda: now, clock=lambda: clock[0])
    clock[0] = watched_s
    return [(one.kind, one.subject, one.severity) for one in watch.alerts()]


def test_a_due_schedule_that_nobody_queued_is_critical() -> None:
    assert told(Queue()) == [("no_runner", "us-daily 2024-07-12", "critical")]


def test_that_nothing_is_stored_which_a_schedule_could_fetch_is_no_want_of_a_runner() -> None:
    assert told(Queue(stored=False)) == []


def test_one_that_was_queued_or_is_due_since_a_minute_is_nothing() -> None:
    assert told(Queue({("us-daily", date(2024, 7, 12))})) == []
    since_a_minute = datetime(2024, 7, 12, 22, 31, tzinfo=UTC)
    assert told(Queue({("us-daily", date(2024, 7, 11))}), now=since_a_minute) == []


def test_a_fetch_that_no_runner_takes_up_is_critical_and_one_behind_another_a_warning() -> None:
    ran = {("us-daily", date(2024, 7, 12))}
    fetch = {"schedule": "us-daily", "session": date(2024, 7, 12), "minutes": 12}
    subject = ("no_runner", "us-daily 2024-07-12")
    assert told(Queue(ran, [fetch | {"busy": False}])) == [(*subject, "critical")]
    assert told(Queue(ran, [fetch | {"busy": True}])) == [(*subject, "warning")]


def test_what_was_left_over_from_downtime_is_given_the_same_time() -> None:
    assert told(Queue(), watched_s=599.0) == []
