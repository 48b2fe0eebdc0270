"""Minutes that the stream did not make, from history: which are asked for, when, and what becomes of failures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from causeway.errors import CausewayError, NotFound, TooMany, Unavailable
from causeway.market_data.ingestion import CheckedRows
from causeway.model.alert import Alert
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.time import BarSize, micros
from causeway.ports.feed import BarPage, BarsRequest, FeedOffer, FetchControl
from causeway.settings import LiveSettings
from containers.stream.bar_backfill import BarBackfill

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


class Past:
    """A history with a bar in every interval, an hour to a page."""

    name = "past"

    def __init__(self, *sizes: BarSize) -> None:
        self.offer = FeedOffer(frozenset(sizes))
        self.asked: list[BarsRequest] = []
        self.fails: list[CausewayError] = []
        self.high = 11.0

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        control.check()
        self.asked.append(request)
        if self.fails:
            raise self.fails.pop(0)
        start = request.start
        while start < request.end:
            end = min(start + timedelta(hours=1), request.end)
            count = (end - start) // request.bar_size.width
            step_us = request.bar_size.width // timedelta(microseconds=1)
            time_us = micros(start) + step_us * np.arange(count, dtype=np.int64)
            prices = np.tile([10.0, self.high, 9.0, 10.0], (count, 1))
            yield BarPage(BarColumns.of(time_us, prices, np.ones(count)), end)
            control.check()
            start = end

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> list[CorporateAction]:
        raise NotImplementedError


class Stored:
    """The last bars that a database holds, and what it was told."""

    def __init__(self, last: datetime | None = None, last_second: datetime | None = None) -> None:
        self.last, self.last_second = last, last_second
        self.flawed: list[tuple[str, BarSize, set[str], str]] = []
        self.stand_ins: list[tuple[str, BarSize, tuple[datetime, datetime], BarSize]] = []

    def last_bar(self, _symbol: str, size: BarSize, start: datetime, end: datetime) -> datetime | None:
        last = self.last_second if size is BarSize.SECOND_1 else self.last
        return last if last and start <= last < end else None

    def keep_flawed(self, symbol: str, checked: CheckedRows, source: str) -> None:
        codes = {one.code for found in checked.quarantined().values() for one in found}
        self.flawed += [(symbol, checked.bar_size, codes, source)] * len(checked.quarantined())

    def note_stand_in(
        self, symbol: str, bar_size: BarSize, span: tuple[datetime, datetime], of: BarSize, _reason: str
    ) -> None:
        self.stand_ins.append((symbol, bar_size, span, of))


class Desk:
    """A backfill, its history, what it kept and told, and a clock."""

    def __init__(
        self,
        directory: Path,
        last: datetime | None = None,
        *,
        hours: float = 24.0,
        sizes: tuple[BarSize, ...] = (BarSize.MINUTE_1,),
        last_second: datetime | None = None,
    ) -> None:
        self.past, self.kept, self.told = Past(*sizes), list[tuple[str, int, str]](), list[Alert]()
        self.stored, self.clock, self.ended = Stored(last, last_second), NOON, list[tuple[str, str]]()
        settings = LiveSettings(
            spool_dir=directory, live_backfill_hours=hours, live_backfill_budget_s=60, live_backfill_seconds_hours=2
        )
        self.backfill = BarBackfill(
            self.past,
            self.stored,
            self._keep,
            settings,
            tell=self.told.append,
            ended=lambda symbol, _end, error: self.ended.append((symbol, error.code if error else "")),
            now=lambda: self.clock,
        )

    def run_dry(self) -> None:
        while self.backfill.step():
            pass

    def _keep(self, symbol: str, _size: BarSize, bars: BarColumns, source: str) -> None:
        self.kept.append((symbol, len(bars), source))

    @property
    def ranges(self) -> list[tuple[datetime, datetime]]:
        return [(request.start, request.end) for request in self.past.asked]


def _minute(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def test_the_minute_that_was_open_at_the_start_is_fetched_once_it_is_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path, last=_minute(-3))
    desk.backfill.ask("AAA", None, _minute(0.4))
    assert not desk.backfill.step()
    desk.clock = _minute(1) + timedelta(seconds=5)
    assert desk.backfill.step()
    assert desk.ranges == [(_minute(-2), _minute(1))]
    assert desk.past.asked[0].extended_hours
    assert desk.kept == [("AAA", 3, "past")]
    assert desk.ended == [("AAA", "")]
    assert not desk.backfill.step()


def test_a_gap_is_fetched_from_the_minute_in_which_it_began_whatever_is_stored(tmp_path: Path) -> None:
    desk = Desk(tmp_path, last=_minute(-1))
    desk.backfill.ask("AAA", _minute(-30.5), _minute(-5))
    desk.backfill.step()
    assert desk.ranges == [(_minute(-31), _minute(-5))]


def test_nothing_is_fetched_from_further_back_than_the_setting(tmp_path: Path) -> None:
    desk = Desk(tmp_path, hours=1)
    desk.backfill.ask("AAA", None, _minute(-5))
    desk.backfill.ask("BBB", _minute(-600), _minute(-5))
    while desk.backfill.step():
        pass
    assert desk.ranges == [(_minute(-60), _minute(-5))] * 2
    off = Desk(tmp_path / "off", hours=0)
    off.backfill.ask("AAA", None, _minute(-5))
    assert not off.backfill.step()


def test_nothing_is_asked_where_nothing_is_missing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, last=_minute(-1))
    desk.backfill.ask("AAA", None, _minute(0))
    desk.clock = _minute(1)
    assert desk.backfill.step()
    assert desk.past.asked == []


@pytest.mark.parametrize("error", [TooMany("throttled", retry_after_s=20), Unavailable("down", retry_after_s=20)])
def test_a_failure_is_tried_again_when_the_provider_says(tmp_path: Path, error: CausewayError) -> None:
    desk = Desk(tmp_path)
    desk.past.fails = [error]
    desk.backfill.ask("AAA", _minute(-10), _minute(-5))
    desk.backfill.ask("BBB", _minute(-10), _minute(-5))
    assert desk.backfill.step()
    assert desk.backfill.step()
    assert [symbol for symbol, _, _ in desk.kept] == ["BBB"]
    desk.clock += timedelta(seconds=19)
    assert not desk.backfill.step()
    desk.clock += timedelta(seconds=1)
    assert desk.backfill.step()
    assert [symbol for symbol, _, _ in desk.kept] == ["BBB", "AAA"]


def test_what_fails_beyond_the_budget_or_for_good_is_given_up_and_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.past.fails = [Unavailable("down", retry_after_s=61), NotFound("no such symbol")]
    for symbol in ("AAA", "BBB"):
        desk.backfill.ask(symbol, _minute(-10), _minute(-5))
        desk.backfill.step()
    assert [(alert.kind, alert.subject) for alert in desk.told] == [("bars_missed", "past")]
    assert desk.ended == [("AAA", "unavailable"), ("BBB", "not_found")]
    assert (desk.backfill.counts["given_up"], desk.backfill.counts["unknown"]) == (1, 1)  # BBB was never to be had
    assert not desk.backfill.step()


def test_a_bar_that_cannot_be_is_left_out_counted_and_quarantined(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.past.high = 5.0  # below low
    desk.backfill.ask("AAA", _minute(-10), _minute(-5))
    desk.backfill.step()
    assert desk.kept == []
    assert desk.backfill.counts["flawed"] == 5
    assert desk.stored.flawed == [("AAA", BarSize.MINUTE_1, {"high_below_low"}, "past")] * 5


BOTH = (BarSize.MINUTE_1, BarSize.SECOND_1)


def test_seconds_of_a_gap_are_fetched_after_the_minutes_of_every_symbol(tmp_path: Path) -> None:
    desk = Desk(tmp_path, sizes=BOTH)
    desk.backfill.ask("AAA", _minute(-30.25), _minute(-5.5))
    desk.backfill.ask("BBB", _minute(-30.25), _minute(-5.5))
    desk.run_dry()
    assert [(one.symbol, one.bar_size) for one in desk.past.asked] == [
        (symbol, size) for size in BOTH for symbol in ("AAA", "BBB")
    ]
    assert desk.ranges[2:] == [(_minute(-30.25), _minute(-5.5))] * 2
    assert desk.kept[2:] == [("AAA", 1485, "past"), ("BBB", 1485, "past")]
    assert (desk.backfill.counts["seconds_wanted"], desk.backfill.counts["seconds_bars"]) == (2, 2970)
    assert desk.stored.stand_ins == []


def test_for_seconds_that_lie_too_far_back_minutes_stand_in(tmp_path: Path) -> None:
    desk = Desk(tmp_path, sizes=BOTH)
    desk.backfill.ask("AAA", _minute(-300), _minute(-5))
    desk.run_dry()
    assert desk.ranges == [(_minute(-300), _minute(-5)), (_minute(-120), _minute(-5))]
    assert desk.stored.stand_ins == [("AAA", BarSize.SECOND_1, (_minute(-300), _minute(-120)), BarSize.MINUTE_1)]


def test_where_the_provider_has_no_seconds_minutes_stand_in_once_they_are_there(tmp_path: Path) -> None:
    desk = Desk(tmp_path, last_second=_minute(-30.5))
    desk.past.fails = [Unavailable("down", retry_after_s=5)]
    desk.backfill.ask("AAA", _minute(-30), _minute(-5))
    desk.backfill.step()
    assert desk.stored.stand_ins == []
    desk.clock += timedelta(seconds=5)
    desk.run_dry()
    assert desk.stored.stand_ins == [("AAA", BarSize.SECOND_1, (_minute(-30), _minute(-5)), BarSize.MINUTE_1)]


def test_nothing_stands_in_for_seconds_where_there_is_no_series_of_them(tmp_path: Path) -> None:
    plain = Desk(tmp_path)
    plain.backfill.ask("AAA", _minute(-30), _minute(-5))
    plain.run_dry()
    fine = Desk(tmp_path / "fine", sizes=BOTH)
    fine.backfill.ask("AAA", None, _minute(-5))
    fine.run_dry()
    assert [one.bar_size for one in fine.past.asked] == [BarSize.MINUTE_1]
    assert plain.stored.stand_ins == fine.stored.stand_ins == []


def test_seconds_that_are_given_up_are_no_alert_and_minutes_stand_in(tmp_path: Path) -> None:
    desk = Desk(tmp_path, sizes=BOTH)
    desk.backfill.ask("AAA", _minute(-30), _minute(-5))
    desk.backfill.step()
    desk.past.fails = [Unavailable("down", retry_after_s=61)]
    desk.run_dry()
    assert desk.told == []
    assert desk.ended == [("AAA", "")]  # its minutes came
    assert desk.backfill.counts["seconds_given_up"] == 1
    assert [span for _, _, span, _ in desk.stored.stand_ins] == [(_minute(-30), _minute(-5))]


def test_a_fetch_that_is_stopped_goes_on_after_its_last_page(tmp_path: Path) -> None:
    desk = Desk(tmp_path, sizes=BOTH)
    desk.backfill.ask("AAA", _minute(-110), _minute(-5))
    desk.backfill.step()
    answers = iter([False, True])
    assert desk.backfill.step(lambda: next(answers))
    desk.run_dry()
    assert desk.ranges[1:] == [(_minute(-110), _minute(-5)), (_minute(-50), _minute(-5))]
    assert [bars for _, bars, _ in desk.kept if bars > 105] == [3600, 2700]


def _run_until(desk: Desk, count: int) -> None:
    """As a thread does it, until so many requests were made."""
    stop = threading.Event()
    thread = threading.Thread(target=desk.backfill.run, args=(stop, lambda: len(desk.past.asked) < count))
    thread.start()
    while len(desk.past.asked) < count:
        thread.join(0.01)
    stop.set()
    thread.join()


def test_what_was_wanted_outlives_the_process(tmp_path: Path) -> None:
    first = Desk(tmp_path)
    for symbol in ("AAA", "BBB"):
        first.backfill.ask(symbol, None, _minute(-5))
    _run_until(first, 1)
    second = Desk(tmp_path)
    _run_until(second, 1)
    assert [request.symbol for request in first.past.asked + second.past.asked] == ["AAA", "BBB"]
