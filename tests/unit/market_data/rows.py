"""Small files for tests, as rows of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.columns import map_columns
from causeway.market_data.ingestion import CheckedRows, CheckOptions, check_rows
from causeway.model.time import BarSize

HEADER = ["symbol", "date", "open", "high", "low", "close", "volume"]
NOW = datetime(2024, 6, 1, tzinfo=UTC)


def every_weekday(calendar: str, first: date, last: date) -> NDArray[np.int64]:
    """A calendar in which every Monday to Friday is a session."""
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return np.asarray(days[np.is_busday(days)].astype(np.int64), dtype=np.int64)


def check(
    rows: Iterable[Sequence[str]],
    *,
    header: Sequence[str] = HEADER,
    bar_size: BarSize | None = None,
    time_zone: str | None = None,
    symbol: str | None = None,
) -> CheckedRows:
    """Row numbers count from 2, as in a CSV with a header."""
    options = CheckOptions(now=NOW, bar_size=bar_size, time_zone=time_zone)
    return check_rows(enumerate(rows, start=2), map_columns(header, symbol=symbol), options, every_weekday)


def codes(checked: CheckedRows) -> dict[int, list[str]]:
    """Codes by row number."""
    return {
        int(checked.parsed.row_number[row]): [finding.code for finding in found]
        for row, found in sorted(checked.findings.by_row.items())
    }


def weekdays(first: str, count: int) -> list[date]:
    """The first ``count`` Mondays to Fridays from ``first`` on."""
    day, found = date.fromisoformat(first), list[date]()
    while len(found) < count:
        if day.weekday() < 5:
            found.append(day)
        day += timedelta(days=1)
    return found


def walk(symbol: str, first: str, count: int, *, seed: int = 0, daily: float = 0.01) -> list[list[str]]:
    """A random walk of daily bars from 100, in whole cents; low <= open, close <= high."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, daily, count)))
    opening = np.r_[100.0, close[:-1]] * np.exp(random.normal(0, daily / 4, count))
    high = np.maximum(opening, close) * np.exp(np.abs(random.normal(0, daily / 2, count)))
    low = np.minimum(opening, close) * np.exp(-np.abs(random.normal(0, daily / 2, count)))
    volume = random.integers(1_000_000, 9_000_000, count)
    return [
        [symbol, day.isoformat(), f"{o:.2f}", f"{h:.2f}", f"{lowest:.2f}", f"{c:.2f}", str(v)]
        for day, o, h, lowest, c, v in zip(
            weekdays(first, count), opening, np.ceil(high * 100) / 100, np.floor(low * 100) / 100, close, volume,
            strict=True,
        )
    ]  # fmt: skip
