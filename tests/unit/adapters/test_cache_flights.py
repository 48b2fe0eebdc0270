"""One load at a time of each key."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from causeway.adapters.storage.cache.flights import Flight, Flights

READERS = 50


class Load:
    """Begins, and ends when it is told."""

    def __init__(self, end: Callable[[], str] = lambda: "loaded") -> None:
        self.began, self.go = threading.Event(), threading.Event()
        self.calls = 0
        self._end = end

    def __call__(self, _flight: Flight) -> str:
        self.calls += 1
        self.began.set()
        assert self.go.wait(10)
        return self._end()


def fail() -> str:
    raise LookupError("the database is gone")


class CountedEvent(threading.Event):
    """Counts who waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = threading.Semaphore(0)

    def wait(self, timeout: float | None = None) -> bool:
        self.waiting.release()
        return super().wait(timeout)


def test_readers_share_one_load() -> None:
    flights, began, calls, done = Flights(), threading.Event(), [], CountedEvent()

    def load(flight: Flight) -> str:
        calls.append(flight)
        flight.done = done
        began.set()
        assert all(done.waiting.acquire(timeout=10) for _ in range(READERS - 1))
        return "loaded"

    with ThreadPoolExecutor(READERS) as pool:
        answers = [pool.submit(flights.run, "key", load)]
        assert began.wait(10)
        answers += [pool.submit(flights.run, "key", load) for _ in range(READERS - 1)]
        assert {answer.result() for answer in answers} == {"loaded"}
    assert len(calls) == 1
    assert flights.run("key", lambda _: "anew") == "anew"


def test_who_waits_gets_the_error_too() -> None:
    flights, load = Flights(), Load(fail)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(flights.run, "key", load)
        assert load.began.wait(10)
        second = pool.submit(flights.run, "key", lambda _: fail())
        load.go.set()
        for answer in (first, second):
            with pytest.raises(LookupError, match="the database is gone"):
                answer.result()
    assert flights.run("key", lambda _: "again") == "again"


def test_who_comes_after_an_invalidation_does_not_join_the_older_load() -> None:
    flights, old = Flights(), Load(lambda: "old")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(flights.run, "key", old)
        assert old.began.wait(10)
        flights.outdate(["key"])
        assert flights.run("key", lambda _: "new") == "new"
        old.go.set()
        assert first.result() == "old"


def test_what_was_invalidated_meanwhile_is_not_kept() -> None:
    flights = Flights()
    kept: list[str] = []

    def load(flight: Flight) -> None:
        flights.keep(flight, lambda: kept.append("before"))
        flights.outdate()
        flights.keep(flight, lambda: kept.append("after"))

    flights.run("key", load)
    assert kept == ["before"]


def test_a_thread_that_is_ended_from_outside_leaves_the_others_to_load() -> None:
    flights = Flights()

    def interrupt() -> str:
        raise KeyboardInterrupt

    interrupted = Load(interrupt)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(flights.run, "key", interrupted)
        assert interrupted.began.wait(10)
        second = pool.submit(flights.run, "key", lambda _: "loaded")
        interrupted.go.set()
        assert second.result(10) == "loaded"
        with pytest.raises(KeyboardInterrupt):
            first.result()
