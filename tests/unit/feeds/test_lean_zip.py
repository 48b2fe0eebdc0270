"""LEAN's zips as rows. The layout is that of LEAN's Data/equity/readme.md: prices times 10,000, New York's clock."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.errors import InvalidInput
from causeway.market_data.columns import map_columns
from causeway.market_data.ingestion import CheckOptions, check_rows
from causeway.model.time import BarSize


def zipped(tmp_path: Path, **members: str) -> Path:
    path = tmp_path / "upload"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.csv", text)
    return path


def test_days(tmp_path: Path) -> None:
    table = open_table(zipped(tmp_path, ibm="19980102 00:00,1045000,1057500,1040600,1057550,2563200\n"))
    assert table.header == ("symbol", "time", "open", "high", "low", "close", "volume")
    assert list(table.rows()) == [
        (1, ["IBM", "1998-01-02", "104.5", "105.75", "104.06", "105.755", "2563200"]),
    ]


def test_minutes_in_summer_and_hours_in_winter(tmp_path: Path) -> None:
    """14,400,000 ms are 04:00 on New York's clock, at -04:00 in October and -05:00 in January."""
    minutes = zipped(tmp_path, **{"20131007_spy_minute_trade": "14400000,1674100,1674100,1672500,1672700,3197\n"})
    assert next(iter(open_table(minutes).rows()))[1][:2] == ["SPY", "2013-10-07T04:00:00-04:00"]
    hours = zipped(tmp_path, spy="20140106 09:00,1000000,1000000,1000000,1000000,1\n")
    assert next(iter(open_table(hours).rows()))[1][:2] == ["SPY", "2014-01-06T09:00:00-05:00"]


def test_ingestion_takes_a_zip_as_it_takes_a_csv(tmp_path: Path) -> None:
    """2013-10-07 was a Monday; 09:30 in New York was 13:30 UTC."""
    lines = [f"{34_200_000 + at * 60_000},1000000,1010000,990000,1005000,{at + 1}" for at in range(3)]
    table = open_table(zipped(tmp_path, **{"20131007_spy_minute_trade": "\n".join(lines)}))
    options = CheckOptions(now=datetime(2024, 1, 1, tzinfo=UTC))
    checked = check_rows(table.rows(), map_columns(table.header), options, lambda *_: np.empty(0, np.int64))
    assert checked.bar_size is BarSize.MINUTE_1
    assert checked.parsed.symbols == ("SPY",)
    assert checked.time_us[0] == int(datetime(2013, 10, 7, 13, 30, tzinfo=UTC).timestamp() * 1e6)
    assert checked.parsed.values[0].tolist() == [100.0, 101.0, 99.0, 100.5, 1.0]
    assert not checked.quarantined()


def test_rows_can_be_read_again_by_number(tmp_path: Path) -> None:
    row = "19980102 00:00,1,1,1,1,1\n"
    assert [number for number, _ in open_table(zipped(tmp_path, ibm=row * 3)).rows({2})] == [2]


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("ibm", "19980102 00:00,104.5,105,104,105,1\n", "line 1 of ibm.csv is no bar"),  # crypto's are not scaled
        ("btcusd", "20141201 00:00,370,378,370,378,15.01\n", "no bar of LEAN .volume"),  # nor are its whole prices
        ("ibm", "19980102 00:00,1,1,1,1,1,2,2,2,2,1\n", "11 columns|no bar"),  # quotes
        ("20131007_spy_tick_trade", "1,1,1\n", "expected one CSV within"),
        ("20131307_spy_minute_trade", "1,1,1,1,1,1\n", "names no day"),
    ],
)
def test_what_is_no_trade_bar_of_an_equity_is_refused(tmp_path: Path, name: str, text: str, match: str) -> None:
    with pytest.raises(InvalidInput, match=match):
        list(open_table(zipped(tmp_path, **{name: text})).rows())


def test_several_files_or_half_a_zip_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="2 files"):
        open_table(zipped(tmp_path, a="", b=""))
    whole = zipped(tmp_path, ibm="19980102 00:00,1,1,1,1,1\n" * 100)
    whole.write_bytes(whole.read_bytes()[:60])
    with pytest.raises(InvalidInput, match="damaged"):
        open_table(whole)
