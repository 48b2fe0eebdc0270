"""Bars that the stream did not make: from before it began, or of a gap that is too long for its trades.

They come from the same provider's history, symbol after symbol, once they are over: minutes first, then seconds, where
the provider has them and not too far back. The stream waits for none of this. Where seconds do not come, the coverage
says that minutes stand in for them.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

import numpy as np

from causeway.errors import CausewayError, NotFound, TooMany, Unavailable
from causeway.market_data.ingestion import CheckedRows, CheckOptions, check_columns
from causeway.market_data.sessions import session_days
from causeway.model.alert import Alert, bars_missed
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, now_utc
from causeway.ports.feed import BarsRequest, FetchCancelled, FetchControl, HistoricalFeed
from causeway.settings import LiveSettings
from containers.stream.wanted_bars import Wanted, WantedFile

_log = logging.getLogger(__name__)
_MINUTE, _SECOND = BarSize.MINUTE_1, BarSize.SECOND_1
_SETTLED = timedelta(seconds=3)  # after its end a provider's history has a bar
_RETRY_S, _PAUSE_S = 5.0, 0.5
_LOOK_BACK = timedelta(days=30)  # whoever has no second since then has no series of them


class Store(Protocol):
    """What is needed of ``LiveStore``."""

    def last_bar(self, symbol: str, bar_size: BarSize, start: datetime, end: datetime) -> datetime | None: ...
    def keep_flawed(self, symbol: str, checked: CheckedRows, source: str) -> None: ...
    def note_stand_in(
        self, symbol: str, bar_size: BarSize, span: tuple[datetime, datetime], of: BarSize, reason: str
    ) -> None: ...


class BarBackfill:
    """One thread runs it, any may ask. ``counts``: wanted, fetched, bars, flawed, unknown, given_up; of seconds the
    same names after ``seconds_``.

    ``ended(symbol, end, error)`` hears of minutes that came, without an error, or never will.
    """

    def __init__(
        self,
        history: HistoricalFeed,
        store: Store,
        keep: Callable[[str, BarSize, BarColumns, str], None],
        settings: LiveSettings,
        *,
        tell: Callable[[Alert], None] = lambda _: None,
        ended: Callable[[str, datetime, CausewayError | None], None] = lambda _symbol, _end, _error: None,
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self._history, self._store, self._keep, self._tell, self._now = history, store, keep, tell, now
        self._ended = ended
        self._budget = timedelta(seconds=settings.live_backfill_budget_s)
        self._reach = {
            _MINUTE: timedelta(hours=settings.live_backfill_hours),
            _SECOND: _seconds_reach(history, settings),
        }
        self._file = WantedFile(Path(settings.spool_dir) / "bars_wanted.json")
        self._asked: SimpleQueue[tuple[str, datetime | None, datetime]] = SimpleQueue()
        self._wanted: list[Wanted] = []
        self.counts: Counter[str] = Counter()

    def ask(self, symbol: str, start: datetime | None, end: datetime) -> None:
        """Want the bars that overlap [start, end); ``start`` None: since the last stored one. Returns at once."""
        self._asked.put((symbol, start, end))

    def run(self, stop: threading.Event, is_ours: Callable[[], bool]) -> None:
        """Until ``stop``; nothing is fetched while another process streams."""
        self._wanted = self._file.read(self._now(), self._budget)
        while not stop.is_set():
            if not is_ours() or not self.step(stop.is_set):
                stop.wait(_PAUSE_S)
        self._take_asked()

    def step(self, should_stop: Callable[[], bool] = lambda: False) -> bool:
        """Fetch the next bars that are due, minutes before seconds; whether there were any."""
        self._take_asked()
        now = self._now()
        ripe = (one for one in self._wanted if one.not_before <= now)
        due = min(ripe, key=lambda one: one.is_fine, default=None)
        if due is None:
            return False
        self._wanted.remove(due)
        later = self._tried(due, should_stop)
        if later is not None:
            self._wanted.append(later)
        self._file.write(self._wanted)
        return True

    def _tried(self, one: Wanted, should_stop: Callable[[], bool]) -> Wanted | None:
        """Fetch; what is left for later, if anything; seconds go on after the last page that was kept."""
        left = one
        try:
            for reached in self._fetch(one, should_stop):
                left = replace(left, start=reached) if one.is_fine else one  # a day's minutes are a page
            self._note_minutes(one)
        except FetchCancelled:
            return left
        except (Unavailable, TooMany) as error:
            wait = timedelta(seconds=max(_RETRY_S, error.retry_after_s or 0.0))
            if self._now() + wait < one.give_up:
                return replace(left, not_before=self._now() + wait)
            self._give_up(left, error.message)
        except NotFound as error:  # the provider never had it: nothing is lost
            self._not_had(left, error, "unknown")
        except CausewayError as error:
            self._give_up(left, error.message)
        except Exception as error:
            _log.exception("bars of %s could not be read from history", one.symbol)
            self._give_up(left, str(error))
        else:
            self._count(one, "fetched")
            if not one.is_fine:
                self._ended(one.symbol, one.end, None)
        return None

    def _fetch(self, one: Wanted, should_stop: Callable[[], bool]) -> Iterator[datetime]:
        """Up to where bars are kept, after each page."""
        start = self._start_of(one)
        if start is None:
            return
        earliest = _floor(self._now() - self._reach[one.size], one.size)
        if one.is_fine and start < earliest:
            self._stand_in(one.symbol, (start, min(earliest, one.end)), "further back than seconds are fetched")
        start = max(start, earliest)
        if start >= one.end:
            return
        request = BarsRequest(one.symbol, one.size, start, one.end, extended_hours=True)
        for page in self._history.bars(request, FetchControl(should_stop=should_stop)):
            source = page.source or self._history.name
            bars = self._usable(one, page.bars, source)
            if len(bars):
                self._count(one, "bars", len(bars))
                self._keep(one.symbol, one.size, bars, source)
            yield page.resume

    def _start_of(self, one: Wanted) -> datetime | None:
        """The first bar that is missing; None where there is no series to go on with."""
        if one.start is not None:
            return one.start
        reach = max(_LOOK_BACK, self._reach[_SECOND]) if one.is_fine else self._reach[one.size]
        earliest = _floor(self._now() - reach, one.size)
        last = self._store.last_bar(one.symbol, one.size, earliest, one.end)
        if last is not None:
            return last + one.size.width
        return None if one.is_fine else earliest

    def _usable(self, one: Wanted, bars: BarColumns, source: str) -> BarColumns:
        """Without those that are wrong: they are counted and go to quarantine, as those of a fetch do."""
        if len(bars) == 0:
            return bars
        checked = check_columns(one.symbol, bars, one.size, CheckOptions(self._now(), one.size), session_days)
        bad = checked.findings.error_rows()
        if not bad:
            return bars
        self._store.keep_flawed(one.symbol, checked, source)
        self._count(one, "flawed", len(bad))
        _log.warning("%d bars (%s) of %s in history are flawed: quarantined", len(bad), one.size.value, one.symbol)
        good = np.ones(len(bars), dtype=np.bool_)
        good[bad] = False
        return bars.rows(good)

    def _give_up(self, one: Wanted, reason: str) -> None:
        if not one.is_fine:
            self._tell(bars_missed(self._history.name, one.symbol, one.end, reason))
        self._not_had(one, Unavailable(reason), "given_up")

    def _not_had(self, one: Wanted, error: CausewayError, counter: str) -> None:
        self._count(one, counter)
        what = one.size.value, one.symbol, one.end, error.message
        _log.warning("bars (%s) of %s up to %s were not fetched: %s", *what)
        if not one.is_fine:
            self._ended(one.symbol, one.end, error)
        elif one.start is not None:
            try:
                self._stand_in(one.symbol, (one.start, one.end), error.message)
            except Unavailable as away:
                _log.warning("the coverage does not say so: %s", away.message)

    # Where minutes stand in for seconds

    def _note_minutes(self, one: Wanted) -> None:
        """Minutes of a gap have come, and the provider has no seconds of it."""
        if one.is_fine or self._reach[_SECOND]:
            return
        seconds = replace(one, size=_SECOND)
        if self._start_of(replace(seconds, start=None)) is None:
            return
        start = self._start_of(seconds)
        if start is not None and start < one.end:
            self._stand_in(
                one.symbol, (start, one.end), f"{self._history.name} has no seconds of it, or none are asked"
            )

    def _stand_in(self, symbol: str, span: tuple[datetime, datetime], reason: str) -> None:
        self._store.note_stand_in(symbol, _SECOND, span, _MINUTE, reason)

    # What is wanted

    def _take_asked(self) -> None:
        new: list[Wanted] = []
        while True:
            try:
                symbol, start, end = self._asked.get_nowait()
            except Empty:
                break
            new += [self._wants(symbol, start, end, size) for size in (_MINUTE, _SECOND) if self._reach[size]]
        if new and self._reach[_MINUTE]:
            for one in new:
                self._count(one, "wanted")
            known = {one.key for one in new}
            self._wanted = [one for one in self._wanted if one.key not in known] + new
            self._file.write(self._wanted)

    def _wants(self, symbol: str, start: datetime | None, end: datetime, size: BarSize) -> Wanted:
        whole = _floor(end + size.width - timedelta(microseconds=1), size)
        since = None if start is None else _floor(start, size)
        return Wanted(symbol, since, whole, whole + _SETTLED, self._now() + self._budget, size)

    def _count(self, one: Wanted, name: str, number: int = 1) -> None:
        self.counts[f"seconds_{name}" if one.is_fine else name] += number


def _seconds_reach(history: HistoricalFeed, settings: LiveSettings) -> timedelta:
    """How far back seconds are fetched; 0 where the provider has none."""
    if _SECOND not in history.offer.bar_sizes:
        return timedelta()
    offered = history.offer.reach_of(_SECOND) or timedelta.max
    return min(timedelta(hours=min(settings.live_backfill_seconds_hours, settings.live_backfill_hours)), offered)


def _floor(moment: datetime, size: BarSize) -> datetime:
    whole = moment.astimezone(UTC).replace(microsecond=0)
    return whole if size is _SECOND else whole.replace(second=0)
