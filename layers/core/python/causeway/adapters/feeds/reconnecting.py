"""The life of a live connection: open, watch, read, lose, wait, open again. What is said is a session's affair."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import Protocol

from causeway.errors import Unavailable
from causeway.model.time import now_utc
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent

_SLICE_S = 0.25  # the longest time for which a wish to stop goes unheard
_SETTLE_S = 2.0  # a symbol of which the provider says nothing must not hold up the others


class Session(Protocol):
    """One connection that is signed in. Every method raises Unavailable once it is lost, Denied where that is final."""

    def watch(self, symbols: frozenset[str]) -> None:
        """Ask for these and no others; cheap where nothing changes."""
        ...

    def read(self, timeout_s: float) -> Sequence[FeedEvent]:
        """What came within ``timeout_s``."""
        ...

    def settled(self) -> bool:
        """Whether the provider has taken up everything that is watched."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential waits with full jitter. ``sleep`` and ``clock`` are for tests."""

    first_s: float = 0.5
    longest_s: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    rng: random.Random = field(default_factory=random.Random)

    def wait_s(self, failures: int) -> float:
        """Seconds before the next try after so many failures in a row."""
        return self.rng.uniform(0.0, min(self.longest_s, self.first_s * 2 ** min(failures, 16)))


class ReconnectingFeed:
    """A LiveFeed over sessions; see the port."""

    tells_halts = False

    def __init__(self, name: str, open_session: Callable[[], Session], backoff: Backoff | None = None) -> None:
        self.name = name
        self._open_session = open_session
        self._backoff = backoff or Backoff()
        self._wanted: frozenset[str] = frozenset()

    def subscribe(self, symbols: Collection[str]) -> None:
        """See the port. A reader that waits takes it up within its time-out."""
        self._wanted = frozenset(symbols)

    def events(self, should_stop: Callable[[], bool], timeout_s: float) -> Iterator[FeedEvent | None]:
        """See the port."""
        failures, up = 0, False
        while not should_stop():
            try:
                session = yield from self._opened(should_stop, timeout_s)
                if session is None:
                    return
                with closing(session):
                    early = self._settle(session, should_stop)
                    yield _change(Connection.UP)
                    up = True
                    yield from early
                    for event in self._read(session, should_stop, timeout_s):
                        if isinstance(event, ConnectionChange):
                            if (event.state is Connection.UP) is up:
                                continue
                            up = not up
                        failures = 0 if event is not None else failures
                        yield event
            except Unavailable as error:
                if up or failures == 0:
                    yield _change(Connection.LOST, error.message)
                up, failures = False, failures + 1
                yield from self._pause(self._backoff.wait_s(failures), should_stop, timeout_s)

    def _settle(self, session: Session, should_stop: Callable[[], bool]) -> list[FeedEvent]:
        """What came until the subscription stood, so that nothing that happens after UP is missed."""
        early: list[FeedEvent] = []
        session.watch(self._wanted)
        until = self._backoff.clock() + _SETTLE_S
        while not session.settled() and not should_stop() and self._backoff.clock() < until:
            early.extend(session.read(_SLICE_S))
        return early

    def _read(self, session: Session, should_stop: Callable[[], bool], timeout_s: float) -> Iterator[FeedEvent | None]:
        quiet_since = self._backoff.clock()
        while not should_stop():
            session.watch(self._wanted)
            events = session.read(min(timeout_s, _SLICE_S))
            yield from events
            now = self._backoff.clock()
            if events:
                quiet_since = now
            elif now - quiet_since >= timeout_s:
                yield None
                quiet_since = now

    def _opened(
        self, should_stop: Callable[[], bool], timeout_s: float
    ) -> Generator[FeedEvent | None, None, Session | None]:
        """A session, opened aside so that a wish to stop is heard meanwhile; None once there is such a wish."""
        attempt = _Opening(self._open_session)
        try:
            while not should_stop():
                if session := attempt.result(min(timeout_s, _SLICE_S)):
                    return session
                yield None
            return None
        finally:
            attempt.abandon()

    def _pause(self, wait_s: float, should_stop: Callable[[], bool], timeout_s: float) -> Iterator[None]:
        until = self._backoff.clock() + wait_s
        while (left := until - self._backoff.clock()) > 0 and not should_stop():
            self._backoff.sleep(min(left, timeout_s, _SLICE_S))
            yield None


class _Opening:
    """One try to open a session in a thread of its own."""

    def __init__(self, open_session: Callable[[], Session]) -> None:
        self._open = open_session
        self._result: Queue[Session | Exception] = Queue(1)
        self._abandoned = threading.Event()
        threading.Thread(target=self._run, name="feed-connect", daemon=True).start()

    def _run(self) -> None:
        try:
            result: Session | Exception = self._open()
        except Exception as error:
            result = error
        self._result.put(result)
        if self._abandoned.is_set():
            self._drop()

    def result(self, timeout_s: float) -> Session | None:
        """The session, or None where it is not open yet. Raises what opening raised."""
        try:
            came = self._result.get(timeout=timeout_s)
        except Empty:
            return None
        if isinstance(came, Exception):
            raise came
        return came

    def abandon(self) -> None:
        """A session that comes too late is closed by whoever sees it."""
        self._abandoned.set()
        self._drop()

    def _drop(self) -> None:
        try:
            late = self._result.get_nowait()
        except Empty:
            return
        if not isinstance(late, Exception):
            late.close()


def _change(state: Connection, reason: str = "") -> ConnectionChange:
    return ConnectionChange(state, now_utc(), reason)
