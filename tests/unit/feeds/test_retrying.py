"""When and for how long a provider is tried again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from causeway.adapters.feeds.retry_after import seconds_named
from causeway.adapters.feeds.retrying import Retries
from causeway.errors import NotFound, TooMany, Unavailable
from causeway.ports.feed import FetchCancelled, FetchControl

NOW = datetime(2024, 3, 4, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Sleeping moves it; ``waits`` are those that a caller was told of."""

    now: float = 0.0
    waits: list[tuple[float, str]] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def control(self) -> FetchControl:
        return FetchControl(waits=lambda seconds, why: self.waits.append((seconds, why)))

    def retries(self, *, budget_s: float = 60.0, longest_named_wait_s: float = 30.0) -> Retries:
        return Retries(
            budget_s=budget_s,
            longest_named_wait_s=longest_named_wait_s,
            first_wait_s=0.0,
            sleep=self.sleep,
            clock=self,
        )


def failing(*errors: Exception) -> tuple[list[Exception], Callable[[], str]]:
    left = list(errors)

    def work() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    return left, work


def test_a_wait_that_an_outage_names_is_waited_and_told() -> None:
    clock = Clock()
    _, work = failing(Unavailable("down for 7 s", retry_after_s=7.0))
    assert clock.retries().call(work, clock.control()) == "answer"
    assert clock.now == pytest.approx(7.0)
    assert clock.waits == [(7.0, "down for 7 s"), (0.0, "")]


def test_a_wait_is_told_once() -> None:
    clock = Clock()
    said: list[str] = []
    _, work = failing(Unavailable("down for 7 s", retry_after_s=7.0))
    clock.retries().call(work, replace(clock.control(), say=said.append))
    assert [why for seconds, why in clock.waits if seconds] == ["down for 7 s"]
    assert said == []


def test_an_outage_that_names_an_hour_is_asked_again_after_the_cap() -> None:
    clock = Clock()
    _, work = failing(Unavailable("down", retry_after_s=3600.0))
    clock.retries(longest_named_wait_s=30.0).call(work, clock.control())
    assert clock.now == pytest.approx(30.0)


def test_an_outage_that_names_no_wait_has_none_but_the_jitter() -> None:
    clock = Clock()
    _, work = failing(Unavailable("down"))
    clock.retries().call(work, clock.control())
    assert clock.now == 0.0


def test_a_throttle_beyond_the_budget_is_raised_at_once() -> None:
    clock = Clock()
    left, work = failing(TooMany("a day", retry_after_s=86_400.0), TooMany("never asked for"))
    with pytest.raises(TooMany, match="a day"):
        clock.retries().call(work, clock.control())
    assert (clock.now, len(left)) == (0.0, 1)


def test_waiting_for_a_turn_is_no_part_of_the_budget() -> None:
    clock = Clock()
    _, work = failing(Unavailable("once", retry_after_s=5.0))
    answer = clock.retries(budget_s=10.0).call(work, clock.control(), lambda: clock.sleep(300.0))
    assert answer == "answer"


def test_what_a_turn_raises_is_not_tried_again() -> None:
    turns: list[int] = []

    def turn() -> None:
        turns.append(1)
        raise TooMany("the plan's day is used up", retry_after_s=1.0)

    with pytest.raises(TooMany):
        Clock().retries().call(lambda: "never", FetchControl(), turn)
    assert turns == [1]


def test_what_trying_again_cannot_mend_is_raised_at_once() -> None:
    left, work = failing(NotFound("no such symbol"), NotFound("again"))
    with pytest.raises(NotFound, match="no such symbol"):
        Clock().retries().call(work, FetchControl())
    assert len(left) == 1


def test_a_request_that_hangs_is_left_within_a_second_of_a_cancel() -> None:
    asked, stop, release = threading.Event(), threading.Event(), threading.Event()

    def hang() -> None:
        asked.set()
        release.wait(20)

    def cancel() -> None:
        asked.wait(20)
        stop.set()

    threading.Thread(target=cancel).start()
    began = time.monotonic()
    with pytest.raises(FetchCancelled):
        Retries().call(hang, FetchControl(should_stop=stop.is_set))
    release.set()
    assert time.monotonic() - began < 1.0


def test_an_answer_that_never_ends_is_an_outage() -> None:
    release = threading.Event()
    with pytest.raises(Unavailable, match=r"no whole answer came within 0\.1 s"):
        Retries(attempts=1, longest_answer_s=0.1).call(lambda: release.wait(20), FetchControl())
    release.set()


def test_retry_after_is_seconds_or_a_date() -> None:
    """RFC 9110, 10.2.3."""
    assert seconds_named("120", NOW) == 120.0
    assert seconds_named(format_datetime(NOW.replace(minute=1), usegmt=True), NOW) == 60.0
    assert seconds_named("Fri, 31 Dec 1999 23:59:59 GMT", NOW) == 0.0


@pytest.mark.parametrize("header", [None, "", "soon", "nan", "inf"])
def test_a_retry_after_that_says_nothing_names_no_wait(header: str | None) -> None:
    assert seconds_named(header, NOW) is None
    assert seconds_named(header, NOW, 30.0) == 30.0
