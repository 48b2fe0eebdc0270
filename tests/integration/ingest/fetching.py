"""A provider of the simulated market that pages, fails and stops as a test says, and what was stored of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg

from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage, BarsRequest, FeedOffer, FetchControl
from causeway.simulators.market import SimulatedMarket
from tests.fixtures.databases import Databases

MARKET = SimulatedMarket()
YEAR = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
SESSIONS_2024 = 252  # NYSE, https://www.nyse.com/markets/hours-calendars


_OFFER = FeedOffer(frozenset({BarSize.DAY_1, BarSize.MINUTE_1}), corporate_actions=True)


@dataclass
class ScriptedFeed:
    """Pages of ``page`` bars. ``fail``: raised before the page of a symbol with that number."""

    page: int = 60
    fail: dict[tuple[str, int], Exception] = field(default_factory=dict)
    change: Callable[[str, BarPage], BarPage] = lambda _symbol, page: page
    name: str = "scripted"
    offer: FeedOffer = _OFFER
    asked: list[BarsRequest] = field(default_factory=list)
    hold: threading.Event | None = None

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        self.asked.append(request)
        found = MARKET.bars(request.symbol, request.bar_size, request.start, request.end)
        for number, start in enumerate(range(0, len(found), self.page)):
            if (request.symbol, number) in self.fail:
                raise self.fail[request.symbol, number]
            while self.hold is not None and not self.hold.wait(0.02):
                control.check()
            part = part_of(found, slice(start, start + self.page))
            last = start + self.page >= len(found)
            resume = request.end if last else _moment(found.time_us[start + self.page])
            yield self.change(request.symbol, BarPage(part, resume, currency="USD", calendar="XNYS"))

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        control.check()
        return [one for one in MARKET.actions(symbol) if first <= one.ex_date <= last]


def part_of(bars: BarColumns, rows: slice) -> BarColumns:
    columns = ("time_us", "open", "high", "low", "close", "volume")
    return BarColumns(*(getattr(bars, name)[rows] for name in columns))


def with_value(bars: BarColumns, row: int, **values: float) -> BarColumns:
    """Bars with other values in one row."""
    columns = {name: getattr(bars, name).copy() for name in ("time_us", "open", "high", "low", "close", "volume")}
    for name, value in values.items():
        columns[name][row] = value
    return BarColumns(**columns)


def _moment(time_us: np.int64) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(time_us))


def table(databases: Databases) -> list[tuple[Any, ...]]:
    """Every stored bar and corporate action by symbol, and what is in quarantine; no id and no clock of ours."""
    return [
        *_rows(
            databases,
            "SELECT s.symbol, m.bar_size, m.time, m.open, m.high, m.low, m.close, m.volume, m.source "
            "FROM market_data m JOIN symbols s USING (instrument_id) ORDER BY 1, 2, 3",
        ),
        *_rows(
            databases,
            "SELECT s.symbol, a.kind, a.ex_date, a.value FROM corporate_actions a JOIN symbols s USING (instrument_id) "
            "ORDER BY 1, 2, 3",
        ),
        *_rows(databases, "SELECT symbol, row_time, raw, reasons FROM quarantine ORDER BY 1, 2"),
    ]


def counts(databases: Databases) -> list[tuple[Any, ...]]:
    """Read, inserted, updated, unchanged, quarantined of every symbol and of every ingestion."""
    five = "rows_read, rows_inserted, rows_updated, rows_unchanged, rows_quarantined"
    return [
        *_rows(databases, f"SELECT symbol, state, {five}, holes FROM fetch_symbols ORDER BY job_id, symbol"),
        *_rows(databases, f"SELECT source, state, {five}, symbols_count, findings::text FROM ingestions ORDER BY 1, 3"),
    ]


def forget(databases: Databases) -> None:
    """Empty every table that a fetch writes."""
    tables = "fetch_jobs, fetch_symbols, ingestions, quarantine, market_data, bar_coverage, symbols, instruments"
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute(f"TRUNCATE {tables} CASCADE".encode())


def _rows(databases: Databases, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(databases.owner_url) as connection:
        return connection.execute(query.encode()).fetchall()
