"""The replay feed: stored bars move as a live market, on a clock that a user can start, speed up and stop.

One step reads what was asked, moves market time, and writes clock and quotes in one transaction; only then does
it publish. Market time never passes a session's close except by the jump to the next open. The position lies in
``market_clock``, so a restart goes on where the last step ended.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from causeway.errors import Unavailable
from causeway.model.tick import Quote
from causeway.model.time import now_utc
from causeway.ports.events import EventBus
from causeway.settings import StreamSettings
from causeway.streaming.replay import SessionHours, SessionPath, advance, session_hours
from causeway.streaming.wire import quote_json

_log = logging.getLogger(__name__)
_LONGEST_STEP_S = 1.0  # after a pause (a laptop that slept) the market goes on, it does not jump
_IDLE_S = 0.5
_RETRY_S = 1.0


class Clock(Protocol):
    @property
    def mode(self) -> str: ...
    @property
    def market_time(self) -> datetime | None: ...
    @property
    def speed(self) -> float: ...
    @property
    def replay(self) -> dict[str, Any]: ...
    @property
    def requested(self) -> dict[str, Any]: ...


class Store(Protocol):
    """What the feed needs of ``QuoteStore``."""

    def clock(self) -> Clock: ...

    def set_clock(
        self,
        holder: str,
        *,
        mode: str,
        market_time: datetime | None,
        speed: float,
        replay: dict[str, Any],
        quotes: Sequence[Quote] = (),
    ) -> bool: ...

    def forget_quotes_after(self, market_time: datetime) -> list[str]: ...

    def next_day(self, day: date, symbols: Sequence[str] | None) -> date | None: ...

    def session_paths(self, hours: SessionHours, symbols: Sequence[str] | None) -> list[SessionPath]: ...


class QuoteCache(Protocol):
    def put_quotes(self, quotes: Sequence[dict[str, Any]]) -> None: ...

    def drop_quotes(self, symbols: Sequence[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Running:
    """A replay in progress: one session's paths, and the market time that was last written."""

    hours: SessionHours
    paths: list[SessionPath]
    market_time: datetime
    speed: float
    symbols: tuple[str, ...]
    request_id: str | None


class ReplayFeed:
    """Drives the market's clock. Any number may run: one holds the clock, the others stand by."""

    def __init__(
        self,
        store: Store,
        bus: EventBus,
        cache: QuoteCache,
        settings: StreamSettings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self._store, self._bus, self._cache, self._settings = store, bus, cache, settings
        self._monotonic, self._now = monotonic, now
        self._holder = str(uuid.uuid4())
        self._running: Running | None = None
        self._stepped_at = monotonic()

    def run(self, stop: threading.Event) -> None:
        """Step until ``stop`` is set; the clock is let go of, so that the next process goes on at once."""
        while not stop.is_set():
            try:
                pause_s = self.step()
            except Unavailable as error:
                _log.warning("the feed waits: %s", error.message)
                pause_s = _RETRY_S
            stop.wait(pause_s)
        try:
            self._release()
        except Unavailable as error:
            _log.warning("the clock is free again in five seconds: %s", error.message)

    def step(self) -> float:
        """One step; the seconds until the next."""
        began = self._monotonic()
        elapsed_s = min(began - self._stepped_at, _LONGEST_STEP_S)
        self._stepped_at = began
        clock = self._store.clock()
        if clock.requested and clock.requested.get("id") != clock.replay.get("request_id"):
            self._obey(clock)
        elif self._running is not None:
            self._move(self._running, elapsed_s)
        elif clock.mode == "replay":
            self._resume(clock)
        elif not clock.replay and not clock.requested and self._settings.replay_date:
            self._start_as_configured(date.fromisoformat(self._settings.replay_date))
        if self._running is None:
            return _IDLE_S
        return max(0.0, 1.0 / self._settings.replay_updates_hz - (self._monotonic() - began))

    def _obey(self, clock: Clock) -> None:
        request = clock.requested
        request_id = request["id"]
        symbols = tuple(request.get("symbols") or self._symbols_of(clock))
        speed = request.get("speed") or clock.replay.get("speed") or self._settings.replay_speed
        if request["action"] == "stop":
            self._close(clock.market_time, speed, symbols, request_id)
            return
        if request.get("day"):
            usable = self._start(date.fromisoformat(request["day"]), speed, symbols, request_id)
        elif clock.market_time is not None:
            usable = self._enter(clock.market_time, speed, symbols, request_id)
        else:
            usable = self._start(date.min, speed, symbols, request_id)
        if not usable:
            _log.warning("request %s names nothing to replay; the market stays as it is", request_id)
            self._keep(clock, request_id)

    def _keep(self, clock: Clock, request_id: str) -> None:
        """Take note of a request that cannot be obeyed, and go on as before."""
        symbols = self._symbols_of(clock)
        if self._running is not None:
            self._running = replace(self._running, request_id=request_id)
            self._move(self._running, 0.0)
            return
        moment = clock.market_time
        replaying = clock.mode == "replay"
        if moment is None or not (replaying and self._enter(moment, clock.speed, symbols, request_id)):
            self._close(moment, clock.speed, symbols, request_id)

    def _symbols_of(self, clock: Clock) -> tuple[str, ...]:
        stored = clock.replay.get("symbols")
        if stored is not None:
            return tuple(stored)
        return tuple(name.strip().upper() for name in self._settings.replay_symbols.split(",") if name.strip())

    def _start_as_configured(self, day: date) -> None:
        symbols, speed = self._symbols_of(self._store.clock()), self._settings.replay_speed
        if not self._start(day, speed, symbols, None):
            _log.warning("nothing to replay on or after %s", day)
            self._close(None, speed, symbols, None)

    def _start(self, day: date, speed: float, symbols: tuple[str, ...], request_id: str | None) -> bool:
        """Start at the first session from ``day`` on; False, with nothing changed, where there is none."""
        running = self._session_from(day, speed, symbols, request_id)
        if running is not None and self._write(running):
            self._cache.drop_quotes(self._store.forget_quotes_after(running.market_time))
            self._running = running
        return running is not None

    def _resume(self, clock: Clock) -> None:
        """Go on with a replay that another process left."""
        if clock.market_time is None:
            return
        symbols, request_id = self._symbols_of(clock), clock.replay.get("request_id")
        if not self._enter(clock.market_time, clock.speed, symbols, request_id):
            self._close(clock.market_time, clock.speed, symbols, request_id)

    def _enter(self, moment: datetime, speed: float, symbols: tuple[str, ...], request_id: str | None) -> bool:
        """Go on at ``moment``, or at the next open; False, with nothing changed, where no session follows."""
        running = self._session_from(moment.astimezone(UTC).date(), speed, symbols, request_id)
        if running is None:
            return False
        within = min(max(moment, running.market_time), running.hours.close)
        running = replace(running, market_time=within)
        self._running = running if self._write(running) else None
        return True

    def _session_from(
        self, day: date, speed: float, symbols: tuple[str, ...], request_id: str | None
    ) -> Running | None:
        """The first session on or after ``day`` that has a path, at its open."""
        found = self._store.next_day(day, symbols)
        while found is not None:
            hours = session_hours(found)
            paths = self._store.session_paths(hours, symbols)
            if paths:
                return Running(hours, paths, hours.open, speed, symbols, request_id)
            found = self._store.next_day(found + timedelta(days=1), symbols)
        return None

    def _move(self, running: Running, elapsed_s: float) -> None:
        if running.market_time >= running.hours.close:
            following = self._session_from(
                running.hours.day + timedelta(days=1), running.speed, running.symbols, running.request_id
            )
            if following is None:
                _log.info("the replay reached the end of the data at %s", running.market_time)
                self._close(running.market_time, running.speed, running.symbols, running.request_id)
                return
            running = following
        else:
            moved = advance(running.market_time, running.hours.close, elapsed_s, running.speed)
            running = replace(running, market_time=moved)
        self._running = running if self._write(running) else None

    def _write(self, running: Running) -> bool:
        received_at = self._now()
        quotes = [
            quote
            for path in running.paths
            if (quote := path.quote(running.market_time, received_at, self._settings.replay_spread_bps))
        ]
        state = self._state(running.speed, running.symbols, running.request_id)
        written = self._store.set_clock(
            self._holder,
            mode="replay",
            market_time=running.market_time,
            speed=running.speed,
            replay=state | {"holder": self._holder, "day": running.hours.day.isoformat()},
            quotes=quotes,
        )
        if written:
            self._publish(quotes)
        return written

    def _publish(self, quotes: Sequence[Quote]) -> None:
        messages = [quote_json(quote) for quote in quotes]
        self._cache.put_quotes(messages)
        for message in messages:
            self._bus.publish(f"market_data:{message['symbol']}", message)

    def _close(self, moment: datetime | None, speed: float, symbols: tuple[str, ...], request_id: str | None) -> None:
        self._running = None
        state = self._state(speed, symbols, request_id)
        self._store.set_clock(self._holder, mode="closed", market_time=moment, speed=speed, replay=state)

    def _release(self) -> None:
        if self._running is not None:
            running, self._running = self._running, None
            state = self._state(running.speed, running.symbols, running.request_id)
            self._store.set_clock(
                self._holder,
                mode="replay",
                market_time=running.market_time,
                speed=running.speed,
                replay=state,
            )

    @staticmethod
    def _state(speed: float, symbols: tuple[str, ...], request_id: str | None) -> dict[str, Any]:
        return {"request_id": request_id, "symbols": list(symbols), "speed": speed}
