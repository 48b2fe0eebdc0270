"""Files as other programs write them, each with the moments and prices that its maker says it means.

The rows are written out here in each maker's form; the facts of one trading minute or day are the same in all.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.errors import InvalidInput
from causeway.market_data.columns import map_columns
from causeway.market_data.ingestion import CheckedRows, CheckOptions, check_rows
from causeway.market_data.sessions import session_days
from causeway.market_data.written_times import Stamp
from causeway.model.time import BarSize

NUMBERED = {"time": "#1", "open": "#2", "high": "#3", "low": "#4", "close": "#5", "volume": "#6"}
BARS = [[10.0, 10.5, 9.5, 10.25, 100.0], [10.25, 11.0, 10.0, 10.75, 200.0]]
MINUTES = ["2024-01-31T14:30:00+00:00", "2024-01-31T14:31:00+00:00"]
DAYS = ["2024-01-30T00:00:00+00:00", "2024-01-31T00:00:00+00:00"]

# Maker's form, options that a user gives, and what the rows mean.
FORMS = {
    "Binance klines, 12 columns without a header, milliseconds": (
        "1706711400000,10,10.5,9.5,10.25,100,1706711459999,1025,5,50,512,0\n"
        "1706711460000,10.25,11,10,10.75,200,1706711519999,2150,9,90,967,0\n",
        {"mapping": NUMBERED, "symbol": "X"},
        MINUTES,
    ),
    "Kraken OHLCVT, without a header, seconds": (
        "1706711400,10,10.5,9.5,10.25,100,5\n1706711460,10.25,11,10,10.75,200,9\n",
        {"mapping": NUMBERED, "symbol": "X"},
        MINUTES,
    ),
    "Coinbase candles: low before high before open": (
        "time,low,high,open,close,volume\n1706711400,9.5,10.5,10,10.25,100\n1706711460,10,11,10.25,10.75,200\n",
        {"symbol": "X"},
        MINUTES,
    ),
    "MetaTrader 5, a broker's clock of UTC+2": (
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<VOL>\t<SPREAD>\n"
        "2024.01.31\t16:30:00\t10\t10.5\t9.5\t10.25\t100\t3\n2024.01.31\t16:31:00\t10.25\t11\t10\t10.75\t200\t3\n",
        {"symbol": "X", "zone": "Europe/Helsinki"},
        MINUTES,
    ),
    "HistData, without a header, fixed New York winter time": (
        "20240131 093000;10;10.5;9.5;10.25;100\n20240131 093100;10.25;11;10;10.75;200\n",
        {"mapping": NUMBERED, "symbol": "X", "zone": "Etc/GMT+5"},
        MINUTES,
    ),
    "Stooq, days": (
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        "X,D,20240130,000000,10,10.5,9.5,10.25,100,0\nX,D,20240131,000000,10.25,11,10,10.75,200,0\n",
        {},
        DAYS,
    ),
    "TradeStation: the stamp is the end of the bar": (
        '"Date","Time","Open","High","Low","Close","Vol"\n'
        "2024-01-31,09:31,10,10.5,9.5,10.25,100\n2024-01-31,09:32,10.25,11,10,10.75,200\n",
        {"symbol": "X", "zone": "America/New_York", "stamp": Stamp.END},
        MINUTES,
    ),
    "yfinance to_csv, days with the exchange's midnight": (
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n"
        "2024-01-30 00:00:00-05:00,10,10.5,9.5,10.25,100,0.0,0.0\n"
        "2024-01-31 00:00:00-05:00,10.25,11,10,10.75,200,0.0,0.0\n",
        {"symbol": "X"},
        DAYS,
    ),
    "Polygon flat files, nanoseconds": (
        "ticker,volume,open,close,high,low,window_start,transactions\n"
        "X,100,10,10.25,10.5,9.5,1706711400000000000,3\nX,200,10.25,10.75,11,10,1706711460000000000,3\n",
        {"mapping": {"time": "window_start"}},
        MINUTES,
    ),
    "CryptoDataDownload, a zone in words": (
        "date,symbol,open,high,low,close,volume\n"
        "2024-01-31 14:30:00 UTC,X,10,10.5,9.5,10.25,100\n2024-01-31 14:31:00 UTC,X,10.25,11,10,10.75,200\n",
        {},
        MINUTES,
    ),
    "Japanese days in Unix time: midnight in Tokyo": (
        "time,open,high,low,close,volume\n1706540400,10,10.5,9.5,10.25,100\n1706626800,10.25,11,10,10.75,200\n",
        {"symbol": "X", "zone": "Asia/Tokyo", "bar_size": BarSize.DAY_1},
        DAYS,
    ),
}


def read(path: Path, given: dict[str, object]) -> CheckedRows:
    table = open_table(path)
    mapping = map_columns(table.header, given=given.get("mapping", {}), symbol=given.get("symbol"))  # type: ignore[arg-type]
    options = CheckOptions(
        datetime(2026, 1, 1, tzinfo=UTC),
        given.get("bar_size"),  # type: ignore[arg-type]
        given.get("zone"),  # type: ignore[arg-type]
        stamp=given.get("stamp", Stamp.START),  # type: ignore[arg-type]
    )
    return check_rows(table.rows(), mapping, options, session_days)


def moments(checked: CheckedRows) -> list[str]:
    return [datetime.fromtimestamp(at / 1e6, UTC).isoformat() for at in checked.time_us.tolist()]


@pytest.mark.parametrize("maker", FORMS)
def test_a_form(tmp_path: Path, maker: str) -> None:
    text, given, expected = FORMS[maker]
    path = tmp_path / "file"
    path.write_text(text)
    checked = read(path, given)
    assert moments(checked) == expected
    assert checked.parsed.values.tolist() == BARS
    assert checked.accepted.tolist() == [0, 1]


def zipped(name: str, text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("date,open,high,low,close,volume\n01/30/2024,10,11,9,10,1\n", "none of the 1 rows has a readable time"),
        (
            "date;open;high;low;close\n" + "".join(f"2024-01-{day:02};10;11;9;10\n" for day in (1, 8, 15, 22, 29)),
            "bar size is not clear",  # weeks
        ),
        ("date,symbol,price,size\n2024-01-30,X,10,100\n", "no column found for open, high, low, close"),
        ("time,open,high,low,close\n2024-01-31 09:30,10,11,9,10\n2024-01-31 09:31,1,1,1,1\n", "carry no time zone"),
        ("1706711400000,10,10.5,9.5,10.25,100\n", "no header, and its columns are called #1"),
        ("# made by x\ndate,open,high,low,close\n", "not a CSV"),
        (
            zipped("BTCUSDT-1m-2024-01.csv", "1706711400000,1,1,1,1,1,1,1,1,1,1,0\n"),
            "Take any other CSV out of its zip",
        ),
    ],
)
def test_what_cannot_be_read_as_meant_says_what_was_found(tmp_path: Path, content: str | bytes, said: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidInput, match=said):
        read(path, {"symbol": "X"})


@pytest.mark.parametrize("name", ["comma", "thousands", "dollar"])
def test_numbers_that_mean_two_things_are_quarantined(tmp_path: Path, name: str) -> None:
    """10,25 may be ten and a quarter or a thousand and twenty-five."""
    cell = {"comma": "10,25", "thousands": "1,025.00", "dollar": "$10.25"}[name]
    path = tmp_path / "file"
    path.write_text(f"date;open;high;low;close;volume\n2024-01-30;{cell};{cell};{cell};{cell};100\n")
    checked = read(path, {"symbol": "X"})
    assert checked.accepted.tolist() == []
    assert {one.code for one in checked.findings.by_row[0]} == {"not_a_number"}


UTC_MINUTES = [datetime.fromisoformat(text) for text in MINUTES]
COLUMNS = {name: [row[at] for row in BARS] for at, name in enumerate(("open", "high", "low", "close", "volume"))}


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "+02:00", None])
def test_parquet_times_of_every_unit_and_zone(tmp_path: Path, unit: str, zone: str | None) -> None:
    plain = [one.replace(tzinfo=None) for one in UTC_MINUTES]
    times = pa.array(plain, pa.timestamp(unit)) if zone is None else pa.array(UTC_MINUTES, pa.timestamp(unit, zone))
    pq.write_table(pa.table({"time": times, **COLUMNS}), tmp_path / "file")
    checked = read(tmp_path / "file", {"symbol": "X", "zone": "UTC" if zone is None else None})
    assert moments(checked) == MINUTES
    assert checked.parsed.values.tolist() == BARS


@pytest.mark.parametrize("kind", [pa.float32(), pa.decimal128(18, 6), pa.decimal256(40, 12), pa.string()])
def test_parquet_numbers_of_every_type(tmp_path: Path, kind: pa.DataType) -> None:
    """Quarters are exact in every one of them."""
    make = str if kind == pa.string() else (float if kind == pa.float32() else lambda value: Decimal(str(value)))
    columns = {name: pa.array([make(one) for one in values], kind) for name, values in COLUMNS.items()}
    pq.write_table(pa.table({"time": pa.array(UTC_MINUTES, pa.timestamp("us", "UTC")), **columns}), tmp_path / "file")
    assert read(tmp_path / "file", {"symbol": "X"}).parsed.values.tolist() == BARS


def test_parquet_times_beyond_the_calendar_are_refused(tmp_path: Path) -> None:
    """Nanoseconds that were labelled microseconds lie in the year 56,000."""
    times = pa.array([1_706_711_400_000_000_000, 1_706_711_460_000_000_000], pa.timestamp("us"))
    pq.write_table(pa.table({"time": times, **COLUMNS}), tmp_path / "file")
    with pytest.raises(InvalidInput, match="outside the years 1 to 9999"):
        read(tmp_path / "file", {"symbol": "X", "zone": "UTC"})


def test_a_recorded_file_of_end_stamps(test_data: Path) -> None:
    """Alpha Vantage's extended minutes of 2020 run from 04:01 to 20:00 in New York: the session of 04:00 to 20:00."""
    path = test_data / "wire/alpha_vantage/TIME_SERIES_INTRADAY_EXTENDED_1min.csv"
    checked = read(path, {"symbol": "IBM", "zone": "America/New_York", "stamp": Stamp.END})
    assert len(checked.accepted) == 11190
    assert (min(moments(checked)), max(moments(checked))) == ("2020-11-23T09:00:00+00:00", "2020-12-19T00:59:00+00:00")


def test_recorded_klines_of_binance(test_data: Path) -> None:
    """ADABTC on 2021-11-27, from midnight UTC on."""
    path = test_data / "wire/binance/klines_ADABTC-1m-2021-11-27.csv"
    checked = read(path, {"mapping": NUMBERED, "symbol": "ADABTC"})
    assert moments(checked)[0] == "2021-11-27T00:00:00+00:00"
    assert checked.parsed.values[0].tolist() == [0.00002853, 0.00002854, 0.00002851, 0.00002854, 36304.2]
    assert len(checked.accepted) == len(checked.parsed) >= 10
