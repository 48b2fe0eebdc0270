"""A file's bars are judged among the stored ones around them, as those of a fetch are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.adapters.storage.database import Row
from causeway.adapters.storage.ingestion_store import IngestionStore
from causeway.market_data.ingestion import IngestionRequest
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, moment
from causeway.simulators.market import SimulatedMarket
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres
YEAR = SimulatedMarket().bars("MSFT", BarSize.DAY_1, datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Desk:
    """A user who loads files of MSFT and IBM."""

    store: IngestionStore
    user_id: UUID
    path: Path

    def load(self, rows: slice, *, symbols: tuple[str, ...] = ("MSFT",), last_by: float = 1.0) -> Row:
        """Bars of the year; the prices of the last one of the first symbol times ``last_by``."""
        lines = [
            line for at, name in enumerate(symbols) for line in _lines(name, YEAR.rows(rows), 1.0 if at else last_by)
        ]
        self.path.write_text("\n".join(["symbol,date,open,high,low,close,volume", *lines]))
        return self.store.take_in(self.user_id, open_table(self.path), IngestionRequest("bars.csv"))

    def reasons(self) -> dict[str, set[str]]:
        return {
            row["row_time"]: {one["code"] for one in row["reasons"]}
            for row in self.store.quarantined(self.user_id, limit=100)
        }


def _lines(symbol: str, bars: BarColumns, last_by: float) -> list[str]:
    found = []
    for at, time_us in enumerate(bars.time_us.tolist()):
        by = last_by if at == len(bars) - 1 else 1.0
        prices = [float(getattr(bars, name)[at]) * by for name in ("open", "high", "low", "close")]
        found.append(f"{symbol},{moment(time_us).date()},{','.join(map(repr, prices))},{bars.volume[at]}")
    return found


@pytest.fixture
def desk(databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path) -> Desk:
    return Desk(IngestionStore(databases.app), user_factory("analyst"), tmp_path / "bars.csv")


def test_a_spike_in_a_file_of_one_bar_is_seen_among_the_stored_ones(desk: Desk) -> None:
    """Alone it is a bar like any other."""
    desk.load(slice(0, 150))
    desk.load(slice(151, None))
    day = str(moment(int(YEAR.time_us[150])).date())
    assert desk.load(slice(150, 151), last_by=1.5)["rows_quarantined"] == 1
    assert desk.reasons() == {day: {"spike"}}
    taken = desk.load(slice(150, 151))
    assert (taken["rows_inserted"], taken["findings"]) == (1, [])


def test_a_spike_in_the_last_row_is_seen_where_stored_bars_follow_also_with_other_symbols(desk: Desk) -> None:
    both = ("MSFT", "IBM")
    desk.load(slice(200, None), symbols=both)
    taken = desk.load(slice(0, 200), symbols=both, last_by=1.5)
    assert (taken["rows_read"], taken["rows_quarantined"]) == (400, 1)
    assert desk.reasons() == {str(moment(int(YEAR.time_us[199])).date()): {"spike"}}


def test_stored_neighbours_cost_a_good_file_nothing(desk: Desk) -> None:
    desk.load(slice(0, 100))
    for rows in (slice(150, 200), slice(100, 150), slice(200, None)):
        taken = desk.load(rows)
        assert taken["rows_inserted"] == taken["rows_read"] == len(YEAR.rows(rows))
        assert taken["findings"] == []
