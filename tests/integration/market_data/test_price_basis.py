"""A file on another price basis than the stored series, and files whose ends meet it with a jump."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.adapters.feeds.demo_data import demo_stock_csv
from causeway.adapters.storage.database import Row
from causeway.adapters.storage.ingestion_store import IngestionStore
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.market_data.ingestion import IngestionRequest
from causeway.model.bar import BarColumns
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize
from tests.fixtures.databases import Databases
from tests.unit.market_data.rows import walk

pytestmark = pytest.mark.postgres
HEADER = "symbol,date,open,high,low,close,volume\n"
Rows = list[list[str]]
AAA, BBB = walk("AAA", "2012-01-02", 80, seed=1), walk("BBB", "2012-01-02", 80, seed=2)


class Installation:
    def __init__(self, databases: Databases, user: UUID, folder: Path) -> None:
        self.store, self.series = IngestionStore(databases.app), TimeseriesDb(databases.app)
        self.user, self.folder = user, folder

    def ingest(self, rows: Rows, **how: Any) -> Row:
        path = self.folder / "bars.csv"
        path.write_text(HEADER + "".join(",".join(row) + "\n" for row in rows))
        return self.take(path, asset_class=AssetClass.SYNTHETIC, **how)  # a session on each weekday

    def take(self, path: Path, **how: Any) -> Row:
        found = self.store.take_in(self.user, open_table(path), IngestionRequest(path.name, **how))
        assert sum(counts(found)[1:]) == counts(found)[0]
        return found

    def bars(self, symbol: str) -> BarColumns:
        return self.series.read_bars(symbol, BarSize.DAY_1)

    def quarantined(self, code: str) -> Sequence[Row]:
        return self.store.quarantined(self.user, code=code, limit=1000)


@pytest.fixture
def installed(databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path) -> Installation:
    return Installation(databases, user_factory("analyst"), tmp_path)


def counts(row: Row) -> tuple[int, ...]:
    """Read, inserted, updated, unchanged, quarantined."""
    return tuple(row[f"rows_{name}"] for name in ("read", "inserted", "updated", "unchanged", "quarantined"))


def codes(row: Row) -> dict[str, int]:
    return {one["code"]: one["rows"] for one in row["findings"]}


def divided(rows: Rows, by: float) -> Rows:
    return [[*row[:2], *(f"{float(price) / by:.4f}" for price in row[2:6]), row[6]] for row in rows]


def test_no_bar_of_a_symbol_on_another_basis_is_stored_and_the_other_symbols_are(installed: Installation) -> None:
    installed.ingest(AAA[:40] + BBB[:40])
    rows = [*divided(AAA[30:], 7), *BBB[30:], divided(AAA[30:31], 7)[0]]  # one row of AAA stands twice
    taken = installed.ingest(rows)
    assert counts(taken) == (101, 40, 0, 10, 51)
    assert codes(taken)["other_price_basis"] == 51
    assert (len(installed.bars("AAA")), len(installed.bars("BBB"))) == (40, 80)
    kept = installed.quarantined("other_price_basis")
    assert {row["symbol"] for row in kept} == {"AAA"}
    message = next(one["message"] for one in kept[0]["reasons"] if one["code"] == "other_price_basis")
    assert "stored prices are 7 times the file's in 10 overlapping bars" in message
    assert "corporate action" in message


def test_twice_changes_nothing(installed: Installation) -> None:
    installed.ingest(AAA[:40] + BBB[:40])
    rows = divided(AAA[30:], 7) + BBB[30:]
    first = installed.ingest(rows)
    kept = installed.quarantined("other_price_basis")
    again = installed.ingest(rows)
    assert counts(again) == (100, 0, 0, 50, 50)
    assert installed.quarantined("other_price_basis") == kept
    assert again["findings"] == first["findings"]


def test_replacing_is_possible_and_tells_where_the_series_jumps(installed: Installation) -> None:
    installed.ingest(AAA[:40])
    taken = installed.ingest(divided(AAA[30:], 7), replace=True)
    assert counts(taken) == (50, 40, 10, 0, 0)
    (found,) = taken["findings"]
    assert (found["code"], found["rows"]) == ("large_move", 1)
    assert f"from the stored bar of {AAA[29][1]}" in found["example"]


def test_a_jump_is_told_where_a_file_continues_a_stored_series(installed: Installation) -> None:
    installed.ingest(AAA[:40])
    taken = installed.ingest(divided(AAA[40:], 7))
    assert counts(taken) == (40, 40, 0, 0, 0)
    (found,) = taken["findings"]
    assert (found["code"], found["severity"]) == ("large_move", "warning")
    assert "the close moved -8" in found["example"]
    again = installed.ingest(divided(AAA[40:], 7))
    assert again["findings"] == taken["findings"]


def test_a_jump_is_told_where_a_file_comes_before_a_stored_series(installed: Installation) -> None:
    installed.ingest(AAA[40:])
    (found,) = installed.ingest(divided(AAA[:40], 7))["findings"]
    assert found["code"] == "large_move"
    assert f"to the stored bar of {AAA[40][1]}" in found["example"]


def test_a_series_that_goes_on_where_it_stood_is_no_finding(installed: Installation) -> None:
    installed.ingest(AAA[:40])
    assert installed.ingest(AAA[30:])["findings"] == []


def test_a_real_file_beside_the_demo_data(installed: Installation, test_data: Path) -> None:
    """AAPL of the file is adjusted for the split of June 2014; MSFT and IBM never split in these years."""
    installed.take(demo_stock_csv())
    before = {symbol: len(installed.bars(symbol)) for symbol in ("AAPL", "MSFT", "IBM")}
    taken = installed.take(test_data / "daily/sp500_48sym_ohlcv_2013-2018.csv.gz")
    assert len(installed.bars("AAPL")) == before["AAPL"]
    refused = [row for row in installed.quarantined("other_price_basis") if row["symbol"] == "AAPL"]
    assert len(refused) == 1000  # the page's limit: the file has 1,259
    assert codes(taken)["other_price_basis"] == 1259
    assert len(installed.bars("MSFT")) > before["MSFT"] + 1200
    assert len(installed.bars("IBM")) > before["IBM"] + 1200
