"""Minutes that the stream did not make: from before it began, or of a gap that is too long for its trades.

They come from the same provider's history, symbol after symbol, once they are over; the stream waits for none of this.
What is still wanted lies in a file beside the spool, so a process that is killed does not forget it.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

import numpy as np

from causeway.errors import CausewayError, NotFound, TooMany, Unavailable
from causeway.market_data.findings import Findings
from causeway.market_data.validator import check_bars, check_times
from causeway.model.alert import Alert, bars_missed
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, isoformat_z, now_utc
from causeway.ports.feed import BarsRequest, FetchCancelled, FetchControl, HistoricalFeed
from causeway.settings import LiveSettings

_log = logging.getLogger(__name__)
_SIZE, _MINUTE = BarSize.MINUTE_1, timedelta(minutes=1)
_SETTLED = timedelta(seconds=3)  # after its end a provider's history has a bar
_RETRY_S, _PAUSE_S = 5.0, 0.5


class Store(Protocol):
    """What is needed of ``LiveStore``."""

    def last_bar(self, symbol: str, bar_size: BarSize, start: datetime, end: datetime) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Minutes of ``symbol`` that start in [start, end), both on a minute; ``start`` None: after the last stored one."""

    symbol: str
    start: datetime | None
    end: datetime
    not_before: datetime
    give_up: datetime


class BarBackfill:
    """One thread runs it, any may ask. ``counts``: wanted, fetched, bars, flawed, unknown, given_up.

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
        self._reach = timedelta(hours=settings.live_backfill_hours)
        self._budget = timedelta(seconds=settings.live_backfill_budget_s)
        self._path = Path(settings.spool_dir) / "bars_wanted.json"
        self._asked: SimpleQueue[tuple[str, datetime | None, datetime]] = SimpleQueue()
        self._wanted: list[Wanted] = []
        self.counts: Counter[str] = Counter()

    def ask(self, symbol: str, start: datetime | None, end: datetime) -> None:
        """Want the minutes that overlap [start, end); ``start`` None: since the last stored one. Returns at once."""
        self._asked.put((symbol, start, end))

    def run(self, stop: threading.Event, is_ours: Callable[[], bool]) -> None:
        """Until ``stop``; nothing is fetched while another process streams."""
        self._wanted = self._stored()
        while not stop.is_set():
            if not is_ours() or not self.step(stop.is_set):
                stop.wait(_PAUSE_S)
        self._take_asked()

    def step(self, should_stop: Callable[[], bool] = lambda: False) -> bool:
        """Fetch the next minutes that are due; whether there were any."""
        self._take_asked()
        now = self._now()
        due = next((one for one in self._wanted if one.not_before <= now), None)
        if due is None:
            return False
        self._wanted.remove(due)
        later = self._tried(due, should_stop)
        if later is not None:
            self._wanted.append(later)
        self._store_wanted()
        return True

    def _tried(self, one: Wanted, should_stop: Callable[[], bool]) -> Wanted | None:
        """Fetch; what is left for later, if anything."""
        try:
            self._fetch(one, should_stop)
        except FetchCancelled:
            return one
        except (Unavailable, TooMany) as error:
            wait = timedelta(seconds=max(_RETRY_S, error.retry_after_s or 0.0))
            if self._now() + wait < one.give_up:
                return replace(one, not_before=self._now() + wait)
            self._give_up(one, error.message)
        except NotFound as error:  # the provider never had it: nothing is lost
            self.counts["unknown"] += 1
            _log.warning("history has no minutes of %s: %s", one.symbol, error.message)
            self._ended(one.symbol, one.end, error)
        except CausewayError as error:
            self._give_up(one, error.message)
        except Exception as error:
            _log.exception("minutes of %s could not be read from history", one.symbol)
            self._give_up(one, str(error))
        else:
            self.counts["fetched"] += 1
            self._ended(one.symbol, one.end, None)
        return None

    def _fetch(self, one: Wanted, should_stop: Callable[[], bool]) -> None:
        earliest = _floor(self._now() - self._reach)
        start = one.start
        if start is None:
            last = self._store.last_bar(one.symbol, _SIZE, earliest, one.end)
            start = earliest if last is None else last + _MINUTE
        start = max(start, earliest)
        if start >= one.end:
            return
        request = BarsRequest(one.symbol, _SIZE, start, one.end, extended_hours=True)
        for page in self._history.bars(request, FetchControl(should_stop=should_stop)):
            bars = self._usable(one.symbol, page.bars)
            if len(bars):
                self.counts["bars"] += len(bars)
                self._keep(one.symbol, _SIZE, bars, page.source or self._history.name)

    def _usable(self, symbol: str, bars: BarColumns) -> BarColumns:
        """Without those that no bar can be: they are counted, and left for a fetch, which quarantines them."""
        findings = Findings()
        check_bars(np.column_stack([bars.open, bars.high, bars.low, bars.close, bars.volume]), findings)
        check_times(bars.time_us, self._now(), findings)
        bad = findings.error_rows()
        if not bad:
            return bars
        self.counts["flawed"] += len(bad)
        _log.warning("%d minutes of %s in history are flawed and left out", len(bad), symbol)
        good = np.ones(len(bars), dtype=np.bool_)
        good[bad] = False
        return bars.rows(good)

    def _give_up(self, one: Wanted, reason: str) -> None:
        self.counts["given_up"] += 1
        _log.error("minutes of %s up to %s were not fetched: %s", one.symbol, one.end, reason)
        self._tell(bars_missed(self._history.name, one.symbol, one.end, reason))
        self._ended(one.symbol, one.end, Unavailable(reason))

    # What is wanted

    def _take_asked(self) -> None:
        new = []
        while True:
            try:
                symbol, start, end = self._asked.get_nowait()
            except Empty:
                break
            whole = _floor(end + _MINUTE - timedelta(microseconds=1))
            since = None if start is None else _floor(start)
            new.append(Wanted(symbol, since, whole, whole + _SETTLED, self._now() + self._budget))
        if new and self._reach:
            self.counts["wanted"] += len(new)
            known = {(one.symbol, one.start, one.end) for one in new}
            self._wanted = [one for one in self._wanted if (one.symbol, one.start, one.end) not in known] + new
            self._store_wanted()

    def _store_wanted(self) -> None:
        rows = [
            (one.symbol, None if one.start is None else isoformat_z(one.start), isoformat_z(one.end))
            for one in self._wanted
        ]
        draft = self._path.with_suffix(".draft")
        try:
            draft.write_text(json.dumps(rows))
            draft.replace(self._path)
        except OSError as error:
            _log.warning("what is wanted of history is not on disk: %s", error)

    def _stored(self) -> list[Wanted]:
        try:
            rows: Sequence[Sequence[str]] = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return []
        now, read = self._now(), datetime.fromisoformat
        return [
            Wanted(symbol, read(start) if start else None, read(end), now, now + self._budget)
            for symbol, start, end in rows
        ]


def _floor(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
