"""The life of a live connection, with scripted sessions and a clock that nobody waits for."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from itertools import islice

import pytest

from causeway.adapters.feeds.reconnecting import Backoff, ReconnectingFeed
from causeway.errors import Denied, Unavailable
from causeway.model.time import now_utc
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent, SymbolRefused

NEWS = SymbolRefused("NOPE", "unknown")
Step = Sequence[FeedEvent] | Exception


class Script:
    """A session that reads what it was told to, then nothing."""

    def __init__(self, *steps: Step, settles_after: int = 0) -> None:
        self._steps = list(steps)
        self._settles_after = settles_after
        self.watched: list[frozenset[str]] = []
        self.closed = False

    def watch(self, symbols: frozenset[str]) -> None:
        self.watched.append(symbols)

    def read(self, timeout_s: float) -> Sequence[FeedEvent]:
        self._settles_after -= 1
        step = self._steps.pop(0) if self._steps else ()
        if isinstance(step, Exception):
            raise step
        return step

    def settled(self) -> bool:
        return self._settles_after <= 0

    def close(self) -> None:
        self.closed = True


class Clock:
    def __init__(self) -> None:
        self.now, self.slept = 0.0, 0.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


def feed_of(*openings: Script | Exception) -> tuple[ReconnectingFeed, Clock]:
    left, clock = list(openings), Clock()

    def open_session() -> Script:
        opening = left.pop(0) if left else Unavailable("nothing left")
        if isinstance(opening, Exception):
            raise opening
        return opening

    backoff = Backoff(first_s=1.0, longest_s=4.0, sleep=clock.sleep, clock=clock, rng=random.Random(1))
    return ReconnectingFeed("test", open_session, backoff), clock


def heard(feed: ReconnectingFeed, count: int, stop: Callable[[], bool] = lambda: False) -> list[FeedEvent]:
    return list(islice((event for event in feed.events(stop, 0.01) if event is not None), count))


def states(events: Sequence[FeedEvent]) -> list[Connection]:
    return [event.state for event in events if isinstance(event, ConnectionChange)]


def test_up_is_told_once_the_subscription_stands_and_before_what_came_meanwhile() -> None:
    session = Script([NEWS], settles_after=1)
    feed, _ = feed_of(session)
    feed.subscribe(["MSFT"])
    up, news = heard(feed, 2)
    assert isinstance(up, ConnectionChange)
    assert news == NEWS
    assert session.watched[0] == {"MSFT"}


def test_a_lost_connection_is_told_with_its_reason_opened_and_watched_again() -> None:
    second = Script([NEWS])
    feed, _ = feed_of(Script(Unavailable("it was cut")), second)
    feed.subscribe(["MSFT"])
    events = heard(feed, 4)
    assert states(events) == [Connection.UP, Connection.LOST, Connection.UP]
    assert isinstance(events[1], ConnectionChange)
    assert events[1].reason == "it was cut"
    assert second.watched[0] == {"MSFT"}


def test_a_session_that_was_lost_is_closed() -> None:
    first = Script(Unavailable("cut"))
    feed, _ = feed_of(first, Script())
    heard(feed, 3)
    assert first.closed


def test_an_outage_is_told_once_however_often_it_is_tried() -> None:
    feed, _ = feed_of(*[Unavailable("refused")] * 5, Script())
    assert states(heard(feed, 2)) == [Connection.LOST, Connection.UP]


def test_waits_grow_with_failures_up_to_the_longest() -> None:
    backoff = Backoff(first_s=1.0, longest_s=4.0, rng=random.Random(0))
    for failures, most in ((1, 2.0), (2, 4.0), (3, 4.0), (50, 4.0)):
        waits = [backoff.wait_s(failures) for _ in range(300)]
        assert max(waits) <= most
        assert max(waits) > 0.9 * most
        assert min(waits) < 0.1 * most


def test_a_pause_is_left_at_once_when_told_to_stop() -> None:
    feed, clock = feed_of()
    asked = iter([False] * 6)
    assert states(list(filter(None, feed.events(lambda: next(asked, True), 0.01)))) == [Connection.LOST]
    assert clock.slept < 1.0


def test_denied_is_not_tried_again() -> None:
    feed, clock = feed_of(Denied("wrong key"), Script())
    with pytest.raises(Denied, match="wrong key"):
        heard(feed, 1)
    assert clock.slept == 0.0


def test_denied_within_a_session_closes_it() -> None:
    session = Script(Denied("no plan"))
    feed, _ = feed_of(session)
    with pytest.raises(Denied):
        heard(feed, 2)
    assert session.closed


def test_a_change_that_changes_nothing_is_not_told() -> None:
    again = ConnectionChange(Connection.UP, now_utc())
    lost = ConnectionChange(Connection.LOST, now_utc())
    feed, _ = feed_of(Script([again], [lost, lost], [again]))
    assert states(heard(feed, 3)) == [Connection.UP, Connection.LOST, Connection.UP]


def test_subscribe_reaches_a_running_session() -> None:
    session = Script([NEWS], [NEWS])
    feed, _ = feed_of(session)
    feed.subscribe(["MSFT"])
    events = (event for event in feed.events(lambda: False, 0.01) if event is not None)
    next(events), next(events)
    feed.subscribe(["IBM"])
    next(events)
    assert session.watched[-1] == {"IBM"}


def test_none_comes_each_time_out_that_passes_quietly() -> None:
    feed, _ = feed_of(Script())
    events = feed.events(lambda: False, 0.005)
    assert [event for event in islice(events, 60) if event is not None]
    assert list(islice(events, 3)) == [None, None, None]


def test_a_session_that_opens_after_the_stop_is_closed() -> None:
    session, may_open, closed = Script(), threading.Event(), threading.Event()
    session.close = closed.set  # type: ignore[method-assign]

    def open_session() -> Script:
        may_open.wait(10)
        return session

    asked = iter([False, False, True])
    feed = ReconnectingFeed("test", open_session)
    assert list(feed.events(lambda: next(asked, True), 0.001)) == [None]
    may_open.set()
    assert closed.wait(10)
